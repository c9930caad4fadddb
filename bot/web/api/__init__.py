"""The API: everything the pages do, for programs. See docs/api.md."""

from __future__ import annotations

from bot.web.api import (
    bills,
    links,
    machine,
    members,
    notices,
    payments,
    people,
    periods,
    plans,
    roster,
    subscriptions,
    workspace,
)
from bot.web.api.operations import Operation
from bot.web.api.run import route_of
from bot.web.routing import Routes

AREAS = (
    workspace, periods, bills, payments, members, links, subscriptions, plans, roster, notices, people, machine,
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = tuple(operation for area in AREAS for operation in area.operations)

pages = Routes()
for _operation in OPERATIONS:
    pages.add(route_of(_operation))
