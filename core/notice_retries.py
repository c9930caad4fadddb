"""Trying again to say what could not be said, asked for by somebody who runs the club."""

from core import access, audit, sending
from core.access import Role
from core.db import Tx
from core.models import Actor, NoticeId
from core.store import admin_views


def retry_all(tx: Tx, actor: Actor) -> int:
    """Queue every failed or undecidable notice of the workspace again; returns how many. For treasurers."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    ids = admin_views.troubled_notice_ids(tx.conn, workspace.id)
    for notice_id in ids:
        sending.retry(tx, workspace.id, NoticeId(notice_id))
    if ids:
        audit.record(tx, actor, "notices.retry", "workspace", workspace.id, after={"count": len(ids)})
    return len(ids)


def retry_one(tx: Tx, actor: Actor, notice_id: NoticeId) -> None:
    """Queue one failed or undecidable notice again. For treasurers; raises RoleNeeded, NoticeUnknown."""
    access.require(tx, actor, Role.TREASURER)
    sending.retry(tx, actor.workspace_id, notice_id)
    audit.record(tx, actor, "notices.retry", "workspace", actor.workspace_id, after={"count": 1})
