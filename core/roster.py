"""The roster: people of the club, with or without a linked Discord account. Leaving keeps their history."""

from dataclasses import dataclass
from datetime import date, timedelta

from core import access, audit, errors, linking, subscriptions
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.models import Actor, Bill, Member, MemberId, SubscriptionId, Workspace
from core.period import parse_date
from core.roster_cells import is_email
from core.roster_cells import member_id as number_of
from core.store import members
from core.store import subscriptions as subscription_rows
from core.text import clean_name, clean_text, name_key
from core.unset import UNSET, Unset
from core.workspaces import discord_id as checked_id
from core.workspaces import whole_number

NAME_CHARACTERS = 100
NOTE_CHARACTERS = 500
MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A member as it is now, and the names of the fields that really changed."""

    member: Member
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What leaving did: subscriptions it ended, their unpaid bills for later days, the account it freed."""

    member: Member
    ended: tuple[SubscriptionId, ...]
    affected: tuple[Bill, ...]
    unlinked: int | None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Members that fit a search, from one place on; `total` is how many fit altogether."""

    members: tuple[Member, ...]
    total: int


def email_key(email: str) -> str:
    """The form in which e-mail addresses are compared: case and width do not matter."""
    return name_key(email)


def clean_email(email: str) -> str | None:
    """The address as it is kept; None when it is blank. Raises EmailInvalid."""
    text = email.strip()
    if text and not is_email(text):
        raise errors.EmailInvalid(field="email", value=errors.shown(email))
    return text or None


def add_member(tx: Tx, actor: Actor, name: str, *, email: str | None = None, note: str = "") -> Member:
    """Put a person on the roster. Names may repeat, e-mail addresses may not. Raises EmailTaken."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    shown_name = clean_name(name, "name", NAME_CHARACTERS)
    address = clean_email(email or "")
    _check_email_free(tx, workspace, address)
    added = members.add(
        tx.conn, workspace_id=workspace.id, name=shown_name, name_key=name_key(shown_name), email=address,
        email_key=address and email_key(address), note=clean_text(note, "note", NOTE_CHARACTERS),
        now=tx.now_text,
    )  # fmt: skip
    audit.record(tx, actor, "member.add", "member", added)
    return _load(tx, workspace, added)


def edit(
    tx: Tx,
    actor: Actor,
    member_id: MemberId,
    *,
    name: str | Unset = UNSET,
    email: str | Unset | None = UNSET,
    note: str | Unset = UNSET,
) -> MemberChanged:
    """Change the given fields; a blank e-mail or note is made blank, an absent one stays.

    The audit log keeps which fields changed, not what they said.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    before = _load(tx, workspace, member_id)
    shown_name = before.name if name is UNSET else clean_name(name, "name", NAME_CHARACTERS)
    address = before.email if email is UNSET else clean_email(email or "")
    text = before.note if note is UNSET else clean_text(note, "note", NOTE_CHARACTERS)
    _check_email_free(tx, workspace, address, before)
    members.update(
        tx.conn, before.id, name=shown_name, name_key=name_key(shown_name), email=address,
        email_key=address and email_key(address), note=text,
    )  # fmt: skip
    after = _load(tx, workspace, before.id)
    changed = tuple(
        field for field in ("name", "email", "note") if getattr(before, field) != getattr(after, field)
    )
    if changed:
        audit.record(tx, actor, "member.edit", "member", after.id, after={"changed": list(changed)})
    return MemberChanged(after, changed)


def leave(tx: Tx, actor: Actor, member_id: MemberId, left_on: date | str | None = None) -> Left:
    """Somebody leaves the club: their subscriptions end that day, their Discord account is free again.

    What they owe and paid stays. `left_on` is today when None, and never later. Nothing happens when they
    have left already. Raises DateTooLate.
    """
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    before = _load(tx, workspace, member_id)
    if before.left_on is not None:
        return Left(before, (), (), None)
    today = local_date(tx.now, workspace.timezone)
    day = today if left_on is None else parse_date(str(left_on), "left_on")
    if day > today:
        raise errors.DateTooLate(field="left_on", latest=today)
    ended = subscriptions.end_all(tx, actor, before, day)
    linking.close_waiting(tx, workspace, actor, member_id=before.id)
    members.set_left(tx.conn, before.id, str(day))
    audit.record(
        tx, actor, "member.leave", "member", before.id, before=_account(before), after={"left_on": str(day)}
    )
    affected = subscription_rows.unpaid_bills_after(tx.conn, ended, str(day + timedelta(days=1)))
    return Left(_load(tx, workspace, before.id), ended, tuple(affected), before.discord_id)


def rejoin(tx: Tx, actor: Actor, member_id: MemberId) -> Member:
    """Somebody who left is back, with their history; subscriptions and the account are given anew."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    before = _load(tx, workspace, member_id)
    if before.left_on is not None:
        members.set_left(tx.conn, before.id, None)
        audit.record(tx, actor, "member.rejoin", "member", before.id, before={"left_on": before.left_on})
    return _load(tx, workspace, before.id)


