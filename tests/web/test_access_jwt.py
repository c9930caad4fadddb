"""Cloudflare Access: who gets in, everything that keeps others out, and how its keys are kept."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest

from bot.web.sso.options import AccessOptions, SignIns
from bot.web.sso.refused import Refused
from bot.web.sso.tokens import KeySet, check
from tests.factories import Club
from tests.fakes import FixedClock
from tests.web.provider import EC, OTHER_RSA, RSA, WEAK_RSA, Provider, jwk
from tests.web.site import Pages

HEADER = "Cf-Access-Jwt-Assertion"


@pytest.fixture
async def provider(clock: FixedClock) -> AsyncIterator[Provider]:
    made = Provider(clock)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
async def pages(make_pages: Any, provider: Provider, club: Club) -> Pages:
    people = {"Ann@Club.example": club.treasurer.discord_id, "gone@club.example": 4242}
    return await make_pages(sign_ins=SignIns(access=AccessOptions(provider.issuer, "club", people)))


async def try_with(pages: Pages, token: str | None) -> int:
    """The status of an attempt; a refused one leaves no session."""
    browser = await pages.browser()
    response = await browser.get("/login/access", headers={HEADER: token} if token is not None else {})
    assert ("sid" in browser.cookies) == (response.status == 303)
    return response.status


async def test_who_is_let_through_is_signed_in_as_their_discord_account(
    pages: Pages, provider: Provider, club: Club
) -> None:
    browser = await pages.browser()
    response = await browser.get("/login/access", headers={HEADER: provider.signed(provider.usual())})
    assert response.status == 303
    assert response.headers["Location"] == "/"
    me = await (await browser.get("/api/v1/me")).json()
    assert (me["actor"], me["role"]) == (club.treasurer.text, "treasurer")
    with_what = club.db.conn.execute("SELECT signed_in_with FROM sessions").fetchall()
    assert with_what == [("access",)]


async def test_the_sign_in_page_offers_it(pages: Pages, make_pages: Any) -> None:
    assert "/login/access" in await (await (await pages.browser()).get("/login")).text()
    plain = await make_pages()
    assert "/login/access" not in await (await (await plain.browser()).get("/login")).text()


async def test_what_is_not_configured_is_not_there(make_pages: Any) -> None:
    plain = await (await make_pages()).browser()
    for path in ("/login/oidc/callback", "/login/discord/callback"):
        assert (await plain.get(path)).status == 404
    for path in ("/login/access", "/login/header"):  # only the page of a made-up link, as for any other word
        response = await plain.get(path, headers={HEADER: "x"})
        assert "sid" not in plain.cookies, response.status


Change = Callable[[Provider], str]

WRONG: dict[str, Change] = {
    "another application": lambda p: p.signed({**p.usual(), "aud": "another"}),
    "no application": lambda p: p.signed({k: v for k, v in p.usual().items() if k != "aud"}),
    "several others": lambda p: p.signed({**p.usual(), "aud": ["a", "b"]}),
    "another issuer": lambda p: p.signed({**p.usual(), "iss": "https://evil.example"}),
    "an issuer with a slash more": lambda p: p.signed({**p.usual(), "iss": p.issuer + "/"}),
    "no issuer": lambda p: p.signed({k: v for k, v in p.usual().items() if k != "iss"}),
    "expired": lambda p: p.signed({**p.usual(), "exp": p.usual()["iat"] - 31}),
    "no expiry": lambda p: p.signed({k: v for k, v in p.usual().items() if k != "exp"}),
    "an expiry that is none": lambda p: p.signed({**p.usual(), "exp": True}),
    "no issue time": lambda p: p.signed({k: v for k, v in p.usual().items() if k != "iat"}),
    "from the future": lambda p: p.signed({**p.usual(), "iat": p.usual()["iat"] + 31}),
    "not valid yet": lambda p: p.signed({**p.usual(), "nbf": p.usual()["iat"] + 31}),
    "another key": lambda p: p.signed(p.usual(), OTHER_RSA),
    "an unknown key": lambda p: p.signed(p.usual(), OTHER_RSA, "three"),
    "no name of the key": lambda p: p.signed(p.usual(), kid=None),
    "another algorithm of the same key": lambda p: p.signed(p.usual(), algorithm="RS512"),
    "another key that is known": lambda p: p.signed(p.usual(), EC, "two", "ES256"),
    "a shared secret": lambda p: jwt.encode(p.usual(), "x" * 32, "HS256", headers={"kid": "one"}),
    "the public key as a shared secret": lambda p: by_public_key(p.usual()),
    "no signature": lambda p: unsigned(p.usual(), "none"),
    "no signature in capitals": lambda p: unsigned(p.usual(), "NONE"),
    "a signature cut off": lambda p: p.signed(p.usual()).rsplit(".", 1)[0] + ".",
    "other claims under the signature": lambda p: tampered(p.signed(p.usual())),
    "no e-mail": lambda p: p.signed({k: v for k, v in p.usual().items() if k != "email"}),
    "an e-mail that is none": lambda p: p.signed({**p.usual(), "email": ["ann@club.example"]}),
    "somebody else's e-mail": lambda p: p.signed({**p.usual(), "email": "eve@club.example"}),
    "somebody without a role": lambda p: p.signed({**p.usual(), "email": "gone@club.example"}),
    "nonsense": lambda p: "a.b.c",
    "nothing": lambda p: "",
    "far too much": lambda p: "a" * 7000 + "." + "b" * 900 + ".c",
}  # fmt: skip


def unsigned(claims: dict[str, Any], name: str) -> str:
    parts = (json.dumps({"alg": name, "kid": "one", "typ": "JWT"}), json.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def by_public_key(claims: dict[str, Any]) -> str:
    """The old trick: what everybody knows, used as the secret of another algorithm."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = unsigned(claims, "HS256")[:-1]
    seal = base64.urlsafe_b64encode(hmac.new(secret, body.encode(), hashlib.sha256).digest())
    return f"{body}.{seal.rstrip(b'=').decode()}"


