"""Making a club's workspace, and its settings."""

from __future__ import annotations

import json
import threading

import pytest

from core import errors, workspaces
from core.access import Role, role_of
from core.db import LocalDatabase
from core.models import Actor
from tests.core.helpers import refused
from tests.factories import OWNER, Club
from tests.fakes import FixedClock

SETTINGS = {"currency": "TWD", "timezone": "Asia/Taipei", "locale": "en", "billing_day": 5}


def create(db: LocalDatabase, guild: int = 42, name: str = "Club", by: int | None = 7, **changes):
    return db.write(workspaces.create, guild, name, by, **{**SETTINGS, **changes})


def role(db: LocalDatabase, actor: Actor) -> Role:
    return db.read(role_of, actor)


def test_whoever_sets_the_server_up_becomes_treasurer(db):
    workspace = create(db)
    assert (workspace.guild_id, workspace.currency, workspace.billing_day) == (42, "TWD", 5)
    assert role(db, Actor.discord(workspace.id, 7)) is Role.TREASURER
    assert role(db, Actor.discord(workspace.id, 8)) is Role.NOBODY


def test_the_servers_owner_gets_no_row_and_is_owner_by_being_it(db):
    workspace = create(db, owns_server=True)
    assert role(db, Actor.discord(workspace.id, 7)) is Role.NOBODY
    assert role(db, Actor.discord(workspace.id, 7, owns_server=True)) is Role.OWNER


def test_the_command_line_makes_a_workspace_with_nobody_in_it(db):
    workspace = create(db, by=None)
    assert db.conn.execute("SELECT count(*) FROM admins").fetchone()[0] == 0
    assert db.conn.execute("SELECT done_by, action FROM audit_log").fetchall() == [
        ("operator", "workspace.create")
    ]
    assert workspace.reminder_days == "[3]"


def test_the_creation_is_the_first_line_of_the_workspaces_audit_chain(db):
    create(db)
    row = db.conn.execute("SELECT done_by, after_json FROM audit_log").fetchone()
    assert row[0] == "discord:7"
    assert json.loads(row[1]) | {"currency": "TWD", "guild": "42", "treasurer": "7"} == json.loads(row[1])


def test_a_server_has_one_workspace(db):
    create(db)
    with refused(db, errors.WorkspaceExists):
        create(db, name="Again", by=8)


def test_two_people_setting_up_at_once_make_one_workspace(db_path, clock):
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def set_up(by: int) -> None:
        with LocalDatabase(db_path, clock) as db:
            start.wait()
            try:
                outcomes.append(create(db, by=by).id)
            except errors.WorkspaceExists as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=set_up, args=(by,)) for by in (7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1", "workspace_exists"]


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"name": "  "}, errors.FieldMissing, "name"),
        ({"name": "x" * 101}, errors.TextTooLong, "name"),
        ({"currency": "XXY"}, errors.UnknownCurrency, "currency"),
        ({"timezone": "Mars/Base"}, errors.UnknownTimezone, "timezone"),
        ({"locale": "fr"}, errors.ChoiceUnknown, "locale"),
        ({"billing_day": 0}, errors.NumberOutOfRange, "billing_day"),
        ({"billing_day": 29}, errors.NumberOutOfRange, "billing_day"),
        ({"guild": 0}, errors.DiscordIdInvalid, "server"),
        ({"guild": 2**63}, errors.DiscordIdInvalid, "server"),
    ],
)
def test_a_workspace_with_an_impossible_setting_is_not_made(db, changes, error, field):
    with refused(db, error, field=field):
        create(db, **changes)


def test_a_server_finds_its_own_workspace_only(db):
    first, second = create(db, 1), create(db, 2, currency="JPY", timezone="Asia/Tokyo", locale="zh-TW")
    assert db.read(workspaces.by_guild, 1) == first
    assert db.read(workspaces.by_guild, 2) == second
    assert db.read(workspaces.by_guild, 3) is None


GOOD = {
    "name": ("New name", "New name"),
    "currency": ("jpy", "JPY"),
    "timezone": ("Europe/Berlin", "Europe/Berlin"),
    "locale": ("zh-TW", "zh-TW"),
    "billing_day": (28, 28),
    "due_days": (60, 60),
    "announce_channel_id": (2**62, 2**62),
    "review_channel_id": (12, 12),
    "admin_channel_id": (13, 13),
    "reviewer_role_id": (14, 14),
    "auto_open": (False, 0),
    "self_verify": (0, 0),
    "link_policy": ("open", "open"),
    "closed_dm_policy": ("thread", "thread"),
    "reminder_mode": ("private", "private"),
    "reminder_days": ([10, -3, 10, 0], "[-3, 0, 10]"),
}


