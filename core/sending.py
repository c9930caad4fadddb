"""Sending, as bot/notifier.py asks for it: what is due in the outbox, taking one notice, and what became of it.

What is queued, and by whom, is in core/notices.py.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import errors
from core.clock import instant_text, parse_instant
from core.db import Tx
from core.models import Notice, NoticeId, Workspace
from core.notices import for_admins
from core.quiet_hours import quiet_until
from core.store import bills, members, notices, payments, workspaces
from core.store.notices import DueNotice

NONCE_WINDOW = timedelta(minutes=2)
GIVE_UP_AFTER = 8
CLOSED_DM_RETRY = timedelta(days=1)
LONGEST_DELAY = timedelta(minutes=2)
TOO_OLD = timedelta(days=14)
LOG_TOO_OLD = timedelta(days=2)
_EARLY_ATTEMPTS = 3
_PEOPLE = ("member", "user")
# What waits while the club has quiet hours.
REMINDERS = ("overdue", "overdue_list")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the notifier was given to send, where to, and whether an earlier attempt may have arrived.

    `doubt`: "none", "nonce" (crashed within the nonce's window: send with the same nonce) or "search".
    `channel_id` is where it is to be posted, or None for a private message to `user_id`. An alert has neither.
    """

    notice: Notice
    workspace: Workspace
    doubt: str
    channel_id: int | None = None
    user_id: int = 0


def due(tx: Tx, limit: int, busy: Collection[int] = ()) -> list[DueNotice]:
    """What is to be sent now, oldest first, without the ids in `busy`.

    What has no channel yet is not due; it becomes so in the moment that somebody chooses one.
    """
    return notices.due(tx.conn, tx.now_text, limit, busy)


def claim(tx: Tx, notice_id: int) -> Attempt | None:
    """Take one notice right before sending it; None when it is not due any more.

    Commits `attempted_at` first, so that after a crash it is known what may have arrived; of several attempts
    in doubt the first one counts. Marks obsolete what nobody needs any more.
    """
    notice = notices.get(tx.conn, notice_id)
    if notice is None or notice.status != "waiting" or notice.next_attempt_at > tx.now_text:
        return None
    workspace = workspaces.get(tx.conn, notice.workspace_id)
    assert workspace is not None
    channel_id, user_id = _where(tx, notice, workspace)
    if not still_wanted(tx, notice) or (notice.target in _PEOPLE and not user_id):
        _set(tx, notice, status="obsolete", attempted_at=None)
        return None
    if channel_id is None and not user_id and notice.target != "alert":
        return None
    if notice.kind in REMINDERS and (until := quiet_until(workspace, tx.now)):
        _set(tx, notice, next_attempt_at=instant_text(until))
        return None
    attempt = Attempt(notice, workspace, _doubt(tx, notice), channel_id, user_id)
    _set(tx, notice, attempted_at=notice.attempted_at or tx.now_text, attempts=notice.attempts + 1,
         next_attempt_at=instant_text(tx.now + _back_off(notice.attempts + 1)))  # fmt: skip
    return attempt


def due_in(tx: Tx, notice_id: int) -> float:
    """In how many seconds a waiting notice is tried again; 0 when it does not wait."""
    notice = notices.get(tx.conn, notice_id)
    if notice is None or notice.status != "waiting":
        return 0.0
    return max(0.0, (parse_instant(notice.next_attempt_at) - tx.now).total_seconds())


def _where(tx: Tx, notice: Notice, workspace: Workspace) -> tuple[int | None, int]:
    """(channel, user) that the notice is for; (None, 0) when there is no such place now."""
    match notice.target:
        case "announce":
            return workspace.announce_channel_id, 0
        case "review":
            return workspace.review_channel_id, 0
        case "admin":
            return workspace.admin_channel_id or workspace.review_channel_id, 0
        case "user":
            return None, notice.target_id
        case "alert":
            return None, 0
    member = members.current(tx.conn, workspace.id, notice.target_id)
    return None, (member.discord_id or 0) if member else 0


def keep_borders(tx: Tx, notice: Notice, borders: Sequence[Sequence[int]]) -> None:
    """Remember whom each message of a long list names, before the first one is sent.

    Who is settled meanwhile is left out when the rest is sent later; nobody moves to another message by that.
    """
    params = json.loads(notice.params)
    if "borders" not in params:
        _set(tx, notice, params=json.dumps({**params, "borders": borders}, ensure_ascii=False))


