"""A wording that somebody tries: sent to them alone, with made-up people, and pinging nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage import LocalProofStorage
from cogs.ui.notices import render
from core import sending, template_tests, templates
from core.db import Database
from core.errors import FieldMissing, RoleNeeded
from core.services import Services
from tests.factories import Club
from tests.fakes import FixedClock


@pytest.mark.parametrize("kind", list(templates.PLACEHOLDERS))
async def test_a_wording_is_shown_to_whoever_tries_it_and_never_in_public(
    club: Club, db_path: Path, clock: FixedClock, tmp_path: Path, kind: str
) -> None:
    club.set(closed_dm_policy="mention", announce_channel_id=11)
    body = "Try: {" + templates.PLACEHOLDERS[kind][0] + "}"
    club.db.write(template_tests.send_to_me, club.treasurer, kind, "zh-TW", body)
    (due,) = club.db.read(sending.due, 10)
    attempt = club.db.write(sending.claim, due.id)
    assert attempt is not None
    assert (attempt.channel_id, attempt.user_id) == (None, club.treasurer.discord_id)
    async with Database(db_path, clock) as db:
        services = Services(db, clock, LocalProofStorage(tmp_path / "proofs"))
        shown = await render(services, attempt)
        assert "Try: " in str(shown[0].view.to_components())
        assert [part.allowed_mentions.to_dict() for part in shown] == [{"parse": []}] * len(shown)
        assert await render(services, attempt, public=True) == []


def test_who_may_not_change_wordings_or_has_no_account_gets_no_test(club: Club) -> None:
    with pytest.raises(RoleNeeded):
        club.db.write(template_tests.send_to_me, club.reviewer, "opened", "en", "x")
    with pytest.raises(FieldMissing):
        club.db.write(template_tests.send_to_me, club.operator, "opened", "en", "x")
    assert club.notices() == []
