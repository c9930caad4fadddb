"""The editor of wordings: previews, refusals beside the field, tests to oneself, differences, resets."""

from __future__ import annotations

import json

import pytest

from bot.web.discord_text import as_html
from core import templates
from tests.factories import Club
from tests.web.desk_pages import refused, text_of
from tests.web.site import Pages

HERE = "/templates/opened/en"
OWN = "### {period} is open\nPay by {due}, please.\n{plans}"


def saved(club: Club, kind: str = "opened", locale: str = "en") -> templates.Template:
    return club.db.read(templates.get, club.id, kind, locale)


async def test_every_kind_is_listed_in_both_languages_and_ones_own_are_marked(
    pages: Pages, club: Club
) -> None:
    club.db.write(templates.save, club.treasurer, "opened", "en", OWN)
    page = await text_of(pages, "auditor", "/templates")
    for kind in templates.PLACEHOLDERS:
        assert f'href="/templates/{kind}/en"' in page
        assert f'href="/templates/{kind}/zh-TW"' in page
    assert page.count("your own</span>") == 1


@pytest.mark.parametrize("kind", list(templates.PLACEHOLDERS))
@pytest.mark.parametrize("locale", ["en", "zh-TW"])
async def test_a_preview_fills_in_every_placeholder(pages: Pages, kind: str, locale: str) -> None:
    page = await text_of(pages, "auditor", f"/templates/{kind}/{locale}")
    shown = page.split('class="discord-text">')[1].split("</div>")[0]
    assert "{" not in shown
    assert "<p" in shown
    for name in templates.PLACEHOLDERS[kind]:
        assert "<code>{" + name + "}</code>" in page


async def test_a_saved_wording_is_used_from_then_on(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    page = await (await browser.follow(await browser.post(HERE, {"body": OWN.replace("\n", "\r\n")}))).text()
    assert saved(club).body == OWN
    assert "Saved: A month opens." in page
    assert "<ins>Pay by {due}, please.</ins>" in page
    assert "<del>Please pay by {due}.</del>" in page


async def test_going_back_to_the_default_forgets_ones_own(pages: Pages, club: Club) -> None:
    club.db.write(templates.save, club.treasurer, "opened", "en", OWN)
    browser = await pages.browser("treasurer")
    await browser.post(f"{HERE}/reset")
    assert not saved(club).is_own


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hello {nobody}", "There is no placeholder “nobody” here"),
        ("  ", "The text of the notice is missing"),
        ("x" * 1501, "1500"),
    ],
)
async def test_a_wording_that_cannot_be_is_refused_beside_the_field_and_kept_as_typed(
    pages: Pages, club: Club, body: str, said: str
) -> None:
    browser = await pages.browser("treasurer")
    for wanted in ("save", "preview", "test"):
        page = await refused(await browser.post(HERE, {"body": body, "do": wanted}))
        beside = page.split('id="wording-check"')[1].split("</div>")[0]
        assert said in beside
        assert body.strip() in page
        assert "aria-invalid=true" in page
    assert not saved(club).is_own
    assert club.notices("template_test") == []


async def test_a_preview_saves_nothing(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    response = await browser.post(HERE, {"body": "**New** words for {period}", "do": "preview"})
    page = await response.text()
    assert response.status == 200
    assert "<strong>New</strong> words for June 2026" in page
    assert "not saved yet" in page
    assert not saved(club).is_own


async def test_a_test_goes_to_whoever_asks_and_saves_nothing(pages: Pages, club: Club) -> None:
    browser = await pages.browser("treasurer")
    response = await browser.post(HERE, {"body": "Try {period}", "do": "test"})
    assert "on its way to your direct messages" in await response.text()
    assert club.notices("template_test") == [("template_test", "user", club.treasurer.discord_id)]
    (params,) = club.db.conn.execute("SELECT params FROM notices WHERE kind = 'template_test'").fetchall()[0]
    assert json.loads(params) == {"kind": "opened", "locale": "en", "body": "Try {period}"}
    assert not saved(club).is_own


async def test_an_alert_is_shown_as_plain_text(pages: Pages) -> None:
    browser = await pages.browser("treasurer")
    response = await browser.post("/templates/alert/en", {"body": "**{payer}** paid", "do": "preview"})
    assert "**Jonas Weber** paid" in await response.text()


async def test_names_of_debtors_are_in_the_preview_only_when_the_club_shows_them(
    pages: Pages, club: Club
) -> None:
    club.set(debtors_public=False)
    assert "Aoife Byrne" not in await text_of(pages, "auditor", "/templates/overdue_list/en")
    club.set(debtors_public=True)
    assert "Aoife Byrne" in await text_of(pages, "auditor", "/templates/overdue_list/en")


async def test_only_treasurers_change_wordings(pages: Pages, club: Club) -> None:
    for role in ("auditor", "reviewer"):
        browser = await pages.browser(role)
        assert (await browser.post(HERE, {"body": OWN})).status == 403
        assert (await browser.post(f"{HERE}/reset")).status == 403
    assert not saved(club).is_own


@pytest.mark.parametrize("path", ["/templates/nothing/en", "/templates/opened/de", "/templates/opened"])
async def test_an_unknown_wording_is_not_found(pages: Pages, path: str) -> None:
    assert (await (await pages.browser("owner")).get(path)).status == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("### Hi **you**", '<p class="discord-h3">Hi <strong>you</strong></p>'),
        ("-# small", '<p class="discord-small">small</p>'),
        ("- one", '<p class="discord-point">one</p>'),
        ("> said", '<blockquote class="discord-quote">said</blockquote>'),
        ("*a* _b_ __c__ ~~d~~", "<p><em>a</em> <em>b</em> <u>c</u> <s>d</s></p>"),
        (r"\*not\*", "<p>*not*</p>"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("<@1> in <#2>", '<p><span class="discord-mention">@Mei</span> in <span class="discord-mention">#2</span></p>'),
        ("```\n<i>\n```", '<pre class="discord-code">&lt;i&gt;</pre>'),
        ('**"<img src=x onerror=1>"**', "<p><strong>&#34;&lt;img src=x onerror=1&gt;&#34;</strong></p>"),
    ],
)  # fmt: skip
def test_discords_marks_become_html_and_nothing_else_does(text: str, html: str) -> None:
    assert str(as_html(text, {"@1": "Mei"})) == html


def test_deeply_nested_marks_end() -> None:
    assert "&lt;" in str(as_html("**_" * 400 + "<" + "_**" * 400))
