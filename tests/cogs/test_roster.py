"""/club roster: import with a preview, export."""

from __future__ import annotations

import pytest
from simcord.results import InteractionResult, ResponseMessage

from tests.cogs.club_steps import answers, books, chinese, club, confirm, refused, suggestions
from tests.cogs.conftest import Server, labels, private, text

__all__ = ["chinese"]  # a fixture

FORM = (
    "Timestamp,姓名,Email,I agree,Tea,Cake\n"
    '2026/05/30 9:12:44,"Lee, Ann",ann@x.org,Yes,TRUE,maybe\n'
    "\n"
    "2026/05/30 9:13:02,王小明,ming@x.org,Yes,TRUE,TRUE\n"
    "2026/05/30 9:14:55,,MING@x.org,Yes,,\n"
    "2026/05/30 9:15:00,Bad,not an address,Yes,TRUE,\n"
)


async def upload(
    server: Server, data: str | bytes, who=None, name: str = "roster.csv", **options: str
) -> InteractionResult:
    raw = data.encode() if isinstance(data, str) else data
    return await (who or server.tess).slash(server.general, "club roster import", file=(name, raw), **options)


async def preview_of(server: Server, data: str | bytes, **options: str) -> ResponseMessage:
    return private(await upload(server, data, **options))


async def test_a_form_services_file_is_previewed_line_by_line_and_imported(server: Server):
    server.club.plan("Tea", 300)
    server.club.plan("Cake", 100)
    server.club.open("2026-06")
    before = books(server)
    preview = await preview_of(server, FORM)
    shown = text(preview)
    assert "4 rows, read as UTF-8." in shown
    assert "Columns that are plans: Tea and Cake" in shown
    assert "Timestamp" in shown
    assert "I agree" in shown
    assert "Line 2: Lee, Ann, ann\\@x.org" in shown
    assert "Line 4: 王小明, Tea, from 1 June 2026 on" in shown
    assert "Line 6" in shown
    assert "not an address" in shown
    assert "maybe" in shown
    assert "3 bills for months that are open: NT$700" in shown
    assert labels(preview) == ["Import: 5 changes", "Cancel"]
    assert books(server) == before
    done = await confirm(server, preview)
    assert "The roster was imported" in done
    assert "2 new members" in done
    assert "3 new subscriptions" in done
    names = server.db.conn.execute("SELECT name FROM members ORDER BY id").fetchall()
    assert names == [("Lee, Ann",), ("王小明",)]


async def test_importing_again_changes_nothing_and_says_so(server: Server):
    server.club.plan("Tea", 300)
    data = "name,e-mail,Tea\nAnn,ann@x.org,TRUE\nBad,nope,TRUE\n"
    await confirm(server, await preview_of(server, data))
    before = books(server)
    said = await preview_of(server, data)
    assert "says all of this already" in text(said)
    assert "nope" in text(said)
    assert labels(said) == []
    assert books(server) == before


async def test_the_same_preview_twice_is_imported_once(server: Server):
    data = "name,e-mail\nAnn,ann@x.org\n"
    first, second = await preview_of(server, data), await preview_of(server, data)
    await confirm(server, first)
    before = books(server)
    assert "says all of this already" in await confirm(server, second)
    assert books(server) == before


async def test_a_roster_that_changed_meanwhile_is_asked_again(server: Server):
    preview = await preview_of(server, "name,e-mail\nAnn,ann@x.org\nBen,ben@x.org\n")
    server.club.member("Ann", email="ann@x.org")
    clicked = await server.tess.click(preview, label="Import: 2 changes")
    (again,) = clicked.followups
    assert "before: 2 new members" in text(again)
    assert "now: one new member" in text(again)
    await confirm(server, again)
    assert server.db.conn.execute("SELECT count(*) FROM members").fetchall() == [(2,)]


async def test_a_long_diff_comes_as_a_file_with_every_line(server: Server):
    rows = [f"Somebody Number {n:04},person{n}@example.org" for n in range(600)]
    preview = await preview_of(server, "name,e-mail\n" + "\n".join(rows))
    assert "600 new members" in text(preview)
    assert "attached file" in text(preview)
    (file,) = preview.attachments
    assert file.filename == "roster-preview.txt"
    whole = (await file.read()).decode("utf-8-sig")
    assert [
        n for n in range(600) if f"Line {n + 2}: Somebody Number {n:04}, person{n}@example.org" not in whole
    ] == []
    assert "600 new members" in await confirm(server, preview)


async def test_a_diff_of_middle_length_is_split_over_messages(server: Server):
    rows = [f"Somebody Number {n:04},person{n}@example.org" for n in range(90)]
    shown = answers(await upload(server, "name,e-mail\n" + "\n".join(rows)))
    whole = "\n".join(text(message) for message in shown)
    assert len(shown) > 1
    assert [n for n in range(90) if f"Somebody Number {n:04}" not in whole] == []


async def test_big5_is_read_and_named(server: Server):
    people = ["王小明", "陳美玲", "林志豪", "黃淑芬", "張家豪", "李怡君"]
    data = "姓名,電子郵件\n" + "\n".join(f"{name},p{n}@x.org" for n, name in enumerate(people))
    preview = await preview_of(server, data.encode("cp950"))
    assert "read as Big5" in text(preview)
    assert "陳美玲" in text(preview)


async def test_an_unclear_encoding_offers_the_candidates_as_buttons(server: Server):
    data = "name,e-mail\n" + "王,a@x.org\n"
    asked = await preview_of(server, data.encode("cp950"))
    assert "How is this file encoded?" in text(asked)
    assert "Big5 (cp950)" in labels(asked)
    clicked = await server.tess.click(asked, label="Big5 (cp950)")
    preview = private(clicked)
    assert "王" in text(preview)
    await confirm(server, preview)
    assert server.db.conn.execute("SELECT name FROM members").fetchall() == [("王",)]


