"""What was typed into a form: read with a limit, and errors that stand beside their field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web
from multidict import MultiDict

from core.errors import DomainError, FieldMissing
from core.money import Money, parse_money
from core.period import Period

if TYPE_CHECKING:
    from bot.web.visit import Visit

MOST_FORM_BYTES = 256 * 1024
MOST_FIELDS = 2000


class Form:
    """The fields of a form, as text. Files are read by the pages that take some."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        """Keep the fields, several of one name included."""
        self.fields = MultiDict(fields)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str, default: str = "") -> str:
        """What was typed, without spaces around it."""
        return self.fields.get(name, default).strip()

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be ticked several times."""
        return [value.strip() for value in self.fields.getall(name, ())]

    def ids(self, name: str) -> list[int]:
        """The values of a field that are ids; a made-up one is an error of whoever made it up."""
        found = self.all(name)
        if any(not (text.isascii() and text.isdigit() and len(text) <= 18) for text in found):
            raise web.HTTPBadRequest
        return [int(text) for text in found]

    def id(self, name: str) -> int | None:
        """An id, or None when nothing was chosen."""
        found = self.ids(name) if self.text(name) else []
        return found[0] if found else None

    def checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.text(name) in ("1", "on", "true")

    def money(self, name: str, currency: str) -> Money:
        """An amount; raises a leaf of InvalidInput that names the field."""
        return parse_money(self.fields.get(name, ""), currency, name)

    def optional_money(self, name: str, currency: str) -> Money | None:
        """An amount, or None when the field was left empty."""
        return self.money(name, currency) if self.text(name) else None

    def period(self, name: str = "period") -> Period:
        """A month; raises FieldMissing or InvalidPeriod."""
        return Period.parse(self.fields.get(name, ""), name)

    def required(self, name: str) -> str:
        """A text that must not be empty; raises FieldMissing."""
        found = self.text(name)
        if not found:
            raise FieldMissing(field=name)
        return found


async def read_form(visit: Visit) -> Form:
    """Read the fields of a plain form. 413 when there is too much, 415 for another type of content."""
    request = visit.request
    if request.content_type not in ("application/x-www-form-urlencoded", "application/octet-stream"):
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > MOST_FORM_BYTES:
        raise web.HTTPRequestEntityTooLarge(MOST_FORM_BYTES, request.content_length or 0)
    try:
        found = await request.post()
    except (ValueError, UnicodeError):  # ValueError: more fields than anybody needs, or broken escapes
        raise web.HTTPBadRequest from None
    if len(found) > MOST_FIELDS:
        raise web.HTTPBadRequest
    return Form((name, value) for name, value in found.items() if isinstance(value, str))


def field_errors(visit: Visit, error: DomainError) -> dict[str, str]:
    """The error's sentence under the name of its field; "" when it is about no field in particular."""
    return {str(error.params.get("field", "")): visit.sentence(error)}
