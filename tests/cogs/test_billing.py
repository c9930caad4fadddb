"""/club billing: opening a month with a preview, and seeing how it stands."""

from __future__ import annotations

from tests.cogs.conftest import Server, labels, private, text


async def opened(server: Server, period: str | None = "2026-06", who=None):
    """Ask to open a month; the preview."""
    options = {} if period is None else {"period": period}
    return private(await (who or server.tess).slash(server.general, "club billing open", **options))


async def test_opening_a_month_previews_then_opens_and_says_the_real_counts(server: Server):
    plan = server.club.plan("Tea", 300)
    for name in ("Ann", "Ben"):
        server.club.subscriber(plan, name)
    preview = await opened(server, None)
    assert "Open June 2026?" in text(preview)
    assert "Tea: 2 bills, NT$600" in text(preview)
    assert labels(preview) == ["Open June 2026: 2 bills, NT$600", "Cancel"]
    assert server.club.notices("opened") == []
    await server.tess.click(preview, label="Open June 2026: 2 bills, NT$600")
    shown = text(preview.message)
    assert "June 2026 is open" in shown
    assert "2 bills, NT$600" in shown
    assert labels(preview.message) == []
    assert len(server.club.notices("opened")) == 1
