"""Bringing one notice to Discord: where to, with which nonce, and what to do about every refusal.

discord.py's HTTP layer is used directly: its `send` would keep every view that was ever posted in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final, Protocol
from zlib import crc32

import aiohttp
import discord
from discord.http import HTTPClient, handle_message_parameters

from cogs.ui.limits import LimitBroken, check_message
from core import alerts, sending
from core.clock import parse_instant
from core.errors import DatabaseUnavailable
from core.i18n import t
from core.sending import Attempt
from core.services import Services

log = logging.getLogger(__name__)

DMS_CLOSED = frozenset({50007, 50278})
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_USER = 10003, 10008, 10013
PRIVATE_THREAD: Final = 12
WEEK_MINUTES: Final = 10080
CLOCKS_APART = timedelta(minutes=5)
PAGE, MOST_PAGES = 100, 5


class Outgoing(Protocol):
    """One message to be sent."""

    @property
    def view(self) -> discord.ui.LayoutView:
        """What it shows."""

    @property
    def allowed_mentions(self) -> discord.AllowedMentions:
        """Whom it may ping."""

    @property
    def files(self) -> Sequence[discord.File]:
        """What is attached."""

    @property
    def holds(self) -> Sequence[int]:
        """The ids of those whom it names, when it is one message of a long list."""


class Renderer(Protocol):
    """`cogs.ui.notices.render`: from what is to be said to the messages that say it."""

    def __call__(
        self, services: Services, attempt: Attempt, *, public: bool = False
    ) -> Awaitable[Sequence[Outgoing]]:
        """Return the parts; `public` leaves out amounts."""


class Undecidable(Exception):  # noqa: N818 - reads as what happened
    """It cannot be told whether an earlier attempt arrived."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part goes; `in_doubt` when it may be there already."""

    channel_id: int
    is_dm: bool
    in_doubt: bool


class Outcome(Enum):
    """How a delivery ended, for the one who plans the next."""

    OVER = "over"
    DELAYED = "delayed"


