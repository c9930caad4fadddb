"""subscriptions and subscription_pauses."""

import sqlite3
from collections.abc import Iterable, Sequence

from core.models import Bill, Pause, Subscription, SubscriptionId
from core.store.members import PERSON
from core.store.rows import change, columns, insert, many, one, value

_SUBSCRIPTION = columns(Subscription)
_PAUSE = columns(Pause)


def get(conn: sqlite3.Connection, workspace_id: int, subscription_id: int) -> Subscription | None:
    return one(
        conn,
        Subscription,
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE id = :id AND workspace_id = :workspace",
        id=subscription_id,
        workspace=workspace_id,
    )


def of_member(conn: sqlite3.Connection, member_id: int) -> list[Subscription]:
    """All of a person's subscriptions, ended ones and merged entries included, oldest start first."""
    return many(
        conn,
        Subscription,
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE member_id IN {PERSON} ORDER BY starts_on, id",
        member=member_id,
    )


def of_workspace(conn: sqlite3.Connection, workspace_id: int) -> list[Subscription]:
    return many(
        conn,
        Subscription,
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE workspace_id = :workspace ORDER BY id",
        workspace=workspace_id,
    )


def add(
    conn: sqlite3.Connection, *, workspace_id: int, member_id: int, plan_id: int, starts_on: str, now: str
) -> SubscriptionId:
    return SubscriptionId(insert(
        conn,
        """
        INSERT INTO subscriptions (workspace_id, member_id, plan_id, starts_on, created_at)
        VALUES (:workspace, :member, :plan, :starts_on, :now)
        """,
        workspace=workspace_id, member=member_id, plan=plan_id, starts_on=starts_on, now=now,
    ))  # fmt: skip


def set_end(conn: sqlite3.Connection, subscription_id: int, ends_on: str | None) -> None:
    change(
        conn,
        "UPDATE subscriptions SET ends_on = :ends_on WHERE id = :id",
        id=subscription_id,
        ends_on=ends_on,
    )


def set_billing_day(conn: sqlite3.Connection, subscription_id: int, day: int | None) -> None:
    change(conn, "UPDATE subscriptions SET billing_day = :day WHERE id = :id", id=subscription_id, day=day)


def pauses(conn: sqlite3.Connection, subscription_id: int) -> list[Pause]:
    """The pauses of a subscription, oldest first."""
    return many(
        conn,
        Pause,
        f"SELECT {_PAUSE} FROM subscription_pauses WHERE subscription_id = :id ORDER BY from_on, id",
        id=subscription_id,
    )


def pauses_of_workspace(conn: sqlite3.Connection, workspace_id: int) -> list[Pause]:
    return many(
        conn,
        Pause,
        f"""
        SELECT {_PAUSE} FROM subscription_pauses
        WHERE subscription_id IN (SELECT id FROM subscriptions WHERE workspace_id = :workspace)
        ORDER BY subscription_id, from_on, id
        """,
        workspace=workspace_id,
    )


def add_pause(
    conn: sqlite3.Connection, subscription_id: int, *, from_on: str, resumes_on: str | None, by: str, now: str
) -> int:
    return insert(
        conn,
        """
        INSERT INTO subscription_pauses (subscription_id, from_on, resumes_on, created_by, created_at)
        VALUES (:subscription, :from_on, :resumes_on, :by, :now)
        """,
        subscription=subscription_id, from_on=from_on, resumes_on=resumes_on, by=by, now=now,
    )  # fmt: skip


def set_resumes(conn: sqlite3.Connection, pause_id: int, resumes_on: str) -> None:
    change(
        conn,
        "UPDATE subscription_pauses SET resumes_on = :resumes_on WHERE id = :id",
        id=pause_id,
        resumes_on=resumes_on,
    )


def unpaid_bills_after(conn: sqlite3.Connection, subscription_ids: Iterable[int], day: str) -> list[Bill]:
    """Unpaid bills of these subscriptions that cover a day from `day` on, oldest due date first."""
    ids: Sequence[int] = list(subscription_ids)
    found: list[Bill] = []
    # SQLite takes a bounded number of parameters; JSON carries any number of ids in one.
    if ids:
        found = many(
            conn,
            Bill,
            f"""
            SELECT {columns(Bill, "bill")} FROM json_each(:ids) AS wanted
            JOIN bills AS bill ON bill.subscription_id = wanted.value
            -- the second condition is what lets SQLite use the index of live bills
            WHERE bill.status IN ('pending', 'rejected') AND bill.status <> 'void' AND bill.covers_to >= :day
            ORDER BY bill.due_on, bill.id
            """,
            ids=f"[{','.join(map(str, ids))}]",
            day=day,
        )
    return found


def any_active(conn: sqlite3.Connection, workspace_id: int, first_day: str, last_day: str) -> bool:
    """Whether any subscription of the workspace is active on some day between these two, both included."""
    return bool(value(
        conn,
        """
        SELECT EXISTS (
            SELECT 1 FROM subscriptions
            WHERE workspace_id = :workspace AND starts_on <= :last AND (ends_on IS NULL OR ends_on >= :first)
                AND NOT EXISTS (
                    SELECT 1 FROM subscription_pauses
                    WHERE subscription_id = subscriptions.id AND from_on <= max(starts_on, :first)
                        AND (resumes_on IS NULL OR resumes_on > min(coalesce(ends_on, :last), :last))))
        """,
        workspace=workspace_id, first=first_day, last=last_day,
    ))  # fmt: skip
