"""What an admin does from the shell: the same use cases on the same file, previewed unless applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from core import reversals
from core.clock import SystemClock
from core.db import Database, LocalDatabase
from core.models import PaymentId
from core.period import Period, collecting_period
from tests.core.helpers import assert_clean, everything
from tests.factories import Club


class Shell:
    """Runs a verb on the club's folder and says how it ended."""

    def __init__(self, db: LocalDatabase, capsys: pytest.CaptureFixture[str]) -> None:
        self.db, self.capsys = db, capsys

    def __call__(self, verb: str, *arguments: str) -> tuple[int, str, str]:
        status = main([verb, *arguments, "--data", str(self.db.path.parent)])
        out, err = self.capsys.readouterr()
        return status, out, err

    def json(self, verb: str, *arguments: str) -> dict[str, Any]:
        status, out, err = self(verb, *arguments, "--json")
        assert (status, err) == (0, "")
        assert out.count("\n") == 1
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder without configuration, on an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def shell(db: LocalDatabase, club: Club, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(db, capsys)


# --- open and status ------------------------------------------------------------------------------------


def test_opening_is_a_preview_until_it_is_applied(shell: Shell, club: Club):
    member = club.subscriber(club.plan("Tea", 300))
    before = everything(club.db)
    status, out, err = shell("open", "2026-06")
    assert (status, err) == (0, "")
    assert "Tea: one bill, NT$300" in out
    assert "only a preview" in out
    assert everything(club.db) == before
    applied = shell.json("open", "2026-06", "--apply")
    assert (applied["applied"], applied["bills"], applied["minor"], applied["currency"]) == (
        True,
        1,
        300,
        "TWD",
    )
    assert len(club.bills(member)) == 1
    assert club.notices("opened") == [("opened", "announce", 0)], "the running bot sends it"
    status, out, _ = shell("open", "2026-06", "--apply")
    assert (status, "is open already" in out) == (0, True)
    assert_clean(club.db)


def test_without_a_month_it_is_the_one_that_is_collected_now(shell: Shell, club: Club):
    today = SystemClock().now().date()
    assert shell.json("open")["period"] in {
        collecting_period(today, 5).text,
        collecting_period(today, 5).plus(1).text,  # midnight in Taipei comes earlier
    }


def test_a_month_is_opened_with_new_prices(shell: Shell, club: Club):
    member = club.subscriber(club.plan("Tea=hot", 300))
    club.subscriber(club.plan("Cake", 90))
    club.record(member, 50)
    before = everything(club.db)
    prices = ("--price", "tea=HOT=NT$320", "--price", "Cake=90")
    status, out, err = shell("open", "2026-05", *prices)
    assert (status, err) == (0, "")
    assert "2026 is earlier than the month that is collected now" in out
    assert "New price of Tea=hot: NT$320 from May 2026 on" in out
    assert "New price of Cake" not in out, "it costs that already"
    assert "May 2026: 2 bills, NT$410 in all." in out
    assert "NT$50 of it is paid from credit." in out
    assert everything(club.db) == before
    done = shell.json("open", "2026-05", *prices, "--apply")
    assert done["prices"] == [{"plan": "Tea=hot", "from_minor": 300, "to_minor": 320}]
    assert done["collecting"] > done["period"]
    assert [bill.amount_minor for bill in club.bills(member)] == [320]
    later = Period(done["collecting"]).plus(2).text
    assert "later than the month that is collected now" in shell("open", later)[1]


def test_a_price_that_cannot_be_read_opens_nothing(shell: Shell, club: Club):
    club.subscriber(club.plan("Tea", 300))
    before = everything(club.db)
    cases = {
        "Tea": "“Tea” does not name a plan and its price", "Coffee=3": "with one of: Tea",
        "Tea=": "price of the plan Tea", "Tea=3x": "“3x”", "Tea=-3": "price of the plan Tea",
    }  # fmt: skip
    for typed, said in cases.items():
        status, out, err = shell("open", "2026-06", "--apply", "--price", typed)
        assert (status, out, err.count("\n")) == (2, "", 1), typed
        assert said in err
    assert everything(club.db) == before


def test_how_a_month_stands(shell: Shell, club: Club):
    plan = club.plan("Tea", 300)
    paid, owing = club.subscriber(plan, "Ann"), club.subscriber(plan, "Ben")
    club.open()
    club.verify(club.submit(paid))
    found = shell.json("status", "2026-06")
    assert (found["collected_minor"], found["due_minor"], found["pot_minor"]) == (300, 600, 300)
    assert [row["member"] for row in found["debtors"]] == [owing.label]
    status, out, _ = shell("status", "2026-06")
    assert status == 0
    assert "June 2026: open" in out
    assert "collected NT$300 of NT$600" in out
    assert f"{owing.label} Ben: NT$300" in out


def test_a_month_that_is_none_or_was_never_opened_is_one_line(shell: Shell):
    for month, said in (("2026-13", "2026-13"), ("junk", "junk"), ("2020-01", "never opened")):
        status, out, err = shell("status", month)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert said in err


# --- members, import, export ------------------------------------------------------------------------------


def test_everybody_is_listed_with_what_is_open_and_their_credit(shell: Shell, club: Club):
    plan = club.plan("Tea", 300)
    for number in range(230):
        club.member(f"Member {number:03}")
    ann = club.subscriber(plan, "Ann")
    club.open()
    club.record(ann, 400)
    rows = shell.json("members")["members"]
    assert len(rows) == 231
    assert rows[-1] == {
        "member": ann.label, "name": "Ann", "linked": True, "open_minor": 0, "credit_minor": 100,
    }  # fmt: skip
    assert [row["name"] for row in shell.json("members", "member 00")["members"]] == [
        f"Member 00{n}" for n in range(10)
    ]


def test_a_member_is_found_by_number_and_the_search_ends(shell: Shell, club: Club):
    ann = club.member("Ann")
    assert [row["name"] for row in shell.json("members", ann.label)["members"]] == ["Ann"]
    status, out, _ = shell("members", "nobody")
    assert (status, out) == (0, "Nobody on the roster fits.\n")


def test_an_import_is_previewed_then_applied_and_says_what_it_left_out(
    shell: Shell, club: Club, tmp_path: Path
):
    club.plan("Tea", 300)
    file = tmp_path / "roster.csv"
    file.write_text(
        'name,email,Tea,Other\n"Lee, Ann",ann@x.org,TRUE,x\nBad,nothing,TRUE,\n', encoding="utf-8"
    )
    before = everything(club.db)
    status, out, _ = shell("import", str(file), "--starts-on", "2026-06-01")
    assert status == 0
    assert "new: 1" in out
    assert "Columns that are no active plan: Other" in out
    assert "only a preview" in out
    assert everything(club.db) == before
    done = shell.json("import", str(file), "--starts-on", "2026-06-01", "--apply")
    assert (done["applied"], done["created"], done["subscribed"], done["problems"]) == (True, 1, 1, 1)
    assert any("nothing" in note for note in done["notes"])
    assert (
        "The roster says all of this already. Nothing was changed."
        in shell("import", str(file), "--apply")[1]
    )
    assert [row["name"] for row in shell.json("members")["members"]] == ["Lee, Ann"]


def test_the_export_can_be_imported_again(shell: Shell, club: Club, tmp_path: Path):
    club.subscriber(club.plan("Tea", 300), "Ann")
    file = tmp_path / "out.csv"
    assert shell.json("export", str(file))["bytes"] == file.stat().st_size
    again = shell.json("import", str(file))
    assert [again[name] for name in ("created", "changed", "subscribed", "problems")] == [0, 0, 0, 0]


def test_the_export_goes_to_standard_output(
    club: Club, db: LocalDatabase, capfdbinary: pytest.CaptureFixture[bytes]
):
    club.member("王小明")
    assert main(["export", "--data", str(db.path.parent)]) == 0
    assert "王小明".encode() in capfdbinary.readouterr().out


@pytest.mark.parametrize("verb", ["import", "export"])
def test_a_file_that_cannot_be_used_is_one_line(shell: Shell, tmp_path: Path, verb: str):
    status, out, err = shell(verb, str(tmp_path / "not" / "there.csv"))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "there.csv" in err


# --- record -----------------------------------------------------------------------------------------------


def test_money_is_recorded_after_a_preview(shell: Shell, club: Club):
    ann = club.subscriber(club.plan("Tea", 300), "Ann")
    club.method("Bank")
    club.open()
    before = everything(club.db)
    status, out, _ = shell("record", ann.label, "400", "--method", "bank")
    assert status == 0
    assert "B-1 Tea: NT$300 settled" in out
    assert "Credit of Ann after it: NT$100" in out
    assert everything(club.db) == before
    done = shell.json("record", "ann", "400", "--method", "Bank", "--note", "desk", "--apply")
    assert (done["payment"], done["credit_minor"], done["bills"][0]["status"]) == ("P-0001", 100, "verified")
    (row,) = club.db.conn.execute("SELECT note, source, submitted_by, confirmed_method_id FROM payments")
    assert row == ("desk", "shell", "operator", 1)
    assert_clean(club.db)


def test_a_payment_with_a_name_is_recorded_once_however_often_it_is_run(shell: Shell, club: Club):
    ann = club.member("Ann")
    for _ in range(2):
        status, out, _ = shell("record", ann.label, "100", "--id", "bank-2026-06-05-17", "--apply")
        assert status == 0
    assert "was recorded before, as P-0001" in out
    assert shell.json("record", ann.label, "100", "--id", "bank-2026-06-05-17", "--apply")["repeated"] is True
    assert club.db.conn.execute("SELECT count(*) FROM payments").fetchone() == (1,)


def test_an_import_says_which_bills_it_makes(shell: Shell, club: Club, tmp_path: Path):
    club.plan("Tea", 300)
    club.open("2026-06")
    file = tmp_path / "roster.csv"
    file.write_text("name,email,Tea\nAnn,a@x.org,TRUE\n", encoding="utf-8")
    status, out, _ = shell("import", str(file), "--starts-on", "2026-06-01", "--apply")
    assert status == 0
    assert "One bill for a month that is open: NT$300" in out
    assert club.notices("opened") == [("opened", "announce", 0)]


def test_a_name_that_stands_for_another_payment_records_nothing_and_says_so(shell: Shell, club: Club):
    ann, ben = club.member("Ann"), club.member("Ben")
    assert shell("record", ann.label, "100", "--id", "line-17", "--apply")[0] == 0
    before = everything(club.db)
    for ending in ((), ("--apply",), ("--apply", "--json")):
        status, out, err = shell("record", ann.label, "200", "--id", "line-17", *ending)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "“line-17” stands for P-0001 already: NT$100 of Ann" in err
        status, out, err = shell("record", ben.label, "100", "--id", "line-17", *ending)
        assert (status, out, "belongs to another member" in err) == (2, "", True)
    assert everything(club.db) == before
    club.db.write(reversals.cancel, club.treasurer, PaymentId(1))
    assert "stands for P-0001 already" in shell("record", ann.label, "200", "--id", "line-17")[2]


def test_what_is_unclear_is_one_line_and_records_nothing(shell: Shell, club: Club):
    club.member("Ann")
    club.member("Ann Lee")
    club.member("Ben Lee")
    club.method("Bank")
    before = everything(club.db)
    cases = [
        (("record", "lee", "5"), "“lee” does not name exactly one member"),
        (("record", "M-99", "5"), "“M-99” does not name exactly one member"),
        (("record", "Ann", "12x"), "12x"),
        (("record", "Ann", "0"), "more than zero"),
        (("record", "Ann", "5", "--method", "Gold"), "there are: Bank"),
        (("record", "Ann", "5", "--on", "2026-13-01"), "2026-13-01"),
        (("open", "2026-06", "--guild", "1"), "no such club"),
    ]
    for arguments, said in cases:
        status, out, err = shell(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1), arguments
        assert said in err
    assert everything(club.db) == before


def test_an_exact_name_is_meant_though_others_contain_it(shell: Shell, club: Club):
    club.member("Ann")
    club.member("Ann Lee")
    assert shell.json("record", "ann", "5")["member"] == "M-1"


# --- which books --------------------------------------------------------------------------------------------


def test_of_several_clubs_one_has_to_be_named(shell: Shell, club: Club, db: LocalDatabase):
    other = Club.create(db, number=1)
    other.member("Theirs")
    status, _, err = shell("members")
    assert status == 2
    assert "--guild" in err
    guild = str(other.workspace.guild_id)
    assert [row["name"] for row in shell.json("members", "--guild", guild)["members"]] == ["Theirs"]


def test_without_books_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["members", "--data", str(tmp_path / "absent")]) == 2
    assert "absent" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()


