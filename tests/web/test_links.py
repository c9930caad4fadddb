"""Whatever a page links to is there: every page is read, from the first one on, by each role."""

from __future__ import annotations

import html
import re
from collections import deque

import pytest

from tests.factories import Club
from tests.web.site import ROLES, Pages

LINK = re.compile(r'<(?:a|img|script|link)\b[^>]*?(?:href|src)="(/[^"]*)"')
MOST = 400


def shape(path: str) -> str:
    """Addresses that differ only in numbers and months lead to the same kind of page."""
    return re.sub(r"[0-9]+", "1", path)


@pytest.mark.parametrize("role", ROLES)
async def test_no_link_leads_nowhere(pages: Pages, club: Club, role: str) -> None:
    bank = club.method("Bank")
    members = [club.subscriber(club.plan(name, 300), f"Member {name}") for name in ("One", "Two", "Three")]
    for month in ("2026-05", "2026-06"):
        club.open(month)
    club.verify(club.submit(members[0], method_id=bank.id))
    club.submit(members[1], note="see you")
    browser = await pages.browser(role)
    waiting, seen, broken = deque([("/", "start")]), {shape("/")}, {}
    while waiting and len(seen) < MOST:
        path, where = waiting.popleft()
        response = await browser.get(path)
        if response.status not in (200, 303):  # 303: not possible now, and the page says why
            broken[path] = (response.status, where)
        elif response.content_type == "text/html":
            for found in LINK.findall(await response.text()):
                address = html.unescape(found).partition("#")[0]
                if shape(address) not in seen:
                    seen.add(shape(address))
                    waiting.append((address, path))
    assert broken == {}
    assert len(seen) > 20
