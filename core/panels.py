"""Where the club's panel was posted, so that it is edited there instead of being posted again."""

from core import access
from core.access import Role
from core.db import Tx
from core.models import Actor
from core.store import notices


def where(tx: Tx, actor: Actor) -> tuple[int, int] | None:
    """(channel, message) of the panel, for a treasurer who is about to post it; None when there is none."""
    access.require(tx, actor, Role.TREASURER)
    return notices.message(tx.conn, "panel", "workspace", actor.workspace_id)


def remember(tx: Tx, actor: Actor, channel_id: int, message_id: int) -> None:
    """The panel is this message from now on."""
    access.require(tx, actor, Role.TREASURER)
    notices.remember_message(tx.conn, {
        "workspace_id": actor.workspace_id, "kind": "panel", "subject_type": "workspace",
        "subject_id": actor.workspace_id, "part": 0, "channel_id": channel_id, "message_id": message_id,
        "posted_at": tx.now_text,
    })  # fmt: skip
