"""Where else a new submission is told to admins: Bark keys and webhooks.

A target's secret (the key, the address) is stored to be used and never shown again. Whether an address may be
called is checked when connecting (bot/alerts.py); here only its form.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core import access, audit, errors, notices, sending, templates
from core.access import Role
from core.clock import local_date
from core.db import Tx
from core.i18n import format_list, format_period, t
from core.models import Actor, Notice, NoticeId, PaymentId, Workspace
from core.money import format_money
from core.period import Period
from core.store import alert_targets
from core.store.alert_targets import AlertTarget
from core.text import clean_name, clean_text, escape_markdown

BARK_SERVER = "https://api.day.app"
MOST_TARGETS = 10
_SHAPES = {
    "discord.com": "discord", "discordapp.com": "discord", "slack.com": "slack",
    "chat.googleapis.com": "google",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """A target as it is listed: its kind, its name, and the host it goes to; never its secret."""

    id: int
    kind: str
    name: str
    host: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What is to be told where. `link` is filled in by whoever sends it and knows the pages' address."""

    target: AlertTarget
    text: str
    payer: str
    amount: str
    amount_minor: int
    period: str
    member_id: int
    month: str


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """How sending went; `final`: trying again makes no sense.

    `reason` never holds the address: "not_public", "no_answer", "unreachable", "broken_off", "no_sender", or
    "answered 500".
    """

    sent: bool
    reason: str = ""
    final: bool = False


def add_bark(tx: Tx, actor: Actor, name: str, key: str, server: str = "") -> ShownTarget:
    """Tell a phone through Bark; `server` is the public one unless the club runs its own.

    Raises FieldMissing, TextTooLong, AddressInvalid, TooManyAlertTargets.
    """
    return _add(tx, actor, name, _bark(actor, key, server))


def add_webhook(tx: Tx, actor: Actor, name: str, address: str) -> ShownTarget:
    """Post to an address: Discord, Slack and Google Chat get their shapes, all others plain JSON.

    Raises FieldMissing, TextTooLong, AddressInvalid, TooManyAlertTargets.
    """
    return _add(tx, actor, name, _webhook(actor, address))


def remove(tx: Tx, actor: Actor, target_id: int) -> ShownTarget:
    """Stop telling a target; its secret is forgotten. Raises AlertTargetUnknown."""
    access.require(tx, actor, Role.TREASURER)
    target = _load(tx, actor, target_id)
    alert_targets.remove(tx.conn, target.id, tx.now_text)
    audit.record(tx, actor, "alert_target.remove", "alert_target", target.id)
    return _shown(target)


def everyone(tx: Tx, actor: Actor) -> list[ShownTarget]:
    """The workspace's targets, without their secrets."""
    access.require(tx, actor, Role.AUDITOR)
    return [_shown(target) for target in alert_targets.of_workspace(tx.conn, actor.workspace_id)]


def sample(tx: Tx, actor: Actor, target_id: int) -> Alert:
    """A made-up alert, to try one target. Raises AlertTargetUnknown."""
    access.require(tx, actor, Role.TREASURER)
    return _sample(tx, actor, _load(tx, actor, target_id))


def sample_bark(tx: Tx, actor: Actor, key: str, server: str = "") -> Alert:
    """A made-up alert, to try a Bark key before it is added; nothing is kept.

    Raises FieldMissing, TextTooLong, AddressInvalid.
    """
    access.require(tx, actor, Role.TREASURER)
    return _sample(tx, actor, _bark(actor, key, server))


def sample_webhook(tx: Tx, actor: Actor, address: str) -> Alert:
    """A made-up alert, to try an address before it is added; nothing is kept.

    Raises FieldMissing, TextTooLong, AddressInvalid.
    """
    access.require(tx, actor, Role.TREASURER)
    return _sample(tx, actor, _webhook(actor, address))


def to_send(tx: Tx, notice_id: NoticeId) -> Alert | None:
    """What a queued alert says; None when its target was removed meanwhile, or somebody decided already."""
    row = alert_targets.queued(tx.conn, notice_id)
    if row is None or not row.is_waiting:
        return None
    payer, member_id, minor, months = alert_targets.submission(tx.conn, row.payment_id)
    return _alert(tx, row.workspace, row.target, payer, member_id, minor, months)


def record_outcome(tx: Tx, notice: Notice, alert: Alert, outcome: AlertOutcome) -> None:
    """Note down how sending a queued alert went; when it failed for good, the admin channel is told."""
    if outcome.sent:
        sending.mark_sent(tx, notice)
        return
    sending.mark_refused(tx, notice, outcome.reason, final=outcome.final)
    if not sending.has_failed(tx, notice):
        return
    workspace = access.workspace_of(tx, Actor.system(notice.workspace_id))
    notices.for_admins(
        tx, workspace, "alert_failed", f"{notice.id}:{tx.now_text}",
        {"notice": notice.id, "name": alert.target.name, "reason": outcome.reason},
    )  # fmt: skip


