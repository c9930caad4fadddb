"""Makes clubs for tests, through the use cases themselves, and short ways to do what many tests do."""

from __future__ import annotations

import itertools
from typing import Any

from core import (
    admins,
    billing,
    linking,
    methods,
    opening_balances,
    payments,
    plans,
    roster,
    subscriptions,
    workspaces,
)
from core.db import LocalDatabase
from core.models import Actor, Bill, Member, Method, Payment, Plan, Subscription, Workspace
from core.money import Money
from core.period import Period
from core.store import bills as bill_rows
from core.store import members as member_rows
from core.store import payments as payment_rows

OWNER, TREASURER, REVIEWER, AUDITOR = 1001, 1002, 1003, 1004
"""Discord ids of those who run a club; another club's are these plus 10_000 times its number."""

_numbers = itertools.count(1)


class Club:
    """One workspace, the people who run it as actors, and helpers that run a use case and commit it."""

    def __init__(self, db: LocalDatabase, workspace: Workspace, offset: int = 0) -> None:
        self.db = db
        self.id = workspace.id
        self.owner = Actor.discord(workspace.id, OWNER + offset, owns_server=True)
        self.treasurer = Actor.discord(workspace.id, TREASURER + offset)
        self.reviewer = Actor.discord(workspace.id, REVIEWER + offset)
        self.auditor = Actor.discord(workspace.id, AUDITOR + offset)
        self.stranger = Actor.discord(workspace.id, 9999 + offset)
        self.operator = Actor.operator(workspace.id)
        self.system = Actor.system(workspace.id)

    @classmethod
    def create(cls, db: LocalDatabase, *, number: int = 0, **settings: Any) -> Club:
        """Make the club; `number` tells several in one database apart."""
        made = {"currency": "TWD", "timezone": "Asia/Taipei", "locale": "en", "billing_day": 5, **settings}
        born = {key: made.pop(key) for key in ("currency", "timezone", "locale", "billing_day")}
        offset = 10_000 * number
        workspace = db.write(
            workspaces.create, 700_000 + number, f"Club {number}", OWNER + offset, owns_server=True, **born
        )
        club = cls(db, workspace, offset)
        for actor, role in (
            (club.treasurer, "treasurer"),
            (club.reviewer, "reviewer"),
            (club.auditor, "auditor"),
        ):
            db.write(admins.grant, club.owner, actor.discord_id, role)
        if made:
            club.set(**made)
        return club

    @property
    def workspace(self) -> Workspace:
        found = self.db.read(
            lambda tx: workspaces.by_guild(tx, 700_000 + (self.owner.discord_id - OWNER) // 10_000)
        )
        assert found is not None
        return found

    def money(self, minor: int) -> Money:
        return self.workspace.money(minor)

    def as_member(self, member: Member) -> Actor:
        """The actor that a linked member is."""
        fresh = self.fresh(member)
        assert fresh.discord_id is not None, "this member has no Discord account"
        return Actor.discord(self.id, fresh.discord_id)

    # --- setting up ---------------------------------------------------------------------------------------

    def set(self, **changes: Any) -> Workspace:
        return self.db.write(workspaces.update_settings, self.treasurer, **changes).workspace

    def plan(
        self, name: str = "Base", price: int = 300, from_period: str = "2026-01", **options: Any
    ) -> Plan:
        return self.db.write(plans.add, self.treasurer, name, self.money(price), from_period, **options).plan

    def reprice(self, plan: Plan, price: int, from_period: str) -> None:
        self.db.write(plans.set_price, self.treasurer, plan.id, self.money(price), from_period)

    def method(self, name: str = "Bank", kind: str = "bank", instructions: str = "Account 123") -> Method:
        return self.db.write(methods.add, self.treasurer, name, kind, instructions)

    def member(
        self, name: str | None = None, *, email: str | None = None, discord_id: int | None = None
    ) -> Member:
        """A member; linked when `discord_id` is given."""
        number = next(_numbers)
        added = self.db.write(roster.add_member, self.treasurer, name or f"Member {number}", email=email)
        if discord_id is not None:
            return self.db.write(roster.move_account, self.treasurer, added.id, discord_id)
        return added

    def linked(self, name: str | None = None) -> Member:
        """A member with a Discord account of their own."""
        return self.member(name, discord_id=500_000 + next(_numbers))

    def link(self, member: Member, discord_id: int) -> Member:
        """Let a Discord account ask for this name, and a reviewer approve it if it has to be."""
        asked = self.db.write(linking.request_link, Actor.discord(self.id, discord_id), member.id)
        if asked.status == "waiting":
            self.db.write(linking.approve, self.reviewer, asked.request.id)
        return self.fresh(member)

    def subscribe(self, member: Member, plan: Plan, starts_on: str = "2026-01-01") -> Subscription:
        return self.db.write(subscriptions.start, self.treasurer, member.id, plan.id, starts_on).subscription

    def subscriber(self, plan: Plan, name: str | None = None, starts_on: str = "2026-01-01") -> Member:
        """A linked member with a seat on the plan."""
        member = self.linked(name)
        self.subscribe(member, plan, starts_on)
        return member

    # --- the month ----------------------------------------------------------------------------------------

    def open(self, period: str = "2026-06") -> billing.Opened:
        return self.db.write(billing.open_period, self.treasurer, Period(period))

    def bills(self, member: Member) -> list[Bill]:
        """Bills that are not void, newest due date first."""
        return self.db.read(lambda tx: bill_rows.of_member(tx.conn, member.id))

    def submit(self, member: Member, bills: list[Bill] | None = None, **options: Any) -> Payment:
        """The member claims to have paid the bills, all that can be paid when None."""
        chosen = self.db.read(lambda tx: bill_rows.payable(tx.conn, member.id)) if bills is None else bills
        options.setdefault("request_id", f"test:{next(_numbers)}")
        ids = [bill.id for bill in chosen]
        return self.db.write(payments.submit, self.as_member(member), ids, **options).payment

    def verify(self, payment: Payment, received: int | None = None) -> Payment:
        amount = None if received is None else self.money(received)
        return self.db.write(payments.verify, self.reviewer, payment.id, amount).payment

    def record(self, member: Member, minor: int, **options: Any) -> Payment:
        options.setdefault("request_id", f"test:{next(_numbers)}")
        return self.db.write(payments.record, self.reviewer, member.id, self.money(minor), **options).payment

    def opening_balance(self, member: Member, minor: int, on: str = "2026-01-01") -> None:
        """What the member owed (positive) or had paid ahead (negative) when the books began."""
        self.db.write(opening_balances.set_balance, self.treasurer, member.id, self.money(minor), on)

    # --- looking ------------------------------------------------------------------------------------------

    def fresh(self, member: Member) -> Member:
        found = self.db.read(lambda tx: member_rows.get(tx.conn, self.id, member.id))
        assert found is not None
        return found

    def payment(self, payment: Payment) -> Payment:
        found = self.db.read(lambda tx: payment_rows.get(tx.conn, self.id, payment.id))
        assert found is not None
        return found

    def credit(self, member: Member) -> int:
        return self.db.read(lambda tx: payment_rows.credit(tx.conn, member.id))

    def audits(self, action: str = "") -> list[str]:
        """Actions in the audit log, in order; only those that begin with `action`."""
        rows = self.db.conn.execute(
            "SELECT action FROM audit_log WHERE workspace_id = ? ORDER BY id", (self.id,)
        )
        return [row[0] for row in rows.fetchall() if row[0].startswith(action)]

    def notices(self, kind: str = "") -> list[tuple[str, str, int]]:
        """(kind, target, target id) of the outbox, in order."""
        rows = self.db.conn.execute(
            "SELECT kind, target, target_id FROM notices WHERE workspace_id = ? ORDER BY id", (self.id,)
        )
        return [row for row in rows.fetchall() if not kind or row[0] == kind]