async def test_an_encoding_can_be_chosen_and_a_wrong_one_is_refused(server: Server):
    data = "姓名,電子郵件\n王小明,a@x.org\n"
    assert "王小明" in text(await preview_of(server, data.encode("cp950"), encoding="cp950"))
    before = books(server)
    assert "cannot be read as UTF-8" in text(await preview_of(server, data.encode("cp950"), encoding="utf-8"))
    assert books(server) == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\0\0\0", "not a CSV text file"),
        (b'name,e-mail\n"Ann,ann@x.org\n', "quotation mark"),
        (b"name,name\nAnn,Ben\n", "more than one column"),
        (b"name,e-mail\n" + b"x" * 5_100_000, "larger than 5 MB"),
    ],
)
async def test_a_file_that_cannot_be_trusted_is_refused_whole(server: Server, data: bytes, said: str):
    before = books(server)
    assert said in text(await preview_of(server, data))
    assert books(server) == before


@pytest.mark.parametrize("start", ["2026-13-45", "June", ""])
async def test_a_wrong_start_date_is_named(server: Server, start: str):
    assert "start date" in text(await preview_of(server, "name,e-mail\nAnn,a@x.org\n", start=start))


async def test_the_start_date_counts(server: Server):
    server.club.plan("Tea", 300)
    preview = await preview_of(server, "name,e-mail,Tea\nAnn,a@x.org,TRUE\n", start="2026-07-01")
    assert "from 1 July 2026 on" in text(preview)


async def test_names_in_the_file_cannot_ping_or_format(server: Server):
    preview = await preview_of(server, "name,e-mail\n@everyone **x** <@1>,a@x.org\n")
    assert "\\@everyone \\*\\*x\\*\\* \\<\\@1\\>" in text(preview)


async def test_the_export_is_a_file_that_imports_without_changes(server: Server):
    plan = server.club.plan("Tea", 300)
    server.club.subscriber(plan, "Lee, Ann")
    server.club.member("王小明", email="ming@x.org")
    shown = await club(server, "roster export")
    (file,) = shown.attachments
    assert file.filename == "roster-2026-06-05.csv"
    data = await file.read()
    assert "王小明" in data.decode("utf-8-sig")
    before = books(server)
    assert "says all of this already" in text(await preview_of(server, data))
    assert books(server) == before


async def test_members_and_reviewers_may_not(server: Server):
    before = books(server)
    for who in (server.ann, server.rita):
        assert "Only a treasurer" in text(private(await upload(server, "name\nx\n", who)))
        assert "Only a treasurer" in text(await club(server, "roster export", who))
    assert books(server) == before


async def test_in_chinese(server: Server, chinese: None):
    server.club.plan("茶", 300)
    preview = await preview_of(server, "姓名,電子郵件,茶\n王小明,a@x.org,TRUE\n")
    assert "要匯入這份名冊嗎？" in text(preview)
    assert "第 2 行：王小明，茶，2026 年 6 月 1 日起" in text(preview)
    assert labels(preview) == ["匯入：2 項變更", "取消"]


async def test_an_import_is_taken_back_as_a_whole(server: Server):
    server.club.plan("Tea", 300)
    server.club.plan("Cake", 100)
    server.club.open("2026-06")
    await confirm(server, await preview_of(server, FORM))
    server.db.conn.execute("UPDATE members SET note = 'touched' WHERE name = '王小明'")
    (found,) = await suggestions(server, "roster undo", "import", "")
    assert found == {"name": "I-1 · 5 June 2026", "value": "I-1"}
    before = books(server)
    preview = await club(server, "roster undo", **{"import": "I-1"})
    shown = text(preview)
    assert "Take the roster import I-1 back?" in shown
    assert "**Lee, Ann** (M-1) leaves the roster again" in shown
    assert "the subscription to Cake ends before it began" in shown
    assert "3 bills are void: NT$700" in shown
    assert "**One thing stays as it is**" in shown
    assert "**王小明** (M-2): somebody changed it since" in shown
    assert books(server) == before
    assert "was taken back" in await confirm(server, preview)
    assert await suggestions(server, "roster undo", "import", "") == []
    assert "undone already" in text(await club(server, "roster undo", **{"import": "I-1"}))


async def test_the_line_in_the_admin_log_takes_an_import_back_with_every_detail(server: Server):
    server.club.set(admin_channel_id=server.admin.id)
    server.club.plan("Tea", 300)
    server.club.plan("Cake", 100)
    server.club.open("2026-06")
    said = await confirm(server, await preview_of(server, FORM))
    assert "/club roster undo takes all of it back" in said
    server.db.conn.execute("UPDATE members SET note = 'touched' WHERE name = '王小明'")
    await server.deliver()
    line = server.admin.last_message
    preview = (await server.tess.click(line, label="Undo")).response
    shown = text(preview)
    assert "**Lee, Ann** (M-1) leaves the roster again" in shown
    assert "3 bills are void: NT$700" in shown
    assert "**王小明** (M-2): somebody changed it since" in shown
    assert "### Taken back" in await confirm(server, preview)
    assert server.db.conn.execute("SELECT count(*) FROM bills WHERE status <> 'void'").fetchone() == (0,)


async def test_an_unknown_import_is_refused(server: Server):
    cases = [({"import": "I-9"}, "no such roster import"), ({"import": "x"}, "no such roster import")]
    await refused(server, "roster undo", cases)
    await refused(server, "roster undo", [({"import": "I-1"}, "Only a treasurer")], who=server.rita)