def queue_for(tx: Tx, workspace: Workspace, payment_id: PaymentId) -> None:
    """Queue one alert per target for a new submission."""
    for target in alert_targets.of_workspace(tx.conn, workspace.id):
        notices.alert(tx, workspace, target.id, payment_id)


def _sample(tx: Tx, actor: Actor, target: AlertTarget) -> Alert:
    workspace = access.workspace_of(tx, actor)
    month = Period.of(local_date(tx.now, workspace.timezone)).text
    return _alert(tx, workspace, target, t(workspace.locale, "alerts.sample_payer"), 0, 520, [month])


def _alert(
    tx: Tx,
    workspace: Workspace,
    target: AlertTarget,
    payer: str,
    member_id: int,
    minor: int,
    months: list[str],
) -> Alert:
    locale = workspace.locale
    amount = format_money(workspace.money(minor), locale)
    period = (
        format_list([format_period(Period(month), locale) for month in months], locale) if months else "–"
    )
    body = templates.get(tx, workspace.id, "alert", locale).body
    named = escape_markdown(payer) if _shape(target) == "discord" else payer
    text = templates.fill(body, {"payer": named, "amount": amount, "period": period})
    return Alert(target, text, payer, amount, minor, period, member_id, months[-1] if months else "")


def _bark(actor: Actor, key: str, server: str) -> AlertTarget:
    """What was typed for a phone, as a target that is not kept yet."""
    secret = clean_text(key, "bark_key", 200, required=True)
    if not secret.isascii() or "/" in secret or " " in secret:
        raise errors.AddressInvalid(field="bark_key")
    address = _address(server or BARK_SERVER, "bark_server").rstrip("/")
    return AlertTarget(0, actor.workspace_id, "bark", "", secret, address)


def _webhook(actor: Actor, address: str) -> AlertTarget:
    """What was typed for a webhook, as a target that is not kept yet."""
    return AlertTarget(0, actor.workspace_id, "webhook", "", _address(address, "webhook"), "")


def _add(tx: Tx, actor: Actor, name: str, typed: AlertTarget) -> ShownTarget:
    access.require(tx, actor, Role.TREASURER)
    title = clean_name(name, "name", 80)
    if len(alert_targets.of_workspace(tx.conn, actor.workspace_id)) >= MOST_TARGETS:
        raise errors.TooManyAlertTargets(most=MOST_TARGETS)
    target_id = alert_targets.add(
        tx.conn, workspace_id=actor.workspace_id, kind=typed.kind, name=title, target=typed.target,
        server=typed.server, by=actor.text, now=tx.now_text,
    )  # fmt: skip
    audit.record(tx, actor, "alert_target.add", "alert_target", target_id, after={"kind": typed.kind})
    return _shown(_load(tx, actor, target_id))


def _load(tx: Tx, actor: Actor, target_id: int) -> AlertTarget:
    found = [row for row in alert_targets.of_workspace(tx.conn, actor.workspace_id) if row.id == target_id]
    if not found:
        raise errors.AlertTargetUnknown()
    return found[0]


def _shown(target: AlertTarget) -> ShownTarget:
    host = urlsplit(target.server or target.target).hostname or ""
    return ShownTarget(target.id, target.kind, target.name, host)


def _address(text: str, field: str) -> str:
    """A web address without credentials; raises AddressInvalid."""
    address = clean_text(text, field, 500, required=True)
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        valid = False
    if not valid or not address.isascii() or any(c.isspace() for c in address):
        raise errors.AddressInvalid(field=field)
    return address


def webhook_body(alert: Alert, link: str) -> dict[str, object]:
    """The JSON that an address gets: the shape is known from its host. Nobody is pinged by what was typed."""
    text = alert.text if not link or "{link}" in alert.text else f"{alert.text}\n→ {link}"
    text = text.replace("{link}", link)
    match _shape(alert.target):
        case "discord":
            return {"content": text[:2000], "allowed_mentions": {"parse": []}}
        case "slack":  # it reads <!channel>, and knows these three as entities
            return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
        case "google":  # it reads <users/all>, and knows no entities
            return {"text": text.replace("<", "<\N{ZERO WIDTH SPACE}")}
    return {
        "text": text, "payer": alert.payer, "amount": alert.amount_minor, "amount_text": alert.amount,
        "period": alert.month, "link": link,
    }  # fmt: skip


def _shape(target: AlertTarget) -> str:
    """ "discord", "slack", "google", or "" for all others."""
    host = urlsplit(target.target).hostname or "" if target.kind == "webhook" else ""
    for domain, shape in _SHAPES.items():
        if host == domain or host.endswith(f".{domain}"):
            return shape
    return ""
