"""Importing a roster file: the file, then the whole diff, then what was done, with a way back.

Between the steps the file waits on the server for the session that brought it (bot/web/keeping.py). Each step
works out the diff anew from the file; nothing that a browser sends is taken for one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aiohttp import BodyPartReader, web

from bot.web import exports
from bot.web.forms import Form, field_errors, read_form
from bot.web.keeping import Keep, Kept
from bot.web.middleware import status_of
from bot.web.pages.wording import who
from bot.web.routing import Routes
from bot.web.visit import Desk, Flash
from core import member_lists, plans, roster_import
from core.access import Role
from core.csv_text import rows_of
from core.db import Tx
from core.errors import (
    ColumnTwice,
    DomainError,
    EncodingUnclear,
    FieldMissing,
    FileTooLarge,
    NameColumnUnclear,
    QuoteNotClosed,
)
from core.period import Period, parse_date
from core.plans import PlanView
from core.preview import PreviewChanged, digest_of
from core.roster_columns import PLAN, find_delimiter
from core.roster_csv import ColumnSeen, decode, note_text
from core.roster_diff import RosterDiff
from core.roster_encoding import ENCODINGS, MOST_MEGABYTES

if TYPE_CHECKING:
    from bot.web.app import Site

pages = Routes()

MOST_FILE_BYTES = MOST_MEGABYTES * 1_000_000
MOST_FIELD_BYTES = 1000
MOST_PARTS = 20
ROWS_SHOWN = 1000
SAMPLE_ROWS = 5
DIFF_COLUMNS = ("change", "line", "member", "name", "what", "before", "after")
_TOKEN = "/import/{token}"  # noqa: S105 - a pattern, not a secret

_keeps: WeakKeyDictionary[Site, Keep[RosterDiff]] = WeakKeyDictionary()


@pages.get("/import", least=Role.TREASURER)
async def start(desk: Desk) -> web.StreamResponse:
    """Step 1: which file; and the imports so far."""
    return await _start_page(desk)


@pages.post("/import", least=Role.TREASURER)
async def receive(desk: Desk) -> web.StreamResponse:
    """Take the file, and look at it."""
    form = Form()
    try:
        form, data = await _read(desk)
        if form.text("starts_on"):
            parse_date(form.text("starts_on"), "starts_on")
    except DomainError as error:
        return await _start_page(desk, form, error)
    about = {
        "encoding": form.text("encoding"),
        "starts_on": form.text("starts_on"),
        "name": form.text("name"),
    }
    token = _keep(desk).put(desk.standing.session.id, data, desk.now, about)
    return desk.redirect(f"/import/{token}")


@pages.get("/import/roster.csv", least=Role.TREASURER)
async def export(desk: Desk) -> web.StreamResponse:
    """The roster as a file that can be edited and imported again; also the pattern for a first one."""
    data = await desk.db.read(roster_import.export_roster, desk.actor)
    return web.Response(
        body=data, content_type="text/csv", charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="roster.csv"'},
    )  # fmt: skip


@pages.get(_TOKEN, least=Role.TREASURER)
async def look(desk: Desk) -> web.StreamResponse:
    """Step 2: the whole diff; step 3 once it was applied."""
    kept = _kept(desk)
    if kept is None:
        return _gone(desk)
    if kept.result is not None:
        return _diff_page(desk, kept, kept.result, done=True)
    try:
        diff = await desk.db.preview(roster_import.import_roster, desk.actor, kept.data, **_how(kept))
    except EncodingUnclear as error:
        return _encoding_page(desk, kept, str(error.params["candidates"]).split(", "))
    except (ColumnTwice, NameColumnUnclear) as error:
        return await _columns_page(desk, kept, error)
    except DomainError as error:
        return await _start_page(desk, Form(kept.about.items()), error)
    return _diff_page(desk, kept, diff, more=await _columns_form(desk, kept))


@pages.post(_TOKEN, least=Role.TREASURER)
async def apply(desk: Desk) -> web.StreamResponse:
    """Do it, if what was shown is what happens."""
    form = await read_form(desk)
    kept = _kept(desk)
    if kept is None:
        return _gone(desk)
    if kept.result is None:
        try:
            kept.result = await desk.db.confirm(
                form.text("digest"), roster_import.import_roster, desk.actor, kept.data, **_how(kept)
            )
        except PreviewChanged as changed:
            more = await _columns_form(desk, kept)
            return _diff_page(desk, kept, changed.result, changed=True, more=more)
        except DomainError as error:
            return await _start_page(desk, Form(kept.about.items()), error)
    return desk.redirect(f"/import/{desk.arg('token')}")


@pages.post(f"{_TOKEN}/encoding", least=Role.TREASURER)
async def choose_encoding(desk: Desk) -> web.StreamResponse:
    """Read the file in this encoding."""
    form = await read_form(desk)
    kept = _kept(desk)
    if kept is None:
        return _gone(desk)
    if form.text("encoding") in ENCODINGS and kept.result is None:
        kept.about["encoding"] = form.text("encoding")
        kept.about.pop("columns", None)
    return desk.redirect(f"/import/{desk.arg('token')}")


@pages.post(f"{_TOKEN}/columns", least=Role.TREASURER)
async def choose_columns(desk: Desk) -> web.StreamResponse:
    """Take the columns for what was chosen, and look again."""
    form = await read_form(desk)
    kept = _kept(desk)
    if kept is None:
        return _gone(desk)
    if kept.result is None:
        kept.about["columns"] = json.dumps(form.all("column"))
    return desk.redirect(f"/import/{desk.arg('token')}")


@pages.get(rf"{_TOKEN}/changes.{{kind:csv|json}}", least=Role.TREASURER)
async def changes(desk: Desk) -> web.StreamResponse:
    """Every line of the diff as a file."""
    kept = _kept(desk)
    if kept is None:
        return _gone(desk)
    diff = kept.result
    if diff is None:
        diff = await desk.db.preview(roster_import.import_roster, desk.actor, kept.data, **_how(kept))
    rows = exports.in_one(_diff_rows(desk, diff))
    return await exports.send(desk, "roster-changes", desk.arg("kind"), DIFF_COLUMNS, rows)


async def _read(desk: Desk) -> tuple[Form, bytes]:
    """The fields and the file of a multipart form; raises FieldMissing, FileTooLarge."""
    request = desk.request
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType
    fields: list[tuple[str, str]] = []
    data = b""
    try:
        reader = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise web.HTTPBadRequest
            if part.name == "file":
                fields.append(("name", (part.filename or "")[:200]))
                data = await _bytes(part, MOST_FILE_BYTES)
            else:
                text = await _bytes(part, MOST_FIELD_BYTES)
                fields.append((part.name or "", text.decode("utf-8", "replace")))
    except ValueError:
        raise web.HTTPBadRequest from None
    if not data:
        raise FieldMissing(field="file")
    return Form(fields), data


async def _bytes(part: BodyPartReader, most: int) -> bytes:
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > most:
            raise FileTooLarge(megabytes=MOST_MEGABYTES)
    return bytes(found)


async def _start_page(desk: Desk, form: Form | None = None, error: DomainError | None = None) -> web.Response:
    found = await desk.db.read(member_lists.recent_imports, desk.actor)
    errors = field_errors(desk, error) if error else {}
    beside = {name: text for name, text in errors.items() if name in ("file", "starts_on", "encoding")}
    return desk.render(
        "import.html", status=status_of(error) if error else 200, form=form or Form(), errors=beside,
        whole_error=next((text for name, text in errors.items() if name not in beside), ""),
        encodings=ENCODINGS, imports=found, first_day=Period.of(desk.today).first_day,
        megabytes=MOST_MEGABYTES, who=lambda by, name: who(desk, by, name),
    )  # fmt: skip


def _diff_page(
    desk: Desk,
    kept: Kept[RosterDiff],
    diff: RosterDiff,
    *,
    changed: bool = False,
    done: bool = False,
    more: Mapping[str, Any] | None = None,
) -> web.Response:
    return desk.render(
        "import_diff.html", diff=diff, digest=digest_of(diff), changed=changed, done=done, most=ROWS_SHOWN,
        token=desk.arg("token"), file_name=kept.about.get("name", ""), encodings=ENCODINGS,
        note_text=lambda note: note_text(desk.locale, note), field_words=FIELD_WORDS,
        changes=sum(len(rows) for rows in (
            diff.created, diff.changed, diff.subscribed, diff.resumed, diff.paused)),
        **(more or {}),
    )  # fmt: skip


async def _columns_form(desk: Desk, kept: Kept[RosterDiff]) -> dict[str, Any]:
    """Every column of the file, and what each may be taken for."""

    def read(tx: Tx) -> tuple[Sequence[ColumnSeen], Sequence[PlanView]]:
        how = {name: value for name, value in _how(kept).items() if name != "starts_on"}
        return roster_import.columns(tx, desk.actor, kept.data, **how), plans.everyone(tx, desk.actor)

    seen, active = await desk.db.read(read)
    return {
        "seen": seen,
        "roles": COLUMN_WORDS,
        "plans": [(f"{PLAN}{view.plan.id}", view.plan.name) for view in active],
    }


async def _columns_page(desk: Desk, kept: Kept[RosterDiff], error: DomainError) -> web.Response:
    """The columns to choose from, when their headers leave open what they are."""
    return desk.render(
        "import_columns.html", status=status_of(error), whole_error=desk.sentence(error),
        token=desk.arg("token"), file_name=kept.about.get("name", ""), **await _columns_form(desk, kept),
    )  # fmt: skip


def _encoding_page(desk: Desk, kept: Kept[RosterDiff], candidates: list[str]) -> web.Response:
    """The first rows in every encoding that is possible: a person sees at once which one is right."""
    readings = [(name, ENCODINGS[name], _sample(kept.data, name)) for name in candidates if name in ENCODINGS]
    return desk.render(
        "import_encoding.html", readings=[one for one in readings if one[2]], token=desk.arg("token"),
        file_name=kept.about.get("name", ""),
    )  # fmt: skip


def _sample(data: bytes, encoding: str) -> list[list[str]]:
    """The first rows as this encoding reads them; none when it cannot."""
    try:
        text = decode(data, encoding).text
    except DomainError:
        return []
    found: list[list[str]] = []
    try:
        for _, cells in rows_of(text, find_delimiter(text)):
            found.append(cells[:8])
            if len(found) > SAMPLE_ROWS:
                break
    except QuoteNotClosed:
        pass
    return found


def _diff_rows(desk: Desk, diff: RosterDiff) -> list[tuple[object, ...]]:
    """Every line of the diff, as a table."""
    rows: list[tuple[object, ...]] = [
        ("added", row.line, "", row.name, row.email, "", row.note) for row in diff.created
    ]
    rows += [
        ("changed", row.line, f"M-{row.member_id}", row.name, row.field, row.before, row.after)
        for row in diff.changed
    ]
    for kind, seats in (("subscribed", diff.subscribed), ("resumed", diff.resumed), ("paused", diff.paused)):
        rows += [
            (
                kind,
                seat.line,
                f"M-{seat.member_id}" if seat.member_id else "",
                seat.name,
                seat.plan,
                "",
                seat.on,
            )
            for seat in seats
        ]
    for kind, notes in (("conflict", diff.conflicts), ("left_out", diff.problems), ("note", diff.notes)):
        rows += [(kind, note.line, "", "", note_text(desk.locale, note), "", "") for note in notes]
    return rows


def _how(kept: Kept[RosterDiff]) -> dict[str, Any]:
    return {
        "encoding": kept.about["encoding"] or None, "starts_on": kept.about["starts_on"] or None,
        "columns": json.loads(kept.about.get("columns", "null")),
    }  # fmt: skip


def _keep(desk: Desk) -> Keep[RosterDiff]:
    return _keeps.setdefault(desk.site, Keep())


def _kept(desk: Desk) -> Kept[RosterDiff] | None:
    return _keep(desk).get(desk.standing.session.id, desk.arg("token"), desk.now)


def _gone(desk: Desk) -> web.Response:
    return desk.redirect("/import", Flash("web_import.gone", tone="bad"))


COLUMN_WORDS = {
    "name": "web_members.name", "email": "web_members.email", "member": "web_import.member_number",
    "note": "web_members.note",
}  # fmt: skip
FIELD_WORDS = {"name": "web_members.name", "email": "web_members.email", "note": "web_members.note"}
