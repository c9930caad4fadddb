"""An ordinary ChipPot: everything comes over, the books add up, and nothing is said or billed twice."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from core import billing, payments, reminders, reversals, workspaces
from core.chippot import Imported
from core.db import LocalDatabase
from core.models import Actor, PaymentId
from core.period import Period
from core.store import ledger
from tests.chippot.predecessor import ADMIN, CHANNEL, GUILD, ordinary
from tests.chippot.steps import assert_sound, bring, details, rows


@pytest.fixture(params=["file", "dump"])
def brought(request: pytest.FixtureRequest, db: LocalDatabase, tmp_path: Path) -> Imported:
    """The ordinary club brought over, from an SQLite file and from a dump of it."""
    there = ordinary(tmp_path / "chippot.sqlite3")
    return bring(db, there.file() if request.param == "file" else there.dump())


def operator(result: Imported) -> Actor:
    return Actor.operator(result.workspace.id)


def test_the_workspace_has_the_settings_that_it_had_there(brought: Imported):
    workspace = brought.workspace
    assert (workspace.guild_id, workspace.name, workspace.announce_channel_id) == (
        GUILD,
        "社團 AI 訂閱",
        CHANNEL,
    )
    assert (workspace.currency, workspace.timezone, workspace.locale) == ("TWD", "Asia/Taipei", "zh-TW")
    assert (workspace.billing_day, workspace.due_days, json.loads(workspace.reminder_days)) == (7, 0, [4])
    assert workspace.proof_retention_months == 12
    assert brought.is_new_workspace


def test_admins_of_discord_become_treasurers(brought: Imported, db: LocalDatabase):
    assert rows(db, "SELECT discord_id, role, granted_by FROM admins") == [(ADMIN, "treasurer", "operator")]


def test_members_come_with_their_links_addresses_and_notes(brought: Imported, db: LocalDatabase):
    assert rows(db, "SELECT name, discord_id, email, note FROM members ORDER BY id") == [
        ("林小明", 600_001, "lin@example.org", "班長"),
        ("王大同", 600_002, None, ""),
        ("陳美麗", None, "chen@example.org", ""),
    ]


def test_plans_have_the_prices_that_their_bills_show_and_that_of_today(brought: Imported, db: LocalDatabase):
    assert rows(db, "SELECT name, role_id, cycle_months, retired_at FROM plans ORDER BY id") == [
        ("ChatGPT", None, 1, None),
        ("Claude", 770_001, 1, None),
    ]
    prices = rows(
        db, "SELECT plan_id, from_period, amount_minor FROM plan_prices ORDER BY plan_id, from_period"
    )
    assert prices == [(1, "2026-04", 315), (1, "2026-05", 330), (2, "2026-04", 251)]


def test_channels_become_payment_methods(brought: Imported, db: LocalDatabase):
    assert rows(db, "SELECT name, kind, sort_order, retired_at FROM methods ORDER BY id") == [
        ("LINE Pay", "mobile", 1, None),
        ("銀行轉帳", "bank", 2, None),
    ]


def test_every_bill_has_its_amount_state_and_dates(brought: Imported, db: LocalDatabase):
    found = rows(db, """
        SELECT members.name, title, period, amount_minor, bills.status, due_on, bills.created_at FROM bills
        JOIN members ON members.id = member_id JOIN billing_periods ON billing_periods.id = billing_period_id
        WHERE bills.kind = 'plan' ORDER BY period, member_id, bills.plan_id
    """)  # fmt: skip
    assert found == [
        ("林小明", "ChatGPT", "2026-04", 315, "verified", "2026-04-07", "2026-04-01T01:00:00.000Z"),
        ("林小明", "Claude", "2026-04", 251, "verified", "2026-04-07", "2026-04-01T01:00:00.000Z"),
        ("王大同", "ChatGPT", "2026-04", 315, "verified", "2026-04-07", "2026-04-01T01:00:00.000Z"),
        ("林小明", "ChatGPT", "2026-05", 330, "paid", "2026-05-07", "2026-05-01T01:00:00.000Z"),
        ("林小明", "Claude", "2026-05", 251, "paid", "2026-05-07", "2026-05-01T01:00:00.000Z"),
        ("王大同", "ChatGPT", "2026-05", 330, "rejected", "2026-05-07", "2026-05-01T01:00:00.000Z"),
        ("陳美麗", "Claude", "2026-05", 251, "pending", "2026-05-07", "2026-05-01T01:00:00.000Z"),
        ("林小明", "ChatGPT", "2026-06", 330, "pending", "2026-06-07", "2026-06-01T01:00:00.000Z"),
    ]


def test_what_was_settled_together_is_one_payment(brought: Imported, db: LocalDatabase):
    found = rows(db, """
        SELECT member_id, status, declared_minor, declared_method_id, confirmed_method_id, note,
            reject_reason, submitted_by, submitted_at, decided_by, decided_at, received_on,
            (SELECT count(*) FROM allocations WHERE payment_id = payments.id) FROM payments ORDER BY id
    """)  # fmt: skip
    anna = "chippot:anna@example.org"
    assert found == [
        (1, "verified", 566, 1, 1, "四月", "", "discord:600001", "2026-04-08T04:00:00.000Z", anna,
         "2026-04-09T05:00:01.000Z", "2026-04-08", 2),
        (2, "verified", 315, 2, 2, "", "", "discord:600002", "2026-04-08T04:00:00.000Z", anna,
         "2026-04-09T05:00:00.000Z", "2026-04-08", 1),
        (1, "submitted", 581, 1, None, "", "", "discord:600001", "2026-05-08T04:00:00.000Z", None, None,
         None, 2),
        (2, "rejected", 330, None, None, "", "金額不符", "discord:600002", "2026-05-08T04:00:00.000Z",
         f"discord:{ADMIN}", "2026-05-10T00:00:00.000Z", None, 1),
    ]  # fmt: skip


def test_old_money_posts_against_opening_so_that_pots_begin_empty(brought: Imported, db: LocalDatabase):
    def balance(kind: str) -> int:
        return db.read(lambda tx: ledger.balance(tx.conn, brought.workspace.id, kind))

    assert (balance("pot"), balance("opening")) == (0, 881)
    assert balance("receivable") == 330 + 251 + 330 + 251 + 330
    assert balance("dues") == -(881 + 1162 + 330)


def test_open_months_are_open_and_others_stay_drafts(brought: Imported, db: LocalDatabase):
    assert rows(db, "SELECT period, status, openings, opened_at FROM billing_periods ORDER BY period") == [
        ("2026-04", "open", 1, "2026-04-07T01:00:00.000Z"),
        ("2026-05", "open", 1, "2026-05-07T01:00:00.000Z"),
        ("2026-06", "draft", 0, None),
    ]


def test_nothing_waits_to_be_said(brought: Imported, db: LocalDatabase):
    found = rows(db, "SELECT kind, status, sent_at FROM notices ORDER BY id")
    assert found == [
        ("opened", "sent", "2026-04-07T01:00:00.000Z"),
        ("opened", "sent", "2026-05-07T01:00:00.000Z"),
        ("overdue_list", "sent", "2026-05-11T01:00:00.000Z"),
    ]


def test_nobody_is_reminded_twice(brought: Imported, db: LocalDatabase):
    """Everything unpaid of May was in ChipPot's reminder; June is not open."""
    run = db.write(reminders.run, operator(brought), date(2026, 6, 5))
    assert (run.sent, run.skipped) == (0, 0)


