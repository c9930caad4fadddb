"""What the Health page and the pickers show, for programs; and the log's chain."""

from __future__ import annotations

import pytest

from bot.web.host import Place
from tests.factories import Club
from tests.web.api_site import Program, Seeded, program, seed
from tests.web.site import FakeHost, Pages


@pytest.fixture
def seeded(club: Club) -> Seeded:
    return seed(club)


@pytest.fixture
async def auditor(pages: Pages, seeded: Seeded) -> Program:
    return await program(pages, seeded.secrets["read"])


async def test_health_tells_gateway_jobs_outbox_disk_and_missing_permissions(
    auditor: Program, club: Club, host: FakeHost
) -> None:
    found = await auditor.get("/health")
    assert (found["gateway_connected"], found["gateway_latency_ms"]) == (True, 40)
    assert {job["job"] for job in found["jobs"]} >= {"open_month", "remind"}
    assert all(job["status"] is None for job in found["jobs"]), "none has run yet"
    assert found["outbox"]["waiting"] > 0
    assert 0 < found["disk"]["database_bytes"] < found["disk"]["total_bytes"]
    assert found["missing"] == []
    club.set(review_channel_id=77)
    host.missing, host.connected = ["send_messages"], False
    found = await auditor.get("/health")
    assert found["missing"] == [{"channel_id": "77", "permissions": ["send_messages"]}]
    assert (found["gateway_connected"], found["gateway_latency_ms"]) == (False, None)


async def test_channels_and_roles_come_from_the_live_server(auditor: Program, host: FakeHost) -> None:
    assert await auditor.get("/places") == {"channels": [], "roles": []}
    host.places, host.role_list = [Place(7, "dues")], [Place(8, "Reviewers")]
    assert await auditor.get("/places") == {
        "channels": [{"id": "7", "name": "dues"}], "roles": [{"id": "8", "name": "Reviewers"}],
    }  # fmt: skip


async def test_the_chain_is_checked_and_a_changed_line_is_named(auditor: Program, club: Club) -> None:
    fine = await auditor.get("/log/check?whole=true")
    assert (fine["broken"], fine["is_whole"], fine["lines"]) == ([], True, len(club.audits()))
    line = club.db.conn.execute("SELECT min(id) FROM audit_log").fetchone()[0]
    club.db.conn.execute("DROP TRIGGER audit_log_kept")
    club.db.conn.execute("UPDATE audit_log SET action = 'forged' WHERE id = ?", (line,))
    assert (await auditor.get("/log/check?whole=true"))["broken"] == [line]


async def test_an_opening_is_announced_again_and_not_twice_at_once(pages: Pages, seeded: Seeded) -> None:
    treasurer = await program(pages, seeded.secrets["treasurer"])
    path = "/periods/2026-06/announce"
    seeded.club.db.conn.execute("UPDATE notices SET status = 'sent' WHERE kind = 'opened'")
    shown = await treasurer.post(f"{path}?dry_run=true")
    assert (shown["announced_before"], shown["waits"]) == (1, False)
    assert (await treasurer.post(f"{path}?digest={shown['digest']}"))["waits"] is False
    assert (await treasurer.post(path))["waits"] is True
    assert (await treasurer.post("/periods/2026-09/announce", status=404))["error"] == "period_unknown"
