"""What the demo's chat page shows, in a real Chromium; and what its files may contain."""

import json
import re

import pytest

from bot.simulator.cdn import PAGE
from tests.simulator.page_browser import DESKTOP, PHONE, Visit, browser, expect, server, visit
from tests.simulator.page_club import Club
from tests.simulator.page_content import XSS

__all__ = ["browser", "server", "visit"]  # fixtures

# --- without a browser ---


def catalog(code: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((PAGE / "locales" / f"{code}.json").read_text("utf-8"))
    return loaded


def sources() -> str:
    files = [PAGE / "index.html", PAGE / "app.js", *sorted((PAGE / "js").glob("*.js"))]
    return "\n".join(file.read_text("utf-8") for file in files)


def test_both_catalogs_have_the_same_keys_and_placeholders() -> None:
    english, chinese = catalog("en"), catalog("zh-TW")
    assert list(english) == list(chinese)
    for key, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", chinese[key])), key


def test_every_word_that_the_page_asks_for_is_in_the_catalogs() -> None:
    asked = set(re.findall(r'\bt\(\s*"([\w.]+)"', sources())) | set(
        re.findall(r'data-t(?:-label)?="([\w.]+)"', sources())
    )
    known = set(catalog("en")) | {key.removesuffix(".other") for key in catalog("en")}
    assert len(asked) > 80
    assert asked <= known


def test_the_page_never_turns_text_into_markup_and_loads_nothing_from_elsewhere() -> None:
    code = sources()
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        'style="',
    ):
        assert forbidden not in code, forbidden
    addresses = set(re.findall(r"https?://[\w.-]+", code))
    assert addresses <= {"http://www.w3.org"}


# --- what is shown ---

WIDER_THAN_ITSELF = """
[...document.querySelectorAll(
  "html, .topbar, .brand, .clock, .clock-strip, .tour, .side, .message-scroll, .tabs, .pane",
)].filter((node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1).map((node) => node.className)
"""
PAST_THE_EDGE = """
[...document.querySelectorAll(".topbar *, .tour *")].filter((node) => {
  const box = node.getBoundingClientRect();
  return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1);
}).map((node) => node.id || node.className)
"""


