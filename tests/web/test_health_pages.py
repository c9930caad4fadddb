"""Health: Discord, jobs, outbox, disk and database, and what is not allowed in which channel."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.web.pages import health
from bot.web.pages.wording import size_text
from core import job_runs
from core.job_runs import DueJob
from tests.factories import Club
from tests.web.desk_pages import ANNOUNCE, REVIEW, busy, furnish, text_of
from tests.web.site import FakeHost, Pages


def run_job(club: Club, job: str, detail: dict[str, object], day: str = "2026-06-05") -> None:
    due = DueJob(club.id, job, date.fromisoformat(day))
    club.db.write(job_runs.run, due, lambda tx, actor, today: detail)


def fail_job(club: Club, job: str) -> None:
    due = DueJob(club.id, job, date(2026, 6, 5))
    club.db.write(job_runs.record_failure, due, RuntimeError("the disk is <full>"), "A1B2C3")


async def test_a_healthy_machine_says_so(pages: Pages, club: Club, host: FakeHost) -> None:
    furnish(host)
    club.set(announce_channel_id=ANNOUNCE, review_channel_id=REVIEW)
    page = await text_of(pages, "auditor", "/health")
    assert "Everything works." in page
    assert "answers in 40 ms" in page
    assert page.count("everything allowed") == 2


async def test_a_gateway_that_is_away_is_no_reason_to_fail(pages: Pages, host: FakeHost, club: Club) -> None:
    club.set(announce_channel_id=ANNOUNCE)
    host.connected = False
    page = await text_of(pages, "auditor", "/health")
    assert "Away" in page
    assert "Something needs a look." in page
    assert "nothing is known about this channel" in page


async def test_what_is_not_allowed_is_named_by_channel(pages: Pages, club: Club, host: FakeHost) -> None:
    furnish(host)
    club.set(announce_channel_id=ANNOUNCE, review_channel_id=77)
    host.missing = ["send_messages", "embed_links"]
    page = await text_of(pages, "auditor", "/health")
    assert "#announcements" in page
    assert "Not allowed to the bot: Send Messages and Embed Links." in page
    assert "The bot does not see this channel any more." in page
    assert "No channel chosen." in page


async def test_every_job_tells_how_its_last_run_ended(pages: Pages, club: Club) -> None:
    run_job(club, "open_month", {"opened": True})
    run_job(club, "remind", {"sent": 3, "skipped": 0})
    fail_job(club, "purge_proofs")
    page = await text_of(pages, "auditor", "/health")
    assert "a month was opened" in page
    assert "3 reminders queued" in page
    assert "has not run yet" in page
    assert "A1B2C3" in page
    assert "&lt;full&gt;" not in page, "the reason is for the machine's log"
    assert "Something needs a look." in page


async def test_the_newest_run_counts(pages: Pages, club: Club) -> None:
    run_job(club, "remind", {"sent": 3, "skipped": 0}, "2026-06-04")
    run_job(club, "remind", {"sent": 1, "skipped": 0}, "2026-06-05")
    page = await text_of(pages, "auditor", "/health")
    assert "one reminder queued" in page
    assert "3 reminders" not in page


async def test_the_outbox_is_counted(pages: Pages, club: Club) -> None:
    busy(club)
    club.db.conn.execute("UPDATE notices SET status = 'failed', error = 'x' WHERE id = 1")
    page = await text_of(pages, "auditor", "/health")
    assert "one failed" in page
    assert 'href="/notices?status=trouble"' in page


async def test_a_disk_that_is_almost_full_is_an_alarm(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SCARCE_BYTES", 10**18)
    assert "The disk is almost full." in await text_of(pages, "auditor", "/health")


def test_the_database_is_measured_with_what_belongs_to_it(tmp_path: Path) -> None:
    database = tmp_path / "potkeeper.db"
    database.write_bytes(b"x" * 1000)
    (tmp_path / "potkeeper.db-wal").write_bytes(b"x" * 500)
    found = health.measure(database)
    assert found.database == 1500
    assert 0 < found.free <= found.all


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 kB"), (84_000, "84 kB"), (1_200_000, "1.2 MB"), (3_400_000_000, "3.4 GB")]
)
def test_sizes_are_written_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text.replace(" ", "\N{NO-BREAK SPACE}")


async def test_the_newest_part_of_the_changelog_is_shown_as_text(pages: Pages) -> None:
    page = await text_of(pages, "auditor", "/health")
    assert "What is new" in page
    assert "## [" not in page


async def test_another_clubs_jobs_stay_out(pages: Pages, club: Club, host: FakeHost) -> None:
    other = Club.create(club.db, number=1)
    host.owners[other.workspace.guild_id] = other.owner.discord_id
    run_job(other, "remind", {"sent": 77, "skipped": 0})
    assert "77 reminders" not in await text_of(pages, "auditor", "/health")
    assert json.loads(await text_of(pages, "auditor", "/notices.json")) == []
