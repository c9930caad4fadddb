"""The outbox: a use case queues what is to be said in its own transaction; bot/notifier.py says it later.

A *post* is sent once, an *edit* shows the newest state of its subject (posting it the first time). Dedupe
keys begin with the workspace. What to render is read again at sending time from the subject; `params` keep
only what happened. Kinds: payment_card, payment_result, opened, overdue, overdue_list, link_card,
link_result, months_unopened, job_failed, notice_unknown.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import errors
from core.clock import instant_text, parse_instant
from core.db import Tx
from core.models import LinkRequestId, Notice, NoticeId, Payment, PaymentId, Workspace
from core.store import bills, members, notices, payments, workspaces

NONCE_WINDOW = timedelta(minutes=2)
GIVE_UP_AFTER = 8
NO_CHANNEL_RETRY = timedelta(minutes=10)
TOO_OLD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the notifier was given to send: the notice, and whether an earlier attempt may have arrived.

    `doubt`: "none", "nonce" (crashed within the nonce's window: send with the same nonce) or "search".
    """

    notice: Notice
    workspace: Workspace
    doubt: str


def payment_card(tx: Tx, workspace: Workspace, payment_id: PaymentId) -> None:
    """Show the payment's card in the review channel, or bring it up to date."""
    _queue(
        tx, workspace, notices.edit, "payment_card", f"card:p{payment_id}", "review", 0, "payment", payment_id
    )


def payment_result(
    tx: Tx, workspace: Workspace, payment: Payment, event: str, audit_id: int, credit_change: int
) -> None:
    """Tell the member what happened to their payment."""
    params = {
        "event": event, "received": payment.received_minor, "declared": payment.declared_minor,
        "refunded": payment.refunded_minor, "reason": payment.reject_reason, "credit": credit_change,
    }  # fmt: skip
    _queue(
        tx, workspace, notices.post, "payment_result", f"result:p{payment.id}:{audit_id}", "member",
        payment.member_id, "payment", payment.id, params,
    )  # fmt: skip


def opened(tx: Tx, workspace: Workspace, period_id: int, period: str, opening: int) -> None:
    _queue(
        tx,
        workspace,
        notices.post,
        "opened",
        f"opened:{period}:{opening}",
        "announce",
        0,
        "period",
        period_id,
    )


def link_card(tx: Tx, workspace: Workspace, request_id: LinkRequestId) -> None:
    _queue(tx, workspace, notices.edit, "link_card", f"link:{request_id}", "review", 0, "link", request_id)


def link_result(
    tx: Tx, workspace: Workspace, request_id: LinkRequestId, discord_id: int, status: str
) -> None:
    _queue(
        tx, workspace, notices.post, "link_result", f"link-result:{request_id}:{status}", "user", discord_id,
        "link", request_id, {"status": status},
    )  # fmt: skip


def overdue_member(
    tx: Tx, workspace: Workspace, member_id: int, key: str, bill_ids: list[int]
) -> NoticeId | None:
    return _queue(
        tx, workspace, notices.post, "overdue", f"overdue:{key}:m{member_id}", "member", member_id, "member",
        member_id, {"bills": bill_ids},
    )  # fmt: skip


def overdue_list(tx: Tx, workspace: Workspace, key: str, bill_ids: list[int]) -> NoticeId | None:
    return _queue(
        tx, workspace, notices.post, "overdue_list", f"overdue:{key}", "announce", 0, "workspace", workspace.id,
        {"bills": bill_ids},
    )  # fmt: skip


def for_admins(tx: Tx, workspace: Workspace, kind: str, key: str, params: dict[str, Any]) -> None:
    """A word to the people who run the club: months_unopened, job_failed, notice_unknown."""
    _queue(tx, workspace, notices.post, kind, f"{kind}:{key}", "admin", 0, "workspace", workspace.id, params)


def _queue(
    tx: Tx, workspace: Workspace, how: Callable[[Any, dict[str, Any]], NoticeId | None], kind: str, key: str,
    target: str, target_id: int, subject_type: str, subject_id: int, params: dict[str, Any] | None = None,
) -> NoticeId | None:  # fmt: skip
    return how(tx.conn, {
        "workspace_id": workspace.id, "dedupe_key": f"w{workspace.id}:{key}", "kind": kind, "target": target,
        "target_id": target_id, "subject_type": subject_type, "subject_id": subject_id,
        "params": json.dumps(params or {}, ensure_ascii=False), "now": tx.now_text,
    })  # fmt: skip


