"""Everything odd that a ChipPot can have in its tables: it comes over or is named, and the books add up."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from core import billing, resync
from core.db import LocalDatabase
from core.errors import ChippotValueWrong
from core.models import Actor
from core.period import Period
from tests.chippot.predecessor import GUILD, SCHEMA, Predecessor, ordinary
from tests.chippot.steps import assert_sound, bring, codes, details, dump_of, rows


@pytest.fixture
def there(tmp_path: Path) -> Predecessor:
    """A ChipPot without anything in it yet."""
    return Predecessor(tmp_path / "chippot.sqlite3")


def strange(path: Path) -> Predecessor:
    """One with all the oddities at once."""
    there = Predecessor(
        path, settings='{"discord_guild_id": "880001", "overdue_days": "soon", "admin_discord_ids": "x"}'
    )
    wallet, other = there.method("LINE Pay", "mobilepayment"), there.method("其他", "other", active=0)
    there.method("", None)
    gpt, again, old = there.plan("ChatGPT", 315), there.plan("ChatGPT ", 251), there.plan("Old", 99, active=0)
    ann = there.user('O\'Brien "Ann"', "", "Ann@Example.org", note="line 1\nline 2; DROP TABLE users;")
    nameless = there.user("", "12ab", "ann@example.ORG")
    cjk = there.user("黃小姐👩‍💻", "600009")
    first, second = there.seat(ann, gpt), there.seat(ann, gpt, "2026-02-01")
    paused = there.seat(cjk, again, status="paused", updated_at="2026-04-20T03:00:00.000Z")
    gone = there.seat(cjk, old, status="cancelled", updated_at="2026-03-15T03:00:00.000Z")
    junk = there.seat(nameless, gpt, "not a day")
    shared = {"screenshot_key": "1/2026-03/1/x.png", "has_proof": 1, "verified_channel_tag_id": None}
    there.verified(first, "2026-03", 315, **shared)
    there.verified(second, "2026-03", 300, **shared)
    there.verified(
        gone, "2026-03", 99, verified_by=None, verified_at=None, source="admin_manual", paid_at=None
    )
    there.paid(first, "2026-04", 315, **{**shared, "declared_channel_tag_id": other})
    there.bill(
        second,
        "2026-04",
        315,
        "rejected",
        screenshot_key="gone.png",
        payment_note="a 'note'\nwith \"all\"; ;",
    )
    there.bill(paused, "2026-04", 251, screenshot_key="un/verified.png", paid_at="2026-04-08T04:00:00.000Z",
               payment_note="撤回", declared_channel_tag_id=wallet)  # fmt: skip
    there.bill(first, "2026-05", 0)
    there.bill(second, "2026-05", 420)
    there.bill(junk, "not a", 315, due_date="not a-07")
    there.verified(first, "2026-13", 315, due_date="2026-13-05")
    there.add(
        "upload_tokens", token_hash="x", user_id=99, period="2026-05", subscription_id=77, expires_at="soon"
    )
    there.said("billing_opened", "2026-03", "2026-03-07T01:00:00.000Z")
    there.said("billing_opened", "not a", "2026-03-07T01:00:00.000Z")
    there.said("overdue", "not a", "2027-03-07T01:00:00.000Z")
    return there


@pytest.mark.parametrize("form", ["file", "dump"])
def test_all_of_it_at_once_comes_over_and_adds_up(db: LocalDatabase, tmp_path: Path, form: str):
    there = strange(tmp_path / "chippot.sqlite3")
    result = bring(db, there.file() if form == "file" else there.dump())
    assert result.differences == ()
    assert set(codes(result)) == {
        "setting_unusable", "method_kind", "method_renamed", "plan_renamed", "member_nameless",
        "member_email_taken", "member_account_unusable", "seat_twice", "seat_start", "junk_opened",
        "junk_period", "due_unreadable", "pictures_left",
    }  # fmt: skip
    assert result.counts["charges"] == 2
    [name] = [row[0] for row in rows(db, "SELECT name FROM members WHERE id = 1")]
    assert name == 'O\'Brien "Ann"'
    assert rows(db, "SELECT note FROM members WHERE id = 1") == [("line 1\nline 2; DROP TABLE users;",)]
    assert rows(db, "SELECT note FROM payments WHERE status = 'rejected'") == [("a 'note'\nwith \"all\"; ;",)]


def test_a_junk_month_becomes_a_named_charge(there: Predecessor, db: LocalDatabase):
    seat = there.seat(there.user("林"), there.plan("ChatGPT"))
    there.bill(seat, "2026-13", 315, due_date="2026-13-07")
    there.verified(seat, "NaN-aN", 99, due_date="2026-05-07")
    result = bring(db, there.file())
    assert [found["title"] for found in details(result, "junk_period")] == [
        "ChatGPT · 2026-13",
        "ChatGPT · NaN-aN",
    ]
    found = rows(
        db, "SELECT kind, billing_period_id, subscription_id, title, status FROM bills ORDER BY title"
    )
    assert found == [
        ("charge", None, None, "ChatGPT · 2026-13", "pending"),
        ("charge", None, None, "ChatGPT · NaN-aN", "verified"),
    ]
    assert rows(db, "SELECT count(*) FROM billing_periods") == [(0,)]


def test_somebody_who_holds_a_plan_twice_keeps_both_sets_of_bills_and_one_seat(
    there: Predecessor, db: LocalDatabase
):
    plan = there.plan()
    user = there.user("林")
    first, second = there.seat(user, plan), there.seat(user, plan)
    for seat in (first, second):
        there.verified(seat, "2026-05")
    there.said("billing_opened", "2026-05", "2026-05-07T01:00:00.000Z")
    result = bring(db, there.file())
    assert rows(db, "SELECT id, ends_on FROM subscriptions") == [(1, None), (2, "2026-05-31")]
    assert rows(db, "SELECT subscription_id, kind, status FROM bills ORDER BY 1") == [
        (1, "plan", "verified"),
        (2, "plan", "verified"),
    ]
    assert details(result, "seat_twice") == [{"seat": 2, "member": "1", "name": "林", "ends": "2026-05-31"}]
    opened = db.write(billing.open_period, Actor.operator(result.workspace.id), Period("2026-06"))
    assert opened.bills == 1


def test_of_two_seats_the_active_one_stays_even_when_it_is_newer(there: Predecessor, db: LocalDatabase):
    plan, user = there.plan(), there.user("林")
    there.seat(user, plan, status="paused")
    there.seat(user, plan)
    bring(db, there.file())
    assert rows(db, "SELECT count(*) FROM subscription_pauses") == [(0,)]
    ends = dict(rows(db, "SELECT source_id, ends_on FROM imported_rows JOIN subscriptions ON id = target_id "
                         "WHERE source_table = 'subscriptions'"))  # fmt: skip
    assert ends == {1: "2026-05-31", 2: None}


def test_a_paused_seat_is_paused_until_further_notice_and_not_billed(there: Predecessor, db: LocalDatabase):
    plan = there.plan()
    seat = there.seat(there.user("林"), plan, status="paused", updated_at="2026-05-20T03:00:00.000Z")
    there.verified(seat, "2026-05")
    there.seat(there.user("王"), plan, status="paused", updated_at="2026-06-02T03:00:00.000Z")
    result = bring(db, there.file())
    assert rows(db, "SELECT subscription_id, from_on, resumes_on FROM subscription_pauses") == [
        (1, "2026-05-20", None),
        (2, "2026-06-01", None),
    ]
    assert db.write(billing.open_period, Actor.operator(result.workspace.id), Period("2026-06")).bills == 0


def test_a_cancelled_seat_ended_and_its_bills_stay(there: Predecessor, db: LocalDatabase):
    plan, user = there.plan(), there.user("林")
    seat = there.seat(user, plan, status="cancelled", updated_at="2026-06-03T03:00:00.000Z")
    there.verified(seat, "2026-04")
    never = there.seat(user, plan, "2026-06-02", status="cancelled", updated_at="2026-06-03T03:00:00.000Z")
    assert never == 2
    there.seat(user, plan, "2026-06-04")
    result = bring(db, there.file())
    assert rows(db, "SELECT starts_on, ends_on FROM subscriptions ORDER BY starts_on") == [
        ("2026-01-01", "2026-04-30"),
        ("2026-06-02", "2026-06-01"),
        ("2026-06-04", None),
    ]
    assert codes(result) == []


def test_an_amount_changed_by_hand_stays_and_says_why(there: Predecessor, db: LocalDatabase):
    plan = there.plan("ChatGPT", 315)
    first, second = there.seat(there.user("林"), plan), there.seat(there.user("王"), plan)
    there.verified(first, "2026-04", 315)
    there.verified(second, "2026-04", 315)
    there.verified(first, "2026-05", 100)
    there.bill(second, "2026-05", 315)
    there.said("billing_opened", "2026-05", "2026-05-07T01:00:00.000Z")
    result = bring(db, there.file())
    found = rows(db, """
        SELECT bill_lines.kind, bill_lines.amount_minor, reason
        FROM bill_lines JOIN bills ON bills.id = bill_id WHERE bills.amount_minor = 100 ORDER BY bill_lines.id
    """)  # fmt: skip
    assert found == [("price", 315, ""), ("adjustment", -215, "ChipPot 上的金額")]
    assert rows(db, "SELECT from_period, amount_minor FROM plan_prices") == [("2026-04", 315)]
    again = db.write(resync.resync, Actor.operator(result.workspace.id), Period("2026-05"))
    assert again.revised == ()


def test_a_month_in_which_bills_differ_dates_no_price_but_the_newest_has_todays(
    there: Predecessor, db: LocalDatabase
):
    plan = there.plan("ChatGPT", 400)
    one, two = there.seat(there.user("林"), plan), there.seat(there.user("王"), plan)
    for period, amounts in {"2026-03": (300, 300), "2026-04": (300, 350), "2026-05": (350, 400)}.items():
        there.verified(one, period, amounts[0])
        there.verified(two, period, amounts[1])
    bring(db, there.file())
    assert rows(db, "SELECT from_period, amount_minor FROM plan_prices") == [
        ("2026-03", 300),
        ("2026-05", 400),
    ]


def test_a_plan_that_nobody_was_billed_for_costs_what_it_costs_from_this_month_on(
    there: Predecessor, db: LocalDatabase
):
    there.plan("New", 500)
    bring(db, there.file())
    assert rows(db, "SELECT from_period, amount_minor FROM plan_prices") == [("2026-06", 500)]


def test_a_price_that_changed_after_the_newest_bill_counts_from_the_month_after(
    there: Predecessor, db: LocalDatabase
):
    seat = there.seat(there.user("林"), there.plan("ChatGPT", 400))
    there.verified(seat, "2026-05", 315)
    bring(db, there.file())
    assert rows(db, "SELECT from_period, amount_minor FROM plan_prices") == [
        ("2026-05", 315),
        ("2026-06", 400),
    ]


def test_a_verification_that_was_taken_back_leaves_its_evidence_as_a_withdrawn_payment(
    there: Predecessor, db: LocalDatabase
):
    seat = there.seat(there.user("林", "600001"), there.plan())
    there.paid(seat, "2026-05", 315, "pending", payment_note="轉帳末五碼 12345", screenshot_key="k.png")
    there.said("billing_opened", "2026-05", "2026-05-07T01:00:00.000Z")
    bring(db, there.file())
    assert rows(db, "SELECT status, note, allocated_minor FROM payments") == [
        ("withdrawn", "轉帳末五碼 12345", 0)
    ]
    assert rows(db, "SELECT status, settled_minor FROM bills") == [("pending", 0)]


def test_a_note_on_a_bill_that_nobody_paid_is_kept_with_the_bill(there: Predecessor, db: LocalDatabase):
    there.bill(there.seat(there.user("林"), there.plan()), "2026-05", payment_note="下週付")
    bring(db, there.file())
    assert rows(db, "SELECT reason FROM bill_lines") == [("下週付",)]


def test_a_long_note_is_cut_at_the_payment_and_whole_at_the_bill(there: Predecessor, db: LocalDatabase):
    there.verified(there.seat(there.user("林"), there.plan()), "2026-05", payment_note="字" * 700)
    result = bring(db, there.file())
    assert codes(result) == ["note_cut"]
    assert rows(db, "SELECT length(note) FROM payments") == [(500,)]
    assert rows(db, "SELECT length(reason) FROM bill_lines") == [(700,)]


def test_different_notes_of_one_settlement_are_all_kept(there: Predecessor, db: LocalDatabase):
    user = there.user("林")
    for number, note in enumerate(("a", "b", "a")):
        there.paid(there.seat(user, there.plan(f"P{number}")), "2026-05", payment_note=note)
    bring(db, there.file())
    assert rows(db, "SELECT note, declared_minor FROM payments") == [("a\nb", 945)]


def test_bills_of_one_screenshot_with_different_fates_are_payments_of_their_own(
    there: Predecessor, db: LocalDatabase
):
    user = there.user("林")
    key = {"screenshot_key": "1/x.png"}
    there.verified(there.seat(user, there.plan("A")), "2026-05", 100, **key)
    there.paid(there.seat(user, there.plan("B")), "2026-05", 200, **key)
    there.paid(there.seat(user, there.plan("C")), "2026-05", 300, **key)
    bring(db, there.file())
    assert rows(db, "SELECT status, declared_minor FROM payments ORDER BY 2") == [
        ("verified", 100),
        ("submitted", 500),
    ]


def test_a_back_fill_and_a_verified_bill_without_a_declaration_count_as_recorded(
    there: Predecessor, db: LocalDatabase
):
    user, plan = there.user("林", "600001"), there.plan()
    seat = there.seat(user, plan)
    there.verified(seat, "2026-04", source="admin_manual")
    there.verified(seat, "2026-05", source="cron", paid_at=None, submitted_at=None)
    bring(db, there.file())
    assert rows(db, "SELECT recorded, submitted_by, received_on FROM payments ORDER BY id") == [
        (1, "chippot:anna@example.org", "2026-04-08"),
        (1, "chippot:anna@example.org", "2026-05-09"),
    ]


def test_a_rejection_without_a_reason_gets_one(there: Predecessor, db: LocalDatabase):
    there.paid(there.seat(there.user("林"), there.plan()), "2026-05", 315, "rejected")
    bring(db, there.file())
    assert rows(db, "SELECT reject_reason FROM payments") == [("（ChipPot 沒有記錄原因）",)]


def test_a_bill_of_nothing_is_settled_and_both_sides_agree(there: Predecessor, db: LocalDatabase):
    there.bill(there.seat(there.user("林"), there.plan()), "2026-05", 0)
    result = bring(db, there.file())
    assert rows(db, "SELECT status, amount_minor FROM bills") == [("verified", 0)]
    assert result.differences == ()


def test_two_members_with_one_address_both_come_and_the_second_has_none(
    there: Predecessor, db: LocalDatabase
):
    there.user("Lin", None, "Lin@Example.org")
    there.user("Lin Zwei", None, " lin@example.ORG ")
    result = bring(db, there.file())
    assert rows(db, "SELECT name, email FROM members ORDER BY id") == [
        ("Lin", "Lin@Example.org"),
        ("Lin Zwei", None),
    ]
    assert details(result, "member_email_taken") == [
        {"member": 2, "name": "Lin Zwei", "email": "lin@example.ORG"}
    ]


def test_blank_links_are_no_links(there: Predecessor, db: LocalDatabase):
    for account in ("", "  ", None):
        there.user("x", account)
    result = bring(db, there.file())
    assert rows(db, "SELECT DISTINCT discord_id FROM members") == [(None,)]
    assert codes(result) == []


def test_names_are_never_empty_too_long_or_on_two_lines(there: Predecessor, db: LocalDatabase):
    there.user(" \t ")
    there.user("長" * 150)
    there.user("two\nlines")
    bring(db, there.file())
    names = [row[0] for row in rows(db, "SELECT name FROM members ORDER BY id")]
    assert names[0] == "（無名）M-1"
    assert (len(names[1]), names[2]) == (100, "two lines")


def test_plans_of_one_name_get_numbers_and_the_active_one_keeps_its_name(
    there: Predecessor, db: LocalDatabase
):
    there.plan("ChatGPT", 1, active=0)
    there.plan("chatgpt", 2)
    there.plan("ChatGPT", 3)
    result = bring(db, there.file())
    assert rows(db, "SELECT name, retired_at IS NULL FROM plans ORDER BY id") == [
        ("chatgpt", 1),
        ("ChatGPT (2)", 1),
        ("ChatGPT (3)", 0),
    ]
    assert codes(result) == ["plan_renamed", "plan_renamed"]


def test_kinds_of_channels(there: Predecessor, db: LocalDatabase):
    for kind in ("mobilepayment", "linepay", "bank", "other", None):
        there.method(f"by {kind}", kind)
    bring(db, there.file())
    found = dict(rows(db, "SELECT name, kind FROM methods"))
    assert found == {
        "by mobilepayment": "mobile", "by linepay": "mobile", "by bank": "bank", "by other": "online",
        "by None": "online",
    }  # fmt: skip


SETTINGS = {
    "not json": ("{not json", ["settings_broken"]),
    "a list": ("[1]", ["settings_broken"]),
    "endless brackets": ("[" * 100_000, ["settings_broken"]),
    "nothing": ("", []),
    "numbers that are none": (
        '{"overdue_days": 99, "proof_retention_months": 2.5}',
        ["setting_unusable"] * 2,
    ),
    "texts that are numbers": ('{"overdue_days": "3"}', ["setting_unusable"]),
    "ids that are none": (
        '{"discord_billing_channel_id": "general", "admin_discord_ids": ["1", 2, null, "x", []]}',
        ["setting_unusable"] * 5,
    ),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_settings_that_cannot_be_used_are_told_and_have_their_defaults(
    what: str, db: LocalDatabase, tmp_path: Path
):
    text, expected = SETTINGS[what]
    result = bring(db, Predecessor(tmp_path / "chippot.sqlite3", settings=text).file(), GUILD)
    assert codes(result) == expected
    assert (result.workspace.reminder_days, result.workspace.proof_retention_months) == ("[3]", 24)
    assert rows(db, "SELECT discord_id FROM admins") == ([(1,)] if what == "ids that are none" else [])


def test_a_clubs_own_texts_and_alerts_come_over_where_they_mean_the_same(db: LocalDatabase, tmp_path: Path):
    settings = {
        "discord_guild_id": str(GUILD),
        "billing_opened_template": "**{period}** 開始繳費\n{plans}\n合計 {total}",
        "overdue_template": "{period} 還有 {count} 人：{list}",
        "payment_notify_template": "{payer} {amount} {admin_url}",
        "payment_bark_key": "abcDEF123",
        "payment_webhook_url": "javascript:alert(1)",
    }
    result = bring(db, Predecessor(tmp_path / "chippot.sqlite3", settings=json.dumps(settings)).file())
    kept = dict(rows(db, "SELECT kind, body FROM templates"))
    assert kept == {
        "opened": "**{period}** 開始繳費\n{plans}\n合計 {total}",
        "alert": "{payer} {amount} {link}",
    }
    assert rows(db, "SELECT kind, target FROM alert_targets") == [("bark", "abcDEF123")]
    assert details(result, "text_left") == [{"name": "overdue_template"}]
    assert details(result, "alert_left") == [{"name": "payment_webhook_url"}]
    assert "abcDEF123" not in "".join(row[0] for row in rows(db, "SELECT after_json FROM audit_log"))


def test_what_belongs_to_nobody_is_named_and_missing_in_the_comparison(there: Predecessor, db: LocalDatabase):
    plan = there.plan()
    seat = there.seat(there.user("林"), plan)
    there.bill(seat, "2026-05", 315)
    there.bill(999, "2026-05", 100)
    there.bill(there.seat(888, plan), "2026-05", 50)
    there.seat(1, 777)
    result = bring(db, there.file())
    assert sorted(codes(result)) == ["bill_without_owner"] * 2 + ["seat_without_owner"] * 2
    [line] = result.differences
    assert (line.there_count, line.there_minor, line.here_count, line.here_minor) == (3, 465, 1, 315)


def test_two_bills_for_one_month_are_a_bill_and_a_charge(db: LocalDatabase, tmp_path: Path):
    there = Predecessor(
        tmp_path / "chippot.sqlite3", schema=SCHEMA.replace(", UNIQUE (subscription_id, period)", "")
    )
    seat = there.seat(there.user("林"), there.plan())
    there.verified(seat, "2026-05", 315)
    there.bill(seat, "2026-05", 20)
    result = bring(db, there.file())
    found = rows(db, "SELECT kind, title, billing_period_id FROM bills ORDER BY kind")
    assert found == [("charge", "ChatGPT · 2026-05 (2)", 1), ("plan", "ChatGPT", 1)]
    assert rows(db, "SELECT sum(amount_minor) FROM bills") == [(335,)]
    assert codes(result) == ["bill_twice"]
    assert result.differences == ()


@pytest.mark.parametrize("amount", [-5, "many", 3.5, 10**15, None, b"\x01"])
def test_an_amount_is_never_guessed(amount: object, db: LocalDatabase, tmp_path: Path):
    there = Predecessor(
        tmp_path / "chippot.sqlite3", schema=SCHEMA.replace("amount INTEGER NOT NULL", "amount")
    )
    there.bill(there.seat(there.user("林"), there.plan()), "2026-05", amount)
    before = dump_of(db)
    with pytest.raises(ChippotValueWrong) as caught:
        bring(db, there.file())
    assert (caught.value.params["table"], caught.value.params["column"]) == ("payments", "amount")
    assert dump_of(db) == before


def test_a_state_is_never_guessed(there: Predecessor, db: LocalDatabase):
    there.bill(there.seat(there.user("林"), there.plan()), "2026-05", 315, "settled")
    with pytest.raises(ChippotValueWrong, match="status"):
        bring(db, there.file())


def test_instants_and_days_that_are_none_do_no_harm(there: Predecessor, db: LocalDatabase):
    seat = there.seat(
        there.user("林", created_at="yesterday"), there.plan(created_at="2026-99-99T99:99:99.000Z")
    )
    there.verified(seat, "2026-05", paid_at="0001-01-01T00:00:00.000Z",
                   verified_at="9999-12-31T23:59:59.000Z", created_at="2026-05-01 09:00:00",
                   due_date="31 May")  # fmt: skip
    bring(db, there.file())
    assert rows(db, "SELECT due_on, created_at FROM bills") == [("2026-05-07", "2026-05-01T09:00:00.000Z")]
    assert rows(db, "SELECT submitted_at, received_on FROM payments") == [
        ("2026-05-08T04:00:00.000Z", "2026-05-08")
    ]


def test_a_retired_plan_that_somebody_holds_stays_retired_and_held(there: Predecessor, db: LocalDatabase):
    there.seat(there.user("林"), there.plan("Old", 99, active=0))
    bring(db, there.file())
    assert rows(
        db, "SELECT retired_at IS NOT NULL, ends_on FROM plans JOIN subscriptions ON plan_id = plans.id"
    ) == [(1, None)]


def test_a_reminder_of_a_junk_month_counts_for_its_charge(there: Predecessor, db: LocalDatabase):
    from core import reminders

    seat = there.seat(there.user("林", "600001"), there.plan())
    there.bill(seat, "junk", 315, due_date="2026-05-07", created_at="2026-05-01T00:00:00.000Z")
    there.said("overdue", "junk", "2026-05-11T01:00:00.000Z")
    result = bring(db, there.file())
    assert db.write(reminders.run, Actor.operator(result.workspace.id), date(2026, 6, 5)).sent == 0


def test_many_findings_of_one_kind_are_counted_not_all_listed(there: Predecessor, db: LocalDatabase):
    plan = there.plan()
    there.conn.execute("BEGIN")
    for number in range(1005):
        there.bill(there.seat(there.user(f"m{number}"), plan), f"junk {number}", due_date="2026-05-07",
                   created_at="2026-05-01T00:00:00.000Z")  # fmt: skip
    there.conn.execute("COMMIT")
    result = bring(db, there.file())
    assert (len(result.findings), result.more_findings) == (1000, 5)
    assert result.counts["charges"] == 1005


def test_bills_from_before_the_start_come_over_and_are_not_made_again(there: Predecessor, db: LocalDatabase):
    """ChipPot bills months before a subscription starts; those bills stay, new ones are not made."""
    plan = there.plan()
    seat = there.seat(there.user("林"), plan, "2026-05-20")
    there.verified(seat, "2026-03")
    there.said("billing_opened", "2026-03", "2026-03-07T01:00:00.000Z")
    there.said("billing_opened", "2026-04", "2026-04-07T01:00:00.000Z")
    result = bring(db, there.file())
    again = db.write(resync.resync, Actor.operator(result.workspace.id), Period("2026-04"))
    assert again.added == ()
    assert_sound(db)


def test_the_ordinary_club_has_nothing_to_tell_but_its_screenshot(db: LocalDatabase, tmp_path: Path):
    assert codes(bring(db, ordinary(tmp_path / "chippot.sqlite3").file())) == ["pictures_left"]
