"""Members' ways to the web pages: upload links from /pay, the form and /my, and their own statement."""

from __future__ import annotations

import pytest

from bot.config import WebSettings
from cogs.member_links import UploadButton
from core import errors, statement_links, upload_links
from core.upload_links import UploadLink
from tests.cogs.club_steps import chinese
from tests.cogs.conftest import Server, components, labels, link_of, private, text
from tests.pictures import encoded, screenshot

__all__ = ["chinese"]  # a fixture

ADDRESS = "https://club.example/pot"
UPLOAD, STATEMENT = "Upload in the browser", "Statement as a page"


def upload_of(server: Server, shown: object) -> UploadLink:
    """What the upload link of a message stands for."""
    address = link_of(shown)
    assert address.startswith(f"{ADDRESS}/u/")
    found = server.db.read(upload_links.look, address.rsplit("/", 1)[1])
    assert found is not None
    return found


def links(server: Server) -> int:
    return int(server.db.conn.execute("SELECT count(*) FROM link_tokens").fetchone()[0])


# --- uploading ------------------------------------------------------------------------------------------


async def test_pay_gives_a_private_link_when_asked_for_the_browser(served: Server):
    member = await served.owing(served.ann)
    said = private(await served.ann.slash(served.general, "pay", browser=True))
    found = upload_of(served, said)
    assert (found.state, found.member.id, found.actor.discord_id) == ("ready", member.id, served.ann.id)
    assert labels(said) == ["Open the upload page"]
    assert "works for 30 minutes" in text(said)


async def test_the_form_says_that_there_is_another_way(served: Server):
    await served.owing(served.ann)
    form = await served.ann.slash(served.general, "pay")
    assert "**My bills** (`/my`) has **Upload in the browser**" in text(form)
    assert links(served) == 0, "looking makes no link"


async def test_a_picture_that_the_form_refuses_can_be_sent_in_the_browser(served: Server):
    await served.owing(served.ann)
    form = await served.ann.slash(served.general, "pay")
    huge = ("photo.jpg", bytes(10 * 1024 * 1024 + 1))
    said = private(await served.ann.submit_modal(form, {"screenshot": huge}))
    assert labels(said) == ["Try again", UPLOAD]
    assert upload_of(served, private(await served.ann.click(said, label=UPLOAD))).state == "ready"


async def test_an_error_that_no_browser_mends_offers_none(served: Server):
    member = await served.owing(served.ann)
    form = await served.ann.slash(served.general, "pay")
    served.club.submit(member)
    said = private(await served.ann.submit_modal(form, {}))
    assert UPLOAD not in labels(said)


async def test_the_steps_before_the_form_offer_it(served: Server):
    member = served.on_roster(served.ann)
    served.club.subscribe(member, served.club.plan("Tea", 100, "2020-01"), "2020-01-01")
    for number in range(26):
        served.club.open(f"{2020 + number // 12}-{number % 12 + 1:02}")
    asked = private(await served.ann.slash(served.general, "pay"))
    assert labels(asked)[-3:] == ["Continue", UPLOAD, "Cancel"]
    assert upload_of(served, private(await served.ann.click(asked, label=UPLOAD))).state == "ready"
    picture = ("shot.png", encoded(screenshot(), "PNG"))
    asked = private(await served.ann.slash(served.general, "pay", screenshot=picture))
    assert UPLOAD not in labels(asked), "the picture is here already"


async def test_a_screenshot_that_came_along_counts_more_than_the_browser(served: Server):
    member = await served.owing(served.ann)
    picture = ("shot.png", encoded(screenshot(), "PNG"))
    said = private(await served.ann.slash(served.general, "pay", screenshot=picture, browser=True))
    assert "With your screenshot." in text(said)
    assert [bill.status for bill in served.club.bills(member)] == ["paid"]
    assert links(served) == 0


async def test_what_was_registered_without_a_screenshot_can_be_sent_again_in_the_browser(served: Server):
    await served.owing(served.ann)
    said = private(await served.ann.submit_modal(await served.ann.slash(served.general, "pay"), {}))
    assert "press Withdraw and send it again" in text(said)
    await served.ann.click(said, label="Withdraw")
    assert labels(said) == ["Pay", UPLOAD, "My bills"]
    assert upload_of(served, private(await served.ann.click(said, label=UPLOAD))).state == "ready"


