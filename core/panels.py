"""Where the club's panel was posted, so that it is edited there instead of being posted again."""

from core import access, errors, notices
from core.access import Role
from core.db import Tx
from core.models import Actor, Workspace
from core.store import notices as notice_rows


def where(tx: Tx, actor: Actor) -> tuple[int, int] | None:
    """(channel, message) of the panel, for a treasurer who is about to post it; None when there is none."""
    access.require(tx, actor, Role.TREASURER)
    return notice_rows.message(tx.conn, "panel", "workspace", actor.workspace_id)


def remember(tx: Tx, actor: Actor, channel_id: int, message_id: int) -> None:
    """The panel is this message from now on."""
    access.require(tx, actor, Role.TREASURER)
    notice_rows.remember_message(tx.conn, {
        "workspace_id": actor.workspace_id, "kind": "panel", "subject_type": "workspace",
        "subject_id": actor.workspace_id, "part": 0, "channel_id": channel_id, "message_id": message_id,
        "posted_at": tx.now_text,
    })  # fmt: skip


def post(tx: Tx, actor: Actor) -> Workspace:
    """Queue the panel for the announcement channel; one that stands there is brought up to date.

    One in another channel is left there, and its buttons go on working. Raises FieldMissing without a channel.
    """
    known = where(tx, actor)
    workspace = access.workspace_of(tx, actor)
    if workspace.announce_channel_id is None:
        raise errors.FieldMissing(field="announce_channel_id")
    if known is not None and known[0] != workspace.announce_channel_id:
        notice_rows.forget_message(tx.conn, "panel", "workspace", workspace.id)
    notices.panel(tx, workspace)
    return workspace
