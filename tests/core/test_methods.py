"""Ways to pay."""

from __future__ import annotations

import pytest

from core import errors, methods
from tests.core.helpers import refused
from tests.factories import Club


def add(club: Club, name: str = "Bank", kind: str = "bank", instructions: str = "Account 123", **options):
    return club.db.write(methods.add, club.treasurer, name, kind, instructions, **options)


def edit(club: Club, method, **changes):
    return club.db.write(methods.edit, club.treasurer, method.id, **changes)


def names(club: Club) -> list[str]:
    return [method.name for method in club.db.read(methods.everyone, club.stranger)]


def test_anybody_in_the_club_may_ask_how_to_pay_and_sees_the_chosen_order(club):
    add(club, "Cash", "cash", "")
    add(club, "Bank")
    add(club, "Mobile", "mobile", sort_order=0)
    assert names(club) == ["Mobile", "Cash", "Bank"]


def test_only_what_is_given_is_edited(club):
    method = add(club, instructions="Line 1\nLine 2")
    assert edit(club, method, name="First Bank").instructions == "Line 1\nLine 2"
    assert edit(club, method, instructions="").name == "First Bank"
    assert edit(club, method, kind="online", sort_order=9).sort_order == 9
    assert club.audits("method.edit") == ["method.edit"] * 3


def test_an_edit_that_changes_nothing_is_not_audited(club):
    method = add(club)
    assert edit(club, method) == method
    assert edit(club, method, name="Bank", kind="bank") == method
    assert club.audits("method.edit") == []


def test_names_in_use_are_unique_and_a_retired_one_is_free(club):
    first = add(club, "Bank")
    with refused(club.db, errors.MethodNameTaken, method="Bank"):
        add(club, "ＢＡＮＫ")
    other = add(club, "Other")
    with refused(club.db, errors.MethodNameTaken, method="Bank"):
        edit(club, other, name="bank")
    club.db.write(methods.retire, club.treasurer, first.id)
    add(club, "Bank")


def test_a_retired_method_is_kept_but_neither_offered_nor_edited(club):
    method = add(club)
    retired = club.db.write(methods.retire, club.treasurer, method.id)
    assert retired.retired_at is not None
    assert names(club) == []
    assert club.db.read(methods.with_retired, club.auditor) == [retired]
    with refused(club.db, errors.MethodUnknown):
        edit(club, method, name="Other")
    club.db.write(methods.retire, club.treasurer, method.id)
    assert club.audits("method.retire") == ["method.retire"]


@pytest.mark.parametrize(
    ("options", "error", "field"),
    [
        ({"name": ""}, errors.FieldMissing, "name"),
        ({"name": "x" * 81}, errors.TextTooLong, "name"),
        ({"kind": "barter"}, errors.ChoiceUnknown, "kind"),
        ({"instructions": "x" * 1001}, errors.TextTooLong, "instructions"),
        ({"sort_order": -1}, errors.NumberOutOfRange, "sort_order"),
        ({"sort_order": 1000}, errors.NumberOutOfRange, "sort_order"),
    ],
)
def test_an_impossible_method_is_neither_made_nor_the_result_of_an_edit(club, options, error, field):
    method = add(club, "There")
    with refused(club.db, error, field=field):
        add(club, **options)
    with refused(club.db, error, field=field):
        edit(club, method, **options)


def test_a_retired_method_is_offered_again_as_it_was_unless_its_name_is_taken(club):
    method = club.method("Bank")
    club.db.write(methods.retire, club.treasurer, method.id)
    assert club.db.write(methods.restore, club.treasurer, method.id) == method
    assert club.db.write(methods.restore, club.treasurer, method.id) == method
    assert club.audits("method.restore") == ["method.restore"]
    club.db.write(methods.retire, club.treasurer, method.id)
    club.method("bank")
    with refused(club.db, errors.MethodNameTaken, method="bank"):
        club.db.write(methods.restore, club.treasurer, method.id)


@pytest.mark.parametrize("who", ["reviewer", "auditor", "stranger"])
def test_methods_are_the_treasurers(club, who):
    method, actor = add(club), getattr(club, who)
    for fn, args in (
        (methods.add, ("Cash", "cash")),
        (methods.edit, (method.id,)),
        (methods.retire, (method.id,)),
        (methods.restore, (method.id,)),
    ):
        with refused(club.db, errors.RoleNeeded, role="treasurer"):
            club.db.write(fn, actor, *args)


def test_another_clubs_method_is_not_there(db):
    here, there = Club.create(db), Club.create(db, number=1)
    method = there.method()
    with refused(db, errors.MethodUnknown):
        db.write(methods.edit, here.treasurer, method.id, name="Mine")
    with refused(db, errors.MethodUnknown):
        db.write(methods.retire, here.treasurer, method.id)
    with refused(db, errors.MethodUnknown):
        db.write(methods.restore, here.treasurer, method.id)
    assert names(here) == []
