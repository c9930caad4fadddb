"""A club's own texts of notices, and where its alerts go: brought over as far as they mean the same here."""

from collections.abc import Callable
from typing import Any

from core import alerts, templates
from core.chippot.book import Book
from core.errors import DomainError

# Their setting -> the kind of text here. What names something that a text here cannot say is left to people.
TEXTS = {
    "billing_opened_template": "opened",
    "overdue_template": "overdue_list",
    "payment_message_template": "panel",
    "payment_notify_template": "alert",
}
_RENAMED = {"{admin_url}": "{link}"}


def bring(book: Book) -> None:
    """Save the texts and make the alert targets of a workspace that is new here."""
    texts = book.settings.texts
    for name, kind in TEXTS.items():
        if name in texts:
            body = texts[name]
            for there, here in _RENAMED.items():
                body = body.replace(there, here)
            _try(book, "texts", "chippot.text_left", name, templates.save, kind, book.workspace.locale, body)
    if "payment_bark_key" in texts:
        server = texts.get("payment_bark_server", "")
        _try(book, "alert_targets", "chippot.alert_left", "payment_bark_key", alerts.add_bark, "Bark",
             texts["payment_bark_key"], server)  # fmt: skip
    if "payment_webhook_url" in texts:
        _try(book, "alert_targets", "chippot.alert_left", "payment_webhook_url", alerts.add_webhook,
             "Webhook", texts["payment_webhook_url"])  # fmt: skip


def _try(book: Book, count: str, left: str, name: str, use_case: Callable[..., Any], *args: Any) -> None:
    """Run a use case that refuses what it cannot take before it changes anything."""
    try:
        use_case(book.tx, book.actor, *args)
    except DomainError:
        book.findings.add(left, name=name)
    else:
        book.counts[count] += 1
