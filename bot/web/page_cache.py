"""Pages that are costly to add up, kept until anything in the database changes.

SQLite itself says whether something was committed since (PRAGMA data_version, asked in the same read that finds
the session), so a kept page is never an old one, whoever wrote: the bot, another browser, the command line. Ages
such as "5 min ago" are why a page is kept for the minute at most. A restart forgets everything.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.web.visit import Desk

MOST_PAGES = 200

Key = tuple[object, ...]


class PageCache:
    """The newest pages of each session; the one used longest ago goes first."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pages: OrderedDict[Key, tuple[Key, bytes]] = OrderedDict()

    def kept(self, desk: Desk) -> web.Response | None:
        """The page of this address for this person, if nothing has changed since it was made."""
        if desk.request.method != "GET" or _has_message(desk):
            return None
        found = self._pages.get(_key(desk))
        if found is None or found[0] != _stamp(desk):
            return None
        self._pages.move_to_end(_key(desk))
        return web.Response(body=found[1], content_type="text/html", charset="utf-8")

    def keep(self, desk: Desk, page: web.Response) -> web.Response:
        """Remember a page as it was sent, and send it."""
        if page.status == 200 and isinstance(page.body, bytes) and not _has_message(desk):
            self._pages[_key(desk)] = (_stamp(desk), page.body)
            self._pages.move_to_end(_key(desk))
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return page


def _key(desk: Desk) -> Key:
    """Whose page of what: the session, the connection that was asked, the address, language and colours."""
    connection, _ = desk.standing.stamp
    return desk.standing.session.id, connection, desk.request.path_qs, desk.locale, desk.theme


def _stamp(desk: Desk) -> Key:
    """What must still be the same: the data, the role, the minute."""
    _, version = desk.standing.stamp
    return version, desk.role, desk.now.replace(second=0, microsecond=0)


def _has_message(desk: Desk) -> bool:
    return desk.site.cookies.get(desk.request, "flash") is not None
