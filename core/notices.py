"""What is to be said: a use case queues it in its own transaction; bot/notifier.py says it later (core/sending.py).

A *post* is sent once, an *edit* shows the newest state of its subject (posting it the first time). Dedupe
keys begin with the workspace. What to render is read again at sending time from the subject; `params` keep
only what happened. Kinds: payment_card, payment_result, opened, added, closed, overdue, overdue_list,
link_card, link_result, alert, log, months_unopened, job_failed, notice_unknown, alert_failed, template_test,
panel.
"""

import json
from collections.abc import Callable
from typing import Any

from core.db import Tx
from core.models import LinkRequestId, NoticeId, Payment, PaymentId, Workspace
from core.store import members, notices


def key_of(workspace: Workspace, key: str) -> str:
    """The dedupe key of something that is said once in this workspace."""
    return f"w{workspace.id}:{key}"


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
    member = members.current(tx.conn, workspace.id, payment.member_id)
    assert member is not None
    _queue(
        tx, workspace, notices.post, "payment_result", f"result:p{payment.id}:{audit_id}", "member",
        member.id, "payment", payment.id, params,
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


def opened_again(
    tx: Tx, workspace: Workspace, period_id: int, period: str, opening: int, audit_id: int
) -> None:
    """Post the opening notice once more; nothing else happens."""
    key = f"opened:{period}:{opening}:again{audit_id}"
    _queue(tx, workspace, notices.post, "opened", key, "announce", 0, "period", period_id)


def added_to_period(
    tx: Tx, workspace: Workspace, period_id: int, audit_id: int, member_ids: list[int]
) -> None:
    """Tell those whom a resync added, and only them."""
    key = f"added:{audit_id}"
    _queue(
        tx, workspace, notices.post, "added", key, "announce", 0, "period", period_id, {"members": member_ids}
    )


def closed(tx: Tx, workspace: Workspace, period_id: int, audit_id: int) -> None:
    """Post the summary of a finished period."""
    _queue(tx, workspace, notices.post, "closed", f"closed:{audit_id}", "announce", 0, "period", period_id)


def link_card(tx: Tx, workspace: Workspace, request_id: LinkRequestId) -> None:
    _queue(tx, workspace, notices.edit, "link_card", f"link:{request_id}", "review", 0, "link", request_id)


def link_result(
    tx: Tx, workspace: Workspace, request_id: LinkRequestId, discord_id: int, status: str
) -> None:
    _queue(
        tx, workspace, notices.post, "link_result", f"link-result:{request_id}:{status}", "user", discord_id,
        "link", request_id, {"status": status},
    )  # fmt: skip


def overdue_list(
    tx: Tx, workspace: Workspace, key: str, bill_ids: list[int], *, whole: bool = False
) -> NoticeId | None:
    """Remind everybody of these bills in one list; with `whole`, of what else they can pay as well."""
    return _queue(
        tx, workspace, notices.post, "overdue_list", f"overdue:{key}", "announce", 0, "workspace",
        workspace.id, {"bills": bill_ids, "whole": whole},
    )  # fmt: skip


def alert(tx: Tx, workspace: Workspace, target_id: int, payment_id: PaymentId) -> None:
    """Tell one of the club's alert targets about a new submission."""
    key = f"alert:{target_id}:p{payment_id}"
    _queue(tx, workspace, notices.post, "alert", key, "alert", target_id, "payment", payment_id)


def template_test(tx: Tx, workspace: Workspace, account: int, params: str) -> None:
    """Send a wording that somebody tries to their own direct messages; `params` is JSON."""
    _queue(
        tx, workspace, notices.post, "template_test", f"template_test:{account}:{tx.now_text}", "user", account,
        "workspace", workspace.id, json.loads(params),
    )  # fmt: skip


def log(tx: Tx, workspace: Workspace, audit_id: int) -> None:
    """Show a line of the audit log in the admin channel, or bring it up to date once it was taken back."""
    _queue(tx, workspace, notices.edit, "log", f"log:{audit_id}", "admin", 0, "audit", audit_id)


def panel(tx: Tx, workspace: Workspace) -> None:
    """Post the club's panel, or bring it up to date where it stands."""
    _queue(tx, workspace, notices.edit, "panel", "panel", "announce", 0, "workspace", workspace.id)


def for_admins(tx: Tx, workspace: Workspace, kind: str, key: str, params: dict[str, Any]) -> None:
    """A word to the people who run the club: months_unopened, job_failed, notice_unknown, alert_failed."""
    _queue(tx, workspace, notices.post, kind, f"{kind}:{key}", "admin", 0, "workspace", workspace.id, params)


def _queue(
    tx: Tx, workspace: Workspace, how: Callable[[Any, dict[str, Any]], NoticeId | None], kind: str, key: str,
    target: str, target_id: int, subject_type: str, subject_id: int, params: dict[str, Any] | None = None,
) -> NoticeId | None:  # fmt: skip
    return how(tx.conn, {
        "workspace_id": workspace.id, "dedupe_key": key_of(workspace, key), "kind": kind, "target": target,
        "target_id": target_id, "subject_type": subject_type, "subject_id": subject_id,
        "params": json.dumps(params or {}, ensure_ascii=False), "now": tx.now_text,
    })  # fmt: skip
