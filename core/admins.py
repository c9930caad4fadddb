"""Who runs the club: owner, treasurer, reviewer and auditor, one Discord account each.

The server's owner is always owner and has no row; the adapter reads that at the click.
"""

from dataclasses import dataclass

from core import access, audit, errors
from core.access import Role
from core.db import Tx
from core.models import Actor
from core.store import workspaces
from core.workspaces import discord_id as checked_id

ROLES = ("owner", "treasurer", "reviewer", "auditor")
RUNNING = ("owner", "treasurer")


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """What a grant or a removal did; both roles are the same when nothing changed."""

    discord_id: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Admin:
    """A Discord account and its role here."""

    discord_id: int
    role: str


def everyone(tx: Tx, actor: Actor) -> list[Admin]:
    """All roles of the workspace, the highest first."""
    access.require(tx, actor, Role.AUDITOR)
    found = [Admin(*row) for row in workspaces.roles(tx.conn, actor.workspace_id)]
    return sorted(found, key=lambda admin: (ROLES.index(admin.role), admin.discord_id))


def grant(tx: Tx, actor: Actor, discord_id: int, role: str, *, confirmed: bool = False) -> RoleChanged:
    """Give an account this role instead of the one it has. A treasurer may, but only an owner makes owners.

    Raises RoleNeeded, ChoiceUnknown, and LastTreasurer when that would leave nobody to run the club.
    """
    if role not in ROLES:
        raise errors.ChoiceUnknown(field="role", value=errors.shown(role), choices=", ".join(ROLES))
    return _set(tx, actor, discord_id, role, confirmed=confirmed)


def revoke(tx: Tx, actor: Actor, discord_id: int, *, confirmed: bool = False) -> RoleChanged:
    """Take the role of an account away; nothing happens when it has none.

    The last owner or treasurer stays, unless the server's owner takes them away, or the command line says
    `confirmed`. Raises RoleNeeded, LastTreasurer.
    """
    return _set(tx, actor, discord_id, None, confirmed=confirmed)


def _set(tx: Tx, actor: Actor, discord_id: int, role: str | None, *, confirmed: bool) -> RoleChanged:
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    account = checked_id("discord_id", discord_id)
    before = workspaces.role(tx.conn, workspace.id, account)
    if "owner" in (before, role):
        access.require(tx, actor, Role.OWNER)
    if before == role:
        return RoleChanged(account, before, role)
    if before in RUNNING and role not in RUNNING and not _may_leave_nobody(actor, confirmed):
        _check_somebody_left(tx, workspace.id, account)
    if role is None:
        workspaces.remove_role(tx.conn, workspace.id, account)
    else:
        workspaces.set_role(tx.conn, workspace.id, account, role, actor.text, tx.now_text)
    audit.record(
        tx, actor, "admin.revoke" if role is None else "admin.grant", "admin", account,
        before={"role": before} if before else None, after={"role": role} if role else None,
    )  # fmt: skip
    return RoleChanged(account, before, role)


def _may_leave_nobody(actor: Actor, confirmed: bool) -> bool:
    """The server's owner remains owner; whoever has the command line can always grant a role again."""
    return actor.owns_server or (actor.kind == "operator" and confirmed)


def _check_somebody_left(tx: Tx, workspace_id: int, without: int) -> None:
    rest = [row for row in workspaces.roles(tx.conn, workspace_id) if row[1] in RUNNING and row[0] != without]
    if not rest:
        raise errors.LastTreasurer()
