"""The club's own wording: what is refused, the default, and the way back to it."""

from __future__ import annotations

import pytest

from core import errors, templates
from core.i18n import LOCALES
from tests.core.helpers import refused
from tests.factories import Club

EVERY = [(kind, locale) for kind in templates.PLACEHOLDERS for locale in LOCALES]


def save(club: Club, body: str, kind: str = "opened", locale: str = "en") -> templates.Template:
    return club.db.write(templates.save, club.treasurer, kind, locale, body)


def now(club: Club, kind: str = "opened", locale: str = "en") -> templates.Template:
    return club.db.read(templates.get, club.id, kind, locale)


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_every_default_could_be_saved_as_it_is(club: Club, kind: str, locale: str):
    body = templates.default(kind, locale)
    assert templates.check(kind, body) == body
    assert save(club, body, kind, locale).is_own is False


def test_a_wording_of_the_club_is_used_until_it_is_reset(club: Club):
    assert save(club, "  Pay **now**: {plans}  ").body == "Pay **now**: {plans}"
    assert now(club).is_own
    assert not now(club, locale="zh-TW").is_own
    club.db.write(templates.reset, club.treasurer, "opened", "en")
    assert now(club) == templates.Template(
        "opened", "en", templates.default("opened", "en"), ("period", "plans", "total", "due"), False
    )
    assert club.audits("template") == ["template.save", "template.reset"]
    club.db.write(templates.reset, club.treasurer, "opened", "en")
    assert club.audits("template") == ["template.save", "template.reset"]


def test_an_unknown_placeholder_is_named_with_those_that_exist(club: Club):
    with refused(
        club.db, errors.PlaceholderUnknown, name="amuont", known="{period}, {plans}, {total}, {due}"
    ):
        save(club, "Pay {amuont}")


@pytest.mark.parametrize("typed", ["{Period}", "{ period }", "{期別}", "｛period｝", "{PLANS}", "{due-date}"])
def test_what_was_meant_as_a_placeholder_is_not_posted_as_it_stands(club: Club, typed: str):
    with refused(club.db, errors.PlaceholderUnknown, name=typed.strip("{}｛｝ ")):
        save(club, f"Please pay for {typed}")


def test_other_braces_are_text(club: Club):
    assert save(club, "Pay {period} {^_^} {} {one, two}").body == "Pay {period} {^_^} {} {one, two}"


@pytest.mark.parametrize("body", ["", " \n ", "\u0000"])
def test_an_empty_one_is_refused(club: Club, body: str):
    with refused(club.db, errors.FieldMissing, field="template"):
        save(club, body)


def test_what_would_not_fit_when_filled_in_is_refused(club: Club):
    with refused(club.db, errors.TextTooLong, field="template"):
        save(club, "x" * 1501)
    with refused(club.db, errors.MessageTooLong, limit=templates.MESSAGE_CHARACTERS):
        save(club, "{plans}" * 5)
    with refused(club.db, errors.MessageTooLong, limit=templates.ALERT_CHARACTERS):
        save(club, "x" * 1400 + "{link}{link}{payer}{amount}{period}{payer}", "alert")
    save(club, "x" * 1500)


def test_several_languages_are_saved_together_or_not_at_all(club: Club):
    with refused(club.db, errors.PlaceholderUnknown, name="nope"):
        club.db.write(
            templates.save_all, club.treasurer, "panel", {"en": "Hello {club}", "zh-TW": "你好 {nope}"}
        )
    saved = club.db.write(
        templates.save_all, club.treasurer, "panel", {"en": "Hello {club}", "zh-TW": "你好 {club}"}
    )
    assert [template.body for template in saved] == ["Hello {club}", "你好 {club}"]


def test_what_is_filled_in_is_never_read_for_placeholders(club: Club):
    assert templates.fill("{club} {other}", {"club": "{other}"}) == "{other} {other}"


def test_kinds_and_languages_that_are_none_are_refused(club: Club):
    with refused(club.db, errors.ChoiceUnknown, field="template"):
        save(club, "x", "unknown")
    with refused(club.db, errors.ChoiceUnknown, field="locale"):
        save(club, "x", locale="fr")


def test_only_treasurers_change_and_auditors_look(club: Club):
    for actor in (club.reviewer, club.auditor, club.stranger):
        with refused(club.db, errors.RoleNeeded):
            club.db.write(templates.save, actor, "opened", "en", "x")
    assert len(club.db.read(templates.everyone, club.auditor)) == len(EVERY)
    with refused(club.db, errors.RoleNeeded):
        club.db.read(templates.everyone, club.stranger)
