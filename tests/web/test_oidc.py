"""OpenID Connect and Discord's OAuth2: the whole way there and back, and everything that ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from bot.web.sso import pending
from bot.web.sso.options import DiscordOptions, OidcOptions, SignIns
from core import admins
from core.web_sessions import WebSession
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.provider import EC, OTHER_RSA, Provider
from tests.web.site import SAME_ORIGIN, Browser, Pages

BACK = "/login/oidc/callback"


@pytest.fixture
async def provider(clock: FixedClock) -> AsyncIterator[Provider]:
    made = Provider(clock)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
def ways(provider: Provider, club: Club) -> SignIns:
    people = {"ann@club.example": club.treasurer.discord_id, "u1": club.reviewer.discord_id}
    return SignIns(
        oidc=OidcOptions(provider.issuer, "club", "s3cret", people),
        discord=DiscordOptions("club", "s3cret", provider.issuer),
    )


@pytest.fixture
async def pages(make_pages: Any, ways: SignIns) -> Pages:
    return await make_pages(sign_ins=ways)


async def depart(browser: Browser, way: str = "oidc") -> str:
    """Where the provider is, as our redirect says."""
    response = await browser.get(f"/login/{way}")
    assert response.status == 303, await response.text()
    return response.headers["Location"]


async def there_and_back(browser: Browser, provider: Provider, way: str = "oidc") -> int:
    """Sign in at the provider; the status of our answer to the browser that comes back."""
    response = await browser.get(provider.authorize(await depart(browser, way)))
    assert ("sid" in browser.cookies) == (response.status == 303)
    return response.status


# --- that it works -----------------------------------------------------------------------------------------


async def test_who_comes_back_with_a_code_is_signed_in(pages: Pages, provider: Provider, club: Club) -> None:
    browser = await pages.browser()
    assert await there_and_back(browser, provider) == 303
    me = await (await browser.get("/api/v1/me")).json()
    assert (me["actor"], me["role"]) == (club.treasurer.text, "treasurer")
    assert "sso" not in browser.cookies


async def test_we_ask_for_as_little_as_we_need_and_prove_that_it_was_us(
    pages: Pages, provider: Provider
) -> None:
    asked = parse_qs(urlsplit(await depart(await pages.browser())).query)
    assert asked["tenant"] == ["1"], "what the provider's address says stays"
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]
    assert asked["redirect_uri"] == ["http://127.0.0.1" + BACK]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(await depart(await pages.browser())).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


async def test_it_works_below_a_path_of_a_proxy(make_pages: Any, ways: SignIns, provider: Provider) -> None:
    pages = await make_pages(url="https://club.example/pot", sign_ins=ways)
    browser = await pages.browser()
    location = (await browser.get("/pot/login/oidc")).headers["Location"]
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == ["https://club.example/pot" + BACK]
    response = await browser.get(provider.authorize(location))
    assert response.status == 303
    assert response.headers["Location"] == "/pot/"
    assert "__Host-sid" in browser.cookies


@pytest.mark.parametrize(
    "sign", [lambda p: lambda c: p.signed(c, EC, "two", "ES256"), lambda p: lambda c: p.signed(c)]
)
async def test_it_works_with_either_kind_of_key(pages: Pages, provider: Provider, sign: Any) -> None:
    provider.sign = sign(provider)
    assert await there_and_back(await pages.browser(), provider) == 303


async def test_another_claim_can_say_who_it_is(make_pages: Any, provider: Provider, club: Club) -> None:
    people = {"u1": club.reviewer.discord_id}
    options = OidcOptions(provider.issuer, "club", "s3cret", people, claim="sub")
    pages = await make_pages(sign_ins=SignIns(oidc=options))
    provider.claims = {"email": None}
    browser = await pages.browser()
    assert await there_and_back(browser, provider) == 303
    assert (await (await browser.get("/api/v1/me")).json())["role"] == "reviewer"


async def test_rights_are_those_of_the_discord_account_at_every_request(
    pages: Pages, provider: Provider, club: Club
) -> None:
    browser = await pages.browser()
    await there_and_back(browser, provider)
    club.db.write(admins.revoke, club.owner, club.treasurer.discord_id)
    assert (await browser.get("/api/v1/me")).status == 401


# --- what ends it ------------------------------------------------------------------------------------------

Break = Callable[[Provider], None]


def claims(**changes: Any) -> Break:
    def change(provider: Provider) -> None:
        provider.claims = changes

    return change


def signing(make: Callable[[Provider], Callable[[dict[str, Any]], str]]) -> Break:
    def change(provider: Provider) -> None:
        provider.sign = make(provider)

    return change


def saying(**changes: Any) -> Break:
    def change(provider: Provider) -> None:
        provider.discovery = changes

    return change


WRONG: dict[str, Break] = {
    "another client": claims(aud="other"),
    "several clients": claims(aud=["club", "other"]),
    "another party": claims(azp="other"),
    "several clients, for another party": claims(aud=["club", "other"], azp="other"),
    "another issuer": claims(iss="https://evil.example"),
    "another sign-in's nonce": claims(nonce="of another"),
    "no nonce": claims(nonce=None),
    "an expired token": claims(exp=1),
    "no expiry": claims(exp=None),
    "an unverified e-mail": claims(email_verified=False),
    "an e-mail of which nobody knows": claims(email_verified=None),
    "a verified e-mail that is only called so": claims(email_verified="true"),
    "somebody whom we do not know": claims(email="eve@club.example"),
    "no e-mail": claims(email=None),
    "another key": signing(lambda p: lambda c: p.signed(c, OTHER_RSA)),
    "an unknown key": signing(lambda p: lambda c: p.signed(c, OTHER_RSA, "new")),
    "the shared secret as key": signing(
        lambda p: lambda c: jwt.encode(c, p.client_secret * 8, "HS256", headers={"kid": "one"})
    ),
    "no signature": signing(lambda p: lambda c: jwt.encode(c, None, "none", headers={"kid": "one"})),
    "no token": signing(lambda p: lambda c: None),  # type: ignore[arg-type,return-value]  # on purpose
    "an algorithm that is not offered": saying(id_token_signing_alg_values_supported=["ES256"]),
    "only shared secrets on offer": saying(id_token_signing_alg_values_supported=["HS256", "none"]),
}


@pytest.mark.parametrize("what", WRONG)
async def test_nobody_gets_in_with(pages: Pages, provider: Provider, what: str) -> None:
    WRONG[what](provider)
    assert await there_and_back(await pages.browser(), provider) == 403


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://other.example"}, {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)  # fmt: skip
async def test_a_provider_that_is_somebody_else_is_not_visited(
    pages: Pages, provider: Provider, discovery: dict[str, Any]
) -> None:
    provider.discovery = discovery
    assert (await (await pages.browser()).get("/login/oidc")).status == 503


async def test_a_provider_that_is_away_is_said_to_be_so(pages: Pages, provider: Provider) -> None:
    provider.down = True
    response = await (await pages.browser()).get("/login/oidc")
    assert response.status == 503
    assert "cannot be reached" in await response.text()


async def test_an_answer_counts_once_even_with_a_fresh_code(pages: Pages, provider: Provider) -> None:
    browser = await pages.browser()
    location = await depart(browser)
    assert (await browser.get(provider.authorize(location))).status == 303
    browser.cookies.pop("sid")
    browser.cookies["sso"] = parse_qs(urlsplit(location).query)["state"][0]
    assert (await browser.get(provider.authorize(location))).status == 403
    assert "sid" not in browser.cookies


async def test_an_answer_counts_only_in_the_browser_that_asked(pages: Pages, provider: Provider) -> None:
    """Nobody can be signed in to somebody else's account by a link."""
    attacker, victim = await pages.browser(), await pages.browser()
    back = provider.authorize(await depart(attacker))
    assert (await victim.get(back)).status == 403
    await depart(victim)
    assert (await victim.get(back)).status == 403
    assert "sid" not in victim.cookies


