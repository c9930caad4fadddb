"""What tests of the bills, members, plans and import pages share: a furnished club, and forms as browsers fill them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from aiohttp import ClientResponse

from core.check import run_check
from core.models import Bill, Member, Method, Plan
from tests.core.helpers import everything
from tests.factories import Club
from tests.web.site import Browser

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
QUIET = ("sessions", "link_tokens", "audit_log")
"""Tables in which looking at a page may leave something."""


@dataclass
class Scene:
    """Three members on two plans; May is settled, June is open."""

    club: Club
    bank: Method
    cash: Method
    music: Plan
    cloud: Plan
    mei: Member
    jonas: Member
    evil: Member

    def bill(self, member: Member, place: int = 0) -> Bill:
        return self.club.bills(member)[place]


def scene(club: Club) -> Scene:
    bank, cash = club.method("Bank"), club.method("Cash", "cash")
    music, cloud = club.plan("Music", 300), club.plan("Cloud", 500)
    mei, jonas = club.subscriber(music, "Mei Lin"), club.subscriber(cloud, "Jonas Weber")
    evil = club.subscriber(music, '=HYPERLINK("http://evil")')
    club.open("2026-05")
    for member, method in ((mei, bank), (jonas, cash), (evil, bank)):
        club.record(member, sum(bill.open_minor for bill in club.bills(member)), method_id=method.id)
    club.open("2026-06")
    return Scene(club, bank, cash, music, cloud, mei, jonas, evil)


async def page(response: ClientResponse, status: int = 200) -> str:
    text = await response.text()
    assert response.status == status, (response.status, text[-1500:])
    return text


def hidden(text: str) -> list[tuple[str, str]]:
    """The hidden fields of a preview, as its form sends them."""
    return [(name, unescape(value)) for name, value in HIDDEN.findall(text)]


async def preview(browser: Browser, path: str, fields: dict[str, Any] | list[tuple[str, str]]) -> str:
    """Fill in a form and look at what would happen."""
    from urllib.parse import urlencode

    pairs = list(fields.items()) if isinstance(fields, dict) else fields
    return await page(await browser.get(f"{path}?{urlencode([('go', '1'), *pairs])}"))


async def confirm(browser: Browser, path: str, fields: dict[str, Any] | list[tuple[str, str]]) -> str:
    """Fill in a form, confirm its preview, and return the page that it leads to."""
    shown = await preview(browser, path, fields)
    done = await browser.post(path, hidden(shown))
    return await page(await browser.follow(done))


def books(club: Club) -> dict[str, Any]:
    """Everything in the database that counts."""
    return {table: rows for table, rows in everything(club.db).items() if table not in QUIET}


def sound(club: Club) -> bool:
    """Whether the books still add up."""
    return club.db.read(run_check).ok


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file as a spreadsheet reads it."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def objects_of(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)
    return found


def visible(text: str) -> str:
    """The words of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
