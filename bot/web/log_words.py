"""A line of the activity log in words: who did what to what, and each value before and after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.web.template_words import KINDS, LANGUAGES
from bot.web.visit import Desk
from core.i18n import format_count, format_date, format_list, format_period, has, t
from core.money import format_money
from core.period import Period
from core.reports_log import LoggedLine, Names

ACTIONS = {
    "payment.submit": "web_log.payment_submit", "payment.withdraw": "web_log.payment_withdraw",
    "payment.verify": "web_log.payment_verify", "payment.reject": "web_log.payment_reject",
    "payment.reopen": "web_log.payment_reopen", "payment.record": "web_log.payment_record",
    "payment.unverify": "web_log.payment_unverify", "payment.cancel": "web_log.payment_cancel",
    "payment.refund": "web_log.payment_refund", "bill.adjust": "web_log.bill_adjust",
    "bill.waive": "web_log.bill_waive", "bill.unwaive": "web_log.bill_unwaive",
    "bill.void": "web_log.bill_void", "bill.charge": "web_log.bill_charge",
    "bill.back_fill": "web_log.bill_back_fill", "opening.debt": "web_log.opening_debt",
    "proof.delete": "web_log.proof_delete", "proof.purge": "web_log.proof_purge",
    "upload_link.mint": "web_log.upload_link_mint", "statement.open": "web_log.statement_open",
    "period.open": "web_log.period_open", "period.resync": "web_log.period_resync",
    "period.retract": "web_log.period_retract", "period.announce": "web_log.period_announce",
    "period.close": "web_log.period_close", "period.reopen": "web_log.period_reopen",
    "reminders.now": "web_log.reminders_now", "notices.retry": "web_log.notices_retry",
    "plan.add": "web_log.plan_add", "plan.price": "web_log.plan_price",
    "plan.rename": "web_log.plan_rename", "plan.role": "web_log.plan_role",
    "plan.retire": "web_log.plan_retire",
    "plan.restore": "web_log.plan_restore", "method.add": "web_log.method_add",
    "method.edit": "web_log.method_edit", "method.move": "web_log.method_move",
    "method.retire": "web_log.method_retire",
    "method.restore": "web_log.method_restore", "member.add": "web_log.member_add",
    "member.edit": "web_log.member_edit", "member.leave": "web_log.member_leave",
    "member.rejoin": "web_log.member_rejoin", "member.account": "web_log.member_account",
    "member.merge": "web_log.member_merge", "link.request": "web_log.link_request",
    "link.approved": "web_log.link_approved", "link.declined": "web_log.link_declined",
    "link.undone": "web_log.link_undone", "dispute.request": "web_log.dispute_request",
    "dispute.approved": "web_log.dispute_approved", "dispute.declined": "web_log.dispute_declined",
    "dispute.undone": "web_log.dispute_undone",
    "subscription.start": "web_log.subscription_start", "subscription.end": "web_log.subscription_end",
    "subscription.pause": "web_log.subscription_pause",
    "subscription.resume": "web_log.subscription_resume",
    "subscription.billing_day": "web_log.subscription_billing_day",
    "roster.import": "web_log.roster_import", "roster.undo": "web_log.roster_undo",
    "chippot.import": "web_log.chippot_import", "admin.grant": "web_log.admin_grant",
    "admin.revoke": "web_log.admin_revoke", "workspace.create": "web_log.workspace_create",
    "workspace.update": "web_log.workspace_update", "template.save": "web_log.template_save",
    "template.reset": "web_log.template_reset", "alert_target.add": "web_log.alert_target_add",
    "alert_target.remove": "web_log.alert_target_remove", "token.create": "web_log.token_create",
    "token.revoke": "web_log.token_revoke", "session.start": "web_log.session_start",
    "session.end_everywhere": "web_log.session_end_everywhere", "action.undo": "web_log.action_undo",
}  # fmt: skip
"""What each action is called."""

_FIELDS = {
    "amount": "web_log.field_amount", "minor": "web_log.field_amount", "declared": "web_log.field_declared",
    "received": "web_log.field_received", "refunded": "web_log.field_refunded",
    "waived": "web_log.field_waived", "price": "web_log.field_price", "unpaid": "web_log.field_unpaid",
    "credit": "web_log.field_credit", "credit_used": "web_log.field_credit",
    "status": "web_log.field_status", "method": "web_log.field_method", "plan": "web_log.field_plan",
    "member": "web_log.field_member", "into": "web_log.field_into", "account": "web_log.field_account",
    "treasurer": "web_log.field_treasurer", "role": "web_log.field_role", "reason": "web_log.field_reason",
    "period": "web_log.field_period", "from": "web_log.field_from", "bills": "web_log.field_bills",
    "members": "web_log.field_members", "added": "web_log.field_added", "voided": "web_log.field_voided",
    "repriced": "web_log.field_repriced", "frozen": "web_log.field_frozen", "name": "web_log.field_name",
    "kind": "web_log.field_kind", "locale": "web_log.field_locale", "body": "web_log.field_body",
    "scope": "web_log.field_scope", "days": "web_log.field_days", "with": "web_log.field_with",
    "own": "web_log.field_own", "times": "web_log.field_times", "how": "web_log.field_how",
    "place": "web_log.field_place", "ended": "web_log.field_ended", "changed": "web_log.field_changed",
    "action": "web_log.field_action", "count": "web_log.field_count", "retired": "web_log.field_retired",
    "on": "web_log.field_on", "payments": "web_log.field_payments", "bytes": "web_log.field_bytes",
}  # fmt: skip
_MONEY = frozenset(
    {
        "amount",
        "minor",
        "declared",
        "received",
        "refunded",
        "waived",
        "price",
        "unpaid",
        "credit",
        "credit_used",
    }
)
# What is only there for programs: digests, numbers of rows that have no name.
_HIDDEN = frozenset({"digest", "proofs", "sha256", "import", "taken", "guild", "differences"})
_SUBJECTS = {
    "plan": "plans", "method": "methods", "member": "members", "into": "members",
}  # fmt: skip
_VALUES = {
    "pending": "web_log.value_pending", "paid": "web_log.value_paid", "void": "web_log.value_void",
    "submitted": "payment_status.submitted", "verified": "payment_status.verified",
    "rejected": "payment_status.rejected", "withdrawn": "payment_status.withdrawn",
    "waiting": "web_log.value_waiting", "approved": "web_log.value_approved",
    "declined": "web_log.value_declined", "undone": "web_log.value_undone",
    "auditor": "roles.auditor", "reviewer": "roles.reviewer", "treasurer": "roles.treasurer",
    "owner": "roles.owner",
}  # fmt: skip
_WORDS = {
    "scope": {
        "read": "web_settings.scope_read", "review": "web_settings.scope_review",
        "treasurer": "web_settings.scope_treasurer",
    },
    "kind": {
        "bank": "web_log.kind_bank", "mobile": "web_log.kind_mobile", "cash": "web_log.kind_cash",
        "online": "web_log.kind_online", "bark": "web_settings.alert_bark",
        "webhook": "web_settings.alert_webhook",
    },
    "how": {
        "channel": "web_settings.mode_channel", "private": "web_settings.mode_private",
        "both": "web_settings.mode_both",
    },
    "reminder_mode": {
        "off": "web_settings.mode_off", "channel": "web_settings.mode_channel",
        "private": "web_settings.mode_private", "both": "web_settings.mode_both",
    },
    "link_policy": {"approve": "setup.link_approve", "open": "setup.link_open"},
    "closed_dm_policy": {
        "wait": "setup.closed_wait", "thread": "setup.closed_thread", "mention": "setup.closed_mention",
    },
    "proration": {"none": "web_log.proration_none", "daily": "web_log.proration_daily"},
    "with": {
        "link": "web_log.with_link", "discord": "web_log.with_discord", "header": "web_log.with_header",
        "demo": "web_log.with_demo",
    },
}  # fmt: skip
"""Words of ours, by the field they stand in."""
_MOST_TEXT = 300
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a line, in words, blank for nothing; `moved`: it was noted both before and after."""

    name: str
    before: str
    after: str
    moved: bool

    @property
    def is_long(self) -> bool:
        """Whether it takes lines of its own."""
        return max(len(self.before), len(self.after)) > 80 or "\n" in self.before + self.after


