"""The import itself: one transaction, run as a preview first, and safe to run again."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from core import access, audit, errors, settle
from core.access import Role
from core.chippot import bills, months, offers, people, seats, settings, wording
from core.chippot.book import Book
from core.chippot.result import Findings, Imported, TotalLine
from core.chippot.settings import Settings
from core.chippot.source import Source
from core.clock import local_date
from core.db import Tx
from core.models import Actor, MemberId, Workspace, WorkspaceId
from core.proof_files import ProofFile
from core.store import chippot, payments, workspaces
from core.workspaces import discord_id

Pictures = Mapping[str, Sequence[ProofFile]]


def import_chippot(
    tx: Tx, source: Source, guild_id: int | None = None, pictures: Pictures | None = None
) -> Imported:
    """Bring a ChipPot's books over, for whoever runs the command line; run it as a preview first.

    `guild_id` names the Discord server when the source does not, or another one. `pictures`: their key of a
    screenshot → the stored proofs made of it, one for each payment that needs it; None leaves them out, and
    what is not given is named in the result. What came over before is left alone, so running it again changes
    nothing and compares. Raises ChippotWorkspaceUnclear, ChippotGuildMissing, DiscordIdInvalid,
    ChippotCurrency, ChippotOtherSource, ChippotValueWrong, PeriodClosed, ChippotFileDamaged.
    """
    chippot.begin(tx.conn)
    findings = Findings()
    found = _choose(source, guild_id, findings)
    guild = found.guild_id if guild_id is None else discord_id("server", guild_id)
    if guild is None:
        raise errors.ChippotGuildMissing()
    before = workspaces.by_guild(tx.conn, guild)
    workspace = before or _make_workspace(tx, found, guild)
    actor = Actor.operator(workspace.id)
    access.require(tx, actor, Role.OWNER)
    if workspace.currency != settings.CURRENCY:
        raise errors.ChippotCurrency(currency=workspace.currency)
    book = Book(
        tx, source, actor, workspace, found, _origin(found), local_date(tx.now, workspace.timezone), findings,
        before is None, chippot.last_ids(tx.conn),
    )  # fmt: skip
    if chippot.has_other_origin(tx.conn, workspace.id, book.origin):
        raise errors.ChippotOtherSource()
    if before is None:
        book.counts["workspaces"] += 1
        wording.bring(book)
    _bring(book)
    wanted = _pictures(book, pictures)
    result = Imported(
        access.workspace_of(tx, actor), book.is_new_workspace, dict(book.counts), findings.listed,
        findings.more, _compare(book), wanted, book.digest,
    )  # fmt: skip
    _record(tx, book, result)
    return result


def _choose(source: Source, guild_id: int | None, findings: Findings) -> Settings:
    """The workspace there: the only one, or the one of that server."""
    rows = source.rows("workspaces")
    if len(rows) == 1:
        return settings.read(rows[0], findings)
    found = [settings.read(row, Findings()) for row in rows]
    fitting = [at for at, one in enumerate(found) if guild_id is not None and one.guild_id == guild_id]
    if len(fitting) != 1:
        guilds = ", ".join(str(one.guild_id or "-") for one in found[:20])
        raise errors.ChippotWorkspaceUnclear(count=len(rows), guilds=guilds or "-")
    return settings.read(rows[fitting[0]], findings)


def _make_workspace(tx: Tx, found: Settings, guild: int) -> Workspace:
    workspace_id = workspaces.add(
        tx.conn, guild_id=guild, name=found.name, currency=settings.CURRENCY, timezone=settings.TIMEZONE,
        locale=settings.LOCALE, billing_day=found.billing_day, now=tx.now_text,
    )  # fmt: skip
    workspaces.update(tx.conn, workspace_id, {
        "reminder_days": f"[{found.overdue_days}]", "announce_channel_id": found.channel_id,
        "proof_retention_months": found.retention_months,
    })  # fmt: skip
    return access.workspace_of(tx, Actor.operator(WorkspaceId(workspace_id)))


def _origin(found: Settings) -> str:
    """What tells one ChipPot from another: its workspace's number and the instant it was made."""
    text = f"{found.workspace_id} {found.created_at}"
    return f"chippot-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _bring(book: Book) -> None:
    """Everything in the order in which one thing refers to another."""
    if not book.is_new_workspace:
        _tell_settings(book)
    members = people.bring_members(book)
    people.bring_admins(book)
    plans = offers.bring_plans(book)
    methods = offers.bring_methods(book)
    seats.bring(book, members, plans)
    said = months.read_said(book)
    bills.bring(book, methods, months.bring(book, said))
    months.bring_reminders(book, said)
    if book.counts["bills"]:
        for member_id in payments.members_with_credit(book.tx.conn, book.workspace.id):
            settle.settle_credit(book.tx, MemberId(member_id))


