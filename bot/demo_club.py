"""The demo's club: invented people and three months, the last of them half collected.

Everything is done by the same use cases as in a real club, on a clock that walks through the months. The people
are of many tongues; what they wrote is in the club's language.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.demo_receipts import receipt
from bot.storage import LocalProofStorage
from core import (
    admins,
    billing,
    methods,
    opening_balances,
    payments,
    plans,
    reports,
    roster,
    subscriptions,
    workspaces,
)  # fmt: skip
from core.clock import at_local_time, local_date
from core.db import Database
from core.i18n import t
from core.models import Actor, MemberId, MethodId, PaymentId, PlanId, Workspace, WorkspaceId
from core.money import Money
from core.period import Period, collecting_period
from core.services import Services

TIMEZONE, CURRENCY = "Asia/Taipei", "TWD"
# The month was opened two days ago: due tomorrow, and the first reminder is two days from now, soon enough to be
# watched and late enough that the visitor can pay before it.
DUE_DAYS, REMINDER_DAYS = 3, [1, 7]


class Place(Protocol):
    """What the seed needs to know of the Discord server: ids by name."""

    @property
    def guild_id(self) -> int: ...
    @property
    def guild_name(self) -> str: ...
    def user_id(self, key: str) -> int: ...
    def channel_id(self, name: str) -> int: ...
    def role_id(self, name: str) -> int: ...


class SeedClock:
    """A clock that stands where the story is."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def morning(self, day: int, period: Period, timezone: str) -> None:
        self.moment = at_local_time(period.day(day), "09:00", timezone)


@dataclass(frozen=True, slots=True)
class Person:
    """A name on the roster: the key of a Discord user or None, and the plans they hold."""

    name: str
    user: str | None
    plans: tuple[str, ...]


SERVER = "server"  # a plan with a name of its own in each language

# The names of those with a Discord user, and the roles of their plans, are theirs in the simulator.
PEOPLE = (
    Person("陳怡君", "treasurer", ("ChatGPT", "Claude Pro")),
    Person("Marco Rossi", "reviewer", ("ChatGPT",)),
    Person("王小明", "member1", ("ChatGPT", "Claude Pro")),
    Person("Amélie Dubois", "member2", ("ChatGPT",)),
    Person("佐藤健太", "member3", ("Claude Pro", SERVER)),
    Person("林美玲", None, ("ChatGPT",)),
    Person("Lena Fischer", "owner", (SERVER,)),
    Person("Aoife Ní Bhriain", None, ("ChatGPT",)),
    Person("張家豪", None, ("Claude Pro",)),
    Person("Jonas Weber", None, ("ChatGPT", SERVER)),
    Person("黃詩涵", None, ("ChatGPT",)),
    Person("Priya Nair", None, ("Claude Pro",)),
)
PLANS = (("ChatGPT", 315, 1, "ChatGPT"), ("Claude Pro", 640, 1, "Claude"), (SERVER, 450, 3, None))


def _methods(locale: str) -> tuple[tuple[str, str, str], ...]:
    """Name, kind and instructions of each way to pay."""
    return (
        (t(locale, "demo.method_bank"), "bank", t(locale, "demo.method_bank_how")),
        ("LINE Pay", "mobile", t(locale, "demo.method_mobile_how")),
        (t(locale, "demo.method_cash"), "cash", t(locale, "demo.method_cash_how")),
    )


@dataclass(slots=True)
class _Club:
    services: Services
    clock: SeedClock
    place: Place
    workspace: Workspace
    treasurer: Actor
    members: dict[str, MemberId]
    methods: list[MethodId]
    number: int = 0

    def words(self, key: str) -> str:
        """What somebody wrote, in the club's language."""
        return t(self.workspace.locale, key)

    def actor(self, key: str) -> Actor:
        owns = key == "owner"
        return Actor.discord(self.workspace.id, self.place.user_id(key), owns_server=owns)

    async def pay(
        self, name: str, *, method: int = 0, picture: bytes | None = None, note: str = ""
    ) -> PaymentId:
        """Submit everything that this member owes, as themselves or by the treasurer."""
        person = next(person for person in PEOPLE if person.name == name)
        actor = self.actor(person.user) if person.user else self.treasurer
        form = await self.services.db.read(reports.pay_form, actor, self.members[name])
        self.number += 1
        result = await self.services.submit(
            actor, [bill.id for group in form.groups for bill in group.bills], request_id=f"demo-{self.number}",
            method_id=self.methods[method], note=note, member_id=self.members[name], picture=picture,
        )  # fmt: skip
        return result.payment.id

    async def verify(self, payment: PaymentId, received: int | None = None) -> None:
        money = None if received is None else Money(received, CURRENCY)
        await self.services.db.write(payments.verify, self.actor("reviewer"), payment, money)


