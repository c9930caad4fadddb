"""What the page's scripted club is made of: people, forms, commands, messages of every kind."""

from datetime import UTC, datetime
from typing import Any

START = datetime(2026, 6, 5, 1, 0, tzinfo=UTC)
XSS = "<img src=x onerror=alert(1)><script>alert(2)</script>"
COMPONENTS_ONLY = 1 << 15

Json = dict[str, Any]


def user(key: str, number: int, name: str, color: str, *roles: Json, bot: bool = False) -> Json:
    return {
        "key": key,
        "id": str(1000 + number),
        "name": name,
        "initials": name[0],
        "color": color,
        "roles": list(roles),
        "locale": "en-US",
        "dms_closed": False,
        "bot": bot,
    }


TREASURER = {"id": "2001", "name": "Treasurer", "color": "#e67e22"}
REVIEWER = {"id": "2002", "name": "Reviewer", "color": "#3498db"}
MEMBERS = {"id": "2003", "name": "ChatGPT Plus", "color": "#2ecc71"}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def button(style: int, label: str, custom_id: str, **more: Any) -> Json:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id, **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def label(words: str, component: Json, description: str | None = None) -> Json:
    return {"type": 18, "label": words, "description": description, "component": component}


def option(words: str, value: str, **more: Any) -> Json:
    return {"label": words, "value": value, **more}


PANEL = {
    "type": 17,
    "accent_color": 0x0A6B4F,
    "components": [
        text("## Clubhouse dues\nPay your share, see what you owe, or link your name."),
        row(
            button(3, "Pay", "pay:open:1", emoji={"name": "💸"}),
            button(2, "My bills", "bills:mine:1"),
            button(2, "Link", "link:open:1"),
        ),
    ],
}

CARD = {
    "type": 17,
    "accent_color": 0xC98A12,
    "components": [
        {
            "type": 9,
            "components": [
                text("### Payment P-0871 · waiting"),
                text("<@1004> says NT$955 were sent by **LINE Pay**."),
            ],
            "accessory": {"type": 11, "media": {"url": "/cdn/receipt.png"}, "description": "Screenshot"},
        },
        {"type": 14, "divider": True, "spacing": 1},
        text(
            "- ChatGPT Plus, June 2026: NT$315\n- Claude Pro, June 2026: NT$640\n\n"
            "**Total: NT$955**\n> last five digits 12345\n-# sent <t:1780621200:R>"
        ),
        row(
            button(3, "Verify", "payment:verify:871"),
            button(2, "Other amount…", "payment:amount:871"),
            button(4, "Reject…", "payment:reject:871"),
            button(2, "View proof", "payment:proof:871"),
        ),
    ],
}

MARKDOWN = f"""# Everything Discord's markdown can do
**bold**, *italics*, _also_, __underlined__, ~~struck~~, ***both***, `code`, ||a secret||,
snake_case_name, \\*not this\\*
> quoted **text**
> on two lines
- one
  - nested
- two
1. first
2. second
```py
print("hello")  # {XSS}
```
[a link](https://example.org/a) and https://example.org/b.
<@1004> <@&2002> <#3002> <t:1780621200:D> </pay:5001> @everyone
-# small print {XSS}"""

PAY_FORM = {
    "custom_id": "payment:submit:1",
    "title": "Pay your dues",
    "components": [
        text("ChatGPT Plus, June 2026: NT$315\nClaude Pro, June 2026: NT$640\n**Total: NT$955**"),
        label(
            "Which periods?",
            {
                "type": 3,
                "custom_id": "periods",
                "min_values": 1,
                "max_values": 2,
                "options": [
                    option("June 2026", "7", description="NT$955", default=True),
                    option("May 2026", "6", description="NT$315", default=True),
                ],
            },
        ),
        label(
            "How did you pay?",
            {
                "type": 3,
                "custom_id": "method",
                "options": [
                    option("Bank transfer", "bank"),
                    option("LINE Pay", "line", emoji={"name": "🟢"}),
                    option("Cash", "cash"),
                ],
            },
        ),
        label(
            "Screenshot",
            {"type": 19, "custom_id": "proof", "required": False, "max_values": 1},
            "PNG, JPEG or WebP",
        ),
        label("Note", {"type": 4, "custom_id": "note", "style": 2, "required": False, "max_length": 200}),
    ],
}

EVERY_PART = {
    "custom_id": "form:all:1",
    "title": "Every part",
    "components": [
        label("Short", {"type": 4, "custom_id": "short", "style": 1, "min_length": 3, "max_length": 20}),
        label(
            "Colour",
            {
                "type": 21,
                "custom_id": "radio",
                "options": [option("Red", "r"), option("Green", "g", default=True)],
            },
        ),
        label(
            "Extras",
            {
                "type": 22,
                "custom_id": "checks",
                "required": False,
                "options": [option("One", "1"), option("Two", "2", default=True)],
            },
        ),
        label("I agree", {"type": 23, "custom_id": "agree", "default": False}),
        label("Who", {"type": 5, "custom_id": "who", "default_values": [{"id": "1005", "type": "user"}]}),
    ],
}


