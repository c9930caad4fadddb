"""One-time links: what they stand for, once, for a while, and never readable from the file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core import errors, tokens
from core.db import LocalDatabase
from tests.factories import Club
from tests.fakes import FixedClock


def mint(club: Club, purpose: str = "upload", **of: int) -> str:
    return club.db.write(tokens.mint, club.id, purpose, "discord:5", **of)


def test_a_link_is_redeemed_once(club: Club, db: LocalDatabase) -> None:
    member = club.linked()
    secret = mint(club, member_id=member.id)
    token = db.write(tokens.redeem, "upload", secret)
    assert (token.workspace_id, token.member_id, token.discord_id) == (club.id, member.id, None)
    with pytest.raises(errors.LinkExpired):
        db.write(tokens.redeem, "upload", secret)
    seen = db.read(tokens.look_at, "upload", secret)
    assert seen is not None
    assert seen.used_at == "2026-06-05T01:00:00.000Z"


@pytest.mark.parametrize(("purpose", "minutes"), [("upload", 30), ("sign_in", 10)])
def test_a_link_ends_after_its_time(
    club: Club, db: LocalDatabase, clock: FixedClock, purpose: str, minutes: int
) -> None:
    early, late = mint(club, purpose, discord_id=1), mint(club, purpose, discord_id=2)
    clock.advance(minutes=minutes, milliseconds=-1)
    db.write(tokens.redeem, purpose, early)
    clock.advance(milliseconds=1)
    with pytest.raises(errors.LinkExpired):
        db.write(tokens.redeem, purpose, late)


@pytest.mark.parametrize("secret", ["", "x", "' OR 1=1 --", "é" * 50])
def test_an_unknown_secret_opens_nothing(club: Club, db: LocalDatabase, secret: str) -> None:
    mint(club)
    assert db.read(tokens.look_at, "upload", secret) is None
    with pytest.raises(errors.LinkExpired):
        db.write(tokens.redeem, "upload", secret)


def test_a_link_for_one_purpose_opens_no_other(club: Club, db: LocalDatabase) -> None:
    secret = mint(club, "upload")
    with pytest.raises(errors.LinkExpired):
        db.write(tokens.redeem, "sign_in", secret)
    db.write(tokens.redeem, "upload", secret)


def test_a_new_sign_in_link_ends_the_older_ones_of_that_person_in_that_club(
    club: Club, db: LocalDatabase
) -> None:
    other = Club.create(db, number=1)
    old, somebody = mint(club, "sign_in", discord_id=7), mint(club, "sign_in", discord_id=8)
    abroad, upload = mint(other, "sign_in", discord_id=7), mint(club, "upload", discord_id=7)
    new = mint(club, "sign_in", discord_id=7)
    with pytest.raises(errors.LinkExpired):
        db.write(tokens.redeem, "sign_in", old)
    for purpose, secret in (("sign_in", somebody), ("sign_in", abroad), ("upload", upload), ("sign_in", new)):
        db.write(tokens.redeem, purpose, secret)


def test_the_file_holds_no_secret(club: Club, db_path: Path) -> None:
    secret = mint(club, "sign_in", discord_id=7)
    club.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert secret.encode() not in db_path.read_bytes()
    assert len(secret) >= 43  # 256 bits
    assert mint(club) != secret


def test_of_many_who_redeem_at_once_one_wins(club: Club, db_path: Path, clock: FixedClock) -> None:
    secret = mint(club)
    outcomes: list[str] = []
    together = threading.Barrier(6)

    def redeem() -> None:
        with LocalDatabase(db_path, clock) as own:
            together.wait()
            try:
                own.write(tokens.redeem, "upload", secret)
                outcomes.append("won")
            except errors.LinkExpired:
                outcomes.append("too late")

    threads = [threading.Thread(target=redeem) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["too late"] * 5 + ["won"]
