"""A scripted club for the page's tests: who sees which message, and what each action does."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from tests.simulator.page_content import (
    CARD,
    COMMANDS,
    COMPONENTS_ONLY,
    EVERY_PART,
    MARKDOWN,
    MEMBERS,
    PANEL,
    PAY_FORM,
    REVIEWER,
    START,
    TREASURER,
    XSS,
    Json,
    kitchen_sink,
    text,
    user,
)


class Club:
    """The scripted world: who sees which message, and what each action does. Restarted by `reset`."""

    def __init__(self) -> None:
        self.acts: list[Json] = []
        self.faults_caused: list[Json] = []
        self.reset()

    def reset(self) -> None:
        self.ids = itertools.count(70001)
        self.offset = 0
        self.desk: str | None = None
        self.users = [
            user("owner", 1, "Lena Fischer", "#8e44ad"),
            user("treasurer", 2, "Amara Okafor", "#e67e22", TREASURER),
            user("reviewer", 3, "陳大文", "#3498db", REVIEWER),
            user("member1", 4, "王小明", "#5865f2", MEMBERS),
            user("member2", 5, "Aoife Ní Bhriain", "#3ba55d", MEMBERS),
            user("member3", 6, "林美玲", "#faa61a"),
            user("newcomer", 7, "Noor", "#ed4245"),
            user("unlinked", 8, "Maximilian von Hohenberg-Österreich", "#7f8c8d"),
            user("bot", 9, "Potkeeper", "#0a6b4f", bot=True),
        ]
        self.modals: dict[str, Json] = {}
        self.messages: list[tuple[str, set[str] | None, Json]] = []
        self.post("dues", {"components": [PANEL], "flags": COMPONENTS_ONLY})
        self.post(
            "dues", {"content": "@everyone June is open. <@1004>, you owe **NT$955**.", "mentions_you": True}
        )
        self.post(
            "general", {"content": "Welcome to the club!", "author_key": "owner", "author": {"id": "1001"}}
        )
        self.post(
            "general",
            {
                "content": "Ask in <#3002> when something is unclear.",
                "author_key": "owner",
                "author": {"id": "1001"},
            },
        )
        self.post("general", {"content": MARKDOWN, "edited_timestamp": START.isoformat()})
        for message in kitchen_sink():
            self.post("general", message)
        self.post("review", {"components": [CARD], "flags": COMPONENTS_ONLY})

    def person(self, key: str) -> Json:
        return next(one for one in self.users if one["key"] == key)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.offset)

    def post(self, place: str, message: Json, only: set[str] | None = None) -> Json:
        """`place`: a channel name, or `dm:<key>`."""
        full = {
            "id": str(next(self.ids)),
            "channel_id": place,
            "author": {"id": "1009"},
            "author_key": "bot",
            "content": "",
            "timestamp": self.now().isoformat(),
            "edited_timestamp": None,
            "embeds": [],
            "attachments": [],
            "components": [],
            "flags": 0,
            "ephemeral": False,
            "thinking": False,
            "mentions_you": False,
            "used_command": None,
            "mentions_resolved": {
                "users": {},
                "roles": {"2002": {"name": "Reviewer", "color": "#3498db"}},
                "channels": {},
            },
            **message,
        }
        self.messages.append((place, only, full))
        return full

    def whisper(self, key: str, place: str, content: str, **more: Any) -> Json:
        return self.post(place, {"content": content, "ephemeral": True, **more}, {key})

    def localized(self, node: Json, zh: bool, path: str = "", shown: str = "") -> Json:
        name = node.get("name_zh", node["name"]) if zh else node["name"]
        here, there = f"{path} {node['name']}".strip(), f"{shown} {name}".strip()
        nested = [self.localized(one, zh, here, there) for one in node.get("options", [])]
        return {**node, "name_localized": name, "path": here, "path_localized": there, "options": nested}

    def view(self, key: str, limit: int = 100) -> Json:
        me = self.person(key)
        places = ["general", "dues"] + (["review"] if key in {"owner", "treasurer", "reviewer"} else [])
        places += ["admin"] if key in {"owner", "treasurer"} else []
        channels = [self.channel(place, index, key, limit) for index, place in enumerate(places)]
        direct = self.channel("dm:" + key, 90, key, limit)
        commands = [self.localized(one, me["locale"] == "zh-TW") for one in COMMANDS]
        bot = {"connected": True, "ready": True}
        faults: Json = {"rate_limit": [], "http_5xx": [], "dms_closed": []}
        return {
            "user": key,
            "me": me,
            "guild": {"id": "1", "name": "Clubhouse", "locale": "en-US"},
            "guilds": [],
            "users": self.users,
            "channels": channels + ([direct] if direct["messages"] else []),
            "commands": commands,
            "modal": self.modals.get(key),
            "desk": self.desk,
            "clock": self.clock(),
            "faults": faults,
            "bot": bot,
        }

    def clock(self) -> Json:
        return {
            "now": self.now().isoformat(),
            "offset_seconds": self.offset,
            "enabled": True,
            "stepping": False,
        }

    def channel(self, place: str, index: int, key: str, limit: int) -> Json:
        numbers = {"general": "3001", "dues": "3002", "review": "3003", "admin": "3004"}
        direct = place.startswith("dm:")
        seen = [m for where, only, m in self.messages if where == place and (only is None or key in only)]
        return {
            "id": numbers.get(place, f"40{index}"),
            "name": "Potkeeper" if direct else place,
            "kind": "dm" if direct else "text",
            "private": direct or place in {"review", "admin"},
            "topic": None if direct else f"About {place}",
            "parent_id": None,
            "guild_id": None if direct else "1",
            "messages": seen[-limit:],
        }

    def act(self, body: Json) -> Json:
        self.acts.append(body)
        answer: Json = {
            "acknowledged": True,
            "elapsed_ms": 4.0,
            "response": 4,
            "settled": True,
            "interaction_id": "1",
            "messages": [],
            "modal": None,
            "choices": None,
            "error": None,
        }
        handler = getattr(self, "do_" + body["do"])
        return {**answer, **(handler(body) or {})}

    def do_click(self, body: Json) -> Json | None:
        key, pressed = body["user"], body["custom_id"]
        if pressed == "slow:fail":
            return {
                "acknowledged": False,
                "response": None,
                "error": {"error": "no_answer", "message": "no answer"},
            }
        if pressed in {"pay:open:1", "form:all:1"}:
            form = PAY_FORM if pressed == "pay:open:1" else EVERY_PART
            self.modals[key] = {**form, "interaction_id": str(next(self.ids))}
            return {"response": 9, "modal": self.modals[key]}
        if pressed == "payment:verify:871":
            card = next(m for place, _, m in self.messages if place == "review")
            card["components"] = [
                {
                    "type": 17,
                    "accent_color": 0x1F8F5F,
                    "components": [text("### Payment P-0871 · verified\nby <@1003>")],
                }
            ]
            card["edited_timestamp"] = self.now().isoformat()
            self.post("dm:member1", {"content": "Your payment of **NT$955** was verified. Thank you!"})
            return None
        return {"messages": [self.whisper(key, "dues", f"You pressed `{pressed}`.")]}

    def do_select(self, body: Json) -> Json:
        return {
            "messages": [self.whisper(body["user"], "general", f"You chose {', '.join(body['values'])}.")]
        }

    def do_submit(self, body: Json) -> Json:
        self.modals.pop(body["user"], None)
        used = {"user": body["user"], "name": self.person(body["user"])["name"], "command": "pay"}
        return {
            "messages": [self.whisper(body["user"], "dues", "Registered: **NT$955**.", used_command=used)]
        }

    def do_dismiss(self, body: Json) -> None:
        self.modals.pop(body["user"], None)

    def do_autocomplete(self, body: Json) -> Json:
        names = ["Chen An", "Chidi Eze", XSS]
        typed = body["options"].get(body["focused"], "").lower()
        return {
            "response": 8,
            "choices": [
                {"name": n, "name_localized": n, "value": f"id-{n[:4]}"} for n in names if typed in n.lower()
            ],
        }

    def do_command(self, body: Json) -> Json:
        used = {"user": body["user"], "name": self.person(body["user"])["name"], "command": body["name"]}
        if body["options"].get("count") == 7:
            raise ValueError("count")
        return {
            "messages": [self.whisper(body["user"], "dues", f"Ran {body['name']} {XSS}", used_command=used)]
        }

    def step(self, days: int) -> None:
        for _ in range(days):
            self.offset += 86_400
            if self.offset == 4 * 86_400:
                self.post("dues", {"content": "Reminder: June is overdue for <@1005>."})
