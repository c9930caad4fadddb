"""Who may do what: roles, given to members by their name."""

from __future__ import annotations

from aiohttp import web

from bot.web.forms import field_errors, read_form
from bot.web.middleware import status_of
from bot.web.pages.settings import TABS
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import admins, errors, reports_settings
from core.access import Role
from core.errors import DomainError
from core.reports_settings import Rights

pages = Routes()

_HERE = "/settings/rights"
ROLES = {
    "owner": ("roles.owner", "web_settings.rights_owner"),
    "treasurer": ("roles.treasurer", "web_settings.rights_treasurer"),
    "reviewer": ("roles.reviewer", "web_settings.rights_reviewer"),
    "auditor": ("roles.auditor", "web_settings.rights_auditor"),
}
"""What each role is called, and what it may do; the highest first."""


@pages.get("/settings/rights", least=Role.AUDITOR)
async def rights(desk: Desk) -> web.StreamResponse:
    """Everybody with a role, and the form that gives one."""
    return await _page(desk)


@pages.post("/settings/rights", least=Role.TREASURER)
async def grant(desk: Desk) -> web.StreamResponse:
    """Give a member a role instead of the one they have."""
    form = await read_form(desk)
    role = form.text("role")
    try:
        found = await _read(desk)
        member_id = form.id("member")
        if member_id is None:
            raise errors.FieldMissing(field="name")
        holder = next((holder for holder in found.holders if holder.id == member_id), None)
        if holder is None:
            raise errors.MemberUnknown
        changed = await desk.db.write(admins.grant, desk.actor, holder.discord_id, role)
    except DomainError as error:
        return await _page(desk, {"member": form.text("member"), "role": role}, error)
    same = changed.before == changed.after
    params = {"name": holder.name, "role": desk.t(ROLES[role][0])}
    return desk.redirect(
        _HERE, Flash("web_settings.flash_same_role" if same else "web_settings.flash_granted", params)
    )


@pages.post("/settings/rights/{account:[0-9]{1,20}}/revoke", least=Role.TREASURER)
async def revoke(desk: Desk) -> web.StreamResponse:
    """Take a role away; the last one who runs the club stays."""
    account = int(desk.arg("account"))
    try:
        name = _name(desk, await _read(desk), account)
        changed = await desk.db.write(admins.revoke, desk.actor, account)
    except DomainError as error:
        return desk.refused(_HERE, error)
    if changed.before is None:
        return desk.redirect(_HERE, Flash("web_settings.flash_had_none", {"name": name}))
    params = {"name": name, "role": desk.t(ROLES[changed.before][0])}
    return desk.redirect(_HERE, Flash("web_settings.flash_revoked", params))


async def _page(
    desk: Desk, typed: dict[str, str] | None = None, error: DomainError | None = None
) -> web.Response:
    found, owner = await _read(desk), _owner(desk)
    roles = [role for role in ROLES if role != "owner" or desk.may(Role.OWNER)]
    return desk.render(
        "settings_rights.html", status=status_of(error) if error else 200, tabs=TABS, found=found,
        owner=owner, words=ROLES, roles=roles, typed=typed or {},
        names={account: _name(desk, found, account) for account in _accounts(found, owner)},
        errors=field_errors(desk, error) if error else {}, me=desk.actor.discord_id,
    )  # fmt: skip


async def _read(desk: Desk) -> Rights:
    return await desk.db.read(reports_settings.rights, desk.actor, _owner(desk))


def _owner(desk: Desk) -> int | None:
    return desk.site.host.guild_owner(desk.workspace.guild_id)


def _accounts(found: Rights, owner: int | None) -> set[int]:
    return {admin.discord_id for admin in found.admins} | ({owner} if owner else set())


def _name(desk: Desk, found: Rights, account: int) -> str:
    """The name on the roster of whoever holds this account, else the account itself."""
    return found.names.get(account) or desk.t("web_settings.rights_account", account=str(account))
