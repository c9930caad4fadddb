"""How the machine is, and what the live Discord server has: channels and roles by name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import BaseModel

from bot.jobs import DAILY
from bot.version import program_version
from bot.web.api.calls import Call
from bot.web.api.operations import Operations
from bot.web.pages.health import measure
from core import reports_settings
from core.store.log_lists import JobRun as RunOfCore

operations = Operations("Machine")


class JobRun(BaseModel):
    """A nightly job and its last run; all null when it never ran. `detail` is what it noted down."""

    job: str
    run_on: str | None = None
    status: str | None = None
    finished_at: str | None = None
    detail: dict[str, Any] | None = None


class Disk(BaseModel):
    """Bytes: the database with what belongs to it, and the disk on which it lies."""

    database_bytes: int
    free_bytes: int
    total_bytes: int


class Missing(BaseModel):
    """What the bot may not do in a channel of the club, but has to; by Discord's names."""

    channel_id: str
    permissions: list[str]


class Health(BaseModel):
    """Gateway, nightly jobs, outbox (notices by status), screenshots, disk, missing permissions, version."""

    version: str
    gateway_connected: bool
    gateway_latency_ms: int | None
    jobs: list[JobRun]
    outbox: dict[str, int]
    oldest_waiting_at: str | None
    proofs: int
    proofs_bytes: int
    disk: Disk
    missing: list[Missing]


class Place(BaseModel):
    """A channel or a role."""

    id: str
    name: str


class Places(BaseModel):
    """Text channels and roles in Discord's order; both empty while Discord has not told us yet."""

    channels: list[Place]
    roles: list[Place]


@operations.get("/health")
async def get_health(call: Call) -> Health:
    """How the machine is: everything that its page shows."""
    found = await call.visit.db.read(reports_settings.workings, call.actor, DAILY)
    sizes, host = await asyncio.to_thread(measure, call.visit.db.path), call.visit.site.host
    latency = host.latency_seconds()
    return Health(
        version=program_version(), gateway_connected=host.is_connected(),
        gateway_latency_ms=None if latency is None else round(latency * 1000),
        jobs=[_job(name, found.runs[name]) for name in DAILY], outbox=found.outbox,
        oldest_waiting_at=found.oldest_waiting_at, proofs=found.proofs, proofs_bytes=found.proofs_bytes,
        disk=Disk(database_bytes=sizes.database, free_bytes=sizes.free, total_bytes=sizes.all),
        missing=_missing(call),
    )  # fmt: skip


@operations.get("/places")
async def list_places(call: Call) -> Places:
    """List the channels and roles of the Discord server, to choose from."""
    host, guild = call.visit.site.host, call.workspace.guild_id
    return Places(
        channels=[Place(id=str(place.id), name=place.name) for place in host.channels(guild)],
        roles=[Place(id=str(place.id), name=place.name) for place in host.roles(guild)],
    )


def _job(name: str, run: RunOfCore | None) -> JobRun:
    if run is None:
        return JobRun(job=name)
    return JobRun(
        job=name, run_on=run.run_on, status=run.status, finished_at=run.finished_at,
        detail=json.loads(run.detail or "{}"),
    )  # fmt: skip


def _missing(call: Call) -> list[Missing]:
    club, host = call.workspace, call.visit.site.host
    channels = {club.announce_channel_id, club.review_channel_id, club.admin_channel_id} - {None}
    found = {
        channel: host.missing_permissions(club.guild_id, channel)
        for channel in sorted(channel for channel in channels if channel is not None)
    }
    return [
        Missing(channel_id=str(channel), permissions=list(names)) for channel, names in found.items() if names
    ]