def test_a_bill_that_came_due_after_the_reminder_is_still_reminded_of(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    late = there.seat(there.user("晚到"), 1, "2026-05-01", custom_cycle=1, billing_day=25)
    there.bill(late, "2026-05", 330, due_date="2026-05-25")
    result = bring(db, there.file())
    assert rows(db, "SELECT billing_day FROM subscriptions WHERE billing_day IS NOT NULL") == [(25,)]
    assert db.write(reminders.run, operator(result), date(2026, 6, 5)).sent == 1


def test_the_drafted_bill_is_not_payable_until_its_month_opens(brought: Imported, db: LocalDatabase):
    opened = db.write(billing.open_period, operator(brought), Period("2026-06"))
    assert opened.bills == 3  # all but the one that is drafted already
    assert_sound(db)
    assert rows(db, "SELECT count(*) FROM bills WHERE covers_from = '2026-06-01'") == [(4,)]


def test_the_scheduler_opens_nothing_by_itself_after_the_switch(brought: Imported, db: LocalDatabase):
    assert db.write(billing.auto_open, Actor.system(brought.workspace.id), date(2026, 6, 5)) is None


def test_what_waits_can_be_verified_and_what_was_rejected_paid_again(brought: Imported, db: LocalDatabase):
    waiting = PaymentId(3)
    db.write(payments.verify, operator(brought), waiting)
    db.write(payments.reopen, operator(brought), PaymentId(4))
    db.write(reversals.unverify, operator(brought), PaymentId(1))
    assert_sound(db)
    assert db.read(lambda tx: ledger.balance(tx.conn, brought.workspace.id, "pot")) == 581


def test_one_audit_line_has_counts_and_digest(brought: Imported, db: LocalDatabase):
    [(action, by, after)] = rows(db, "SELECT action, done_by, after_json FROM audit_log")
    assert (action, by) == ("chippot.import", "operator")
    written = json.loads(after)
    assert written["digest"] == brought.digest
    assert written["counts"]["bills"] == 8
    assert "林" not in after


def test_both_sides_agree_by_month_and_state(brought: Imported):
    assert [(line.period, line.status, line.here_count, line.here_minor) for line in brought.totals] == [
        ("2026-04", "verified", 3, 881),
        ("2026-05", "pending", 1, 251),
        ("2026-05", "paid", 2, 581),
        ("2026-05", "rejected", 1, 330),
        ("2026-06", "pending", 1, 330),
    ]
    assert brought.differences == ()
    assert details(brought, "pictures_left") == [{"count": 1}]


def test_a_preview_changes_nothing(db: LocalDatabase, tmp_path: Path):
    from core.chippot import import_chippot, open_source
    from tests.chippot.steps import dump_of

    before = dump_of(db)
    with open_source(ordinary(tmp_path / "chippot.sqlite3").file()) as source:
        assert db.preview(import_chippot, source).counts["bills"] == 8
    assert dump_of(db) == before


def test_the_source_is_not_touched(db: LocalDatabase, tmp_path: Path):
    path = ordinary(tmp_path / "chippot.sqlite3").file()
    before = path.read_bytes()
    bring(db, path)
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["chippot.sqlite3", "data"]


def test_a_month_in_the_write_ahead_log_is_read_too(db: LocalDatabase, tmp_path: Path):
    there = ordinary(tmp_path / "chippot.sqlite3")
    there.conn.execute("PRAGMA journal_mode = WAL")
    there.bill(1, "2026-07", 330)
    assert bring(db, there.path).counts["bills"] == 9
    there.conn.close()


def test_a_chosen_server_takes_the_place_of_the_one_in_the_file(db: LocalDatabase, tmp_path: Path):
    result = bring(db, ordinary(tmp_path / "chippot.sqlite3").file(), 4711)
    assert result.workspace.guild_id == 4711
    assert db.read(workspaces.by_guild, GUILD) is None


def test_people_who_pay_in_the_club_afterwards_are_billed_on(brought: Imported, db: LocalDatabase):
    """The month after the switch is an ordinary one."""
    db.write(billing.open_period, operator(brought), Period("2026-06"))
    db.write(billing.open_period, operator(brought), Period("2026-07"))
    prices = rows(db, "SELECT title, amount_minor FROM bills WHERE covers_from = '2026-07-01' ORDER BY id")
    assert prices == [("ChatGPT", 330), ("Claude", 251), ("ChatGPT", 330), ("Claude", 251)]
    run = db.write(reminders.run, operator(brought), date(2026, 7, 7) + timedelta(days=4))
    assert run.sent == 8
    assert_sound(db)