def unlink(tx: Tx, actor: Actor, member_id: MemberId) -> Member:
    """Part a member from their Discord account; nothing happens when there is none."""
    return _set_account(tx, actor, member_id, None)


def move_account(tx: Tx, actor: Actor, member_id: MemberId, discord_id: int) -> Member:
    """Link a member to this Discord account, instead of the one it had.

    Raises MemberLeft, and AccountTaken when the account belongs to another name.
    """
    return _set_account(tx, actor, member_id, checked_id("discord_id", discord_id))


def find(
    tx: Tx, actor: Actor, query: str = "", *, limit: int = 25, offset: int = 0, with_left: bool = False
) -> MemberPage:
    """Search the roster by number (M-12) or a part of the name; a blank query lists everybody."""
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    whole_number("limit", limit, 1, MOST_FOUND)
    whole_number("offset", offset, 0, 10**9)
    number = number_of(query)
    if number is not None:
        member = members.current(tx.conn, workspace.id, number)
        fits = member is not None and (with_left or member.left_on is None)
        return MemberPage((member,), 1) if member is not None and fits else MemberPage((), 0)
    found, total = members.page(
        tx.conn, workspace.id, name_key(query), with_left=with_left, limit=limit, offset=offset
    )
    return MemberPage(tuple(found), total)


def _set_account(tx: Tx, actor: Actor, member_id: int, account: int | None) -> Member:
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    before = _load(tx, workspace, member_id)
    if before.discord_id == account:
        return before
    if account is not None:
        _check_account_free(tx, workspace, before, account)
    members.unlink(tx.conn, before.id)
    if account is not None:
        linked = members.link(tx.conn, before.id, account)
        assert linked, before.id
        linking.close_waiting(tx, workspace, actor, discord_id=account, approved=before.id)
    audit.record(
        tx, actor, "member.account", "member", before.id, before=_account(before),
        after={"account": None if account is None else str(account)},
    )  # fmt: skip
    return _load(tx, workspace, before.id)


def _check_account_free(tx: Tx, workspace: Workspace, member: Member, account: int) -> None:
    if member.left_on is not None:
        raise errors.MemberLeft(member=member.name)
    holder = members.by_discord(tx.conn, workspace.id, account)
    if holder is not None:
        raise errors.AccountTaken(name=holder.name)


def _check_email_free(tx: Tx, workspace: Workspace, address: str | None, own: Member | None = None) -> None:
    if address is None:
        return
    holder = members.by_email(tx.conn, workspace.id, email_key(address))
    if holder is not None and (own is None or holder.id != own.id):
        raise errors.EmailTaken(member=holder.label)


def _load(tx: Tx, workspace: Workspace, member_id: int) -> Member:
    member = members.get(tx.conn, workspace.id, member_id)
    if member is None or member.successor_id is not None:
        raise errors.MemberUnknown()
    return member


def _account(member: Member) -> dict[str, str | None]:
    return {"account": None if member.discord_id is None else str(member.discord_id)}
