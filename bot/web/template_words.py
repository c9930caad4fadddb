"""What the kinds of wordings, their placeholders and their languages are called."""

from __future__ import annotations

KINDS = {
    "opened": ("web_templates.kind_opened", "web_templates.about_opened"),
    "overdue_list": ("web_templates.kind_overdue_list", "web_templates.about_overdue_list"),
    "added": ("web_templates.kind_added", "web_templates.about_added"),
    "closed": ("web_templates.kind_closed", "web_templates.about_closed"),
    "panel": ("web_templates.kind_panel", "web_templates.about_panel"),
    "alert": ("web_templates.kind_alert", "web_templates.about_alert"),
}
"""What each kind is called, and when it is sent."""
PLACEHOLDERS = {
    "period": "web_templates.name_period", "plans": "web_templates.name_plans",
    "total": "web_templates.name_total", "due": "web_templates.name_due",
    "count": "web_templates.name_count", "list": "web_templates.name_list",
    "collected": "web_templates.name_collected", "unpaid": "web_templates.name_unpaid",
    "members": "web_templates.name_members", "club": "web_templates.name_club",
    "payer": "web_templates.name_payer", "amount": "web_templates.name_amount",
    "link": "web_templates.name_link",
}  # fmt: skip
# Languages are called what they call themselves.
LANGUAGES = {"en": "English", "zh-TW": "繁體中文"}
