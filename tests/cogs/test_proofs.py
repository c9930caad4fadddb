"""/club proof: how long screenshots are kept, and deleting one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Member
from tests.cogs.club_steps import books, chinese, club, confirm, refused
from tests.cogs.conftest import Server, labels, private, text
from tests.fakes import FixedClock
from tests.pictures import encoded, screenshot

__all__ = ["chinese"]  # a fixture


@pytest.fixture
async def ann(server: Server) -> Member:
    """A member with a submission that has a screenshot."""
    member = await server.owing(server.ann, 300)
    form = await server.ann.slash(server.general, "pay")
    picture = encoded(screenshot(), "PNG")
    private(await server.ann.submit_modal(form, {"screenshot": ("shot.png", picture)}))
    await server.deliver()
    return member


def pictures(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "proofs").rglob("*") if path.is_file()]


async def test_one_screenshot_is_deleted_and_the_payment_stays(server: Server, ann: Member, tmp_path: Path):
    assert len(pictures(tmp_path)) == 2
    preview = await club(server, "proof delete", payment="P-0001")
    assert "Delete the screenshot of P-0001?" in text(preview)
    assert "cannot be brought back" in text(preview)
    assert len(pictures(tmp_path)) == 2
    assert "was deleted" in await confirm(server, preview)
    assert pictures(tmp_path) == []
    await server.deliver()
    assert "View proof" not in labels(server.review.last_message)
    assert server.db.conn.execute("SELECT status, declared_minor FROM payments").fetchall() == [
        ("submitted", 300)
    ]
    assert "no screenshot here" in text(await club(server, "proof delete", payment="P-0001"))


async def test_retention_says_what_goes_before_it_is_set(server: Server, ann: Member, clock: FixedClock):
    (payment,) = server.db.conn.execute("SELECT id FROM payments").fetchone()
    server.db.conn.execute("UPDATE payments SET submitted_at = '2025-01-10T00:00:00.000Z'")
    server.db.conn.execute("UPDATE proofs SET created_at = '2025-01-10T00:00:00.000Z'")
    before = books(server)
    preview = await club(server, "proof retention", months=12)
    assert "No screenshot goes tonight" in text(preview)  # it still waits for review
    assert books(server) == before
    await server.tess.click(preview, label="Cancel")
    await confirm(server, await club(server, "payment verify-all", member=ann.label))
    server.db.conn.execute("UPDATE payments SET decided_at = '2025-01-11T00:00:00.000Z'")
    preview = await club(server, "proof retention", months=12)
    assert "Tonight **one** screenshot goes, of a payment decided before 5 June 2025" in text(preview)
    assert "0 screenshots stay" in text(preview)
    assert labels(preview)[0] == "Keep them for 12 months"
    assert "are kept for 12 months" in await confirm(server, preview)
    assert server.club.workspace.proof_retention_months == 12
    again = text(await club(server, "proof retention", months=12))
    assert "Nothing was changed" in again
    preview = await club(server, "proof retention", months=0)
    assert "kept for ever" in await confirm(server, preview)
    assert payment == 1


async def test_who_may(server: Server, ann: Member):
    await refused(server, "proof retention", [({"months": 3}, "Only a treasurer")], who=server.rita)
    await refused(server, "proof delete", [({"payment": "P-1"}, "Only a reviewer")], who=server.ann)


async def test_an_unknown_payment_or_one_without_a_screenshot(server: Server):
    server.club.record(server.club.member("Ann"), 5)
    await refused(server, "proof delete", [
        ({"payment": "P-99"}, "no such payment"), ({"payment": "P-1"}, "no screenshot here"),
    ])  # fmt: skip


async def test_in_chinese(server: Server, ann: Member, chinese: None):
    preview = await club(server, "proof delete", payment="P-0001")
    assert "要刪除 P-0001 的截圖嗎" in text(preview)
    assert "已刪除 P-0001 的截圖" in await confirm(server, preview)