# --- what the notifier asks ----------------------------------------------------------------------------------


def claim_due(tx: Tx, limit: int = 20) -> list[Attempt]:
    """Take what is due: mark obsolete what nobody needs any more, and commit `attempted_at` before sending."""
    taken = []
    for notice in notices.due(tx.conn, tx.now_text, limit):
        workspace = workspaces.get(tx.conn, notice.workspace_id)
        assert workspace is not None
        if not still_wanted(tx, notice):
            _set(tx, notice, status="obsolete")
            continue
        doubt = _doubt(tx, notice)
        _set(tx, notice, attempted_at=tx.now_text, attempts=notice.attempts + 1,
             next_attempt_at=instant_text(tx.now + _back_off(notice.attempts + 1)))  # fmt: skip
        taken.append(Attempt(notice, workspace, doubt))
    return taken


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
    else:
        _set(tx, notice, parts_sent=part + 1)


def mark_failed(tx: Tx, notice: Notice, error: str, *, final: bool) -> None:
    """Discord refused, or could not be reached. `final` gives up at once; otherwise it is tried again later."""
    fresh = notices.get(tx.conn, notice.id)
    assert fresh is not None
    status = "failed" if final or fresh.attempts >= GIVE_UP_AFTER else "waiting"
    _set(tx, notice, status=status, error=error[:300], attempted_at=None)


def mark_waiting(tx: Tx, notice: Notice, reason: str) -> None:
    """There is no way to say it yet (no channel chosen, direct messages closed): it waits, and costs no attempt."""
    _set(tx, notice, error=reason[:300], attempts=0, attempted_at=None,
         next_attempt_at=instant_text(tx.now + NO_CHANNEL_RETRY))  # fmt: skip


def mark_unknown(tx: Tx, notice: Notice) -> None:
    """It cannot be told whether an earlier attempt arrived: never sent again by itself, but shown to admins."""
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
    tx.conn.execute(
        """
        UPDATE notices SET next_attempt_at = :now
        WHERE status = 'waiting' AND target = 'member' AND target_id = :member AND error <> ''
        """,
        {"now": tx.now_text, "member": member_id},
    )


def still_wanted(tx: Tx, notice: Notice) -> bool:
    """Whether saying it still makes sense: not settled, claimed, retracted or too old meanwhile."""
    if notice.op == "post" and tx.now - parse_instant(notice.created_at) > TOO_OLD:
        return False
    match notice.kind:
        case "opened":
            row = bills.period_by_id(tx.conn, notice.subject_id)
            key = f"w{notice.workspace_id}:opened:{row.period}:{row.openings}" if row else ""
            return row is not None and row.status != "draft" and key == notice.dedupe_key
        case "overdue" | "overdue_list":
            return any(bills.is_payable(tx.conn, bill_id) for bill_id in json.loads(notice.params)["bills"])
        case "payment_result":
            member = members.get(tx.conn, notice.workspace_id, notice.target_id)
            return member is not None and member.discord_id is not None
        case "payment_card":
            return payments.get(tx.conn, notice.workspace_id, notice.subject_id) is not None
    return True


def _doubt(tx: Tx, notice: Notice) -> str:
    if notice.attempted_at is None:
        return "none"
    age = tx.now - parse_instant(notice.attempted_at)
    return "nonce" if age <= NONCE_WINDOW else "search"


def _back_off(attempts: int) -> timedelta:
    return timedelta(seconds=min(3600, 5 * 4 ** (attempts - 1)))


def _message_subject(notice: Notice) -> tuple[str, int]:
    """Edits find their message by subject; each post has a message of its own."""
    return (notice.subject_type, notice.subject_id) if notice.op == "edit" else ("notice", notice.id)


def _set(tx: Tx, notice: Notice, **fields: Any) -> None:
    notices.update(tx.conn, notice.id, revision=notice.revision, **fields)
