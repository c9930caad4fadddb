"""Whatever people type, in whatever field: it pings nobody, in public or in private."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from core import closing, notices, payments, reminders, templates
from core.period import Period
from tests.cogs.conftest import Server, labels, private, text

JUNE = Period("2026-06")


def posted(server: Server) -> Iterator[dict[str, Any]]:
    """The body of every message that the bot posted or changed, answers to interactions included."""
    for request in server.env.http_requests:
        body = request.json if isinstance(request.json, dict) else {}
        body = body.get("data") if "type" in body and "data" in body else body
        if not isinstance(body, dict) or request.method not in ("POST", "PATCH"):
            continue
        if body.get("components") and "custom_id" not in body:  # a form is shown to one, and mentions nobody
            yield body


async def test_no_typed_text_pings_anybody_anywhere(server: Server):
    role = server.guild.create_role("Victims")
    typed = f"@everyone @here <@{server.ben.id}> <@&{role.id}>"
    club = server.club
    club.set(name=f"Club {typed}", debtors_public=True, reminder_mode="both")
    for kind in templates.PLACEHOLDERS:
        names = " ".join("{" + name + "}" for name in templates.PLACEHOLDERS[kind])
        server.db.write(templates.save, club.treasurer, kind, "en", f"{typed} {names}")
    plan = club.plan(f"Plan {typed}", 300)
    club.method(f"Bank {typed}")
    member = server.on_roster(server.ann, f"Ann {typed}")
    club.subscribe(member, plan, "2026-06-01")
    club.open(JUNE.text)
    club.submit(member, note=typed)
    await server.deliver()
    card = server.review.last_message
    server.db.write(payments.reject, club.reviewer, payments_of(server)[-1], typed)
    late = club.subscriber(plan, f"Late {typed}", "2026-06-01")
    server.db.write(notices.added_to_period, club.workspace, 1, 1, [late.id])
    server.db.write(reminders.run, club.system, date(2026, 6, 20))
    await server.deliver()
    private(await server.ann.click(server.announce.last_message, label="My bills"))
    await server.ann.click(server.announce.last_message, label="Pay")
    private(await server.ann.click(server.announce.last_message, label="How to pay"))
    club.verify(club.submit(member))
    club.verify(club.submit(late))
    server.db.write(closing.close, club.treasurer, JUNE, announce=True)
    await server.deliver()
    assert labels(card), "the card was there"
    bodies = list(posted(server))
    assert sum("everyone" in text(body) for body in bodies) > 10, "the text is really shown in many places"
    for body in bodies:
        allowed = body["allowed_mentions"]
        assert allowed["parse"] == []
        assert str(server.ben.id) not in map(str, allowed.get("users", ()))
        assert str(role.id) not in map(str, allowed.get("roles", ()))


def payments_of(server: Server) -> list[Any]:
    return [row[0] for row in server.db.conn.execute("SELECT id FROM payments ORDER BY id").fetchall()]
