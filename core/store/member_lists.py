"""The roster a page at a time, and everything that happened around one person. Amounts are in minor units."""

import json
import sqlite3
from collections.abc import Sequence

from core.models import Member
from core.store.members import COUNTING, PERSON
from core.store.rows import columns, many, values


def page(
    conn: sqlite3.Connection, workspace_id: int, *, text_key: str, left: bool, linked: bool | None,
    only: Sequence[int] | None, after_key: str, after_id: int, limit: int,
) -> list[Member]:  # fmt: skip
    """Members by name, behind one name and id: those who left or those who are here; `only` some of them."""
    condition = "" if only is None else "AND id IN (SELECT value FROM json_each(:only))"
    return many(
        conn,
        Member,
        f"""
        SELECT {columns(Member)} FROM members
        WHERE workspace_id = :workspace AND (name_key, id) > (:after_key, :after_id)
            AND successor_id IS NULL AND (left_on IS NOT NULL) = :left
            AND (:linked IS NULL OR (discord_id IS NOT NULL) = :linked) {condition}
            AND (:text = '' OR instr(name_key, :text) > 0 OR instr(coalesce(email_key, ''), :text) > 0
                OR EXISTS (SELECT 1 FROM members AS merged
                    WHERE merged.successor_id = members.id AND instr(merged.name_key, :text) > 0))
        ORDER BY name_key, id LIMIT :limit
        """,
        workspace=workspace_id, text=text_key, left=int(left), linked=None if linked is None else int(linked),
        only=json.dumps(list(only or ())), after_key=after_key, after_id=after_id, limit=limit,
    )  # fmt: skip


def owing(conn: sqlite3.Connection, workspace_id: int) -> list[int]:
    """The people with a bill that is unpaid and not claimed."""
    return values(
        conn,
        f"""
        SELECT DISTINCT {COUNTING.format(id="member_id")} FROM bills
        WHERE workspace_id = :workspace AND due_on > '' AND status IN ('pending', 'rejected')
        """,
        workspace=workspace_id,
    )  # fmt: skip


def asking(conn: sqlite3.Connection, workspace_id: int) -> list[int]:
    """The people whose name somebody asked for, and nobody has decided yet."""
    return values(
        conn,
        f"""
        SELECT DISTINCT {COUNTING.format(id="member_id")} FROM link_requests
        WHERE workspace_id = :workspace AND status = 'waiting'
        """,
        workspace=workspace_id,
    )  # fmt: skip


def seats_of(conn: sqlite3.Connection, member_id: int, today: str) -> list[tuple[str, int]]:
    """(plan, whether it is paused today) of what a person holds, in the plans' order."""
    return conn.execute(
        f"""
        SELECT plans.name, EXISTS (SELECT 1 FROM subscription_pauses
                WHERE subscription_id = subscriptions.id AND from_on <= :today
                    AND (resumes_on IS NULL OR resumes_on > :today))
        FROM subscriptions JOIN plans ON plans.id = plan_id
        WHERE member_id IN {PERSON} AND (ends_on IS NULL OR ends_on >= :today) ORDER BY plan_id
        """,
        {"member": member_id, "today": today},
    ).fetchall()


def subjects_of(conn: sqlite3.Connection, member_id: int) -> list[tuple[str, int]]:
    """(subject type, id) of everything of a person that the activity log may name."""
    return conn.execute(
        f"""
        SELECT 'member', id FROM members WHERE id IN {PERSON}
        UNION ALL SELECT 'subscription', id FROM subscriptions WHERE member_id IN {PERSON}
        UNION ALL SELECT 'bill', id FROM bills WHERE member_id IN {PERSON}
        UNION ALL SELECT 'payment', id FROM payments WHERE member_id IN {PERSON}
        UNION ALL SELECT 'link', id FROM link_requests WHERE member_id IN {PERSON}
        """,
        {"member": member_id},
    ).fetchall()


def log_of(
    conn: sqlite3.Connection, subjects: Sequence[tuple[str, int]], limit: int
) -> list[tuple[str, str, str, str, str, str, int]]:
    """(action, who, when, before, after, subject type, id) about these things, newest first."""
    return conn.execute(
        """
        SELECT action, done_by, done_at, before_json, after_json, subject_type, subject_id
        FROM json_each(:subjects) AS subject JOIN audit_log
            ON subject_type = subject.value ->> 0 AND subject_id = subject.value ->> 1
        ORDER BY audit_log.id DESC LIMIT :limit
        """,
        {"subjects": json.dumps([list(subject) for subject in subjects]), "limit": limit},
    ).fetchall()


def with_proof(conn: sqlite3.Connection, member_id: int) -> list[int]:
    """The payments of a person that came with a picture which is still there."""
    return values(
        conn,
        f"""
        SELECT DISTINCT payment_id FROM payments JOIN proofs ON proofs.payment_id = payments.id
        WHERE member_id IN {PERSON} AND purged_at IS NULL
        """,
        member=member_id,
    )  # fmt: skip