async def seed(database: Path, proofs: Path, place: Place, now: datetime, locale: str = "en") -> WorkspaceId:
    """Write the club into a fresh database, speaking `locale`; it ends in the month collected at `now`."""
    today = local_date(now, TIMEZONE)
    billing_day = max(1, min(28, today.day - 2))
    month = collecting_period(today, billing_day)
    clock = SeedClock(at_local_time(month.plus(-2).day(billing_day), "08:00", TIMEZONE))
    async with Database(database, clock) as db:
        services = Services(db, clock, LocalProofStorage(proofs))
        club = await _found(services, clock, place, month.plus(-2), billing_day, locale)
        for number in (-2, -1):
            clock.morning(billing_day, month.plus(number), TIMEZONE)
            await db.write(billing.open_period, club.treasurer, month.plus(number))
            clock.moment += timedelta(days=1)
            await (_smooth_month(club) if number == -2 else _bumpy_month(club))
        clock.morning(billing_day, month, TIMEZONE)
        await db.write(billing.open_period, club.treasurer, month)
        clock.moment = max(clock.moment, now - timedelta(hours=20))
        await _this_month(club)
        return club.workspace.id


async def _found(
    services: Services, clock: SeedClock, place: Place, first: Period, billing_day: int, locale: str
) -> _Club:
    db = services.db
    owner = place.user_id("owner")
    workspace = await db.write(
        workspaces.create, place.guild_id, place.guild_name, owner, currency=CURRENCY, timezone=TIMEZONE,
        locale=locale, billing_day=billing_day, owns_server=True,
    )  # fmt: skip
    boss = Actor.discord(workspace.id, owner, owns_server=True)
    await db.write(
        workspaces.update_settings, boss, announce_channel_id=place.channel_id("dues"),
        review_channel_id=place.channel_id("review"), admin_channel_id=place.channel_id("admin"),
        reviewer_role_id=place.role_id("Reviewer"), debtors_public=True, due_days=DUE_DAYS,
        reminder_days=REMINDER_DAYS,
    )  # fmt: skip
    for key in ("treasurer", "reviewer"):
        await db.write(admins.grant, boss, place.user_id(key), key)
    treasurer = Actor.discord(workspace.id, place.user_id("treasurer"))
    method_ids = [(await db.write(methods.add, treasurer, *row)).id for row in _methods(locale)]
    plan_ids: dict[str, PlanId] = {}
    for name, price, cycle, role in PLANS:
        shown = t(locale, "demo.plan_server") if name == SERVER else name
        view = await db.write(
            plans.add, treasurer, shown, Money(price, CURRENCY), first, cycle_months=cycle,
            role_id=place.role_id(role) if role else None,
        )  # fmt: skip
        plan_ids[name] = view.plan.id
    club = _Club(services, clock, place, workspace, treasurer, {}, method_ids)
    for person in PEOPLE:
        await _seat(club, person, plan_ids, first)
    await db.write(
        opening_balances.set_balance,
        treasurer,
        club.members["Jonas Weber"],
        Money(-200, CURRENCY),
        first.first_day,
    )
    return club


async def _seat(club: _Club, person: Person, plan_ids: dict[str, PlanId], first: Period) -> None:
    db = club.services.db
    member = await db.write(roster.add_member, club.treasurer, person.name)
    club.members[person.name] = member.id
    for plan in person.plans:
        await db.write(subscriptions.start, club.treasurer, member.id, plan_ids[plan], first.first_day)
    if person.user:
        await db.write(roster.move_account, club.treasurer, member.id, club.place.user_id(person.user))


async def _smooth_month(club: _Club) -> None:
    """Everybody pays, and everything is right."""
    for number, person in enumerate(PEOPLE):
        await club.verify(await club.pay(person.name, method=number % 3))


async def _bumpy_month(club: _Club) -> None:
    """A rejection that was paid again, a transfer that was short, one that was too much, a pause."""
    for number, person in enumerate(PEOPLE):
        if person.name in ("王小明", "Aoife Ní Bhriain", "張家豪", "Lena Fischer"):
            continue
        await club.verify(await club.pay(person.name, method=number % 2))
    wrong = await club.pay("王小明", method=1, picture=receipt("red", 1))
    await club.services.db.write(
        payments.reject, club.actor("reviewer"), wrong, club.words("demo.wrong_picture")
    )
    await club.verify(await club.pay("王小明", method=1, picture=receipt("green", 2)))
    await club.verify(await club.pay("Aoife Ní Bhriain", method=0), 500)
    await club.verify(await club.pay("張家豪", method=0), 500)
    paused = await club.services.db.read(subscriptions.of_member, club.treasurer, club.members["黃詩涵"])
    await club.services.db.write(
        subscriptions.pause, club.treasurer, paused[0].subscription.id,
        local_date(club.clock.moment, TIMEZONE).replace(day=28),
    )  # fmt: skip


async def _this_month(club: _Club) -> None:
    """Half collected: some verified, some waiting with a picture, one rejected, one paid ahead, the rest owe."""
    for name, method in (("陳怡君", 0), ("Priya Nair", 1), ("Jonas Weber", 2)):
        await club.verify(await club.pay(name, method=method))
    await club.services.db.write(
        payments.record,
        club.treasurer,
        club.members["Lena Fischer"],
        Money(450, CURRENCY),
        request_id="demo-ahead",
        method_id=club.methods[2],
        note=club.words("demo.paid_ahead"),
    )
    club.clock.moment += timedelta(hours=3)
    await club.pay("佐藤健太", method=1, picture=receipt("green", 3), note=club.words("demo.note_digits"))
    club.clock.moment += timedelta(hours=2)
    await club.pay("Amélie Dubois", method=0, picture=receipt("blue", 4))
    wrong = await club.pay("Marco Rossi", method=0)
    await club.services.db.write(
        payments.reject,
        club.treasurer,
        wrong,
        club.words("demo.not_arrived"),
    )
