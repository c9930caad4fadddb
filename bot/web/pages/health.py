"""How the machine is: Discord, nightly jobs, outbox, disk and database, permissions, and which version runs."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from aiohttp import web
from markupsafe import Markup

from bot.jobs import DAILY
from bot.web.discord_text import as_html
from bot.web.pages.settings import CHANNELS
from bot.web.pages.wording import size_text
from bot.web.routing import Routes
from bot.web.visit import Desk
from core import reports_settings
from core.access import Role
from core.i18n import format_date, format_list
from core.store.log_lists import JobRun

pages = Routes()

SCARCE_BYTES = 500_000_000
"""With less than this on the disk it is time to act: a database needs room to be copied."""
_JOBS = {
    "open_month": "web_health.job_open_month", "remind": "web_health.job_remind",
    "purge_proofs": "web_health.job_purge_proofs", "sweep_proofs": "web_health.job_sweep_proofs",
}  # fmt: skip
# What a finished job noted down, and in which sentence it is told.
_DETAILS = {
    "sent": "web_health.detail_sent", "purged": "web_health.detail_purged",
    "removed": "web_health.detail_removed", "left_over": "web_health.detail_left_over",
}  # fmt: skip
PERMISSIONS = {
    "view_channel": "setup.permission_view_channel", "send_messages": "setup.permission_send_messages",
    "embed_links": "setup.permission_embed_links", "attach_files": "setup.permission_attach_files",
    "read_message_history": "setup.permission_read_message_history",
    "mention_everyone": "setup.permission_mention_everyone",
    "create_private_threads": "setup.permission_create_private_threads",
    "send_messages_in_threads": "setup.permission_send_messages_in_threads",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is used and free where the database lies, in bytes."""

    database: int
    free: int
    all: int

    @property
    def is_scarce(self) -> bool:
        """Whether it is time to act."""
        return self.free < SCARCE_BYTES


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel that the club chose. `state`: fine, missing, gone, none (chosen), or unknown."""

    label: str
    name: str
    state: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class JobState:
    """A nightly job: its last run, if there was one, in words."""

    name: str
    run: JobRun | None
    day: str
    detail: str


@pages.get("/health", least=Role.AUDITOR)
async def health(desk: Desk) -> web.StreamResponse:
    """Everything at a glance."""
    found = await desk.db.read(reports_settings.workings, desk.actor, DAILY)
    host = desk.site.host
    latency = host.latency_seconds()
    sizes = await asyncio.to_thread(measure, desk.db.path)
    places = [_channel(desk, *channel) for channel in CHANNELS]
    troubled = found.outbox.get("failed", 0) + found.outbox.get("unknown", 0)
    failed = [run for run in found.runs.values() if run and run.status == "failed"]
    return desk.render(
        "health.html", found=found, connected=host.is_connected(), sizes=sizes, places=places,
        latency=round(latency * 1000) if latency is not None else None, troubled=troubled,
        jobs=[_job(desk, job, found.runs[job]) for job in DAILY], version=running_version(),
        news=changelog(), size_text=size_text,
        all_well=host.is_connected() and not (troubled or failed or sizes.is_scarce)
        and all(place.state in ("fine", "none") for place in places),
    )  # fmt: skip


def measure(database: Path) -> Sizes:
    """Look at the disk: the database with what belongs to it, and what is free beside it."""
    files = (database.with_name(database.name + ending) for ending in ("", "-wal", "-shm"))
    disk = shutil.disk_usage(database.parent)
    return Sizes(sum(file.stat().st_size for file in files if file.exists()), disk.free, disk.total)


def running_version() -> str:
    """Which version runs."""
    try:
        return version("potkeeper")
    except PackageNotFoundError:
        return "0"


@cache
def changelog() -> Markup | None:
    """The newest part of the changelog, where it lies beside the program or inside it."""
    inside = resources.files("bot")
    for place in (inside / "CHANGELOG.md", inside.joinpath("..", "CHANGELOG.md")):
        if place.is_file():
            sections = place.read_text(encoding="utf-8").split("\n## ")
            return as_html(_joined(sections[1])) if len(sections) > 1 else None
    return None


def _joined(section: str) -> str:
    """The section without its heading; a point that goes on over several lines on one."""
    lines: list[str] = []
    for line in section.split("\n")[1:]:
        if line.startswith("  ") and lines:
            lines[-1] += " " + line.strip()
        elif line.strip():
            lines.append(line)
    return "\n".join(lines)


def _channel(desk: Desk, field: str, label: str, about: str) -> ChannelState:
    del about
    host, guild = desk.site.host, desk.workspace.guild_id
    channel_id: int | None = getattr(desk.workspace, field)
    if channel_id is None:
        return ChannelState(label, "", "none")
    places = {place.id: place.name for place in host.channels(guild)}
    if not places:
        return ChannelState(label, "", "unknown")
    if channel_id not in places:
        return ChannelState(label, "", "gone")
    missing = host.missing_permissions(guild, channel_id)
    name = f"#{places[channel_id]}"
    return ChannelState(label, name, "missing" if missing else "fine", _permissions(desk, missing))


def _permissions(desk: Desk, missing: Sequence[str]) -> str:
    return format_list(
        [desk.t(PERMISSIONS[name]) if name in PERMISSIONS else name for name in missing], desk.locale
    )


def _job(desk: Desk, job: str, run: JobRun | None) -> JobState:
    name = desk.t(_JOBS[job]) if job in _JOBS else job
    if run is None:
        return JobState(name, None, "", "")
    day = format_date(date.fromisoformat(run.run_on), desk.locale)
    return JobState(name, run, day, _detail(desk, run.status, json.loads(run.detail)))


def _detail(desk: Desk, status: str, detail: dict[str, Any]) -> str:
    """What the run did, in words."""
    if status == "failed":
        return desk.t("web_health.detail_failed", reference=str(detail.get("reference", "")))
    if "opened" in detail:
        return desk.t("web_health.detail_opened" if detail["opened"] else "web_health.detail_not_opened")
    parts = [
        desk.t(key, count=int(detail[name]))
        for name, key in _DETAILS.items()
        if name in detail and (detail[name] or name != "left_over")
    ]
    return format_list(parts, desk.locale)