@pytest.mark.browser
def test_markdown_is_shown_as_discord_shows_it(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    message = page.locator("article", has_text="Everything Discord's markdown can do")
    for tag, words in {
        "strong": "bold",
        "em": "italics",
        ".md-underline": "underlined",
        "s": "struck",
        "blockquote": "quoted text",
        ".md-inline-code": "code",
        ".md-code": 'print("hello")',
        "ol li": "first",
        "ul ul li": "nested",
        ".md-h1": "Everything",
        ".md-small": "small print",
        ".md-time": "5 June 2026",
    }.items():
        expect(message.locator(tag).first).to_contain_text(words)
    expect(message).to_contain_text("snake_case_name, *not this*")
    mentions = ["@王小明", "@Reviewer", "#dues", "/pay", "@everyone"]
    expect(message.locator(".mention")).to_have_text(mentions)
    expect(message.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.org/a")
    expect(message.locator(".edited")).to_be_visible()


@pytest.mark.browser
def test_a_spoiler_is_covered_until_pressed(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    secret = page.locator(".spoiler-text", has_text="a secret")
    expect(secret).to_be_hidden()
    page.locator(".spoiler").click()
    expect(secret).to_be_visible()


@pytest.mark.browser
def test_every_kind_of_component_is_shown(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    log = page.locator("#channel-log")
    buttons = log.locator("article", has_text="Buttons").locator(".button")
    expect(buttons).to_have_count(8)
    for style in ("is-primary", "is-secondary", "is-success", "is-danger", "is-link"):
        expect(log.locator(f".action-row .{style}").first).to_be_visible()
    expect(log.get_by_role("button", name="Disabled")).to_be_disabled()
    expect(log.get_by_role("link", name="Link", exact=True)).to_have_attribute("href", "https://example.org/")
    expect(log.locator(".select")).to_have_count(5)
    parts = log.locator(".container")
    expect(parts.locator(".gallery .picture")).to_have_count(2)
    expect(parts.locator(".file-card")).to_contain_text("roster.csv")
    expect(parts.locator(".section")).to_contain_text("A section with a button")
    expect(parts).to_contain_text("Part of kind 99 cannot be shown here.")
    assert parts.evaluate("node => getComputedStyle(node).getPropertyValue('--stripe')").strip() == "#3498db"
    expect(log.locator(".embed")).to_contain_text("Owed")
    expect(log.locator(".thinking")).to_be_visible()


@pytest.mark.browser
def test_a_picture_opens_large_and_one_from_another_host_is_never_loaded(visit: Visit) -> None:
    page = visit.open("user=member2&channel=general")
    page.get_by_role("button", name="Enlarge: proof.png").click()
    expect(page.locator("#lightbox img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#lightbox")).to_be_hidden()
    assert page.locator('img[src*="elsewhere"]').count() == 0
    expect(page.locator(".embed .missing a")).to_have_attribute(
        "href", "https://elsewhere.example/picture.png"
    )


@pytest.mark.browser
def test_markup_in_messages_names_and_answers_stays_text(visit: Visit) -> None:
    def rename(club: Club) -> None:
        club.person("member3")["name"] = XSS
        club.post(
            "dues",
            {
                "content": f"{XSS} [x](javascript:alert(3)) <javascript:alert(4)>",
                "author_key": "member3",
                "author": {"id": "1006"},
            },
        )

    page = visit.open("user=member2&channel=general")
    visit.server.change(rename)
    expect(page.locator("#people")).to_contain_text(XSS)
    page.locator('#channels [data-channel="dues"]').click()
    expect(page.locator("#channel-log .author").last).to_have_text(XSS)
    assert page.locator('img[src="x"], a[href^="javascript"]').count() == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 1


def with_a_full_strip(club: Club) -> None:
    """All that the strip at the top may hold; hardly any date is wider than Wednesday, 30 September."""
    club.offset = 117 * 86_400
    club.desk = "http://127.0.0.1:18766/"


@pytest.mark.browser
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-TW", "dark")])
@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP], ids=lambda size: str(size[0]))
def test_nothing_is_wider_than_the_window(
    visit: Visit, size: tuple[int, int], language: str, theme: str
) -> None:
    visit.server.change(with_a_full_strip)
    page = visit.open("", size)
    for query in (
        "user=member2&channel=general",
        "user=treasurer&tab=direct",
        "user=unlinked&tab=people",
        "user=reviewer&channel=review&tour=1",
    ):
        page.goto(f"{visit.server.url}?lang={language}&theme={theme}&{query}")
        page.wait_for_selector("body.is-ready")
        assert page.evaluate(WIDER_THAN_ITSELF) == [], query
        assert page.evaluate(PAST_THE_EDGE) == [], query


@pytest.mark.browser
def test_what_somebody_may_not_see_is_not_there(visit: Visit) -> None:
    page = visit.open("user=member1")
    expect(page.locator("#channels .channel")).to_have_text(["general", "dues"])
    page.locator('[data-user="reviewer"]').click()
    expect(page.locator("#channels .channel")).to_have_text(["general", "dues", "review"])
    expect(page.locator('[data-user="reviewer"]')).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_title("陳大文 · Potkeeper demo")


@pytest.mark.browser
def test_people_carry_their_roles(visit: Visit) -> None:
    page = visit.open("user=member1")
    expect(page.locator('[data-user="owner"] .badge')).to_have_text(["Owner"])
    expect(page.locator('[data-user="treasurer"] .badge')).to_have_text(["Treasurer"])
    expect(page.locator('[data-user="newcomer"] .badge')).to_have_text(["Not on the roster"])