def tampered(token: str) -> str:
    head, body, seal = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["email"] = "ann@club.example"
    claims["extra"] = 1
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{seal}"


@pytest.mark.parametrize("what", WRONG)
async def test_nobody_gets_in_with(pages: Pages, provider: Provider, what: str) -> None:
    assert await try_with(pages, WRONG[what](provider)) == 403


async def test_thirty_seconds_of_a_wrong_clock_are_forgiven(pages: Pages, provider: Provider) -> None:
    now = provider.usual()["iat"]
    for change in ({"exp": now - 29}, {"iat": now + 29}, {"nbf": now + 29}):
        assert await try_with(pages, provider.signed({**provider.usual(), **change})) == 303, change


async def test_neither_a_cookie_nor_a_second_header_counts(pages: Pages, provider: Provider) -> None:
    token = provider.signed(provider.usual())
    browser = await pages.browser()
    browser.cookies["CF_Authorization"] = token
    assert (await browser.get("/login/access")).status == 403
    from multidict import CIMultiDict

    both = CIMultiDict([(HEADER, token), (HEADER, token)])
    response = await browser.client.get("/login/access", headers=both, allow_redirects=False)
    assert response.status == 403


async def test_no_token_is_ever_in_the_log(
    pages: Pages, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for token in (provider.signed({**provider.usual(), "aud": "x"}), provider.signed(provider.usual())):
        await try_with(pages, token)
        assert token not in caplog.text
        assert token.split(".")[2] not in caplog.text


# --- the keys ----------------------------------------------------------------------------------------------


async def test_a_flood_of_unknown_keys_asks_the_provider_once(pages: Pages, provider: Provider) -> None:
    tokens = [provider.signed(provider.usual(), OTHER_RSA, f"made-up-{n}") for n in range(20)]
    await pages.browser()
    statuses = await asyncio.gather(*(try_with(pages, token) for token in tokens))
    assert set(statuses) == {403}
    assert provider.fetched.count("/cdn-cgi/access/certs") == 1
    assert await try_with(pages, provider.signed(provider.usual())) == 303


class Shelf:
    """Keys at a provider that can go away, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now, self.times, self.down = 0.0, 0, False
        self.rows = [jwk(RSA, "one", alg="RS256")]
        self.keys = KeySet(self.fetch, lambda: self.now)

    async def fetch(self) -> dict[str, Any]:
        self.times += 1
        if self.down:
            raise Refused("down", ours=True)
        return {"keys": self.rows}

    async def has(self, kid: str) -> bool:
        try:
            await self.keys.find(kid)
        except Refused:
            return False
        return True


async def test_keys_are_kept_for_an_hour() -> None:
    shelf = Shelf()
    for now in (0, 10, 3600):
        shelf.now = now
        assert await shelf.has("one")
    assert shelf.times == 1
    shelf.now = 3601
    assert await shelf.has("one")
    assert shelf.times == 2


async def test_a_new_key_is_found_and_an_old_one_forgotten() -> None:
    shelf = Shelf()
    assert await shelf.has("one")
    shelf.rows = [jwk(OTHER_RSA, "new")]
    shelf.now = 29
    assert not await shelf.has("new"), "asked again too soon"
    shelf.now = 30
    assert await shelf.has("new")
    assert not await shelf.has("one")


async def test_while_the_provider_is_away_its_keys_count_for_a_day() -> None:
    shelf = Shelf()
    assert await shelf.has("one")
    shelf.down = True
    for now in (3700, 24 * 3600):
        shelf.now = now
        assert await shelf.has("one"), now
    shelf.now = 24 * 3600 + 31
    assert not await shelf.has("one")
    shelf.down, shelf.now = False, 24 * 3600 + 62
    assert await shelf.has("one")


async def test_a_provider_that_was_never_there_is_said_to_be_away(pages: Pages, provider: Provider) -> None:
    provider.down = True
    assert await try_with(pages, provider.signed(provider.usual())) == 503


@pytest.mark.parametrize(
    "row",
    [
        jwk(WEAK_RSA, "weak"), jwk(RSA, "weak", use="enc"), {"kty": "oct", "k": "c2VjcmV0", "kid": "weak"},
        {"kty": "RSA", "kid": "weak"}, {"kid": "weak"}, {"kty": "RSA", "kid": 5}, "weak", None,
    ],
)  # fmt: skip
async def test_a_key_that_must_not_be_used_is_as_if_it_were_not_there(row: Any) -> None:
    shelf = Shelf()
    shelf.rows = [row, *shelf.rows]
    assert not await shelf.has("weak")
    assert await shelf.has("one")


async def test_a_key_for_one_algorithm_is_for_no_other(provider: Provider, clock: FixedClock) -> None:
    shelf = Shelf()
    token = provider.signed(provider.usual(), algorithm="PS256")
    with pytest.raises(Refused, match="another algorithm"):
        await check(
            token, shelf.keys, algorithms=("RS256", "PS256"), audience="club", issuer=provider.issuer,
            now=clock.now(),
        )  # fmt: skip
