"""What the bot said about a period, to whom and when; what waits and why; what failed and why."""

from dataclasses import dataclass

from core import access, errors
from core.access import Role
from core.clock import parse_instant
from core.db import Tx
from core.models import Actor, Notice, Workspace
from core.period import Period
from core.quiet_hours import quiet_until
from core.sending import REMINDERS
from core.store import bills, notice_status

CHANNELS = ("announce", "review", "admin")
"""Targets that are channels; the others are people, or an alert target."""


@dataclass(frozen=True, slots=True)
class NoticeState:
    """One notice. `place` is where it goes: a channel, or nothing for a private message to `member`.

    `why` says why it is where it is: "no_channel", "quiet", "dm_closed", "retrying", "next" (on its way), or
    for one that failed or is undecidable "error", which is in the notice itself.
    """

    notice: Notice
    channel_id: int | None
    member: str
    account: int | None
    why: str

    @property
    def is_private(self) -> bool:
        return self.notice.target == "member"


@dataclass(frozen=True, slots=True)
class PeriodNotices:
    """Every notice about a period, oldest first."""

    workspace: Workspace
    period: Period
    states: tuple[NoticeState, ...]

    def of(self, *statuses: str) -> tuple[NoticeState, ...]:
        """Those in one of the statuses: sent, waiting, failed, unknown, obsolete."""
        return tuple(state for state in self.states if state.notice.status in statuses)


def of_period(tx: Tx, actor: Actor, period: Period) -> PeriodNotices:
    """How the notices of a period stand, for auditors: its openings, additions, summaries and reminders.

    Raises RoleNeeded, PeriodUnknown.
    """
    access.require(tx, actor, Role.AUDITOR)
    workspace = access.workspace_of(tx, actor)
    row = bills.period(tx.conn, workspace.id, period.text)
    if row is None:
        raise errors.PeriodUnknown(period=period)
    found = notice_status.of_period(tx.conn, workspace.id, row.id)
    return PeriodNotices(
        workspace, period,
        tuple(
            NoticeState(notice, channel_of(workspace, notice), name or "", account, why_of(tx, workspace, notice))
            for notice, name, account in found
        ),
    )  # fmt: skip


def channel_of(workspace: Workspace, notice: Notice) -> int | None:
    """The channel that a notice goes to as things are; None for one to a person, or where none is chosen."""
    match notice.target:
        case "announce":
            return workspace.announce_channel_id
        case "review":
            return workspace.review_channel_id
        case "admin":
            return workspace.admin_channel_id or workspace.review_channel_id
    return None


def why_of(tx: Tx, workspace: Workspace, notice: Notice) -> str:
    """Why a notice is where it is; the words of NoticeState.why, blank for what is over."""
    if notice.status in ("failed", "unknown"):
        return "error"
    if notice.status != "waiting":
        return ""
    if notice.target in CHANNELS and channel_of(workspace, notice) is None:
        return "no_channel"
    if notice.error.startswith("dm_closed"):
        return "dm_closed"
    if notice.kind in REMINDERS and quiet_until(workspace, tx.now):
        return "quiet"
    later = parse_instant(notice.next_attempt_at) > tx.now
    return "retrying" if later and notice.error else "next"
