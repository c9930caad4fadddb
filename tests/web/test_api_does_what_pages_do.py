"""Whatever can be done on a page can be done by a program; a new form that no operation matches fails here."""

from __future__ import annotations

import importlib

from bot.web.api import OPERATIONS
from bot.web.app import MODULES
from core.access import Role

# A form → the operations that do the same.
SAME: dict[str, tuple[str, ...]] = {
    "/periods/{period}/open": ("open_period",),
    "/periods/{period}/remind": ("remind_period",),
    "/periods/{period}/resync": ("resync_period",),
    "/periods/{period}/retract": ("retract_period",),
    "/periods/{period}/close": ("close_period",),
    "/periods/{period}/reopen": ("reopen_period",),
    "/periods/{period}/resend": ("announce_period",),
    "/review/{id}/verify": ("verify_payment",),
    "/review/{id}/reject": ("reject_payment",),
    "/review/members/{id}/verify": ("verify_all",),
    "/review/undo": ("unverify_payment", "reopen_payment"),
    "/review/{id:[0-9]+}/reopen": ("reopen_payment",),
    "/review/{id:[0-9]+}/undo": ("unverify_payment", "cancel_payment"),
    "/review/{id:[0-9]+}/reject-after-all": ("reject_payment_after_all",),
    "/review/{id:[0-9]+}/refund": ("refund_payment",),
    "/review/{id:[0-9]+}/picture/delete": ("delete_proof",),
    "/u/{secret}": ("submit_payment",),
    "/bills/charge": ("charge_members",),
    "/bills/back-fill": ("back_fill",),
    "/bills/record": ("record_payment",),
    "/bills/{id:[0-9]+}/amount": ("adjust_bill",),
    "/bills/{id:[0-9]+}/waive": ("waive_bill",),
    "/bills/{id:[0-9]+}/void": ("void_bill",),
    "/bills/{id:[0-9]+}/waivers/{waiver:[0-9]+}/take-back": ("reverse_waiver",),
    "/members/add": ("add_member",),
    "/members/{id:[0-9]+}/edit": ("edit_member",),
    "/members/{id:[0-9]+}/link": ("edit_member",),
    "/members/{id:[0-9]+}/leave": ("leave",),
    "/members/{id:[0-9]+}/merge": ("merge",),
    "/members/{id:[0-9]+}/balance": ("set_opening_balance",),
    "/members/{id:[0-9]+}/seats/start": ("start_subscription",),
    "/members/{id:[0-9]+}/seats/{seat:[0-9]+}/pause": ("pause_subscription",),
    "/members/{id:[0-9]+}/seats/{seat:[0-9]+}/resume": ("resume_subscription",),
    "/members/{id:[0-9]+}/seats/{seat:[0-9]+}/end": ("end_subscription",),
    "/members/{id:[0-9]+}/seats/{seat:[0-9]+}/billing-day": ("set_billing_day",),
    "/members/{id:[0-9]+}/upload-link": ("make_upload_link",),
    "/members/{id:[0-9]+}/unlink": ("unlink",),
    "/members/{id:[0-9]+}/rejoin": ("rejoin",),
    "/members/{id:[0-9]+}/requests/{request:[0-9]+}": ("approve_link", "decline_link", "resolve_dispute"),
    "/plans/add": ("add_plan",),
    "/plans/{id:[0-9]+}/price": ("set_price",),
    "/plans/{id:[0-9]+}/rename": ("edit_plan",),
    "/plans/{id:[0-9]+}/role": ("edit_plan",),
    "/plans/{id:[0-9]+}/retire": ("retire_plan",),
    "/plans/{id:[0-9]+}/restore": ("restore_plan",),
    "/methods/{id:[0-9]+}/move": ("move_method",),
    "/methods/add": ("add_method",),
    "/methods/{id:[0-9]+}/edit": ("edit_method",),
    "/methods/{id:[0-9]+}/retire": ("retire_method",),
    "/methods/{id:[0-9]+}/restore": ("restore_method",),
    "/import/{token}": ("import_roster",),
    "/import/undo/{id:[0-9]+}": ("undo_import",),
    "/templates/{kind:[a-z_]+}/{lang:[A-Za-z-]+}": ("save_template",),
    "/templates/{kind:[a-z_]+}/{lang:[A-Za-z-]+}/reset": ("reset_template",),
    "/settings/{part:club|billing|reminders|rules|channels}": ("edit_workspace",),
    "/settings/pictures": ("edit_workspace",),
    "/settings/panel": ("post_panel",),
    "/settings/alerts/bark": ("add_alert_target", "try_alert_target"),
    "/settings/alerts/webhook": ("add_alert_target", "try_alert_target"),
    "/settings/alerts/{id}/test": ("test_alert_target",),
    "/settings/alerts/{id}/remove": ("remove_alert_target",),
    "/settings/rights": ("grant_role",),
    "/settings/rights/{account:[0-9]{1,20}}/revoke": ("revoke_role",),
    "/settings/tokens": ("create_token",),
    "/settings/tokens/{id}/revoke": ("revoke_token",),
    "/notices/{id}/retry": ("retry_notice",),
    "/notices/retry": ("retry_notices",),
}
# About a browser or a file on its way, which programs do not have.
BROWSERS = {
    "/login/{secret}", "/statement/{secret}", "/logout", "/sessions/end", "/sessions/{id}/end", "/preferences",
    "/import", "/import/{token}/encoding", "/import/{token}/columns",
}  # fmt: skip

FORMS = {
    route.path: route.least
    for name in MODULES
    if name.startswith("bot.web.pages.")
    for route in importlib.import_module(name).pages
    if route.method != "GET"
}


def test_every_form_has_its_operation() -> None:
    assert FORMS.keys() == SAME.keys() | BROWSERS


def test_every_such_operation_is_there_and_asks_for_the_same_role() -> None:
    least = {operation.name: operation.least for operation in OPERATIONS}
    asked = {path: [least[name] for name in names] for path, names in SAME.items()}
    differ = {
        path: (FORMS[path], roles)
        for path, roles in asked.items()
        if FORMS[path] is not None and set(roles) != {FORMS[path]}
    }
    assert differ == {}


def test_whatever_pages_show_can_be_read_by_auditors() -> None:
    reads = {
        operation.path for operation in OPERATIONS if operation.is_read and operation.least is Role.AUDITOR
    }
    shown = {
        "/overview", "/payments", "/payments/{payment_id}", "/payments/{payment_id}/proof", "/bills",
        "/bills/{bill_id}", "/members", "/members/{member_id}", "/members/{member_id}/statement", "/plans",
        "/plans/{plan_id}/prices", "/methods", "/roster/imports", "/templates", "/workspace", "/places",
        "/alert-targets", "/admins", "/tokens", "/notices", "/log", "/log/check", "/health", "/periods",
        "/subscriptions", "/link-requests",
    }  # fmt: skip
    assert shown <= reads