def mark_part_sent(
    tx: Tx, notice: Notice, part: int, channel_id: int, message_id: int, *, last: bool
) -> None:
    """Discord said so: one part is there. After the last one the notice is sent."""
    notices.remember_message(tx.conn, {
        "workspace_id": notice.workspace_id, "kind": notice.kind, "subject_type": _message_subject(notice)[0],
        "subject_id": _message_subject(notice)[1], "part": part, "channel_id": channel_id,
        "message_id": message_id, "posted_at": tx.now_text,
    })  # fmt: skip
    if last:
        _set(tx, notice, status="sent", sent_at=tx.now_text, parts_sent=part + 1, error="", attempted_at=None)
    else:  # the attempt at the next part begins now, and nothing before it is in doubt
        _set(tx, notice, parts_sent=part + 1, attempted_at=tx.now_text)


def mark_sent(tx: Tx, notice: Notice) -> None:
    """It arrived, and there is no message to remember: an alert."""
    _set(tx, notice, status="sent", sent_at=tx.now_text, parts_sent=1, error="", attempted_at=None)


def mark_over(tx: Tx, notice: Notice) -> None:
    """There is nothing (more) to say: sent when some of it was, else obsolete."""
    if parts_sent(tx, notice):
        _set(tx, notice, status="sent", sent_at=tx.now_text, error="", attempted_at=None)
    else:
        _set(tx, notice, status="obsolete", attempted_at=None)


def mark_refused(tx: Tx, notice: Notice, error: str, *, final: bool) -> None:
    """Discord said no. `final` gives up at once; otherwise it is tried some more times, ever less often."""
    fresh = notices.get(tx.conn, notice.id)
    assert fresh is not None
    status = "failed" if final or fresh.attempts >= GIVE_UP_AFTER else "waiting"
    _set(tx, notice, status=status, error=error[:300], attempted_at=_doubt_before(notice, fresh))


def has_failed(tx: Tx, notice: Notice) -> bool:
    """Whether it was given up."""
    fresh = notices.get(tx.conn, notice.id)
    return fresh is not None and fresh.status == "failed"


def mark_delayed(tx: Tx, notice: Notice, error: str, *, may_have_arrived: bool) -> None:
    """Discord could not be reached or was too busy: it waits, for however long that lasts.

    With `may_have_arrived` the answer was lost rather than given, and the next attempt is made in doubt; so it
    is when this attempt was.
    """
    fresh = notices.get(tx.conn, notice.id)
    assert fresh is not None
    _set(tx, notice, error=error[:300], attempts=min(fresh.attempts, _EARLY_ATTEMPTS),
         attempted_at=fresh.attempted_at if may_have_arrived else _doubt_before(notice, fresh),
         next_attempt_at=instant_text(tx.now + min(_back_off(fresh.attempts), LONGEST_DELAY)))  # fmt: skip


def mark_waiting(tx: Tx, notice: Notice, reason: str) -> None:
    """Their direct messages are closed: it waits until they come by (`wake_member`), and costs no attempt."""
    fresh = notices.get(tx.conn, notice.id)
    assert fresh is not None
    _set(tx, notice, error=reason[:300], attempts=0, attempted_at=_doubt_before(notice, fresh),
         next_attempt_at=instant_text(tx.now + CLOSED_DM_RETRY))  # fmt: skip


def mark_unknown(tx: Tx, notice: Notice) -> None:
    """It cannot be told whether an earlier attempt arrived: shown to admins, not sent again by itself."""
    workspace = workspaces.get(tx.conn, notice.workspace_id)
    assert workspace is not None
    _set(tx, notice, status="unknown", attempted_at=None, error="undecidable after a crash")
    for_admins(tx, workspace, "notice_unknown", str(notice.id), {"notice": notice.id, "kind": notice.kind})


def retry(tx: Tx, workspace_id: int, notice_id: NoticeId) -> None:
    """Send a failed or undecidable notice after all; raises NoticeUnknown."""
    notice = notices.get(tx.conn, notice_id)
    if notice is None or notice.workspace_id != workspace_id or notice.status not in ("failed", "unknown"):
        raise errors.NoticeUnknown()
    _set(tx, notice, status="waiting", attempts=0, error="", next_attempt_at=tx.now_text, attempted_at=None)


def wake_member(tx: Tx, member_id: int) -> None:
    """A member came by: what waits for their direct messages to open is tried again now."""
    notices.wake_member(tx.conn, member_id, tx.now_text)


