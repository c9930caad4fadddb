"""Plans with their price history, and the ways to pay."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core import errors
from core.chippot import clean
from core.chippot.book import Book
from core.period import Period
from core.store import chippot, methods, plans
from core.text import name_key

NAME_CHARACTERS = 80
METHOD_KINDS = {"mobilepayment": "mobile", "linepay": "mobile", "bank": "bank"}
OTHER_KIND = "online"
"""What ChipPot calls "other", or nothing at all: neither a bank nor a phone, and not cash in hand."""


class Price(NamedTuple):
    """A row of plan_prices and its amount in minor units."""

    id: int
    minor: int


def bring_plans(book: Book) -> dict[int, int]:
    """Bring over plans, and what they cost from which month on; returns their id → ours."""
    rows = book.source.rows("plans", book.settings.workspace_id)
    here = {plan.name_key: plan.id for plan in plans.everyone(book.tx.conn, book.workspace.id)}
    namer = _Namer(book, "plans", "chippot.plan_renamed", here)
    new: list[tuple[Any, ...]] = []
    current: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: (not row[6], row[0])):
        theirs, _, name, price, cycle, role, active, created_at = row
        minor = clean.amount(price)
        if minor is None:
            raise wrong("plans", theirs, "monthly_amount", price)
        if theirs in namer.known:
            continue
        book.read("plan", row)
        current[theirs] = minor
        ours, shown_name = namer.place(theirs, name)
        if shown_name is None:
            continue
        if clean.text(cycle) not in ("", "monthly"):
            book.findings.add("chippot.plan_yearly", plan=theirs, name=shown_name)
        retired_at = None if active else book.now
        new.append((ours, book.workspace.id, shown_name, name_key(shown_name), clean.discord_id(role),
                    retired_at, clean.instant(created_at) or book.now))  # fmt: skip
    chippot.add_plans(book.tx.conn, new)
    namer.remember("plans")
    book.counts["plans"] += len(new)
    _bring_prices(book, current, namer.found)
    return namer.found


def bring_methods(book: Book) -> dict[int, int]:
    """Bring over the ways to pay; returns their id → ours."""
    rows = book.source.rows("channel_tags", book.settings.workspace_id)
    here = {method.name_key: method.id for method in methods.everyone(book.tx.conn, book.workspace.id)}
    namer = _Namer(book, "channel_tags", "chippot.method_renamed", here)
    new: list[tuple[Any, ...]] = []
    for row in sorted(rows, key=lambda row: (not row[4], row[0])):
        theirs, _, name, kind, active, order, created_at = row
        if theirs in namer.known:
            continue
        book.read("method", row)
        ours, shown_name = namer.place(theirs, name)
        if shown_name is None:
            continue
        if kind not in METHOD_KINDS:
            book.findings.add("chippot.method_kind", method=theirs, name=shown_name)
        retired_at = None if active else book.now
        new.append((ours, book.workspace.id, shown_name, name_key(shown_name),
                    METHOD_KINDS.get(kind, OTHER_KIND), clean.number(order, -(10**9), 10**9) or 0, retired_at,
                    clean.instant(created_at) or book.now))  # fmt: skip
    chippot.add_methods(book.tx.conn, new)
    namer.remember("methods")
    book.counts["methods"] += len(new)
    return namer.found


def wrong(table: str, row: int, column: str, value: Any) -> errors.ChippotValueWrong:
    """The error for a value that nothing may be guessed for."""
    return errors.ChippotValueWrong(table=table, row=row, column=column, value=errors.shown(repr(value)))


class _Namer:
    """Gives each of their rows a place here: the one of the same name, or a name of its own."""

    def __init__(self, book: Book, table: str, renamed: str, here: Mapping[str, int]) -> None:
        self.book = book
        self.table = table
        self.renamed = renamed
        self.here: dict[str, int] = dict(here)
        self.taken = set(here)
        self.known = book.known(table)
        self.found = dict(self.known)

    def place(self, theirs: int, typed: Any) -> tuple[int, str | None]:
        """(Our id, the name to be written or None when the row was here before)."""
        name = clean.line(typed)
        if name and (ours := self.here.pop(name_key(name), None)) is not None:
            self.found[theirs] = ours
            return ours, None
        target = "plans" if self.table == "plans" else "methods"
        ours = self.found[theirs] = self.book.next_id(target)
        wanted = name or self.book.word("chippot.nameless", member=f"#{theirs}")
        shown_name = clean.unique_name(wanted, self.taken, NAME_CHARACTERS)
        if shown_name != name:
            self.book.findings.add(self.renamed, row=theirs, name=clean.cut(name, 80) or "-", here=shown_name)
        return ours, shown_name

    def remember(self, target: str) -> None:
        new = ((theirs, ours) for theirs, ours in self.found.items() if theirs not in self.known)
        self.book.remember(self.table, target, new)


# --- prices ------------------------------------------------------------------------------------------


def _bring_prices(book: Book, current: dict[int, int], found: dict[int, int]) -> None:
    """Give every plan without a price here the prices that its bills show, and then that of today."""
    history: dict[int, list[tuple[str, int, int, int]]] = {}
    for theirs, period, least, most, present in book.source.plan_amounts(book.settings.workspace_id):
        history.setdefault(theirs, []).append((period, least, most, present))
    this_month = Period.of(book.today)
    for theirs, minor in current.items():
        if plans.prices(book.tx.conn, found[theirs]):
            continue
        for period, price in price_changes(history.get(theirs, []), minor, this_month):
            plans.add_price(
                book.tx.conn,
                found[theirs],
                from_period=period,
                amount_minor=price,
                by=book.actor.text,
                now=book.now,
            )
            book.counts["prices"] += 1


def price_changes(
    history: list[tuple[str, int, int, int]], present: int, this_month: Period
) -> list[tuple[str, int]]:
    """(first month, price in minor units) from (month, smallest, largest, how many are `present`).

    Both oldest first. A month whose bills all agree dates a price. Where they do not, the price stays what it
    was; but the newest month costs what the plan costs today if any of its bills does, as its next one would.
    The first month always has a price, so that every bill has one to be compared with.
    """
    changes: list[tuple[str, int]] = []
    for at, (period, least, most, fitting) in enumerate(history):
        is_newest = at == len(history) - 1
        if least == most:
            price = least
        elif (is_newest and fitting) or not changes:
            price = present
        else:
            continue
        if not changes or changes[-1][1] != price:
            changes.append((period, price))
    following = Period(history[-1][0]).next() if history else this_month
    if not changes or changes[-1][1] != present:
        changes.append((following.text, present))
    return changes
