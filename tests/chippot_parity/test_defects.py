"""What looks like a defect of the predecessor (its list §26), one test per item: here it does not happen.

The number in a test's name is the item's. `test_all_items_have_a_test` keeps the list complete; MORE names
tests elsewhere that look at the same thing from another side.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from typing import Any

import discord
import pytest
from aiohttp import ClientConnectionError

from bot.jobs import JobRunner
from cogs.ui import public_cards
from cogs.ui.notice_cards import month_of
from core import (
    alerts,
    billing,
    corrections,
    errors,
    member_desk,
    methods,
    payments,
    plans,
    proof_care,
    reminders,
    reminding,
    reports,
    reports_admin,
    reports_members,
    resync,
    roster,
    roster_import,
    sending,
    subscriptions,
    upload_links,
    web_sessions,
    workspaces,
)
from core.db import LocalDatabase
from core.models import Actor, Member, MemberId, PlanId
from core.money import parse_money
from core.payment_changes import PaymentChanged
from core.period import Period
from core.services import Services
from core.store import bills as bill_rows
from core.templates import get as template_of
from tests.chippot_parity.evidence import ROOT, asserts_something, is_there, numbered
from tests.cogs.club_steps import club as command
from tests.cogs.club_steps import refused as refused_here
from tests.cogs.club_steps import suggestions
from tests.cogs.conftest import Server, components, private, text
from tests.core.helpers import refused
from tests.factories import Club
from tests.fakes import FixedClock
from tests.pictures import encoded, screenshot

ITEMS = range(1, 31)
HERE = "tests/chippot_parity/test_defects.py"
MORE: dict[int, tuple[str, ...]] = {
    1: ("tests/cogs/test_pay.py::test_a_bill_added_while_the_form_is_open_is_not_claimed",),
    3: ("tests/core/test_reminders.py::test_a_month_that_was_never_opened_is_left_alone",),
    4: ("tests/core/test_proof_care.py::test_one_picture_is_deleted_and_its_payment_goes_on",),
    7: (
        "tests/cogs/test_billing_more.py::"
        "test_what_is_no_amount_is_refused_by_the_plan_s_name_and_never_the_old_price",
    ),
    8: ("tests/cogs/test_link.py::test_names_are_suggested_while_typing",),
    13: (
        "tests/core/test_roster_import.py::test_a_blank_name_e_mail_or_note_overwrites_nothing",
        "tests/core/test_roster_import.py::test_an_e_mail_is_compared_without_case_and_kept_as_it_was",
    ),
    15: ("tests/web/test_upload.py::test_the_page_shows_bills_total_and_how_to_pay",),
    18: ("tests/cogs/test_wording.py::test_the_panel_is_worded_by_the_club_and_can_ping_nobody",),
    19: (
        "tests/cogs/test_notices.py::test_a_reminder_of_250_members_is_split_and_complete",
        "tests/cogs/test_limits.py::test_a_form_with_long_labels_is_shortened_by_add_field_and_otherwise_refused",
    ),
    22: ("tests/core/test_period_races.py::test_without_a_preview_too_only_the_first_changes_anything",),
    23: ("tests/bot/test_jobs.py::test_after_a_long_downtime_each_thing_happens_once",),
    24: (
        "tests/web/test_access_jwt.py::test_a_new_key_is_found_and_an_old_one_forgotten",
        "tests/web/test_access_jwt.py::test_a_flood_of_unknown_keys_asks_the_provider_once",
    ),
    25: ("tests/bot/test_jobs.py::test_one_club_s_failure_does_not_stop_the_others",),
    27: (
        "tests/bot/test_alerts.py::test_addresses_of_this_machine_and_its_network_are_never_called",
        "tests/bot/test_alerts.py::test_the_secret_stands_in_no_log_and_no_error",
    ),
}


def pay_all(club: Club, member: Member, **options: Any) -> PaymentChanged:
    """The member submits what the form shows."""
    form = club.db.read(reports.pay_form, club.as_member(member))
    chosen = [bill.id for group in form.groups for bill in group.bills]
    options.setdefault("request_id", f"parity:{form.total_minor}:{len(chosen)}:{options.get('note', '')}")
    return club.db.write(payments.submit, club.as_member(member), chosen, **options)


def run_reminders(club: Club, day: str) -> reminders.ReminderRun:
    return club.db.write(reminders.run, club.system, date.fromisoformat(day))


# --- paying and billing -------------------------------------------------------------------------------


def test_01_what_is_registered_is_what_was_shown_however_late_it_is_sent(club: Club):
    member = club.subscriber(club.plan("Base", 315))
    club.open("2026-05")
    form = club.db.read(reports.pay_form, club.as_member(member))
    shown = [bill.id for group in form.groups for bill in group.bills]
    assert form.total_minor == 315
    club.subscribe(member, club.plan("Extra", 251), "2026-05-01")
    done = club.db.write(payments.submit, club.as_member(member), shown, request_id="late")
    assert done.payment.declared_minor == 315
    assert sorted(bill.status for bill in club.bills(member)) == ["paid", "pending"]


def test_02_nobody_is_billed_for_a_month_before_the_start(club: Club):
    plan = club.plan()
    club.subscriber(plan)
    club.open("2026-04")
    club.open("2026-06")
    late = club.subscriber(plan, starts_on="2026-06-01")
    club.db.write(resync.resync, club.treasurer, Period("2026-04"))
    with refused(club.db, errors.NothingToBill):
        seat = club.db.read(subscriptions.of_member, club.treasurer, late.id)[0].subscription
        club.db.write(corrections.back_fill, club.treasurer, seat.id, Period("2026-04"))
    club.db.write(billing.open_period, club.treasurer, Period("2026-05"))
    pay_all(club, late)
    assert [bill.covers_from for bill in club.bills(late)] == ["2026-06-01"]


def test_03_only_what_can_be_paid_is_reminded_of(club: Club):
    plan = club.plan()
    paused, ended, retracted = (club.subscriber(plan) for _ in range(3))
    club.open("2026-05")
    club.open("2026-06")
    club.db.write(resync.retract, club.treasurer, Period("2026-06"))
    for member, use_case in ((paused, subscriptions.pause), (ended, subscriptions.end)):
        seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
        club.db.write(use_case, club.treasurer, seat.id, date(2026, 6, 1))
    run_reminders(club, "2026-06-20")
    reminded = club.db.conn.execute("SELECT bill_id FROM reminders").fetchall()
    assert len(reminded) == 3
    assert all(club.db.read(lambda tx, b=bill: bill_rows.is_payable(tx.conn, b)) for (bill,) in reminded)
    form = club.db.read(reports.pay_form, club.as_member(paused))
    assert form.total_minor == 300, "a bill for days that were used can be paid, also by who pauses now"
    assert {bill.covers_from for bill in club.bills(retracted)} == {"2026-05-01"}


async def test_04_deleting_one_screenshot_leaves_an_equal_one_of_another_payment(
    club: Club, services: Services
):
    picture = encoded(screenshot(), "PNG")
    plan, made = club.plan(), []
    for name in ("ann", "ben"):
        member = club.subscriber(plan, name)
        club.db.write(billing.open_period, club.treasurer, Period("2026-06"))
        bills = [bill.id for bill in club.bills(member)]
        made.append(await services.submit(club.as_member(member), bills, request_id=name, picture=picture))
    first, second = (done.payment.id for done in made)
    await proof_care.delete_one(services, club.reviewer, first)
    with pytest.raises(errors.ProofUnknown):
        await services.proof(club.reviewer, first)
    assert await services.proof(club.reviewer, second)


async def test_05_paying_again_keeps_the_rejected_evidence_with_its_reason(club: Club, services: Services):
    member = club.subscriber(club.plan())
    cash = club.method("Cash", "cash")
    club.open()
    bills = [bill.id for bill in club.bills(member)]
    picture = encoded(screenshot(), "PNG")
    first = await services.submit(
        club.as_member(member), bills, request_id="1", picture=picture, method_id=cash.id
    )
    club.db.write(payments.reject, club.reviewer, first.payment.id, "cannot be read")
    again = await services.submit(club.as_member(member), bills, request_id="2", note="paid at the desk")
    assert await services.proof(club.reviewer, first.payment.id)
    old = club.payment(first.payment)
    assert (old.status, old.reject_reason, old.declared_method_id) == ("rejected", "cannot be read", cash.id)
    assert (again.payment.reject_reason, again.payment.decided_by) == ("", None)


def test_06_a_month_opens_without_discord_and_is_announced_once_there_is_a_channel(club: Club):
    member = club.subscriber(club.plan())
    assert club.workspace.announce_channel_id is None
    club.open()
    assert club.db.read(reports.pay_form, club.as_member(member)).total_minor == 300
    assert club.db.read(sending.due, 10) == []
    club.set(announce_channel_id=4711)
    assert [
        club.db.write(sending.claim, found.id) is not None for found in club.db.read(sending.due, 10)
    ] == [True]


async def test_07_a_price_that_is_no_number_and_a_month_that_is_none_are_refused(server: Server):
    plan = server.club.plan("Tea", 315)
    for typed in ("31x", "", "3 15", "12.5"):
        with pytest.raises(errors.InvalidInput):
            parse_money(typed, "TWD", "price")
    await refused_here(
        server, "plan price", [({"price": "31x"}, "price")], {"plan": "Tea", "from_month": "2026-07"}
    )
    await refused_here(
        server, "billing open", [({"period": "2026-13"}, "2026-13"), ({"period": "junk"}, "junk")]
    )
    server.club.subscriber(plan)
    preview = await command(server, "billing open")
    form = await server.tess.click(preview, label="Change prices…")
    (price,) = [part["component"]["custom_id"] for part in components(form) if part["type"] == 18]
    said = text(private(await server.tess.submit_modal(form, {price: "31x"})))
    assert "cannot read “31x” as a number for the price of the plan Tea" in said
    assert server.db.conn.execute("SELECT count(*) FROM billing_periods").fetchone() == (0,)
    with pytest.raises(errors.InvalidPeriod):  # a forged button of the notice about missed months
        month_of(server.club.id * 10**6 + 202613)


async def test_08_every_way_to_link_leaves_a_line_in_the_log(server: Server):
    server.club.member("Ann Lee")
    server.club.member("Ben Wu")
    server.club.set(link_policy="open")
    (found,) = await server.ann.autocomplete(server.general, "link", "name", "ann")
    await server.ann.slash(server.general, "link", name=found["value"])
    listed = private(await server.ben.slash(server.general, "link"))
    await server.ben.select(listed, [components_values(listed)[0]])
    linked = server.db.conn.execute("SELECT count(*) FROM members WHERE discord_id IS NOT NULL").fetchone()
    assert linked == (2,)
    by = server.db.conn.execute("SELECT DISTINCT done_by FROM audit_log WHERE action LIKE 'link%'").fetchall()
    assert {f"discord:{server.ann.id}", f"discord:{server.ben.id}"} <= {row[0] for row in by}


def test_09_a_reviewer_can_say_that_nobody_knows_how_it_arrived(club: Club):
    member = club.subscriber(club.plan())
    bank = club.method()
    club.open()
    first = club.submit(member, method_id=bank.id)
    done = club.db.write(payments.verify, club.reviewer, first.id, is_unstated=True)
    assert done.payment.confirmed_method_id is None
    assert club.payment(first).declared_method_id == bank.id
    status = club.db.read(reports.period_status, club.auditor, Period("2026-06"))
    assert status.methods == ((None, 300),)


def test_10_a_reminder_that_could_not_be_sent_keeps_the_record_of_the_earlier_one(club: Club):
    club.set(announce_channel_id=1)
    club.subscriber(club.plan())
    club.open()
    run_reminders(club, "2026-06-08")
    _settle_notices(club, sent=True)
    club.db.write(reminding.remind_now, club.treasurer, Period("2026-06"))
    _settle_notices(club, sent=False)
    rows = club.db.conn.execute(
        "SELECT status FROM notices WHERE kind = 'overdue_list' ORDER BY id"
    ).fetchall()
    assert rows == [("sent",), ("failed",)]
    assert club.db.conn.execute("SELECT count(*) FROM reminders WHERE status = 'sent'").fetchone()[0] >= 1


def test_11_changing_one_thing_leaves_the_others_and_no_other_club_is_reached(db: LocalDatabase):
    club, other = Club.create(db), Club.create(db, number=1)
    plan = club.plan(role_id=98765)
    club.db.write(plans.rename, club.treasurer, plan.id, "Renamed")
    club.reprice(plan, 400, "2026-07")
    assert club.db.read(plans.everyone, club.auditor)[0].plan.role_id == 98765
    member, seat = club.member("Ann", email="a@x.org"), club.subscribe(club.member(), plan)
    club.db.write(roster.edit, club.treasurer, member.id, name="Anna")
    assert club.fresh(member).email == "a@x.org"
    attempts: list[tuple[type[errors.DomainError], Callable[..., Any], tuple[Any, ...]]] = [
        (errors.MemberUnknown, roster.edit, (member.id,)),
        (errors.PlanUnknown, plans.rename, (plan.id, "Theirs")),
        (errors.SubscriptionUnknown, subscriptions.set_billing_day, (seat.id, 3)),
        (errors.MethodUnknown, methods.edit, (club.method().id,)),
    ]
    for error, use_case, args in attempts:
        with refused(db, error):
            db.write(use_case, other.treasurer, *args)


def test_12_impossible_input_is_one_error_that_names_its_field(club: Club):
    taken = club.linked("Ann")
    with refused(club.db, errors.AccountTaken):
        club.db.write(member_desk.add, club.treasurer, "Ben", discord_id=taken.discord_id)
    seat = club.subscribe(taken, club.plan())
    for day in (0, 29, -1):
        with refused(club.db, errors.NumberOutOfRange, field="billing_day"):
            club.db.write(subscriptions.set_billing_day, club.treasurer, seat.id, day)
    with refused(club.db, errors.NumberOutOfRange, field="billing_day"):
        club.db.write(workspaces.update_settings, club.treasurer, billing_day=40)
    with refused(club.db, errors.MemberUnknown):
        club.db.write(upload_links.mint, club.reviewer, MemberId(999))
    for typed in ("2026-13-45", "junk", "2026-02-30"):
        with refused(club.db, errors.InvalidDate, field="starts_on"):
            club.db.write(subscriptions.start, club.treasurer, taken.id, PlanId(seat.plan_id), typed)
        with refused(club.db, errors.InvalidDate):
            club.db.write(roster_import.import_roster, club.treasurer, b"name\nAnn", starts_on=typed)


def test_13_a_roster_file_is_read_as_it_was_meant_or_not_at_all(club: Club):
    club.plan("Tea")
    ann = club.member("Ann", email="ann@x.org")
    file = 'name,email,Tea\n,ANN@X.ORG,TRUE\n"Lin, A",lin@x.org,TRUE\nBad,not an address,TRUE\n'
    diff = club.db.write(roster_import.import_roster, club.treasurer, file.encode(), starts_on="2026-06-01")
    assert club.fresh(ann).name == "Ann", "a blank name overwrites nothing"
    assert [row.name for row in diff.created] == ["Lin, A"]
    assert [note.line for note in diff.problems] == [4]
    club.plan("Later", from_period="2026-09")
    club.open()
    file = "name,email,Tea,Later\nEve,eve@x.org,TRUE,\nFay,f@x.org,TRUE,TRUE\n"
    with refused(club.db, errors.PlanWithoutPrice):  # one obstacle, and nothing of the file is written
        club.db.write(roster_import.import_roster, club.treasurer, file.encode(), starts_on="2026-06-01")


def test_14_a_new_billing_day_counts_for_everybody_who_has_no_day_of_their_own(club: Club):
    member = club.subscriber(club.plan())
    club.open("2026-06")
    club.set(billing_day=20)
    club.open("2026-07")
    assert [bill.due_on for bill in club.bills(member)] == ["2026-07-20", "2026-06-05"]


async def test_15_the_form_shows_the_bills_and_evidence_that_cannot_be_kept_is_not_waved_through(
    club: Club, services: Services, monkeypatch: pytest.MonkeyPatch
):
    plan = club.plan(price=315)
    member = club.subscriber(plan)
    with pytest.raises(errors.NothingToPay):  # nothing is opened yet
        club.db.read(reports.pay_form, club.as_member(member))
    club.open()
    club.reprice(plan, 999, "2026-06")
    assert club.db.read(reports.pay_form, club.as_member(member)).total_minor == 315

    async def full(*_: object) -> None:
        raise errors.StorageUnavailable()

    monkeypatch.setattr(type(services.storage), "put", full)
    bills = [bill.id for bill in club.bills(member)]
    with pytest.raises(errors.StorageUnavailable):
        await services.submit(
            club.as_member(member), bills, request_id="x", picture=encoded(screenshot(), "PNG")
        )
    assert [bill.status for bill in club.bills(member)] == ["pending"]


def test_16_a_settled_bill_is_adjusted_in_the_books_and_a_back_fill_overwrites_nothing(club: Club):
    member = club.subscriber(club.plan())
    club.open()
    club.verify(club.submit(member))
    (bill,) = club.bills(member)
    done = club.db.write(corrections.set_amount, club.treasurer, bill.id, club.money(200), "too much")
    assert (done.before.amount_minor, done.bill.amount_minor, done.credit_minor) == (300, 200, 100)
    lines = club.db.read(lambda tx: bill_rows.lines(tx.conn, bill.id))
    assert [(line.kind, line.amount_minor, line.reason) for line in lines][-1] == (
        "adjustment",
        -100,
        "too much",
    )
    before, after = club.db.conn.execute(
        "SELECT before_json, after_json FROM audit_log WHERE action = 'bill.adjust'"
    ).fetchone()
    assert '"amount":300' in before
    assert '"amount":200' in after
    seat = club.db.read(subscriptions.of_member, club.treasurer, member.id)[0].subscription
    with refused(club.db, errors.BillExists):
        club.db.write(corrections.back_fill, club.treasurer, seat.id, Period("2026-06"))


def test_17_the_total_of_an_opening_is_the_sum_of_its_bills(club: Club):
    plan, unused = club.plan("Tea", 300), club.plan("Nobody holds it", 999)
    for _ in range(3):
        club.subscriber(plan)
    club.open()
    (row,) = club.db.conn.execute("SELECT id FROM billing_periods").fetchall()
    view = club.db.read(reports_members.opened_view, club.workspace, row[0])
    body = club.db.read(template_of, club.id, "opened", "en").body
    assert view.total_minor == 900
    ((message, _),) = public_cards.opened(view, body + " {total}", "en")
    assert "NT$900" in view_text(message)
    assert unused.name not in view_text(message)


async def test_18_the_panel_pings_nobody_and_names_no_month(server: Server):
    shown = private(await server.owner.slash(server.general, "setup"))
    await server.owner.click(shown, label="Post the panel")
    panel = server.announce.last_message
    sent = [r.json for r in server.env.http_requests if r.path.endswith(f"/{server.announce.id}/messages")]
    assert sent[-1]["allowed_mentions"]["parse"] == []
    assert "2026" not in text(panel)
    assert "June" not in text(panel)


def test_19_long_lists_are_split_and_no_message_mentions_more_than_a_hundred(club: Club):
    plan = club.plan("A plan with a rather long name of some forty letters")
    for _ in range(260):
        club.subscriber(plan, "Somebody with quite a long name")
    club.open()
    club.set(debtors_public=True)
    bills = [row[0] for row in club.db.conn.execute("SELECT id FROM bills").fetchall()]
    debts = club.db.read(reports_members.debts, club.workspace, bills)
    body = club.db.read(template_of, club.id, "overdue_list", "en").body
    shown = public_cards.overdue_list(club.workspace, debts, body, "en")
    assert len(shown) > 2
    named = [user for _, piece in shown for user in piece.users]
    assert len(named) == len(set(named)) == 260
    assert max(len(piece.users) for _, piece in shown) <= 100
    assert max(len(view_text(message)) for message, _ in shown) <= 4000


def test_20_who_becomes_overdue_later_is_reminded_too(club: Club):
    plan = club.plan()
    club.subscriber(plan)
    club.open()
    assert run_reminders(club, "2026-06-08").sent == 1
    club.subscriber(plan, starts_on="2026-06-01")
    assert run_reminders(club, "2026-06-09").sent == 1
    assert run_reminders(club, "2026-06-10").sent == 0


async def test_21_no_reminder_follows_on_the_heels_of_the_opening(
    club: Club, services: Services, clock: FixedClock
):
    club.set(reminder_days=[0])
    club.subscriber(club.plan())
    await JobRunner(services).sweep()
    assert len(club.notices("opened")) == 1
    assert club.notices("overdue_list") == []
    clock.advance(days=1)
    await JobRunner(services).sweep()
    assert len(club.notices("overdue_list")) == 1


def test_22_a_resync_of_a_month_that_is_not_open_is_refused_and_its_counts_are_what_happened(club: Club):
    plan = club.plan()
    member = club.subscriber(plan)
    with refused(club.db, errors.PeriodUnknown):
        club.db.write(resync.resync, club.treasurer, Period("2026-06"))
    club.open()
    assert club.db.write(resync.resync, club.treasurer, Period("2026-06")).added == ()
    assert club.audits("period") == ["period.open"], "what did nothing is not logged"
    club.reprice(plan, 400, "2026-06")
    club.submit(member)
    other = club.subscriber(plan, starts_on="2026-06-01")
    done = club.db.write(resync.resync, club.treasurer, Period("2026-06"))
    assert (len(done.added), len(done.repriced), done.frozen) == (0, 0, 1)
    assert [bill.amount_minor for bill in (*club.bills(member), *club.bills(other))] == [300, 400]


async def test_23_a_missed_billing_day_is_caught_up(club: Club, services: Services, clock: FixedClock):
    member = club.subscriber(club.plan())
    clock.advance(days=4)  # nobody was there on the 5th, and no channel is chosen
    await JobRunner(services).sweep()
    assert [bill.due_on for bill in club.bills(member)] == ["2026-06-05"]
    assert club.db.read(reports.pay_form, club.as_member(member)).total_minor == 300
    clock.advance(days=61)
    await JobRunner(services).sweep()
    assert len(club.bills(member)) == 2
    assert club.notices("months_unopened") == [("months_unopened", "admin", 0)]


def test_24_whoever_acts_has_a_name_in_the_log_and_loses_the_right_at_once(club: Club):
    def nobody_owns(_: int) -> int | None:
        return 0

    secret = club.db.write(web_sessions.mint_link, club.treasurer)
    started = club.db.write(web_sessions.sign_in, secret, owner_of=nobody_owns)
    standing = club.db.read(web_sessions.resume, started.secret, nobody_owns)
    assert standing is not None
    assert standing.actor.text == f"discord:{club.treasurer.discord_id}"
    club.db.conn.execute("DELETE FROM admins WHERE discord_id = ?", (club.treasurer.discord_id,))
    after = club.db.read(web_sessions.resume, started.secret, nobody_owns)
    assert after is None or after.role.word == "nobody"
    assert Actor.system(club.id).text
    assert Actor.operator(club.id).text


async def test_25_a_setting_that_cannot_be_is_never_stored_and_one_club_s_trouble_is_its_own(
    db: LocalDatabase, services: Services
):
    club, other = Club.create(db), Club.create(db, number=1)
    for field, value in (("billing_day", 99), ("due_days", -1), ("proof_retention_months", -5)):
        with pytest.raises(sqlite3.IntegrityError):
            db.conn.execute(f"UPDATE workspaces SET {field} = {value}")  # noqa: S608 - names of the schema
        with refused(db, errors.NumberOutOfRange, field=field):
            db.write(workspaces.update_settings, club.treasurer, **{field: value})
    club.subscriber(club.plan())
    db.conn.execute("DELETE FROM plan_prices")
    member = other.subscriber(other.plan())
    await JobRunner(services).sweep()
    assert len(other.bills(member)) == 1


def test_26_two_submissions_at_the_same_instant_are_two(club: Club):
    plan = club.plan()
    ann, ben = club.subscriber(plan), club.subscriber(plan)
    club.open()
    first, second = pay_all(club, ann, note="a"), pay_all(club, ben, note="b")
    assert first.payment.submitted_at == second.payment.submitted_at
    assert first.payment.id != second.payment.id
    assert (first.payment.note, second.payment.note) == ("a", "b")
    repeated = pay_once_more(club, ann, first)
    assert repeated.repeated
    assert repeated.payment.id == first.payment.id


def test_27_secrets_of_alerts_are_never_shown_again(club: Club):
    club.db.write(alerts.add_bark, club.treasurer, "Phone", "very-secret-key")
    club.db.write(
        alerts.add_webhook, club.treasurer, "Hook", "https://hooks.example.org/services/very-secret"
    )
    shown = repr(club.db.read(alerts.everyone, club.auditor))
    assert "very-secret" not in shown
    assert "hooks.example.org" in shown
    logged = club.db.conn.execute("SELECT before_json || after_json FROM audit_log").fetchall()
    assert "very-secret" not in repr(logged)
    for address in ("file:///etc/passwd", "ftp://x.org/", "https://user:pass@x.org/"):
        with refused(club.db, errors.AddressInvalid):
            club.db.write(alerts.add_webhook, club.treasurer, "Other", address)


async def test_28_more_than_25_methods_and_months_are_within_reach(server: Server):
    for number in range(40):
        server.club.method(f"Bank {number:02}")
    (found,) = await suggestions(server, "payment record", "method", "bank 39")
    assert found["name"] == "Bank 39"
    member = server.on_roster(server.ann)
    server.club.subscribe(member, server.club.plan("Tea", 10, "2023-01"), "2023-01-01")
    first = Period("2023-10")
    for number in range(32):
        server.club.open(first.plus(number).text)
    form = server.db.read(reports.pay_form, server.club.as_member(member))
    assert len(form.groups) == 32
    shown = await server.ann.slash(server.general, "pay")
    assert "NT$320" in text(shown), "one submission can settle all of them"


async def test_29_a_broken_connection_while_editing_is_waited_out_and_never_an_exception(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    member = await server.owing(server.ann, 300)
    payment = server.club.submit(member)
    await server.deliver()
    server.club.verify(payment)
    with monkeypatch.context() as broken:
        broken.setattr("discord.http.HTTPClient.edit_message", _no_connection)
        await server.deliver()
        assert "Waiting for review" in text(server.review.last_message)
    rows = server.db.conn.execute("SELECT status FROM notices WHERE kind = 'payment_card'").fetchall()
    assert rows == [("waiting",)]
    server.db.conn.execute("UPDATE notices SET next_attempt_at = created_at WHERE status = 'waiting'")
    await server.deliver()
    assert "Verified" in text(server.review.last_message)


async def test_30_a_filter_that_is_none_is_refused_instead_of_finding_nothing(server: Server):
    await refused_here(server, "billing status", [({"period": "2026-99"}, "2026-99"), ({"period": "x"}, "x")])
    with pytest.raises(errors.ChoiceUnknown):
        server.db.read(reports_admin.payments, server.club.treasurer, status="junk")
    with pytest.raises(errors.InvalidPeriod):
        Period.parse("2026-00")
    assert "no such member" in text(await command(server, "payment list", member="M-99"))
    assert "no such plan" in text(await command(server, "subscription list", plan="plan:99"))


# --- parts ----------------------------------------------------------------------------------------------


def _settle_notices(club: Club, *, sent: bool) -> None:
    """Let everything that is due be sent, or be refused for good."""
    for found in club.db.read(sending.due, 50):
        attempt = club.db.write(sending.claim, found.id)
        if attempt is None:
            continue
        if sent:
            club.db.write(sending.mark_sent, attempt.notice)
        else:
            club.db.write(sending.mark_refused, attempt.notice, "403", final=True)


def pay_once_more(club: Club, member: Member, done: PaymentChanged) -> PaymentChanged:
    """The same click arrives again."""
    bills = [change.bill.id for change in done.changes]
    return club.db.write(payments.submit, club.as_member(member), bills, request_id=done.payment.request_id)


def components_values(message: Any) -> list[str]:
    """The values of its only select."""
    (found,) = [part for part in components(message) if part["type"] == 3]
    return [option["value"] for option in found["options"]]


def view_text(view: discord.ui.LayoutView) -> str:
    """All text of a message that was not sent."""
    return "\n".join(
        part.content for part in view.walk_children() if isinstance(part, discord.ui.TextDisplay)
    )


async def _no_connection(*_: Any, **__: Any) -> None:
    raise ClientConnectionError


# --- the list itself ------------------------------------------------------------------------------------


def test_all_items_have_a_test():
    mine = numbered(HERE)
    assert sorted(mine) == list(ITEMS)
    assert [name for name in mine.values() if not asserts_something(HERE, name)] == []
    assert [test for tests in MORE.values() for test in tests if not is_there(test)] == []
    assert set(MORE) <= set(ITEMS)
    assert ROOT.is_dir()
