"""What the predecessor had to learn the hard way (its list §24): each lesson that can apply here has a test.

EVIDENCE says which tests they are; those that exist nowhere else are below, with the item's number in their
name. These cannot apply, and why:

- 32, storage as an option: a folder for screenshots is always there, and a bucket only ever takes its place.
- 39, preview screens that meet an answer of another version: pages are made by the same process that answers.
- 46, an e-mail list that doubles the identity provider's: nobody signs in by e-mail; rights are rows of one
  table, read at every click. (There is a test for that.)
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.config import load_settings
from core import (
    admins,
    alerts,
    announcing,
    billing,
    corrections,
    errors,
    payments,
    reminders,
    reports,
    reports_bills,
    resync,
    reversals,
    roster,
    subscriptions,
)
from core.models import Actor, Member
from core.period import Period
from core.preview import PreviewChanged, digest_of
from core.store import bills as bill_rows
from core.store import payments as payment_rows
from tests.chippot_parity.evidence import ROOT, asserts_something, is_there, numbered
from tests.cogs.club_steps import books, club_all, confirm
from tests.cogs.club_steps import club as command
from tests.cogs.conftest import Server, labels, text
from tests.core.helpers import refused
from tests.factories import Club
from tests.fakes import START, FixedClock

ITEMS = range(1, 50)
CANNOT_APPLY = {32, 39}
HERE = "tests/chippot_parity/test_lessons.py"
JUNE = Period("2026-06")

_NOTICES, _REVIEW = "tests/cogs/test_notices.py::test_", "tests/cogs/test_review.py::test_"
_BILLING, _ISSUING = "tests/cogs/test_billing.py::test_", "tests/core/test_billing.py::test_"
_NOTIFIER, _REMINDERS = "tests/bot/test_notifier.py::test_", "tests/core/test_reminders.py::test_"
_UPLOAD, _SERVICES = "tests/web/test_upload.py::test_", "tests/core/test_services.py::test_"
_DEFECTS = "tests/chippot_parity/test_defects.py::test_"
EVIDENCE: dict[int, tuple[str, ...]] = {
    1: (f"{_NOTICES}an_opening_with_many_plans_is_split_and_pings_each_role_once",),
    2: (f"{_NOTIFIER}a_channel_that_cannot_be_used_is_tried_again_and_then_failed_with_the_reason",),
    3: (
        "tests/core/test_alerts.py::"
        "test_each_submission_queues_one_alert_for_each_target_in_its_own_transaction",
        "tests/bot/test_alerts.py::test_a_slow_server_is_given_up",
    ),
    4: (
        "tests/cogs/test_actions.py::"
        "test_a_mistake_of_ours_is_logged_with_the_reference_that_the_person_gets",
        "tests/cogs/test_actions.py::test_a_button_that_fails_answers",
    ),
    5: (f"{_REMINDERS}privately_each_member_gets_one_word_about_all_their_bills",),
    7: ("tests/core/test_notices.py::test_without_a_channel_nothing_is_due_until_one_is_chosen",),
    8: (f"{_ISSUING}nobody_to_bill_opens_nothing_by_itself",),
    12: ("tests/core/test_reminding.py::test_everybody_who_owes_is_reminded_whatever_the_due_date",),
    13: (f"{_BILLING}thirty_plans_are_all_in_the_preview",),
    14: (
        "tests/cogs/test_actions.py::test_no_two_actions_answer_to_one_id",
        "tests/cogs/test_actions.py::test_a_forged_id_is_answered_and_does_nothing",
    ),
    15: (
        "tests/cogs/test_link.py::test_more_names_are_searched_by_two_characters",
        "tests/cogs/test_charges.py::test_the_whole_roster_is_charged_however_large",
    ),
    16: (
        "tests/cogs/test_pay.py::test_a_file_over_the_limit_is_refused_before_it_is_fetched",
        "tests/bot/test_alerts.py::test_each_answer_is_an_outcome_and_no_redirect_is_followed",
    ),
    17: ("tests/bot/test_client.py::test_commands_are_sent_to_discord_only_when_they_changed",),
    18: (f"{_UPLOAD}a_month_that_is_not_open_cannot_be_paid",),
    19: (f"{_ISSUING}before_the_billing_day_the_month_before_is_collected",),
    20: (f"{_BILLING}another_month_than_the_collecting_one_is_asked_clearly",),
    21: (f"{_ISSUING}a_month_may_be_opened_early_and_older_ones_stay_payable",),
    22: (
        f"{_UPLOAD}a_month_that_is_not_open_cannot_be_paid",
        f"{_UPLOAD}nothing_owed_is_said_clearly_and_spends_nothing",
    ),
    25: (f"{_DEFECTS}22_a_resync_of_a_month_that_is_not_open_is_refused_and_its_counts_are_what_happened",),
    27: (f"{_ISSUING}the_preview_is_what_confirming_does",),
    28: (f"{_DEFECTS}04_deleting_one_screenshot_leaves_an_equal_one_of_another_payment",),
    29: ("tests/core/test_proof_care.py::test_months_back_end_at_the_last_day_of_a_shorter_month",),
    30: (
        f"{_SERVICES}a_refused_submission_takes_its_picture_away_again",
        f"{_SERVICES}many_submissions_for_one_bill_at_once_keep_only_the_winners_picture",
    ),
    31: (f"{_SERVICES}without_a_picture_nothing_is_stored",),
    33: ("tests/core/test_roster.py::test_an_edit_tells_absent_from_blank",),
    35: (f"{_REVIEW}what_could_not_be_verified_is_named_and_does_not_stop_the_rest",),
    37: (f"{_BILLING}opening_a_month_previews_then_opens_and_says_the_real_counts",),
    38: (f"{_NOTIFIER}what_cannot_be_decided_is_not_sent_again_but_shown_to_admins",),
    41: (f"{_REVIEW}the_card_says_who_how_much_for_what_and_flags_a_missing_screenshot",),
    42: ("tests/cogs/test_setup.py::test_rules_are_chosen_one_by_one",),
    43: (
        "tests/core/test_alerts.py::test_a_test_says_that_it_is_one",
        "tests/web/test_alert_tries.py::test_a_webhook_is_tried_with_what_was_typed_and_stays_in_the_form",
    ),
    44: ("tests/core/test_templates.py::test_an_unknown_placeholder_is_named_with_those_that_exist",),
    45: ("tests/web/test_screens.py::test_a_screen_is_whole_in_every_size_colour_and_language",),
    46: ("tests/core/test_access.py::test_a_changed_role_counts_at_once",),
    47: (
        "tests/core/test_tokens.py::test_a_link_ends_after_its_time",
        "tests/web/test_sign_in.py::test_a_session_slides_for_fourteen_days_and_ends_after_sixty",
        "tests/web/test_access_jwt.py::test_nobody_gets_in_with",
        "tests/web/test_access_jwt.py::test_while_the_provider_is_away_its_keys_count_for_a_day",
    ),
    48: (
        "tests/bot/test_config.py::test_the_example_documents_every_key_and_holds_the_defaults",
        "tests/bot/test_config.py::test_no_token_is_a_sentence_of_its_own",
    ),
    49: ("tests/test_architecture.py::test_only_the_clock_asks_what_time_it_is",),
}


@pytest.fixture
def member(club: Club) -> Member:
    """Somebody who owes 300 for June, in a club that announces and reminds in a channel."""
    club.set(announce_channel_id=1)
    member = club.subscriber(club.plan("Base", 300))
    club.open()
    return member


def run_reminders(club: Club, day: str) -> int:
    return club.db.write(reminders.run, club.system, date.fromisoformat(day)).sent


# --- notices ------------------------------------------------------------------------------------------


def test_06_a_rejected_bill_is_still_owed_and_reminded_of(club: Club, member: Member):
    payment = club.submit(member)
    assert run_reminders(club, "2026-06-08") == 0, "a claim waits"
    club.db.write(payments.reject, club.reviewer, payment.id, "not here")
    assert run_reminders(club, "2026-06-08") == 1


def test_09_sending_the_opening_again_touches_nothing_else(club: Club, member: Member):
    club.reprice(club.plan("Other"), 5, "2026-06")
    club.db.conn.execute("UPDATE notices SET status = 'sent', sent_at = created_at")
    before = club.db.conn.execute("SELECT * FROM billing_periods").fetchall()
    owed = [(bill.amount_minor, bill.status) for bill in club.bills(member)]
    club.db.write(announcing.resend_opened, club.treasurer, JUNE)
    assert club.db.conn.execute("SELECT * FROM billing_periods").fetchall() == before
    assert [(bill.amount_minor, bill.status) for bill in club.bills(member)] == owed
    assert len(club.notices("opened")) == 2
    with refused(club.db, errors.PeriodUnknown):
        club.db.write(announcing.resend_opened, club.treasurer, Period("2026-01"))


def test_10_taking_an_opening_back_leaves_no_bill_that_nobody_can_pay(club: Club, member: Member):
    claimed = club.subscriber(club.plan("Other", 100), starts_on="2026-06-01")
    club.submit(claimed)
    club.db.write(resync.retract, club.treasurer, JUNE)
    assert club.bills(member) == []
    (kept,) = club.bills(claimed)
    assert kept.status == "paid"
    waiting = club.db.read(lambda tx: payment_rows.waiting_claim(tx.conn, kept.id))
    assert waiting is not None
    club.db.write(payments.reject, club.reviewer, waiting.id, "no")
    assert club.db.read(lambda tx: bill_rows.is_payable(tx.conn, kept.id))


def test_11_a_month_that_is_opened_again_announces_and_reminds_again(club: Club, member: Member):
    assert run_reminders(club, "2026-06-08") == 1
    club.db.write(resync.retract, club.treasurer, JUNE)
    assert run_reminders(club, "2026-06-09") == 0
    club.open()
    assert run_reminders(club, "2026-06-10") == 1
    assert len(club.notices("opened")) == 2
    assert len(club.notices("overdue_list")) == 2


# --- billing and money --------------------------------------------------------------------------------


def test_23_no_state_is_a_dead_end_and_every_way_back_is_logged(club: Club, member: Member):
    payment = club.verify(club.submit(member))
    club.db.write(reversals.unverify, club.treasurer, payment.id)
    club.db.write(payments.reject, club.reviewer, payment.id, "no")
    club.db.write(payments.reopen, club.reviewer, payment.id)
    club.verify(payment)
    club.db.write(reversals.reject_after_all, club.treasurer, payment.id, "bounced")
    (bill,) = club.bills(member)
    club.db.write(corrections.void, club.treasurer, bill.id, "should not have been")
    logged = club.audits("payment") + club.audits("bill")
    assert [action.split(".")[1] for action in logged] == [
        "submit", "verify", "unverify", "reject", "reopen", "verify", "unverify", "reject", "void",
    ]  # fmt: skip


def test_24_a_roster_that_changed_since_the_opening_is_brought_into_line_after_a_preview(
    club: Club, member: Member
):
    (seat,) = club.db.read(subscriptions.of_member, club.treasurer, member.id)
    club.db.write(subscriptions.end, club.treasurer, seat.subscription.id, date(2026, 5, 31))
    late = club.subscriber(club.plan("Later", 50), starts_on="2026-06-01")
    bill = club.bills(late)[0]
    club.db.write(corrections.void, club.treasurer, bill.id, "by mistake")
    preview = club.db.preview(resync.resync, club.treasurer, JUNE)
    assert (len(preview.added), len(preview.voided)) == (1, 1)
    assert len(club.bills(member)) == 1
    done = club.db.confirm(digest_of(preview), resync.resync, club.treasurer, JUNE)
    assert done.effects == preview.effects
    assert club.bills(member) == []
    assert len(club.bills(late)) == 1


def test_26_what_came_since_the_preview_is_not_left_behind_by_a_retraction(club: Club, member: Member):
    preview = club.db.preview(resync.retract, club.treasurer, JUNE)
    newcomer = club.subscriber(club.plan("New", 70), starts_on="2026-06-01")
    with pytest.raises(PreviewChanged) as changed:
        club.db.confirm(digest_of(preview), resync.retract, club.treasurer, JUNE)
    assert len(changed.value.result.voided) == 2
    club.db.confirm(digest_of(changed.value.result), resync.retract, club.treasurer, JUNE)
    assert club.bills(member) == club.bills(newcomer) == []
    with refused(club.db, errors.NothingToPay):  # a link of that month stands for nothing now
        club.db.read(reports.pay_form, club.as_member(newcomer))


# --- people, and what those in charge see ---------------------------------------------------------------


def test_34_parting_somebody_from_an_account_is_a_thing_of_its_own(club: Club, member: Member):
    club.db.write(roster.edit, club.treasurer, member.id, note="something else")
    assert club.fresh(member).discord_id == member.discord_id
    assert club.db.write(roster.unlink, club.treasurer, member.id).discord_id is None


async def test_36_everything_that_cannot_be_taken_back_is_asked_in_the_same_way(server: Server):
    member = await server.owing(server.ann, 300)
    server.club.verify(server.club.submit(member))
    before = books(server)
    previews = [
        await command(server, "bill void", bill="B-1", reason="x"),
        await command(server, "member leave", member=member.label),
        await command(server, "payment refund", payment="P-1", amount="1"),
        await command(server, "subscription end", subscription="S-1"),
    ]
    assert books(server) == before
    assert {tuple(labels(preview)[1:]) for preview in previews} == {("Cancel",)}
    assert len({labels(preview)[0] for preview in previews}) == len(previews), "each says what it does"
    for preview in previews:
        await server.tess.click(preview, label="Cancel")
    assert books(server) == before


def test_40_an_alert_is_about_the_member_and_the_month_not_one_bill_of_several(club: Club, member: Member):
    club.subscribe(member, club.plan("Other", 200))
    club.db.write(alerts.add_webhook, club.treasurer, "Hook", "https://hooks.example.org/x")
    club.submit(member)
    rows = club.db.conn.execute("SELECT id FROM notices WHERE kind = 'alert'").fetchall()
    assert len(rows) == 1
    alert = club.db.read(alerts.to_send, rows[0][0])
    assert alert is not None
    assert (alert.member_id, alert.month, alert.amount_minor) == (member.id, "2026-06", 500)


def test_41_what_waits_for_review_is_what_was_declared_and_nothing_else(club: Club, member: Member):
    plan = club.plan("Other", 100)
    others = [club.subscriber(plan, starts_on="2026-06-01") for _ in range(2)]
    club.verify(club.submit(others[0]))
    assert club.db.read(reports.next_waiting, club.reviewer) is None, "who owes is not in the queue"
    payment = club.submit(member)
    view = club.db.read(reports.next_waiting, club.reviewer)
    assert view is not None
    assert view.payment.id == payment.id
    assert [
        waiting.id for waiting in club.db.read(reports_bills.waiting_of, club.reviewer, member.id)[1]
    ] == [payment.id]


async def test_35_a_long_answer_about_many_payments_leaves_none_out(server: Server):
    member = await server.owing(server.ann, *range(1, 31))
    for bill in server.club.bills(member):
        server.club.submit(member, [bill])
    shown = await club_all(server, "payment verify-all", member=member.label)
    said = await confirm(server, shown[-1])
    assert "30 payments were verified: NT$465" in said
    assert [n for n in range(1, 31) if f"P-{n:04d}" not in said] == []
    assert text(shown[-1])


def test_46_rights_are_in_one_place_and_count_from_the_next_click_on(club: Club, member: Member):
    newcomer = Actor.discord(club.id, 987654)
    with refused(club.db, errors.RoleNeeded):
        club.db.write(billing.open_period, newcomer, Period("2026-07"))
    club.db.write(admins.grant, club.owner, newcomer.discord_id, "treasurer")
    assert club.db.write(billing.open_period, newcomer, Period("2026-07")).bills == 1
    club.db.write(admins.revoke, club.owner, newcomer.discord_id)
    with refused(club.db, errors.RoleNeeded):
        club.db.write(resync.retract, newcomer, Period("2026-07"))


def test_48_nothing_of_a_certain_club_is_in_the_program():
    """Server ids, addresses of somebody's pages and the like come from the configuration alone."""
    found = []
    for folder in ("core", "cogs", "bot"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for word in file.read_text(encoding="utf-8").replace('"', " ").replace("'", " ").split():
                if word.isdigit() and len(word) in range(17, 20) and not word.startswith("9"):
                    found.append(f"{file.relative_to(ROOT)}: {word}")
    assert found == []


def test_49_a_test_s_day_is_the_same_every_day_and_no_token_of_the_machine_is_used(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert clock.now() == START
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POTKEEPER_DISCORD__TOKEN", raising=False)
    settings = load_settings(None)
    assert settings.discord.token is None or not settings.discord.token.get_secret_value()


# --- the list itself ------------------------------------------------------------------------------------


def test_all_lessons_that_can_apply_have_a_test():
    mine = numbered(HERE)
    assert set(mine) | set(EVIDENCE) | CANNOT_APPLY == set(ITEMS)
    assert CANNOT_APPLY & (set(mine) | set(EVIDENCE)) == set()
    assert [name for name in mine.values() if not asserts_something(HERE, name)] == []
    assert [test for tests in EVIDENCE.values() for test in tests if not is_there(test)] == []


def test_the_reasons_for_what_cannot_apply_are_given():
    assert __doc__ is not None
    assert [item for item in CANNOT_APPLY if f"- {item}, " not in __doc__] == []
