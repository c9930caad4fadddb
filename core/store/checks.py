"""The queries of core/check.py: each finds the rows that break one rule. A healthy database answers none."""

import sqlite3
from collections.abc import Iterator

# rule -> (table, SELECT id, detail). The sentence for a rule is check.<rule> in the catalogs.
RULES: dict[str, tuple[str, str]] = {
    "entry_balances": ("ledger_entries", """
        SELECT entry_id, currency || ' ' || sum(amount_minor) FROM ledger_postings
        JOIN accounts ON accounts.id = account_id GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0
    """),
    "entry_has_postings": ("ledger_entries", """
        SELECT id, kind FROM ledger_entries
        WHERE NOT EXISTS (SELECT 1 FROM ledger_postings WHERE entry_id = ledger_entries.id)
    """),
    "entry_in_one_workspace": ("ledger_postings", """
        SELECT ledger_postings.id, accounts.workspace_id || '/' || ledger_entries.workspace_id
        FROM ledger_postings JOIN ledger_entries ON ledger_entries.id = entry_id
        JOIN accounts ON accounts.id = account_id
        WHERE accounts.workspace_id <> ledger_entries.workspace_id
    """),
    "account_currency": ("accounts", """
        SELECT accounts.id, accounts.currency || '/' || workspaces.currency
        FROM accounts JOIN workspaces ON workspaces.id = workspace_id
        WHERE accounts.currency <> workspaces.currency AND accounts.kind NOT IN ('fx', 'cost', 'payable')
    """),
    "bill_is_sum_of_lines": ("bills", """
        SELECT id, amount_minor || '/' || lines FROM bills LEFT JOIN (
            SELECT bill_id, sum(amount_minor) AS lines FROM bill_lines GROUP BY bill_id) ON bill_id = id
        WHERE amount_minor <> coalesce(lines, 0)
    """),
    "bill_waived_is_sum": ("bills", """
        SELECT id, waived_minor || '/' || coalesce(waived, 0) FROM bills LEFT JOIN (
            SELECT bill_id, sum(amount_minor) AS waived FROM waivers WHERE reversed_at IS NULL
            GROUP BY bill_id
        ) ON bill_id = id
        WHERE waived_minor <> coalesce(waived, 0)
    """),
    "bill_settled_is_sum": ("bills", """
        SELECT id, settled_minor || '/' || coalesce(settled, 0) FROM bills LEFT JOIN (
            SELECT bill_id, sum(amount_minor) AS settled FROM allocations
            WHERE released_at IS NULL AND payment_id IN (SELECT id FROM payments WHERE status = 'verified')
            GROUP BY bill_id) ON bill_id = id
        WHERE settled_minor <> coalesce(settled, 0)
    """),
    "bill_not_overallocated": ("bills", """
        SELECT id, allocated || '/' || (amount_minor - waived_minor) FROM bills JOIN (
            SELECT bill_id, sum(amount_minor) AS allocated FROM allocations
            WHERE released_at IS NULL AND payment_id IN (
                SELECT id FROM payments WHERE status IN ('submitted', 'verified'))
            GROUP BY bill_id) ON bill_id = id
        WHERE allocated > iif(status = 'void', 0, amount_minor - waived_minor)
    """),
    "bill_status": ("bills", """
        WITH waiting AS (
            SELECT DISTINCT bill_id FROM allocations WHERE kind = 'claim' AND released_at IS NULL
                AND payment_id IN (SELECT id FROM payments WHERE status = 'submitted')
        ), turned_down AS (
            SELECT bill_id FROM allocations
            WHERE id IN (SELECT max(id) FROM allocations WHERE kind = 'claim' GROUP BY bill_id)
                AND released_at IS NULL AND payment_id IN (SELECT id FROM payments WHERE status = 'rejected')
        ), derived AS (
            SELECT id, status, CASE
                WHEN settled_minor + waived_minor >= amount_minor THEN 'verified'
                WHEN id IN (SELECT bill_id FROM waiting) THEN 'paid'
                WHEN id IN (SELECT bill_id FROM turned_down) THEN 'rejected'
                ELSE 'pending' END AS should_be
            FROM bills WHERE status <> 'void')
        SELECT id, status || '/' || should_be FROM derived WHERE status <> should_be
    """),
    "bill_claimed_once": ("bills", """
        SELECT bill_id, count(*) FROM allocations WHERE kind = 'claim' AND released_at IS NULL
            AND payment_id IN (SELECT id FROM payments WHERE status = 'submitted')
        GROUP BY bill_id HAVING count(*) > 1
    """),
    "bill_of_one_workspace": ("bills", """
        SELECT bills.id, bills.workspace_id || '/' || members.workspace_id || '/'
            || coalesce(billing_periods.workspace_id, '') || '/' || coalesce(plans.workspace_id, '')
        FROM bills JOIN members ON members.id = member_id
            LEFT JOIN billing_periods ON billing_periods.id = billing_period_id
            LEFT JOIN plans ON plans.id = plan_id
        WHERE bills.workspace_id <> members.workspace_id OR bills.workspace_id <> billing_periods.workspace_id
            OR bills.workspace_id <> plans.workspace_id
    """),
    "bill_of_its_subscription": ("bills", """
        SELECT bills.id, bills.member_id || '/' || subscriptions.member_id
        FROM bills JOIN subscriptions ON subscriptions.id = subscription_id
        WHERE bills.member_id <> subscriptions.member_id OR bills.plan_id <> subscriptions.plan_id
    """),
    "bill_covers_days_once": ("bills", """
        SELECT later.id, earlier.id FROM bills AS later JOIN bills AS earlier
            ON earlier.subscription_id = later.subscription_id AND earlier.id < later.id
        WHERE later.status <> 'void' AND earlier.status <> 'void'
            AND earlier.covers_from <= later.covers_to AND earlier.covers_to >= later.covers_from
    """),
    "bill_is_in_the_books": ("bills", """
        WITH books AS (
            SELECT bill_id, sum(amount_minor) AS minor FROM ledger_entries
            JOIN ledger_postings ON entry_id = ledger_entries.id JOIN accounts ON accounts.id = account_id
            WHERE bill_id IS NOT NULL AND accounts.kind = 'receivable' GROUP BY bill_id)
        SELECT id, coalesce(books.minor, 0) || '/' || (amount_minor - waived_minor)
        FROM bills LEFT JOIN books ON books.bill_id = id
        WHERE coalesce(books.minor, 0) <> iif(status = 'void', 0, amount_minor - waived_minor)
    """),
    "payment_allocated_is_sum": ("payments", """
        SELECT id, allocated_minor || '/' || coalesce(allocated, 0) FROM payments LEFT JOIN (
            SELECT payment_id, sum(amount_minor) AS allocated FROM allocations WHERE released_at IS NULL
            GROUP BY payment_id) ON payment_id = id
        WHERE allocated_minor <> coalesce(allocated, 0)
    """),
    "payment_not_overallocated": ("payments", """
        SELECT id, allocated_minor FROM payments
        WHERE (status = 'submitted' AND allocated_minor > declared_minor)
            OR (status = 'verified' AND allocated_minor > received_minor - refunded_minor)
            OR (status = 'withdrawn' AND allocated_minor > 0)
    """),
    "payment_of_one_workspace": ("payments", """
        SELECT payments.id, payments.workspace_id || '/' || members.workspace_id || '/'
            || coalesce(declared.workspace_id, '') || '/' || coalesce(confirmed.workspace_id, '')
        FROM payments JOIN members ON members.id = member_id
            LEFT JOIN methods AS declared ON declared.id = declared_method_id
            LEFT JOIN methods AS confirmed ON confirmed.id = confirmed_method_id
        WHERE payments.workspace_id <> members.workspace_id OR payments.workspace_id <> declared.workspace_id
            OR payments.workspace_id <> confirmed.workspace_id
    """),
    "payment_is_in_the_books": ("payments", """
        WITH books AS (
            SELECT payment_id, sum(amount_minor) AS minor FROM ledger_entries
            JOIN ledger_postings ON entry_id = ledger_entries.id JOIN accounts ON accounts.id = account_id
            WHERE payment_id IS NOT NULL AND accounts.kind = 'receivable' GROUP BY payment_id)
        SELECT id, -coalesce(books.minor, 0) || '/' || coalesce(received_minor - refunded_minor, 0)
        FROM payments LEFT JOIN books ON books.payment_id = id
        WHERE coalesce(books.minor, 0) <> -coalesce(received_minor - refunded_minor, 0)
    """),
    "credit_is_verified_money": ("allocations", """
        SELECT allocations.id, payments.status FROM allocations JOIN payments ON payments.id = payment_id
        WHERE kind = 'credit' AND released_at IS NULL AND payments.status <> 'verified'
    """),
    "allocation_of_one_member": ("allocations", """
        SELECT allocations.id, payments.member_id || '/' || bills.member_id
        FROM allocations JOIN payments ON payments.id = payment_id JOIN bills ON bills.id = bill_id
            JOIN members AS payer ON payer.id = payments.member_id
            JOIN members AS debtor ON debtor.id = bills.member_id
        WHERE coalesce(payer.successor_id, payer.id) <> coalesce(debtor.successor_id, debtor.id)
    """),
    "receivable_is_owed_minus_paid": ("members", """
        WITH owed AS (
            SELECT member_id, sum(amount_minor - waived_minor) AS minor FROM bills WHERE status <> 'void'
            GROUP BY member_id
        ), paid AS (
            SELECT member_id, sum(received_minor - refunded_minor) AS minor FROM payments
            WHERE status = 'verified' GROUP BY member_id
        ), books AS (
            SELECT owner_id, sum(amount_minor) AS minor FROM accounts
            JOIN ledger_postings ON account_id = accounts.id WHERE kind = 'receivable' GROUP BY owner_id)
        SELECT members.id,
            coalesce(books.minor, 0) || '/' || (coalesce(owed.minor, 0) - coalesce(paid.minor, 0))
        FROM members LEFT JOIN owed ON owed.member_id = members.id
            LEFT JOIN paid ON paid.member_id = members.id
            LEFT JOIN books ON books.owner_id = members.id
        WHERE coalesce(books.minor, 0) <> coalesce(owed.minor, 0) - coalesce(paid.minor, 0)
    """),
    "pot_is_received_minus_refunded": ("methods", """
        WITH received AS (
            SELECT workspace_id, coalesce(confirmed_method_id, 0) AS owner_id,
                sum(iif(funds = 'pot', received_minor, 0) - refunded_minor) AS minor
            FROM payments WHERE status = 'verified' GROUP BY 1, 2
        ), pots AS (
            SELECT accounts.workspace_id, owner_id, sum(amount_minor) AS minor FROM accounts
            JOIN ledger_postings ON account_id = accounts.id
            JOIN ledger_entries ON ledger_entries.id = entry_id
            WHERE accounts.kind = 'pot' AND payment_id IS NOT NULL GROUP BY 1, 2)
        SELECT received.owner_id, coalesce(pots.minor, 0) || '/' || received.minor
        FROM received LEFT JOIN pots USING (workspace_id, owner_id)
        WHERE coalesce(pots.minor, 0) <> received.minor
        UNION ALL
        SELECT pots.owner_id, pots.minor || '/0' FROM pots LEFT JOIN received USING (workspace_id, owner_id)
        WHERE received.minor IS NULL AND pots.minor <> 0
    """),
    "no_credit_beside_open_bill": ("members", """
        SELECT member_id, sum(received_minor - refunded_minor - allocated_minor)
        FROM payments INDEXED BY payments_credit
        WHERE status = 'verified' AND allocated_minor < received_minor - refunded_minor
            AND EXISTS (
                SELECT 1 FROM members AS payer
                    JOIN members AS entry ON entry.id = coalesce(payer.successor_id, payer.id)
                        OR entry.successor_id = coalesce(payer.successor_id, payer.id)
                    JOIN bills AS bill ON bill.member_id = entry.id
                WHERE payer.id = payments.member_id AND bill.status IN ('pending', 'rejected')
                    AND (bill.billing_period_id IS NULL OR EXISTS (
                        SELECT 1 FROM billing_periods WHERE id = bill.billing_period_id AND openings > 0)))
        GROUP BY member_id
    """),
    "successor_counts": ("members", """
        SELECT merged.id, successor.id FROM members AS merged JOIN members AS successor
            ON successor.id = merged.successor_id
        WHERE successor.successor_id IS NOT NULL OR successor.workspace_id <> merged.workspace_id
    """),
    "proof_of_its_payment": ("proofs", """
        SELECT proofs.id, proofs.workspace_id || '/' || payments.workspace_id
        FROM proofs JOIN payments ON payments.id = payment_id
        WHERE proofs.workspace_id <> payments.workspace_id
    """),
    "foreign_keys": ("", ""),
}  # fmt: skip

COUNTED = (
    "workspaces", "members", "plans", "subscriptions", "billing_periods", "bills", "payments", "allocations",
    "proofs", "ledger_entries", "ledger_postings", "notices", "audit_log",
)  # fmt: skip


def broken(conn: sqlite3.Connection, rule: str) -> Iterator[tuple[str, int, str]]:
    """(table, id, detail) of each row that breaks the rule."""
    table, sql = RULES[rule]
    if rule == "foreign_keys":
        for row in conn.execute("PRAGMA foreign_key_check").fetchall():
            yield row[0], row[1] or 0, row[2]
        return
    for row_id, detail in conn.execute(sql).fetchall():
        yield table, row_id, str(detail)


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    return {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED}