def command(name: str, zh: str, description: str, *options: Json, kind: int = 1) -> Json:
    return {
        "id": "5001",
        "type": kind,
        "name": name,
        "name_zh": zh,
        "name_localized": name,
        "description": description,
        "description_localized": description,
        "options": list(options),
    }


COMMANDS = [
    command(
        "pay",
        "繳費",
        "Pay what you owe",
        {"type": 11, "name": "screenshot", "description": "Picture of the transfer"},
    ),
    command("my", "我的", "My bills and payments"),
    command(
        "link",
        "綁定",
        "Link your name",
        {
            "type": 3,
            "name": "name",
            "description": "Two letters at least",
            "required": True,
            "autocomplete": True,
        },
    ),
    command(
        "club",
        "社團",
        "For treasurers",
        command(
            "billing",
            "帳期",
            "Periods",
            command(
                "open",
                "發起繳費",
                "Open a period",
                {"type": 3, "name": "period", "description": "Month, as 2026-07"},
            ),
            kind=2,
        ),
        command(
            "roster",
            "名冊",
            "Roster",
            command(
                "import",
                "匯入",
                "Read a file",
                {"type": 11, "name": "file", "description": "CSV", "required": True},
            ),
            kind=2,
        ),
    ),
    command(
        "test",
        "測試",
        "Every kind of option",
        {
            "type": 4,
            "name": "count",
            "description": "1 to 9",
            "required": True,
            "min_value": 1,
            "max_value": 9,
        },
        {
            "type": 3,
            "name": "mode",
            "description": "One of two",
            "choices": [{"name": "Fast", "value": "f"}, {"name": "Slow", "value": "s"}],
        },
        {"type": 5, "name": "loud", "description": "Yes or no"},
        {"type": 6, "name": "who", "description": "A person"},
        {"type": 7, "name": "where", "description": "A channel"},
        {"type": 8, "name": "role", "description": "A role"},
        {"type": 10, "name": "ratio", "description": "A number"},
    ),
]


def kitchen_sink() -> list[Json]:
    """One message for each thing that the page can show."""
    picture = {
        "id": "1",
        "filename": "proof.png",
        "content_type": "image/png",
        "size": 2048,
        "url": "/cdn/receipt.png",
    }
    table = {
        "id": "2",
        "filename": "roster.csv",
        "content_type": "text/csv",
        "size": 512,
        "url": "/cdn/roster.csv",
    }
    embed = {
        "title": f"An embed {XSS}",
        "description": "with *text*",
        "color": 0xB3372B,
        "url": "https://example.org/",
        "fields": [
            {"name": "Owed", "value": "NT$955", "inline": True},
            {"name": "Paid", "value": "NT$0", "inline": True},
            {"name": "Why", "value": "Two plans"},
        ],
        "thumbnail": {"url": "/cdn/receipt.png"},
        "footer": {"text": "Footer"},
        "author": {"name": "Author"},
        "image": {"url": "https://elsewhere.example/picture.png"},
    }
    buttons = row(
        button(1, "Primary", "x:a:1"),
        button(2, "Secondary", "x:b:1"),
        button(3, "Success", "x:c:1", emoji={"name": "✔"}),
        button(4, "Danger", "slow:fail"),
        {"type": 2, "style": 5, "label": "Link", "url": "https://example.org/"},
    )
    more = row(
        button(1, "Disabled", "x:d:1", disabled=True),
        button(2, XSS, "x:e:1"),
        button(2, "All parts", "form:all:1"),
    )
    months = [option(f"Month {n}", str(n), description=f"2026-{n:02d}") for n in range(1, 13)]
    selects = [
        row({"type": 3, "custom_id": "choose:one", "placeholder": "Choose a month", "options": months}),
        row(
            {
                "type": 3,
                "custom_id": "choose:many",
                "placeholder": "Choose two",
                "min_values": 1,
                "max_values": 2,
                "options": months[:4],
            }
        ),
        row({"type": 5, "custom_id": "choose:user", "placeholder": "A person"}),
        row({"type": 6, "custom_id": "choose:role", "placeholder": "A role"}),
        row({"type": 8, "custom_id": "choose:channel", "placeholder": "A channel", "channel_types": [0]}),
    ]
    gallery = {
        "type": 12,
        "items": [
            {"media": {"url": "/cdn/receipt.png"}, "description": "One"},
            {"media": {"url": "/cdn/receipt.png"}, "spoiler": True},
        ],
    }
    parts = {
        "type": 17,
        "accent_color": 0x3498DB,
        "components": [
            text(f"### Components V2\n{XSS}"),
            {"type": 14, "divider": False, "spacing": 2},
            gallery,
            {"type": 13, "file": {"url": "/cdn/roster.csv"}, "name": "roster.csv", "size": 512},
            {
                "type": 9,
                "components": [text("A section with a button")],
                "accessory": button(2, "Why?", "x:why:1"),
            },
            {"type": 99},
        ],
    }
    return [
        {"content": "A picture and a file", "attachments": [picture, table]},
        {"embeds": [embed]},
        {"content": "Buttons", "components": [buttons, more]},
        {"content": "Selects", "components": selects},
        {"components": [parts], "flags": COMPONENTS_ONLY},
        {"thinking": True},
    ]
