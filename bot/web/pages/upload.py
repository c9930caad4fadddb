"""The upload page of a one-time link: what is owed, how to pay it, and a picture of the transfer."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from bot.web.middleware import status_of
from bot.web.routing import Routes
from bot.web.security import SECRET_REFERRER_POLICY
from bot.web.visit import Visit
from core import tokens, upload_links
from core.errors import DomainError, LinkExpired, NothingToPay, ProofTooLarge
from core.models import BillId, MethodId
from core.proofs import MAX_PROOF_BYTES, MAX_PROOF_MEGABYTES
from core.reports import PayForm
from core.upload_links import UploadLink

pages = Routes()

NOTE_CHARACTERS = 300
MOST_FIELD_BYTES = 8 * 1024
MOST_PARTS = 400
MOST_BODY = MAX_PROOF_BYTES + 512 * 1024
SENT_SECONDS = 600
_OVER = {
    "used": ("upload_used.html", 410), "expired": ("upload_expired.html", 410),
    "nothing": ("upload_nothing.html", 200),
}  # fmt: skip


@dataclass(slots=True)
class Sent:
    """What the form carried."""

    bills: list[BillId] = field(default_factory=list)
    method_id: MethodId | None = None
    note: str = ""
    picture: bytes | None = None


@pages.open_get("/u/sent")
async def done(visit: Visit) -> web.StreamResponse:
    """What was sent. The link is in no address any more; the browser keeps its digest for some minutes."""
    digest = visit.site.cookies.get(visit.request, "sent") or ""
    link = await visit.db.read(upload_links.sent, digest)
    if link is None:
        raise web.HTTPNotFound
    visit.club = link.workspace
    return visit.render("upload_done.html", link=link)


@pages.open_get("/u/{secret}", limit="upload")
async def show(visit: Visit) -> web.StreamResponse:
    """The form, or why there is none. Looking spends nothing."""
    return _page(visit, await _look(visit))


@pages.open_post("/u/{secret}", limit="upload")
async def send(visit: Visit) -> web.StreamResponse:
    """Submit; the link is spent by what goes through, and only by that."""
    link = await _look(visit)
    if link.state != "ready":
        return _page(visit, link, posted=True)
    secret, sent = visit.arg("secret"), None
    try:
        sent = await _read(visit)
        await visit.site.services.submit(
            link.actor, sent.bills, request_id=link.request_id, method_id=sent.method_id, note=sent.note,
            member_id=link.member.id, picture=sent.picture, source="web", link=secret,
        )  # fmt: skip
    except (LinkExpired, NothingToPay):
        return _page(visit, await _look(visit), posted=True)
    except DomainError as error:
        return _page(visit, await _look(visit), error=error, sent=sent)
    response = visit.redirect("/u/sent")
    visit.site.cookies.set(response, "sent", tokens.digest(secret), SENT_SECONDS)
    return response


async def _look(visit: Visit) -> UploadLink:
    """The link of this address; one that nobody ever made is simply not there."""
    link = await visit.db.read(upload_links.look, visit.arg("secret"))
    if link is None:
        raise web.HTTPNotFound
    visit.club = link.workspace
    return link


def _page(
    visit: Visit, link: UploadLink, *, error: DomainError | None = None, sent: Sent | None = None,
    posted: bool = False,
) -> web.Response:  # fmt: skip
    if link.state == "ready":
        status = status_of(error) if error else 200
        chosen = sent or Sent([bill.id for group in _form(link).groups for bill in group.bills])
        response = visit.render(
            "upload.html", status=status, link=link, form=_form(link), chosen=chosen,
            error=visit.sentence(error) if error else "", note_characters=NOTE_CHARACTERS,
            megabytes=MAX_PROOF_MEGABYTES,
        )  # fmt: skip
    else:
        template, status = _OVER[link.state]
        response = visit.render(template, status=409 if posted and status == 200 else status, link=link)
    response.headers["Referrer-Policy"] = SECRET_REFERRER_POLICY
    return response


def _form(link: UploadLink) -> PayForm:
    assert link.form is not None
    return link.form


async def _read(visit: Visit) -> Sent:
    """Read the parts as they come, and stop at the first byte too many: multipart has no limit of its own."""
    request = visit.request
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > MOST_BODY:
        raise ProofTooLarge(megabytes=MAX_PROOF_MEGABYTES)
    sent = Sent()
    try:
        reader = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await reader.next()
            if part is None:
                return sent
            if isinstance(part, BodyPartReader):
                await _take(part, sent)
    except (ValueError, UnicodeError):  # not what a browser would send
        raise web.HTTPBadRequest from None
    raise web.HTTPBadRequest


async def _take(part: BodyPartReader, sent: Sent) -> None:
    if part.name == "picture":
        picture = await _bytes(part, MAX_PROOF_BYTES)
        if picture is None:
            raise ProofTooLarge(megabytes=MAX_PROOF_MEGABYTES)
        sent.picture = picture or None  # no file chosen: an empty part
        return
    typed = await _bytes(part, MOST_FIELD_BYTES)
    if typed is None:
        raise web.HTTPRequestEntityTooLarge(MOST_FIELD_BYTES)
    text = typed.decode("utf-8")
    if part.name == "bill":
        sent.bills.append(BillId(_id(text)))
    elif part.name == "method":
        sent.method_id = MethodId(_id(text)) if text else None
    elif part.name == "note":
        sent.note = text


async def _bytes(part: BodyPartReader, most: int) -> bytes | None:
    """A part as a whole, or None as soon as it is too large."""
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > most:
            return None
    return bytes(data)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError("not an id")
    return int(text)