async def test_an_answer_of_one_way_does_not_count_for_another(pages: Pages, provider: Provider) -> None:
    provider.account = {"id": "1002"}
    browser = await pages.browser()
    back = provider.authorize(await depart(browser, "discord")).replace("/login/discord", "/login/oidc")
    assert (await browser.get(back)).status == 403


async def test_an_answer_that_took_too_long_does_not_count(
    pages: Pages, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await pages.browser()
    back = provider.authorize(await depart(browser))
    monkeypatch.setattr(pending, "SECONDS", -1)
    assert (await browser.get(back)).status == 403


@pytest.mark.parametrize(
    "query",
    ["", "?state=x", "?code=x", "?code=x&state=x", "?error=access_denied&state={state}", "?state={state}"],
)
async def test_half_an_answer_is_none(pages: Pages, provider: Provider, query: str) -> None:
    browser = await pages.browser()
    state = parse_qs(urlsplit(await depart(browser)).query)["state"][0]
    assert (await browser.get(BACK + query.format(state=state))).status == 403


async def test_an_answer_that_names_another_provider_is_refused(pages: Pages, provider: Provider) -> None:
    browser = await pages.browser()
    back = provider.authorize(await depart(browser)) + "&iss=https%3A%2F%2Fevil.example"
    assert (await browser.get(back)).status == 403


async def test_a_code_is_worth_nothing_without_our_secret_and_verifier(
    make_pages: Any, provider: Provider, club: Club
) -> None:
    people = {"ann@club.example": club.treasurer.discord_id}
    wrong = OidcOptions(provider.issuer, "club", "guessed", people)
    pages = await make_pages(sign_ins=SignIns(oidc=wrong))
    assert await there_and_back(await pages.browser(), provider) == 403


async def test_journeys_that_nobody_ends_are_forgotten() -> None:
    kept = pending.Pending()
    first = kept.begin(pending.Journey("oidc"))
    for _ in range(pending.MOST):
        kept.begin(pending.Journey("oidc"))
    assert kept.end("oidc", first) is None
    assert len(kept._journeys) == pending.MOST


async def test_neither_code_nor_token_nor_state_is_in_the_log(
    pages: Pages, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="bot")
    provider.claims = {"aud": "other"}
    browser = await pages.browser()
    back = provider.authorize(await depart(browser))
    await browser.get(back)
    for values in parse_qs(urlsplit(back).query).values():
        assert values[0] not in caplog.text
    assert "refused" in caplog.text


# --- Discord -----------------------------------------------------------------------------------------------


async def test_discord_says_who_it_is(pages: Pages, provider: Provider, club: Club) -> None:
    provider.account = {"id": str(club.reviewer.discord_id), "username": "rita"}
    browser = await pages.browser()
    location = await depart(browser, "discord")
    asked = parse_qs(urlsplit(location).query)
    assert asked["scope"] == ["identify"]
    assert location.startswith(f"{provider.issuer}/oauth2/authorize?")
    assert (await browser.get(provider.authorize(location))).status == 303
    assert (await (await browser.get("/api/v1/me")).json())["role"] == "reviewer"


@pytest.mark.parametrize("account", [{"id": "4711"}, {"id": 1003}, {}, {"id": "x"}, {"id": "9" * 30}])
async def test_a_discord_account_without_a_role_gets_nowhere(
    pages: Pages, provider: Provider, account: dict[str, Any]
) -> None:
    provider.account = account
    assert await there_and_back(await pages.browser(), provider, "discord") == 403


async def test_discords_answer_counts_once_and_in_one_browser(
    pages: Pages, provider: Provider, club: Club
) -> None:
    provider.account = {"id": str(club.reviewer.discord_id)}
    attacker, victim = await pages.browser(), await pages.browser()
    back = provider.authorize(await depart(attacker, "discord"))
    assert (await victim.get(back)).status == 403
    assert (await attacker.get(back)).status == 303
    assert (await attacker.get(back)).status == 403


# --- several clubs -----------------------------------------------------------------------------------------


async def test_who_runs_several_clubs_chooses_one_once(pages: Pages, provider: Provider, club: Club) -> None:
    other = Club.create(club.db, number=1)
    club.db.write(admins.grant, other.owner, club.treasurer.discord_id, "auditor")
    browser = await pages.browser()
    page = await browser.get(provider.authorize(await depart(browser)))
    text = await page.text()
    assert page.status == 200
    assert "sid" not in browser.cookies
    assert "Club 0" in text
    assert "Club 1" in text
    secret = text.split('name="secret" value="')[1].split('"')[0]
    form = {"way": "oidc", "secret": secret, "club": str(other.id)}
    stranger = await pages.browser()
    assert (await stranger.post("/login/choose", form)).status == 403
    assert (await browser.post("/login/choose", form, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await browser.post("/login/choose", form)).status == 303
    assert (await (await browser.get("/api/v1/me")).json())["workspace_id"] == other.id
    assert (await browser.post("/login/choose", form, headers=SAME_ORIGIN)).status == 403


async def test_a_club_in_which_somebody_has_no_role_cannot_be_chosen(
    pages: Pages, provider: Provider, club: Club
) -> None:
    second, third = Club.create(club.db, number=1), Club.create(club.db, number=2)
    club.db.write(admins.grant, second.owner, club.treasurer.discord_id, "auditor")
    browser = await pages.browser()
    text = await (await browser.get(provider.authorize(await depart(browser)))).text()
    secret = text.split('name="secret" value="')[1].split('"')[0]
    form = {"way": "oidc", "secret": secret, "club": str(third.id)}
    assert (await browser.post("/login/choose", form)).status == 404
    assert "sid" not in browser.cookies


def test_a_session_says_by_which_way_it_came() -> None:
    assert "signed_in_with" in WebSession.__slots__