def thread_of(tx: Tx, workspace: Workspace, user_id: int) -> int | None:
    """The private thread in which this person is told what their closed direct messages did not take."""
    found = notices.message(tx.conn, _thread_kind(workspace), "user", user_id)
    return found[0] if found else None


def remember_thread(tx: Tx, workspace: Workspace, user_id: int, thread_id: int | None) -> None:
    """Keep that thread for the next time, or forget it with None."""
    notices.forget_message(tx.conn, _thread_kind(workspace), "user", user_id)
    if thread_id is not None:
        notices.remember_message(tx.conn, {
            "workspace_id": workspace.id, "kind": _thread_kind(workspace), "subject_type": "user",
            "subject_id": user_id, "part": 0, "channel_id": thread_id, "message_id": thread_id,
            "posted_at": tx.now_text,
        })  # fmt: skip


def _thread_kind(workspace: Workspace) -> str:
    return f"thread:w{workspace.id}"


def shown_at(tx: Tx, notice: Notice, part: int) -> tuple[int, int] | None:
    """(channel, message) in which this part of the notice stands already, or None."""
    return notices.message(tx.conn, notice.kind, *_message_subject(notice), part)


def parts_sent(tx: Tx, notice: Notice) -> int:
    """How many parts Discord has confirmed; 0 when the notice was asked for anew."""
    fresh = notices.get(tx.conn, notice.id)
    return fresh.parts_sent if fresh is not None and fresh.revision == notice.revision else 0


def count_due(tx: Tx) -> int:
    """How many notices are to be sent now: 0 when the outbox is idle."""
    return notices.count_due(tx.conn, tx.now_text)


def still_wanted(tx: Tx, notice: Notice) -> bool:
    """Whether saying it still makes sense: not settled, claimed, retracted, closed or too old meanwhile."""
    if notice.op == "post" and tx.now - parse_instant(notice.created_at) > TOO_OLD:
        return False
    match notice.kind:
        case "opened":
            row = bills.period_by_id(tx.conn, notice.subject_id)
            key = f"w{notice.workspace_id}:opened:{row.period}:{row.openings}" if row else ""
            again = notice.dedupe_key.startswith(f"{key}:again")
            return row is not None and row.status == "open" and (again or key == notice.dedupe_key)
        case "added" | "closed":
            row = bills.period_by_id(tx.conn, notice.subject_id)
            return row is not None and row.status == ("open" if notice.kind == "added" else "closed")
        case "overdue" | "overdue_list":
            return any(bills.is_payable(tx.conn, bill_id) for bill_id in json.loads(notice.params)["bills"])
        case "payment_card":
            return _card_wanted(tx, notice)
        case "log":
            is_fresh = tx.now - parse_instant(notice.created_at) <= LOG_TOO_OLD
            return is_fresh or shown_at(tx, notice, 0) is not None
    return True


def _card_wanted(tx: Tx, notice: Notice) -> bool:
    """A card that nobody has seen is worth posting while the payment waits, or was decided lately."""
    payment = payments.get(tx.conn, notice.workspace_id, notice.subject_id)
    if payment is None:
        return False
    shown = notices.message(tx.conn, notice.kind, notice.subject_type, notice.subject_id)
    if shown or payment.status == "submitted" or payment.decided_at is None:
        return True
    return tx.now - parse_instant(payment.decided_at) <= TOO_OLD


def _doubt(tx: Tx, notice: Notice) -> str:
    if notice.attempted_at is None:
        return "none"
    age = tx.now - parse_instant(notice.attempted_at)
    return "nonce" if age <= NONCE_WINDOW else "search"


def _doubt_before(claimed: Notice, fresh: Notice) -> str | None:
    """The doubt that an attempt without effect leaves: the one with which it was claimed, unless a part of it
    arrived since."""
    return claimed.attempted_at if fresh.parts_sent == claimed.parts_sent else None


def _back_off(attempts: int) -> timedelta:
    return timedelta(seconds=min(3600, 5 * 4 ** (attempts - 1)))


def _message_subject(notice: Notice) -> tuple[str, int]:
    """Edits find their message by subject; each post has a message of its own."""
    return (notice.subject_type, notice.subject_id) if notice.op == "edit" else ("notice", notice.id)


def _set(tx: Tx, notice: Notice, **fields: Any) -> None:
    notices.update(tx.conn, notice.id, revision=notice.revision, **fields)