def test_every_setting_can_be_changed(club):
    changed = club.db.write(
        workspaces.update_settings, club.treasurer, **{name: new for name, (new, _) in GOOD.items()}
    )
    for name, (_, stored) in GOOD.items():
        assert getattr(changed.workspace, name) == stored, name
    assert changed.after == {name: stored for name, (_, stored) in GOOD.items()}
    assert changed.before["currency"] == "TWD"
    assert club.audits("workspace.update") == ["workspace.update"]


def test_a_channel_can_be_taken_away_again(club):
    club.set(announce_channel_id=5)
    assert club.set(announce_channel_id=None).announce_channel_id is None


def test_setting_what_is_set_changes_and_audits_nothing(club):
    changed = club.db.write(
        workspaces.update_settings, club.treasurer, billing_day=5, reminder_days=[3], auto_open=True
    )
    assert changed.after == {}
    assert club.audits("workspace.update") == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("name", "", errors.FieldMissing),
        ("name", None, errors.FieldMissing),
        ("currency", "TW", errors.UnknownCurrency),
        ("currency", 5, errors.FieldMissing),
        ("timezone", "Asia", errors.UnknownTimezone),
        ("locale", "de", errors.ChoiceUnknown),
        ("billing_day", 29, errors.NumberOutOfRange),
        ("billing_day", "5", errors.NumberOutOfRange),
        ("billing_day", True, errors.NumberOutOfRange),
        ("billing_day", 5.0, errors.NumberOutOfRange),
        ("due_days", -1, errors.NumberOutOfRange),
        ("due_days", 61, errors.NumberOutOfRange),
        ("announce_channel_id", -1, errors.DiscordIdInvalid),
        ("announce_channel_id", "12", errors.DiscordIdInvalid),
        ("reviewer_role_id", 0, errors.DiscordIdInvalid),
        ("auto_open", "yes", errors.ChoiceUnknown),
        ("self_verify", 2, errors.ChoiceUnknown),
        ("link_policy", "closed", errors.ChoiceUnknown),
        ("closed_dm_policy", [], errors.ChoiceUnknown),
        ("reminder_mode", "loud", errors.ChoiceUnknown),
        ("reminder_days", [61], errors.NumberOutOfRange),
        ("reminder_days", [-31], errors.NumberOutOfRange),
        ("reminder_days", ["3"], errors.NumberOutOfRange),
        ("reminder_days", 3, errors.NumberOutOfRange),
        ("reminder_days", [1, 2, 3, 4, 5, 6], errors.TooManyValues),
        ("guild_id", 5, errors.SettingUnknown),
        ("id", 5, errors.SettingUnknown),
    ],
)
def test_an_impossible_setting_is_refused_and_the_good_ones_beside_it_are_not_changed(
    club, name, value, error
):
    with refused(club.db, error):
        club.db.write(workspaces.update_settings, club.treasurer, **{"due_days": 7, name: value})


def test_the_currency_stays_once_an_amount_is_written(club):
    club.plan()
    with refused(club.db, errors.CurrencyFixed, currency="TWD"):
        club.set(currency="JPY")
    club.set(currency="TWD", billing_day=6)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_settings_are_the_treasurers(club, who):
    with refused(club.db, errors.RoleNeeded, role="treasurer"):
        club.db.write(workspaces.update_settings, getattr(club, who), billing_day=6)


def test_one_clubs_treasurer_is_nobody_in_another(db):
    here, there = Club.create(db), Club.create(db, number=1, currency="JPY", timezone="Asia/Tokyo")
    intruder = Actor.discord(there.id, here.treasurer.discord_id)
    with refused(db, errors.RoleNeeded):
        db.write(workspaces.update_settings, intruder, billing_day=6)
    assert here.workspace.currency == "TWD"
    assert there.workspace.currency == "JPY"


def test_a_workspace_that_is_not_there_is_said_so(db):
    with refused(db, errors.WorkspaceUnknown):
        db.write(workspaces.update_settings, Actor.discord(99, OWNER, owns_server=True), billing_day=6)


def test_the_clock_of_the_creation_is_kept_in_utc(db, clock: FixedClock):
    assert create(db).created_at == "2026-06-05T01:00:00.000Z"
