"""What a line of the audit log is about, by name."""

import sqlite3

from core.store.rows import value

# What each kind of subject is called, and which member it is of.
_SUBJECTS = {
    "payment": "SELECT '', member_id FROM payments WHERE id = :id",
    "bill": "SELECT title, member_id FROM bills WHERE id = :id",
    "period": "SELECT period, NULL FROM billing_periods WHERE id = :id",
    "plan": "SELECT name, NULL FROM plans WHERE id = :id",
    "method": "SELECT name, NULL FROM methods WHERE id = :id",
    "member": "SELECT name, id FROM members WHERE id = :id",
    "alert_target": "SELECT name, NULL FROM alert_targets WHERE id = :id",
    "subscription": """
        SELECT name, member_id FROM subscriptions JOIN plans ON plans.id = plan_id
        WHERE subscriptions.id = :id
    """,
}


def subject(conn: sqlite3.Connection, subject_type: str, subject_id: int) -> tuple[str, int | None]:
    """(name, member) of what a line is about; blank and None where there is none."""
    if subject_type not in _SUBJECTS:
        return "", None
    rows = conn.execute(_SUBJECTS[subject_type], {"id": subject_id}).fetchall()
    return (rows[0][0], rows[0][1]) if rows else ("", None)


def submitted_by(conn: sqlite3.Connection, payment_id: int) -> str | None:
    found: str | None = value(conn, "SELECT submitted_by FROM payments WHERE id = :id", id=payment_id)
    return found
