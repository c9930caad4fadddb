"""Makes databases as a ChipPot has them: tables after the facts that are known, filled by a test."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

GUILD = 880_001
CHANNEL = 880_002
ADMIN = 880_003

SCHEMA = """
CREATE TABLE workspaces (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, owner_id TEXT,
  channel_type TEXT NOT NULL CHECK (channel_type IN ('discord','line','telegram')),
  billing_day INTEGER NOT NULL DEFAULT 5 CHECK (billing_day BETWEEN 1 AND 28),
  settings TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
  discord_id TEXT, display_name TEXT NOT NULL, email TEXT, note TEXT, created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (workspace_id, discord_id)
);
CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
  name TEXT NOT NULL, provider TEXT NOT NULL, monthly_amount INTEGER NOT NULL CHECK (monthly_amount >= 0),
  currency TEXT NOT NULL,
  billing_cycle TEXT NOT NULL DEFAULT 'monthly', split_count INTEGER, discord_role_id TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0,1)), created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE TABLE channel_tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
  name TEXT NOT NULL, type TEXT, active INTEGER NOT NULL DEFAULT 1, sort_order INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
);
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
  user_id INTEGER NOT NULL REFERENCES users(id), plan_id INTEGER NOT NULL REFERENCES plans(id),
  start_date TEXT NOT NULL, billing_day INTEGER NOT NULL, custom_cycle INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'active', created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE payments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL REFERENCES workspaces(id),
  subscription_id INTEGER NOT NULL REFERENCES subscriptions(id), period TEXT NOT NULL,
  period_start TEXT NOT NULL, period_end TEXT NOT NULL, due_date TEXT NOT NULL, amount INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending',
  has_proof INTEGER NOT NULL DEFAULT 0, screenshot_key TEXT, proof_deleted_at TEXT, payment_note TEXT,
  declared_channel_tag_id INTEGER REFERENCES channel_tags(id),
  verified_channel_tag_id INTEGER REFERENCES channel_tags(id), source TEXT NOT NULL DEFAULT 'user',
  rejected_reason TEXT, submitted_at TEXT, paid_at TEXT, verified_by TEXT, verified_at TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (subscription_id, period)
);
CREATE TABLE upload_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, token_hash TEXT NOT NULL UNIQUE, workspace_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL, period TEXT NOT NULL, subscription_id INTEGER, used_at TEXT, used_by_source TEXT,
  revoked_at TEXT, expires_at TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE notification_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER NOT NULL, type TEXT NOT NULL,
  period TEXT NOT NULL, plan_id INTEGER NOT NULL DEFAULT 0, user_id INTEGER NOT NULL DEFAULT 0,
  subscription_id INTEGER NOT NULL DEFAULT 0,
  external_channel_type TEXT, external_message_id TEXT, sent_at TEXT NOT NULL,
  UNIQUE (workspace_id, type, period, plan_id, user_id, subscription_id)
);
CREATE TABLE audit_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace_id INTEGER, actor TEXT, action TEXT, entity_type TEXT,
  entity_id INTEGER, before_json TEXT, after_json TEXT, created_at TEXT
);
CREATE INDEX payments_by_period ON payments (workspace_id, period, status);
"""

BORN = "2025-12-01T02:00:00.000Z"


class Predecessor:
    """One ChipPot; each method adds a row and returns its id."""

    def __init__(
        self, path: Path, *, settings: Any = None, schema: str = SCHEMA, name: str = "社團 AI 訂閱"
    ) -> None:
        self.path = path
        self.conn = sqlite3.connect(path, isolation_level=None)
        self.conn.executescript(schema)
        if settings is None:
            settings = {
                "discord_guild_id": str(GUILD), "discord_billing_channel_id": str(CHANNEL), "overdue_days": 4,
                "proof_retention_months": 12, "admin_discord_ids": [str(ADMIN)], "timezone": "Asia/Taipei",
            }  # fmt: skip
        text = settings if isinstance(settings, str) else json.dumps(settings)
        self.add("workspaces", name=name, channel_type="discord", billing_day=7, settings=text)

    def add(self, table: str, **values: Any) -> int:
        """Add a row; instants that are not given are those of the club's birth."""
        columns = {row[1] for row in self.conn.execute(f"PRAGMA table_info({table})")}
        row = {"workspace_id": 1, "created_at": BORN, "updated_at": BORN, **values}
        row = {name: value for name, value in row.items() if name in columns}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        cursor = self.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)  # noqa: S608 - our own names
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def user(self, name: str, discord_id: Any = None, email: str | None = None, **more: Any) -> int:
        return self.add("users", display_name=name, discord_id=discord_id, email=email, **more)

    def plan(self, name: str = "ChatGPT", price: Any = 315, **more: Any) -> int:
        return self.add("plans", name=name, provider="openai", monthly_amount=price, currency="TWD", **more)

    def method(self, name: str, kind: str | None, **more: Any) -> int:
        return self.add("channel_tags", name=name, type=kind, **more)

    def seat(self, user: int, plan: int, start: str = "2026-01-01", **more: Any) -> int:
        return self.add("subscriptions", user_id=user, plan_id=plan, start_date=start,
                        **{"billing_day": 7, **more})  # fmt: skip

    def bill(self, seat: int, period: str, amount: Any = 315, status: str = "pending", **more: Any) -> int:
        row = {
            "period_start": f"{period}-01", "period_end": f"{period}-28", "due_date": f"{period}-07",
            "source": "cron", "created_at": f"{period}-01T01:00:00.000Z",
            "updated_at": f"{period}-01T01:00:00.000Z", **more,
        }  # fmt: skip
        return self.add("payments", subscription_id=seat, period=period, amount=amount, status=status, **row)

    def paid(self, seat: int, period: str, amount: int = 315, status: str = "paid", **more: Any) -> int:
        """A bill that its member settled on the 8th at noon."""
        at = f"{period}-08T04:00:00.000Z"
        row = {"source": "user_slash", "paid_at": at, "submitted_at": at, "updated_at": at, **more}
        return self.bill(seat, period, amount, status, **row)

    def verified(self, seat: int, period: str, amount: int = 315, **more: Any) -> int:
        """The same, verified on the 9th by an admin of the console."""
        row = {"verified_by": "anna@example.org", "verified_at": f"{period}-09T05:00:00.000Z", **more}
        return self.paid(seat, period, amount, "verified", **row)

    def said(self, kind: str, period: str, sent_at: str) -> int:
        return self.add(
            "notification_logs", type=kind, period=period, sent_at=sent_at, external_channel_type="discord"
        )

    def file(self) -> Path:
        """The database as a file."""
        self.conn.close()
        return self.path

    def dump(self) -> Path:
        """The same as the SQL dump of the hosting: text, with what such exports put around it."""
        path = self.path.with_suffix(".sql")
        lines = [line for line in self.conn.iterdump() if "sqlite_sequence" not in line]
        body = [line for line in lines if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
        path.write_text(
            "\n".join(["PRAGMA defer_foreign_keys=TRUE;", *body, "DELETE FROM sqlite_sequence;",
                       "INSERT INTO sqlite_sequence VALUES('users',9);", ""]),
            encoding="utf-8",
        )  # fmt: skip
        self.conn.close()
        return path


def ordinary(path: Path) -> Predecessor:
    """Three members, two plans, three months: one settled, one under way and open, one drafted."""
    there = Predecessor(path)
    line_pay, bank = (
        there.method("LINE Pay", "mobilepayment", sort_order=1),
        there.method("銀行轉帳", "bank", sort_order=2),
    )
    gpt, claude = there.plan("ChatGPT", 330), there.plan("Claude", 251, discord_role_id="770001")
    lin = there.user("林小明", "600001", "lin@example.org", note="班長")
    wang, chen = there.user("王大同", "600002"), there.user("陳美麗", None, "chen@example.org")
    lin_gpt, lin_claude = there.seat(lin, gpt), there.seat(lin, claude)
    wang_gpt, chen_claude = there.seat(wang, gpt), there.seat(chen, claude, "2026-05-03")
    together = {"screenshot_key": "1/2026-04/1/a.png", "has_proof": 1, "declared_channel_tag_id": line_pay,
                "verified_channel_tag_id": line_pay, "payment_note": "四月"}  # fmt: skip
    there.verified(lin_gpt, "2026-04", 315, **together)
    there.verified(lin_claude, "2026-04", 251, **{**together, "verified_at": "2026-04-09T05:00:01.000Z"})
    there.verified(wang_gpt, "2026-04", 315, declared_channel_tag_id=bank, verified_channel_tag_id=bank)
    there.paid(lin_gpt, "2026-05", 330, declared_channel_tag_id=line_pay)
    there.paid(lin_claude, "2026-05", 251, declared_channel_tag_id=line_pay)
    there.paid(wang_gpt, "2026-05", 330, "rejected", rejected_reason="金額不符",
               verified_by=f"discord:{ADMIN}", updated_at="2026-05-10T00:00:00.000Z")  # fmt: skip
    there.bill(chen_claude, "2026-05", 251)
    there.bill(lin_gpt, "2026-06", 330)
    there.said("billing_opened", "2026-04", "2026-04-07T01:00:00.000Z")
    there.said("billing_opened", "2026-05", "2026-05-07T01:00:00.000Z")
    there.said("overdue", "2026-05", "2026-05-11T01:00:00.000Z")
    return there
