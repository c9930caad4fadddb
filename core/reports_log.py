"""The activity log and the outbox as the pages show them, and whether the log's chain holds. Reads only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core import access, errors, lists
from core.access import Role
from core.admins import Admin
from core.audit import FIRST_HASH, chain_hash
from core.db import Tx
from core.lists import Page
from core.models import Actor, Notice, Workspace
from core.notice_status import channel_of, why_of
from core.period import Period
from core.store import admin_log as subjects
from core.store import audit_log, bills, log_lists, members, workspaces
from core.store.lists import AuditLine

QUICK_CHECK = 500
"""How many of the newest lines are checked without being asked to."""
_MOST_BROKEN = 20


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """One line of the log. `name` is what it is about, `member` whom it concerns, as far as they have names.

    `undone_by` says who took it back.
    """

    id: int
    action: str
    subject_type: str
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    done_by: str
    done_at: str
    hash: str
    name: str
    member_id: int | None
    member: str
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in some lines are called: accounts, tokens, and rows by (table, id)."""

    accounts: dict[int, str]
    tokens: dict[int, str]
    rows: dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines, newest first, with the names in them; `next` is the cursor of the page behind."""

    rows: tuple[LoggedLine, ...]
    next: int | None
    names: Names


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What walking along the chain found. `broken` are ids of lines that do not follow from the one before.

    `lines` were looked at, which are all of them when `is_whole`; `head` is the newest hash, to be compared
    with an earlier note.
    """

    lines: int
    is_whole: bool
    head: str
    broken: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice of the outbox. `to` is a person's or a target's name; `why` as in core/notice_status.py."""

    notice: Notice
    channel_id: int | None
    to: str
    account: int | None
    why: str
    period: str


def log(tx: Tx, actor: Actor, filters: dict[str, Any], *, cursor: int = 0, limit: int = 50) -> LogPage:
    """Lines of the log that fit the filters of `lists.audit_log`, in full. For auditors."""
    found = lists.audit_log(tx, actor, cursor=cursor, limit=limit, **filters)
    undone = log_lists.undone(tx.conn, actor.workspace_id, [row.id for row in found.rows])
    rows = tuple(_line(tx, actor, row, undone.get(row.id)) for row in found.rows)
    return LogPage(rows, found.next, _names(tx, actor, rows))


def _line(tx: Tx, actor: Actor, row: AuditLine, undone_by: str | None) -> LoggedLine:
    name, member_id = subjects.subject(tx.conn, row.subject_type, row.subject_id)
    member = members.current(tx.conn, actor.workspace_id, member_id) if member_id else None
    return LoggedLine(
        row.id, row.action, row.subject_type, row.subject_id, json.loads(row.before_json),
        json.loads(row.after_json), row.done_by, row.done_at, row.hash, name,
        member.id if member else None, member.name if member else "", undone_by,
    )  # fmt: skip


def _names(tx: Tx, actor: Actor, rows: Iterable[LoggedLine]) -> Names:
    """What the accounts, tokens, members, plans and methods in these lines are called."""
    accounts: set[int] = set()
    people: set[int] = set()
    for row in rows:
        values = [value for state in (row.before, row.after) for value in state.items()]
        accounts |= {_number(found.removeprefix("discord:")) for found in (row.done_by, row.undone_by or "")}
        accounts |= {_number(value) for name, value in values if name in ("account", "treasurer")}
        accounts |= {row.subject_id} if row.subject_type == "admin" else set()
        people |= {_number(value) for name, value in values if name in ("member", "into")}
    conn, club = tx.conn, actor.workspace_id
    found = {
        "members": log_lists.member_names(conn, club, sorted(people - {0})),
        "plans": log_lists.plan_names(conn, club), "methods": log_lists.method_names(conn, club),
    }  # fmt: skip
    return Names(
        log_lists.names_of_accounts(conn, club, sorted(accounts - {0})),
        log_lists.names_of_tokens(conn, club),
        {(table, number): name for table, named in found.items() for number, name in named.items()},
    )


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0


def people(tx: Tx, actor: Actor) -> tuple[list[Admin], Names]:
    """Who runs the club, and what they and the programs are called: to choose from in a filter."""
    access.require(tx, actor, Role.AUDITOR)
    found = [Admin(*row) for row in workspaces.roles(tx.conn, actor.workspace_id)]
    accounts = log_lists.names_of_accounts(tx.conn, actor.workspace_id, [admin.discord_id for admin in found])
    return found, Names(accounts, log_lists.names_of_tokens(tx.conn, actor.workspace_id), {})


def check_chain(tx: Tx, actor: Actor, *, whole: bool = False) -> ChainCheck:
    """Whether the log's lines follow from each other: the newest ones, or with `whole` all of them.

    It shows an edited or a missing line, but not a cut tail: for that the head is compared. For auditors.
    """
    access.require(tx, actor, Role.AUDITOR)
    chain: Iterable[tuple[int, str, str, dict[str, Any]]]
    tail = log_lists.chain_tail(tx.conn, actor.workspace_id, QUICK_CHECK)
    whole = whole or len(tail) < QUICK_CHECK
    chain = audit_log.chain(tx.conn, actor.workspace_id) if whole else tail
    previous = FIRST_HASH if whole else tail[0][1]
    broken, lines = [], 0
    for line_id, before, found, row in chain:
        lines += 1
        if before != previous or found != chain_hash(before, row):
            broken.append(line_id)
        previous = found
    return ChainCheck(lines, whole, previous, tuple(broken[:_MOST_BROKEN]))


def notices(
    tx: Tx, actor: Actor, *, status: str | None = None, troubled: bool = False, kind: str | None = None,
    period: Period | None = None, cursor: int = 0, limit: int = 50,
) -> Page[NoticeLine]:  # fmt: skip
    """The outbox, newest first: where each notice goes, and why it is where it is. For auditors.

    `troubled`: only what failed, or cannot be decided.

    Raises RoleNeeded, PeriodUnknown.
    """
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    filters = {
        "cursor": cursor or None, "status": status, "troubled": troubled or None, "kind": kind or None,
        "period_id": _period_id(tx, workspace, period) if period else None,
    }  # fmt: skip
    found = log_lists.notices(tx.conn, workspace.id, filters, limit + 1)
    rows = [
        NoticeLine(
            notice, channel_of(workspace, notice), name or "", account, why_of(tx, workspace, notice),
            _month(tx, notice),
        )
        for notice, name, account in found[:limit]
    ]  # fmt: skip
    return Page(tuple(rows), rows[-1].notice.id if len(found) > limit else None)


def _period_id(tx: Tx, workspace: Workspace, period: Period) -> int:
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    return row.id


def _month(tx: Tx, notice: Notice) -> str:
    """The month that a notice is about, where it is about one."""
    row = bills.period_by_id(tx.conn, notice.subject_id) if notice.subject_type == "period" else None
    return row.period if row else ""