class LogWords:
    """Writes lines for one reader."""

    def __init__(self, desk: Desk, names: Names) -> None:
        """Use these names for the ids in the lines."""
        self._desk = desk
        self._names = names
        guild = desk.workspace.guild_id
        self._channels = {str(place.id): f"#{place.name}" for place in desk.site.host.channels(guild)}
        self._roles = {str(place.id): f"@{place.name}" for place in desk.site.host.roles(guild)}

    def who(self, by: str | None) -> str:
        """Whoever a *_by column names: by their name on the roster, where they have one."""
        kind, _, number = (by or "system").partition(":")
        if kind == "discord":
            return self.account(number)
        if kind == "token":
            name = self._names.tokens.get(int(number)) if number.isdigit() else None
            return self._desk.t("web_log.by_token", name=name or number)
        return self._desk.t("web_log.by_operator" if kind == "operator" else "web_log.by_system")

    def account(self, number: str) -> str:
        """A Discord account by the name that holds it."""
        name = self._names.accounts.get(int(number)) if number.isdigit() else None
        return name or self._desk.t("web_log.by_account", account=number)

    def action(self, action: str) -> str:
        """What was done; an action that has no words yet is shown as it is."""
        return self._desk.t(ACTIONS[action]) if action in ACTIONS else action

    def subject(self, line: LoggedLine) -> str:
        """What it was done to: its number, its name, and whom it concerns."""
        parts = [self._number(line), line.name if line.name != line.member else "", line.member]
        if line.subject_type == "period" and line.name:
            parts = [format_period(Period(line.name), self._desk.locale)]
        if line.subject_type == "admin":
            parts = [self.account(str(line.subject_id))]
        return " · ".join(part for part in parts if part)

    def _number(self, line: LoggedLine) -> str:
        match line.subject_type:
            case "payment":
                return f"P-{line.subject_id:04d}"
            case "bill":
                return f"B-{line.subject_id}"
            case "token":
                return self._names.tokens.get(line.subject_id, "")
        return ""

    def path(self, line: LoggedLine) -> str:
        """The page about it, if there is one."""
        pages = self._desk.site.patterns
        if line.subject_type == "payment" and "/review/{id:[0-9]+}" in pages:
            return f"/review/{line.subject_id}"
        if line.subject_type == "period" and line.name:
            return f"/?period={line.name}"
        return ""

    def changes(self, line: LoggedLine) -> list[Change]:
        """Each value that was noted, before and after; what stayed the same is left out."""
        names = [name for name in dict.fromkeys((*line.before, *line.after)) if name not in _HIDDEN]
        names.sort(key=lambda name: name == "body")  # the longest comes last
        found = []
        for name in names:
            before, after = line.before.get(name), line.after.get(name)
            both = name in line.before and name in line.after
            nothing = (both and before == after) or (_is_nothing(before) and _is_nothing(after))
            if nothing or (name in _MONEY and not both and not before and not after):
                continue
            words = [self._value(line, name, one) for one in (before, after)]
            found.append(Change(self._field(name), words[0], words[1], both))
        return found

    def _field(self, name: str) -> str:
        if name in _FIELDS:
            return self._desk.t(_FIELDS[name])
        known = has(self._desk.locale, f"fields.{name}")
        found = t(self._desk.locale, f"fields.{name}") if known else name.replace("_", " ")
        return found[:1].upper() + found[1:]

    def _value(self, line: LoggedLine, name: str, value: Any) -> str:
        """A value as people write it; blank when there is none."""
        locale = self._desk.locale
        if value is None or value == "":
            return ""
        if name in _MONEY and isinstance(value, int):
            return format_money(self._desk.money(value), locale)
        if isinstance(value, bool) or (name in ("auto_open", "self_verify", "debtors_public")):
            return self._desk.t("web_log.yes" if value else "web_log.no")
        if isinstance(value, list):
            return self._list(name, value)
        if name in _SUBJECTS:
            return self._names.rows.get((_SUBJECTS[name], _int(value)), str(value))
        return (
            self._text(line, name, str(value)) if not isinstance(value, int) else format_count(value, locale)
        )

    def _list(self, name: str, value: list[Any]) -> str:
        locale = self._desk.locale
        if name == "changed":
            return format_list([self._field(str(one)) for one in value], locale)
        if name == "bills" and all(isinstance(one, int) for one in value):
            return format_list([f"B-{one}" for one in value], locale)
        return format_count(len(value), locale)

    def _text(self, line: LoggedLine, name: str, value: str) -> str:
        """A text that is a name, a date, a month, a word of ours, or what somebody wrote."""
        if name in ("account", "treasurer"):
            return self.account(value)
        if name.endswith("_channel_id"):
            return self._channels.get(value, self._desk.t("web_log.gone_channel"))
        if name == "reviewer_role_id" or (name == "role" and line.subject_type == "plan"):
            return self._roles.get(value, self._desk.t("web_log.gone_role"))
        if name == "action":
            return self.action(value)
        if name in ("period", "from") and _MONTH.fullmatch(value):
            return format_period(Period(value), self._desk.locale)
        if (name.endswith("_on") or name == "on") and _DAY.fullmatch(value):
            return format_date(date.fromisoformat(value), self._desk.locale)
        if value in _VALUES and name in ("status", "role"):
            return self._desk.t(_VALUES[value])
        if value in _WORDS.get(name, {}):
            return self._desk.t(_WORDS[name][value])
        if name == "kind" and line.action.startswith("template.") and value in KINDS:
            return self._desk.t(KINDS[value][0])
        if name == "locale":
            return LANGUAGES.get(value, value)
        if name == "reminder_days":
            return value.strip("[]") or "–"
        return value if len(value) <= _MOST_TEXT else value[:_MOST_TEXT] + "…"


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value == [] or value is False


def _int(value: Any) -> int:
    return int(value) if str(value).isdigit() else 0
