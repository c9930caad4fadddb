"""What the tests of the API share: a club with one of everything, tokens, and a way to call any operation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse

from bot.web.api import OPERATIONS
from bot.web.api.operations import PREFIX, Operation
from core import alerts, api_tokens, corrections, linking, payments, roster_import
from core.models import Actor
from tests.factories import Club
from tests.web.site import Browser, Pages

SCOPES = ("read", "review", "treasurer")
BY_NAME = {operation.name: operation for operation in OPERATIONS}
ROSTER = b"Name,Email,Base\nNew Person,new@club.example,TRUE\n"


@dataclass
class Seeded:
    """The ids of what the club has, by the name of the parameter that takes them."""

    club: Club
    ids: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def seed(club: Club) -> Seeded:
    """Give the club one of everything, in every state that an operation wants."""
    plan = club.plan()
    method = club.method()
    club.method("Cash", "cash", "To the treasurer")
    payer, debtor, other, careless = (club.subscriber(plan, name) for name in ("Ann", "Ben", "Cho", "Dan"))
    spare = club.member("Spare")
    loose = club.member("Loose")
    club.open()
    verified = club.verify(club.submit(payer, method_id=method.id))
    waiting = club.submit(other)
    rejected = club.submit(careless)
    club.db.write(payments.reject, club.reviewer, rejected.id, "Not arrived")
    recorded = club.record(loose, 120)
    target = club.db.write(alerts.add_webhook, club.treasurer, "Hook", "http://127.0.0.1:9/hook")
    imported = club.db.write(roster_import.import_roster, club.treasurer, b"Name,Base\nFile Person,TRUE\n")
    asked = club.db.write(linking.request_link, Actor.discord(club.id, 987_654), spare.id)
    bill = club.bills(debtor)[0]
    waived = club.db.write(corrections.waive, club.treasurer, bill.id, club.money(50), "A gift")
    seeded = Seeded(club)
    seeded.ids = {
        "period": "2026-06", "bill_id": bill.id, "waiver_id": waived.undo_id,
        "subscription_id": 1, "payment_id": waiting.id, "member_id": debtor.id, "plan_id": plan.id,
        "method_id": method.id, "import_id": imported.import_id, "target_id": target.id, "notice_id": 1,
        "request_id": asked.request.id, "line_id": 1, "discord_id": club.auditor.discord_id,
        "kind": "opened", "locale": "en", "verified": verified.id, "waiting": waiting.id,
        "rejected": rejected.id, "recorded": recorded.id, "spare": spare.id, "loose": loose.id,
        "payer": payer.id,
    }  # fmt: skip
    for scope in SCOPES:
        made = club.db.write(api_tokens.create, club.owner, scope, scope)
        seeded.secrets[scope] = made.secret
        seeded.ids["token_id"] = made.token.id
    return seeded


def bodies(ids: Mapping[str, Any]) -> dict[str, Any]:
    """A body for every operation that takes one, fit to be accepted."""
    amount = {"minor": 100, "currency": "TWD"}
    return {
        "edit_workspace": {"due_days": 3}, "open_period": {}, "adjust_bill": {"amount": amount, "reason": "x"},
        "waive_bill": {"reason": "x"}, "void_bill": {"reason": "x"},
        "charge_members": {"member_ids": [ids["loose"]], "title": "Shirt", "amount": amount,
                           "due_on": "2026-07-01"},
        "back_fill": {"period": "2026-05"},
        "submit_payment": {"member_id": ids["member_id"], "bill_ids": [ids["bill_id"]]},
        "record_payment": {"member_id": ids["loose"], "amount": amount}, "verify_payment": {},
        "reject_payment": {"reason": "x"}, "reject_payment_after_all": {"reason": "x"},
        "refund_payment": {"amount": amount},
        "add_member": {"name": "Dora"}, "edit_member": {"note": "x"}, "leave": {},
        "merge": {"into_id": ids["payer"]}, "set_opening_balance": {"amount": amount, "on": "2026-01-01"},
        "resolve_dispute": {"give": False},
        "start_subscription": {"member_id": ids["loose"], "plan_id": ids["plan_id"], "starts_on": "2026-06-01"},
        "pause_subscription": {"from_on": "2026-07-01"}, "resume_subscription": {"on": "2026-07-01"},
        "end_subscription": {"ends_on": "2026-12-31"}, "set_billing_day": {"billing_day": 7},
        "add_plan": {"name": "Gold", "price": amount, "from_period": "2026-01"}, "edit_plan": {"name": "Basic"},
        "set_price": {"price": amount, "from_period": "2026-08"}, "add_method": {"name": "Card", "kind": "online"},
        "edit_method": {"instructions": "x"}, "move_method": {"up": False}, "import_roster": ROSTER,
        "save_template": {"body": "Open: {period}"},
        "add_alert_target": {"kind": "webhook", "name": "Two", "address": "http://127.0.0.1:9/two"},
        "try_alert_target": {"kind": "webhook", "address": "http://127.0.0.1:9/three"},
        "grant_role": {"role": "reviewer"}, "create_token": {"name": "Mine", "scope": "read"},
    }  # fmt: skip


FITTING = {
    "reject_payment_after_all": {"payment_id": "verified"},
    "unverify_payment": {"payment_id": "verified"}, "refund_payment": {"payment_id": "verified"},
    "reopen_payment": {"payment_id": "rejected"}, "cancel_payment": {"payment_id": "recorded"},
    "merge": {"member_id": "spare"}, "set_opening_balance": {"member_id": "spare"},
}  # fmt: skip
"""Operations that need another thing than the usual one."""


def address(operation: Operation, ids: Mapping[str, Any]) -> str:
    """The path of an operation for what the club has."""
    chosen = {**ids, **{name: ids[of] for name, of in FITTING.get(operation.name, {}).items()}}
    return PREFIX + operation.path.format(**chosen)


class Program:
    """Calls the API with a token, or with none."""

    def __init__(self, browser: Browser, secret: str | None = None) -> None:
        self.browser = browser
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> ClientResponse:
        """Send one request; a dict goes as JSON, bytes as they are."""
        sent = {**self.headers, **(headers or {})}
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "text/csv")
        elif body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        return await self.browser._request(method, path, data=body, headers=sent)

    async def run(self, operation: Operation, ids: Mapping[str, Any], query: str = "") -> ClientResponse:
        """Call an operation as it should be called."""
        return await self.call(
            operation.method, address(operation, ids) + query, bodies(ids).get(operation.name)
        )

    async def get(self, path: str) -> Any:
        """The answer to a GET under /api/v1, which has to be fine."""
        response = await self.call("GET", PREFIX + path)
        assert response.status == 200, (path, response.status, await response.text())
        return await response.json()

    async def post(self, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """The answer to a POST under /api/v1, which has to have this status."""
        response = await self.call("POST", PREFIX + path, body, **more)
        assert response.status == status, (path, response.status, await response.text())
        return await response.json()


async def program(pages: Pages, secret: str | None = None) -> Program:
    """A program with this token."""
    return Program(await pages.browser(), secret)