def _tell_settings(book: Book) -> None:
    """A club that was set up here keeps its settings: tell what differs, and fill in a missing channel."""
    here, there = book.workspace, book.settings
    for name, ours, theirs in (
        ("billing_day", str(here.billing_day), str(there.billing_day)),
        ("reminder_days", here.reminder_days, f"[{there.overdue_days}]"),
        ("proof_retention_months", str(here.proof_retention_months), str(there.retention_months)),
    ):
        if ours != theirs:
            book.findings.add("chippot.setting_kept", name=name, value=ours, there=theirs)
    if here.announce_channel_id is None and there.channel_id is not None:
        workspaces.update(book.tx.conn, here.id, {"announce_channel_id": there.channel_id})
        book.counts["settings"] += 1


def _pictures(book: Book, given: Pictures | None) -> dict[str, int]:
    """Give payments the pictures that were stored for them; returns the keys still wanted, how often."""
    rows = chippot.without_picture(book.tx.conn, book.workspace.id, book.origin)
    if given is None:
        if left := sum(1 for _ in rows):
            book.findings.add("chippot.pictures_left", count=left)
        return {}
    stored = {key: list(proofs) for key, proofs in given.items()}
    wanted: Counter[str] = Counter()
    for payment_id, key, submitted_at in list(rows):
        if stored.get(key):
            _add_proof(book, payment_id, stored[key].pop(0), submitted_at)
            book.read("proof", key)
        else:
            wanted[key] += 1
    return dict(wanted)


def _add_proof(book: Book, payment_id: int, proof: ProofFile, submitted_at: str) -> None:
    payments.add_proof(book.tx.conn, {
        "workspace_id": book.workspace.id, "payment_id": payment_id, "storage_key": proof.storage_key,
        "thumbnail_key": proof.thumbnail_key, "sha256": proof.sha256, "pixels_sha256": proof.pixels_sha256,
        "dhash": proof.dhash, "size_bytes": proof.size_bytes, "width": proof.width, "height": proof.height,
        "same_as_payment_id": None, "same_kind": None, "created_at": submitted_at,
    })  # fmt: skip
    book.counts["proofs"] += 1


def _compare(book: Book) -> tuple[TotalLine, ...]:
    """Every month and status of both sides: how many bills, and their sum."""
    there = {row[:2]: row[2:] for row in book.source.totals(book.settings.workspace_id)}
    here = {row[:2]: row[2:] for row in chippot.totals(book.tx.conn, book.workspace.id, book.origin)}
    order = {status: at for at, status in enumerate((*bills.STATUSES, "void"))}
    keys = sorted(there.keys() | here.keys(), key=lambda key: (key[0], order.get(key[1], 9)))
    return tuple(TotalLine(*key, *there.get(key, (0, 0)), *here.get(key, (0, 0))) for key in keys)


def _record(tx: Tx, book: Book, result: Imported) -> None:
    if result.nothing_to_do:
        return
    audit.record(
        tx, book.actor, "chippot.import", "workspace", book.workspace.id,
        after={"counts": {kind: count for kind, count in result.counts.items() if count},
               "digest": result.digest, "differences": len(result.differences)},
    )  # fmt: skip