async def test_it_works_while_the_bot_has_the_file_open(shell: Shell, club: Club, db_path: Path):
    club.subscriber(club.plan("Tea", 300))
    async with Database(db_path, SystemClock()) as bot:
        assert shell("open", "2026-06", "--apply")[0] == 0
        count = await bot.read(lambda tx: tx.conn.execute("SELECT count(*) FROM bills").fetchone()[0])
    assert count == 1


def test_in_chinese(shell: Shell, club: Club, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    club.subscriber(club.plan("茶", 300))
    assert "預覽" in shell("open", Period("2026-06").text)[1]


# --- what is typed wrongly ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("status", ""), "billing period"),
        (("status", "2026-13-45"), "2026-13-45"),
        (("open", "", "--apply"), "billing period"),
        (("record", "Mei", "5", "--on", "", "--apply"), "date"),
        (("record", "Mei", "5", "--on", "2026-13-45", "--apply"), "2026-13-45"),
        (("record", "Mei", "5", "--id", "", "--apply"), "--id"),
        (("record", "Mei", "5", "--id", "x" * 101, "--apply"), "--id"),
        (("record", "Mei", "5", "--method", "", "--apply"), "payment method"),
        (("record", "Mei", "5.5", "--apply"), "decimals"),
        (("record", "Mei", "five", "--apply"), "five"),
        (("record", "Mei", "", "--apply"), "amount"),
        (("record", "", "5", "--apply"), "M-12"),
        (("record", "M-999", "5", "--apply"), "M-999"),
        (("import", "roster.csv", "--starts-on", "", "--apply"), "start date"),
        (("import", "roster.csv", "--starts-on", "2026-02-30", "--apply"), "2026-02-30"),
        (("import", "roster.csv", "--encoding", "", "--apply"), "encoding"),
        (("import", "roster.csv", "--encoding", "klingon", "--apply"), "klingon"),
        (("import", "nowhere.csv", "--apply"), "nowhere.csv"),
    ],
)
def test_what_is_typed_wrongly_or_left_empty_is_one_line_that_names_it_and_changes_nothing(
    shell: Shell, club: Club, tmp_path: Path, arguments: tuple[str, ...], named: str
):
    club.subscriber(club.plan(), "Mei")
    (tmp_path / "roster.csv").write_text("name,e-mail\nCy,c@x.tw\n", encoding="utf-8")
    before = everything(club.db)
    status, out, err = shell(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert named in err
    assert everything(club.db) == before


def test_an_import_is_previewed_change_by_change_with_the_lines_of_the_file(
    shell: Shell, club: Club, tmp_path: Path
):
    tea, cake = club.plan("Tea", 300), club.plan("Cake", 100)
    mei = club.member("Mei", email="mei@x.tw")
    club.subscribe(mei, tea)
    club.open("2026-06")
    text = "name,e-mail,Tea,Cake\nMei Lin,mei@x.tw,FALSE,TRUE\nBo,bo@x.tw,TRUE,\n"
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    lines = shell("import", "roster.csv", "--starts-on", "2026-06-01")[1].splitlines()
    assert "Line 3: Bo, bo@x.tw, is new" in lines
    assert "Line 2: Mei, name: Mei → Mei Lin" in lines
    assert "Line 2: Mei Lin gets Cake from 1 June 2026 on" in lines
    assert "Line 3: Bo gets Tea from 1 June 2026 on" in lines
    assert any(line.startswith("Line 2: Mei Lin pauses Tea from ") for line in lines)
    changes = shell.json("import", "roster.csv", "--starts-on", "2026-06-01")["changes"]
    assert changes["created"] == [{"line": 3, "name": "Bo", "email": "bo@x.tw"}]
    assert changes["changed"][0]["member"] == mei.label
    assert changes["subscribed"][0] == {
        "line": 2, "member": mei.label, "name": "Mei Lin", "plan": cake.name, "on": "2026-06-01",
    }  # fmt: skip


def test_of_a_file_without_end_no_more_is_read_than_a_roster_can_have(shell: Shell, club: Club):
    status, out, err = shell("import", "/dev/zero", "--apply")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "larger than 5 MB" in err


def test_money_is_never_recorded_for_a_part_of_a_name(shell: Shell, club: Club):
    mei = club.subscriber(club.plan(), "Mei Lin")
    for part in ("Mei", "lin", "M", mei.label[:-1]):
        status, out, err = shell("record", part, "5", "--apply")
        assert (status, out) == (2, "")
        assert f"“{part}” does not name exactly one member" in err
    assert shell("record", "ｍｅｉ  lin", "5", "--apply")[0] == 0
    assert shell("record", mei.label.lower(), "5", "--apply")[0] == 0


def test_a_member_of_another_club_is_nobody_here(shell: Shell, club: Club):
    other = Club.create(club.db, number=1)
    theirs = other.linked("Theirs")
    before = everything(club.db)
    for name in (theirs.label, "Theirs"):
        status, out, err = shell("record", name, "5", "--guild", "700000", "--apply")
        assert (status, out) == (2, "")
        assert name in err
    assert everything(club.db) == before