class Delivery:
    """Sends notices, one call for each; what became of it is in the database afterwards."""

    def __init__(
        self,
        services: Services,
        http: HTTPClient,
        render: Renderer,
        *,
        may_read: Callable[[int], bool | None],
        pace: Callable[[], Awaitable[None]],
    ) -> None:
        """Send by `http`; `pace` is awaited before each direct message.

        `may_read(channel)` says whether old messages there can be read, None when that is not known.
        """
        self._db = services.db
        self._services = services
        self._http = http
        self._render = render
        self._may_read = may_read
        self._pace = pace

    async def send(self, attempt: Attempt) -> Outcome:
        """Deliver a claimed notice and record how it ended."""
        notice = attempt.notice
        try:
            if notice.target == "alert":
                await self._send_alert(attempt)
            elif attempt.channel_id is not None:
                await self._send_parts(attempt, attempt.channel_id)
            else:
                await self._send_privately(attempt)
        except Undecidable:
            log.warning("notice %s may or may not have arrived", notice.id)
            await self._db.write(sending.mark_unknown, notice)
        except discord.HTTPException as error:
            return await self._refused(attempt, error)
        except discord.RateLimited as error:
            return await self._delayed(attempt, f"429: {error}", may_have_arrived=False)
        except LimitBroken as error:
            log.error("notice %s breaks a limit of Discord: %s", notice.id, error)
            await self._db.write(sending.mark_refused, notice, f"limit: {error}", final=True)
        except DatabaseUnavailable as error:
            log.error("notice %s waits for the database: %s", notice.id, error)
            return Outcome.DELAYED
        except (OSError, aiohttp.ClientError) as error:
            never_left = isinstance(error, aiohttp.ClientConnectorError)
            text = f"network: {error or type(error).__name__}"
            return await self._delayed(attempt, text, may_have_arrived=not never_left)
        except Exception as error:
            log.exception("notice %s (%s) cannot be made", notice.id, notice.kind)
            text = f"{type(error).__name__}: {error}"
            await self._db.write(sending.mark_refused, notice, text, final=False)
        return Outcome.OVER

    async def _send_alert(self, attempt: Attempt) -> None:
        """Bring an alert to a phone or a webhook; a failure is noted down, and told once it is final."""
        notice = attempt.notice
        alert = await self._db.read(alerts.to_send, notice.id)
        if alert is None:
            await self._db.write(sending.mark_over, notice)
            return
        outcome = await self._services.send_alert(alert)
        if not outcome.sent:
            log.warning("alert %s to target %s: %s", notice.id, alert.target.id, outcome.reason)
        await self._db.write(alerts.record_outcome, notice, alert, outcome)

    # --- where to ------------------------------------------------------------------------------------------

    async def _send_privately(self, attempt: Attempt) -> None:
        """Send a direct message; when they are closed, do what the club chose."""
        try:
            await self._pace()
            channel = await self._http.start_private_message(attempt.user_id)
            await self._send_parts(attempt, int(channel["id"]), is_dm=True)
        except discord.HTTPException as error:
            if error.code not in DMS_CLOSED:
                raise
            if not await self._send_instead(attempt):
                await self._db.write(sending.mark_waiting, attempt.notice, f"dm_closed: {error.code}")

    async def _send_instead(self, attempt: Attempt) -> bool:
        """Say it to somebody with closed direct messages; False when that is not possible or not wished."""
        channel_id = attempt.workspace.announce_channel_id
        policy = attempt.workspace.closed_dm_policy
        if policy == "wait" or channel_id is None:
            return False
        try:
            if policy == "mention":
                await self._send_parts(attempt, channel_id, public=True)
            else:
                await self._send_in_thread(attempt, channel_id)
        except discord.HTTPException as error:
            if error.status not in (403, 404):
                raise
            log.warning("notice %s: no %s in channel %s: %s", attempt.notice.id, policy, channel_id, error)
            return False
        return True

    async def _send_in_thread(self, attempt: Attempt, channel_id: int) -> None:
        known = await self._db.read(sending.thread_of, attempt.workspace, attempt.user_id)
        if known is not None:
            try:
                await self._send_parts(attempt, known)
                return
            except discord.HTTPException as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
        thread_id = await self._open_thread(attempt, channel_id)
        await self._send_parts(attempt, thread_id)

    async def _open_thread(self, attempt: Attempt, channel_id: int) -> int:
        thread = await self._http.start_thread_without_message(
            channel_id,
            name=t(attempt.workspace.locale, "bot.private_thread"),
            auto_archive_duration=WEEK_MINUTES,
            type=PRIVATE_THREAD,
            invitable=False,
        )
        thread_id = int(thread["id"])
        await self._http.add_user_to_thread(thread_id, attempt.user_id)
        await self._db.write(sending.remember_thread, attempt.workspace, attempt.user_id, thread_id)
        return thread_id

    # --- sending -------------------------------------------------------------------------------------------

    async def _send_parts(
        self, attempt: Attempt, channel_id: int, *, public: bool = False, is_dm: bool = False
    ) -> None:
        """Send every part that is not sent yet, and mark each by itself."""
        parts = await self._render(self._services, attempt, public=public)
        if len(parts) > 1 and any(part.holds for part in parts):
            await self._db.write(sending.keep_borders, attempt.notice, [part.holds for part in parts])
        first = await self._db.read(sending.parts_sent, attempt.notice)
        for part in range(first, len(parts)):
            place = Place(channel_id, is_dm, in_doubt=part == first and attempt.doubt == "search")
            await self._send_part(attempt, part, parts[part], place, last=part + 1 == len(parts))
        if first >= len(parts):
            await self._db.write(sending.mark_over, attempt.notice)

    async def _send_part(
        self, attempt: Attempt, part: int, outgoing: Outgoing, place: Place, *, last: bool
    ) -> None:
        notice = attempt.notice
        mark = marker(notice.id, part)
        outgoing.view.children[-1].id = mark
        check_message(outgoing.view, allowed_mentions=outgoing.allowed_mentions, files=outgoing.files)
        shown = await self._db.read(sending.shown_at, notice, part)
        if shown is None and place.in_doubt:
            shown = await self._search(attempt, place, mark)
            if shown is not None and notice.op == "post":
                await self._db.write(sending.mark_part_sent, notice, part, *shown, last=last)
                return
        if shown is None or not await self._edit(shown, outgoing):
            shown = await self._post(place.channel_id, outgoing, nonce_of(notice.id, part, shown))
        await self._db.write(sending.mark_part_sent, notice, part, *shown, last=last)

    async def _post(self, channel_id: int, outgoing: Outgoing, nonce: str) -> tuple[int, int]:
        with handle_message_parameters(
            view=outgoing.view,
            files=list(outgoing.files),
            nonce=nonce,  # discord.py adds enforce_nonce
            allowed_mentions=outgoing.allowed_mentions,
        ) as params:
            message = await self._http.send_message(channel_id, params=params)
        return channel_id, int(message["id"])

    async def _edit(self, shown: tuple[int, int], outgoing: Outgoing) -> bool:
        """Bring a message up to date; False when it is gone, or where it stood cannot be reached any more."""
        try:
            with handle_message_parameters(
                view=outgoing.view,
                attachments=list(outgoing.files),
                allowed_mentions=discord.AllowedMentions.none(),
            ) as params:
                await self._http.edit_message(*shown, params=params)
        except discord.HTTPException as error:
            if error.status not in (403, 404):
                raise
            log.info("message %s in channel %s is gone: %s", shown[1], shown[0], error)
            return False
        return True

    async def _search(self, attempt: Attempt, place: Place, mark: int) -> tuple[int, int] | None:
        """Find the part among the bot's messages since the doubtful attempt; raises Undecidable."""
        assert attempt.notice.attempted_at is not None
        since = parse_instant(attempt.notice.attempted_at) - CLOCKS_APART
        after = discord.utils.time_snowflake(since)
        for page in range(MOST_PAGES):
            found = await self._http.logs_from(place.channel_id, PAGE, after=after)
            if not found and page == 0 and not place.is_dm and not self._may_read(place.channel_id):
                raise Undecidable
            for message in found:
                if mark in _component_ids(message):
                    return place.channel_id, int(message["id"])
            if len(found) < PAGE:
                return None
            after = max(int(message["id"]) for message in found)
        raise Undecidable

    # --- refusals ------------------------------------------------------------------------------------------

    async def _refused(self, attempt: Attempt, error: discord.HTTPException) -> Outcome:
        text = f"{error.status} {error.code}: {error.text}"
        if error.status in (401, 429) or error.status >= 500:
            return await self._delayed(attempt, text, may_have_arrived=error.status >= 500)
        log.warning("Discord refuses notice %s (%s): %s", attempt.notice.id, attempt.notice.kind, text)
        final = error.status not in (403, 404) or error.code == UNKNOWN_USER
        await self._db.write(sending.mark_refused, attempt.notice, text, final=final)
        return Outcome.OVER

    async def _delayed(self, attempt: Attempt, text: str, *, may_have_arrived: bool) -> Outcome:
        log.warning("notice %s waits: %s", attempt.notice.id, text)
        await self._db.write(sending.mark_delayed, attempt.notice, text, may_have_arrived=may_have_arrived)
        return Outcome.DELAYED


def nonce_of(notice_id: int, part: int, gone: tuple[int, int] | None = None) -> str:
    """The nonce of a part: the same at every attempt; another one when it replaces a message that is gone."""
    return f"{notice_id}-{part}" if gone is None else f"{notice_id}-{part}-{crc32(str(gone[1]).encode()):08x}"


def marker(notice_id: int, part: int) -> int:
    """A number that the message carries as the id of its last component, to be found again by it.

    Discord keeps such ids (32 bits) and numbers the other components from 1, so ours are large. The longest
    list has some hundred parts; numbers of a million notices before may come again.
    """
    return 0x4000_0000 | (notice_id * 1024 + part) & 0x3FFF_FFFF


def _component_ids(message: Any) -> set[int]:
    return {int(part["id"]) for part in message.get("components") or () if part.get("id") is not None}
