"""The menu. An entry is shown as soon as its page exists and the reader may see it."""

from __future__ import annotations

from dataclasses import dataclass

from core.access import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: its path, the catalog's key of its name, and its icon (templates/icons.html)."""

    path: str
    label: str
    icon: str
    least: Role = Role.AUDITOR


ENTRIES = (
    Entry("/", "web.nav_overview", "house"),
    Entry("/review", "web.nav_review", "check"),
    Entry("/bills", "web.nav_bills", "receipt-text"),
    Entry("/members", "web.nav_members", "users"),
    Entry("/plans", "web.nav_plans", "credit-card"),
    Entry("/import", "web.nav_import", "upload", Role.TREASURER),
    Entry("/templates", "web.nav_templates", "layout-template"),
    Entry("/notices", "web.nav_notices", "bell"),
    Entry("/log", "web.nav_log", "scroll-text"),
    Entry("/health", "web.nav_health", "activity"),
    Entry("/settings", "web.nav_settings", "settings"),
)
IN_BAR = ("/", "/review", "/bills", "/members")
"""On a phone these stand at the bottom; the others are behind More."""


def is_current(entry: Entry, path: str) -> bool:
    """Whether the page at `path` belongs to this entry."""
    return path == entry.path or (entry.path != "/" and path.startswith(entry.path + "/"))