async def test_my_bills_offer_it_while_something_is_owed(served: Server):
    member = await served.owing(served.ann)
    shown = private(await served.ann.slash(served.general, "my"))
    assert labels(shown) == ["Pay", "How to pay", UPLOAD, STATEMENT]
    assert upload_of(served, private(await served.ann.click(shown, label=UPLOAD))).state == "ready"
    served.club.submit(member)
    assert labels(private(await served.ann.slash(served.general, "my"))) == ["How to pay", STATEMENT]


async def test_with_nothing_to_pay_no_link_is_made(served: Server):
    served.on_roster(served.ann)
    said = private(await served.ann.slash(served.general, "pay", browser=True))
    assert "othing" in text(said)
    assert links(served) == 0


async def test_who_is_not_linked_gets_the_button_that_links_and_no_link(served: Server):
    assert labels(private(await served.ben.slash(served.general, "pay", browser=True))) == ["Link my name"]
    assert links(served) == 0


async def test_an_old_button_works_for_whoever_presses_it(served: Server):
    mine, yours = await served.owing(served.ann), await served.owing(served.ben)
    message = await served.post(served.general, UploadButton(served.club.id))
    for person, member in ((served.ann, mine), (served.ben, yours)):
        found = upload_of(served, await served.press(person, message, label=UPLOAD))
        assert found.member.id == member.id
    served.expects(errors.NotLinked)
    assert labels(await served.press(served.nora, message, label=UPLOAD)) == ["Link my name"]


async def test_the_link_says_the_same_in_chinese(served: Server, chinese: None):
    await served.owing(served.ann)
    said = private(await served.ann.slash(served.general, "pay", browser=True))
    assert labels(said) == ["開啟上傳頁面"]
    assert "30 分鐘內有效" in text(said)


# --- the statement --------------------------------------------------------------------------------------


async def test_my_bills_open_as_a_page_of_ones_own(served: Server):
    member = await served.owing(served.ann)
    shown = private(await served.ann.slash(served.general, "my"))
    said = private(await served.ann.click(shown, label=STATEMENT))
    assert labels(said) == ["Open my statement"]
    address = link_of(said)
    assert address.startswith(f"{ADDRESS}/statement/")
    actor = served.db.write(statement_links.redeem, address.rsplit("/", 1)[1])
    assert served.db.read(statement_links.show, actor).member.id == member.id


async def test_a_newer_statement_link_ends_the_older_one(served: Server):
    await served.owing(served.ann)
    shown = private(await served.ann.slash(served.general, "my"))
    first, second = [link_of(private(await served.ann.click(shown, label=STATEMENT))) for _ in range(2)]
    with pytest.raises(errors.LinkExpired):
        served.db.write(statement_links.redeem, first.rsplit("/", 1)[1])
    assert served.db.write(statement_links.redeem, second.rsplit("/", 1)[1])


# --- without pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("web", [WebSettings(), WebSettings(port=8080)], ids=["no pages", "only here"])
async def test_without_a_public_address_nothing_of_it_is_offered(
    server: Server, monkeypatch: pytest.MonkeyPatch, web: WebSettings
):
    bot = server.env.bot
    monkeypatch.setattr(bot, "settings", bot.settings.model_copy(update={"web": web}))
    await server.owing(server.ann)
    assert labels(private(await server.ann.slash(server.general, "my"))) == ["Pay", "How to pay"]
    said = private(await server.ann.slash(server.general, "pay", browser=True))
    assert "no upload page here" in text(said)
    assert labels(said) == ["Pay"]
    form = await server.ann.slash(server.general, "pay")
    assert "browser" not in text(form)
    said = private(await server.ann.submit_modal(form, {"screenshot": ("a.png", b"text")}))
    assert labels(said) == ["Try again"]
    said = private(await server.ann.submit_modal(await server.ann.slash(server.general, "pay"), {}))
    assert "browser" not in text(said)
    await server.ann.click(said, label="Withdraw")
    assert labels(said) == ["Pay", "My bills"]
    assert links(server) == 0
    assert [part for part in components(said) if "url" in part] == []
