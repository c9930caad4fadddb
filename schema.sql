-- Potkeeper: the whole schema of a fresh database. Older ones are led here by core/migrations/.
--
-- Conventions
--   *_minor  money in the smallest unit that anybody pays (workspaces.currency says which)
--   *_on     a calendar date in the workspace's time zone, 2026-06-05
--   *_at     a UTC instant, 2026-06-05T01:00:00.000Z
--   *_by     who did it: 'discord:<id>', 'token:<id>' (a program, by an API token), 'operator' (command line) or
--            'system'; 'chippot:<name>' came from there
--   period   a month, 2026-06
--   *_key    a normalised form that is compared; the form beside it is shown
-- Discord ids are integers here and strings in JSON. Every table is STRICT.
-- NULLs are distinct in UNIQUE, so what identifies a row is NOT NULL.

CREATE TABLE workspaces (
    id                  INTEGER PRIMARY KEY,
    guild_id            INTEGER NOT NULL UNIQUE,
    name                TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    currency            TEXT NOT NULL CHECK (length(currency) = 3),
    timezone            TEXT NOT NULL,
    locale              TEXT NOT NULL CHECK (locale IN ('en', 'zh-TW')),
    billing_day         INTEGER NOT NULL CHECK (billing_day BETWEEN 1 AND 28),
    due_days            INTEGER NOT NULL DEFAULT 0 CHECK (due_days BETWEEN 0 AND 60),
    announce_channel_id INTEGER,
    review_channel_id   INTEGER,
    admin_channel_id    INTEGER,
    reviewer_role_id    INTEGER,
    auto_open           INTEGER NOT NULL DEFAULT 1 CHECK (auto_open IN (0, 1)),
    link_policy         TEXT NOT NULL DEFAULT 'approve' CHECK (link_policy IN ('approve', 'open')),
    closed_dm_policy    TEXT NOT NULL DEFAULT 'wait' CHECK (closed_dm_policy IN ('wait', 'thread', 'mention')),
    self_verify         INTEGER NOT NULL DEFAULT 1 CHECK (self_verify IN (0, 1)),
    reminder_mode       TEXT NOT NULL DEFAULT 'channel' CHECK (reminder_mode IN ('off', 'channel', 'private', 'both')),
    reminder_days       TEXT NOT NULL DEFAULT '[3]' CHECK (json_valid(reminder_days)),
    -- after so many months a decided payment's picture is deleted; 0 = never
    proof_retention_months INTEGER NOT NULL DEFAULT 24 CHECK (proof_retention_months BETWEEN 0 AND 600),
    -- on the club's wall clock, '22:00'; reminders wait until they are over
    quiet_from          TEXT CHECK (quiet_from GLOB '[0-2][0-9]:[0-5][0-9]'),
    quiet_to            TEXT CHECK (quiet_to GLOB '[0-2][0-9]:[0-5][0-9]' AND quiet_to <> quiet_from),
    -- whether the reminder for everybody names who owes
    debtors_public      INTEGER NOT NULL DEFAULT 0 CHECK (debtors_public IN (0, 1)),
    created_at          TEXT NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
) STRICT;

-- The server's owner is always owner, read at the click; these rows are everybody else.
CREATE TABLE admins (
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    discord_id   INTEGER NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('owner', 'treasurer', 'reviewer', 'auditor')),
    granted_by   TEXT NOT NULL,
    granted_at   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, discord_id)
) STRICT, WITHOUT ROWID;

-- An entry that was merged points at its successor, which is never a merged one itself.
CREATE TABLE members (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_key     TEXT NOT NULL,
    email        TEXT,
    email_key    TEXT,
    note         TEXT NOT NULL DEFAULT '',
    discord_id   INTEGER,
    left_on      TEXT,
    successor_id INTEGER REFERENCES members (id),
    created_at   TEXT NOT NULL,
    CHECK ((email IS NULL) = (email_key IS NULL)),
    CHECK (discord_id IS NULL OR (left_on IS NULL AND successor_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX members_discord ON members (workspace_id, discord_id) WHERE discord_id IS NOT NULL;
CREATE UNIQUE INDEX members_email ON members (workspace_id, email_key)
    WHERE email_key IS NOT NULL AND successor_id IS NULL;
CREATE INDEX members_name ON members (workspace_id, name_key);
CREATE INDEX members_successor ON members (successor_id) WHERE successor_id IS NOT NULL;

-- A wish to hold a name ('link'), or a word that somebody else took it ('dispute').
CREATE TABLE link_requests (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    member_id    INTEGER NOT NULL REFERENCES members (id),
    discord_id   INTEGER NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('link', 'dispute')),
    status       TEXT NOT NULL CHECK (status IN ('waiting', 'approved', 'declined', 'undone')),
    requested_at TEXT NOT NULL,
    decided_by   TEXT,
    decided_at   TEXT,
    CHECK ((status = 'waiting') = (decided_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX link_requests_waiting ON link_requests (workspace_id, discord_id, kind) WHERE status = 'waiting';
CREATE INDEX link_requests_member ON link_requests (member_id, status);
CREATE INDEX link_requests_account ON link_requests (discord_id, workspace_id);

-- Which language an account uses, as Discord said when it last came by; without a row the club's counts.
CREATE TABLE readers (
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    discord_id   INTEGER NOT NULL,
    locale       TEXT NOT NULL CHECK (locale IN ('en', 'zh-TW')),
    PRIMARY KEY (workspace_id, discord_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plans (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_key     TEXT NOT NULL,
    role_id      INTEGER,
    cycle_months INTEGER NOT NULL CHECK (cycle_months IN (1, 3, 6, 12)),
    proration    TEXT NOT NULL DEFAULT 'none' CHECK (proration IN ('none', 'daily')),
    retired_at   TEXT,
    created_at   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX plans_name ON plans (workspace_id, name_key) WHERE retired_at IS NULL;

-- Price of period P = the newest row with from_period <= P. Rows are only added.
CREATE TABLE plan_prices (
    id           INTEGER PRIMARY KEY,
    plan_id      INTEGER NOT NULL REFERENCES plans (id),
    from_period  TEXT NOT NULL CHECK (from_period GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    set_by       TEXT NOT NULL,
    set_at       TEXT NOT NULL
) STRICT;
CREATE INDEX plan_prices_period ON plan_prices (plan_id, from_period, id);

CREATE TABLE methods (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_key     TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('bank', 'mobile', 'cash', 'online')),
    instructions TEXT NOT NULL DEFAULT '' CHECK (length(instructions) <= 1000),
    sort_order   INTEGER NOT NULL DEFAULT 0,
    retired_at   TEXT,
    created_at   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX methods_name ON methods (workspace_id, name_key) WHERE retired_at IS NULL;

-- Active from starts_on to ends_on, both included; ends_on NULL = until further notice.
CREATE TABLE subscriptions (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    member_id    INTEGER NOT NULL REFERENCES members (id),
    plan_id      INTEGER NOT NULL REFERENCES plans (id),
    starts_on    TEXT NOT NULL,
    ends_on      TEXT,
    billing_day  INTEGER CHECK (billing_day BETWEEN 1 AND 28),
    created_at   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX subscriptions_live ON subscriptions (member_id, plan_id) WHERE ends_on IS NULL;
CREATE INDEX subscriptions_member ON subscriptions (member_id);
CREATE INDEX subscriptions_plan ON subscriptions (plan_id);
CREATE INDEX subscriptions_workspace ON subscriptions (workspace_id, member_id);

-- Paused from from_on on; active again on resumes_on (NULL = not known yet).
CREATE TABLE subscription_pauses (
    id              INTEGER PRIMARY KEY,
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id),
    from_on         TEXT NOT NULL,
    resumes_on      TEXT CHECK (resumes_on >= from_on),
    created_by      TEXT NOT NULL,
    created_at      TEXT NOT NULL
) STRICT;
CREATE INDEX subscription_pauses_subscription ON subscription_pauses (subscription_id, from_on);
CREATE UNIQUE INDEX subscription_pauses_running ON subscription_pauses (subscription_id) WHERE resumes_on IS NULL;

-- A roster file that was applied, and what it changed, so that it can be undone.
CREATE TABLE roster_imports (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    starts_on    TEXT NOT NULL,
    imported_by  TEXT NOT NULL,
    imported_at  TEXT NOT NULL,
    undone_by    TEXT,
    undone_at    TEXT,
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
) STRICT;
CREATE INDEX roster_imports_workspace ON roster_imports (workspace_id, id);

-- subject_id is a member (created, changed), a subscription (subscribed) or a pause (resumed, paused); field
-- says which of its values changed.
CREATE TABLE roster_import_changes (
    id           INTEGER PRIMARY KEY,
    import_id    INTEGER NOT NULL REFERENCES roster_imports (id),
    kind         TEXT NOT NULL CHECK (kind IN ('created', 'changed', 'subscribed', 'resumed', 'paused')),
    subject_id   INTEGER NOT NULL,
    field        TEXT NOT NULL DEFAULT '',
    before_value TEXT,
    after_value  TEXT
) STRICT;
CREATE INDEX roster_import_changes_import ON roster_import_changes (import_id, id);

-- A month is open because this row says so, and for no other reason.
CREATE TABLE billing_periods (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    period       TEXT NOT NULL CHECK (period GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    status       TEXT NOT NULL CHECK (status IN ('draft', 'open', 'closed')),
    openings     INTEGER NOT NULL DEFAULT 0,
    opened_by    TEXT,
    opened_at    TEXT,
    retracted_by TEXT,
    retracted_at TEXT,
    closed_by    TEXT,
    closed_at    TEXT,
    UNIQUE (workspace_id, period)
) STRICT;

-- What one subscription owes for one period, or a charge of its own (no subscription; without a
-- billing period it is payable at once). settled_minor and waived_minor are sums that `check` re-adds.
CREATE TABLE bills (
    id                INTEGER PRIMARY KEY,
    workspace_id      INTEGER NOT NULL REFERENCES workspaces (id),
    member_id         INTEGER NOT NULL REFERENCES members (id),
    kind              TEXT NOT NULL CHECK (kind IN ('plan', 'charge', 'opening')),
    billing_period_id INTEGER REFERENCES billing_periods (id),
    subscription_id   INTEGER REFERENCES subscriptions (id),
    plan_id           INTEGER REFERENCES plans (id),
    title             TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    amount_minor      INTEGER NOT NULL CHECK (amount_minor >= 0),
    settled_minor     INTEGER NOT NULL DEFAULT 0 CHECK (settled_minor >= 0),
    waived_minor      INTEGER NOT NULL DEFAULT 0 CHECK (waived_minor >= 0),
    status            TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'rejected', 'verified', 'void')),
    due_on            TEXT NOT NULL,
    covers_from       TEXT NOT NULL,
    covers_to         TEXT NOT NULL CHECK (covers_to >= covers_from),
    created_at        TEXT NOT NULL,
    CHECK (settled_minor + waived_minor <= amount_minor),
    CHECK (kind <> 'plan' OR (subscription_id IS NOT NULL AND plan_id IS NOT NULL AND billing_period_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX bills_live ON bills (subscription_id, billing_period_id)
    WHERE status <> 'void' AND subscription_id IS NOT NULL;
CREATE INDEX bills_member ON bills (member_id, due_on);
CREATE INDEX bills_period ON bills (billing_period_id, status);
CREATE INDEX bills_unpaid ON bills (workspace_id, due_on, member_id) WHERE status IN ('pending', 'rejected');

-- Why a bill is what it is: its amount is the sum of these. Rows are only added.
CREATE TABLE bill_lines (
    id           INTEGER PRIMARY KEY,
    bill_id      INTEGER NOT NULL REFERENCES bills (id),
    kind         TEXT NOT NULL CHECK (kind IN ('price', 'proration', 'charge', 'opening', 'reprice', 'adjustment')),
    amount_minor INTEGER NOT NULL,
    price_id     INTEGER REFERENCES plan_prices (id),
    active_days  INTEGER,
    period_days  INTEGER,
    reason       TEXT NOT NULL DEFAULT '',
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL
) STRICT;
CREATE INDEX bill_lines_bill ON bill_lines (bill_id);

CREATE TABLE waivers (
    id           INTEGER PRIMARY KEY,
    bill_id      INTEGER NOT NULL REFERENCES bills (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    reason       TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    reversed_at  TEXT
) STRICT;
CREATE INDEX waivers_bill ON waivers (bill_id);

-- One submission, or one arrival of money. allocated_minor is a sum that `check` re-adds. funds says which account the money came through:
-- a pot, or 'opening' for what a member had paid before these books began.
CREATE TABLE payments (
    id                  INTEGER PRIMARY KEY,
    workspace_id        INTEGER NOT NULL REFERENCES workspaces (id),
    member_id           INTEGER NOT NULL REFERENCES members (id),
    status              TEXT NOT NULL CHECK (status IN ('submitted', 'verified', 'rejected', 'withdrawn')),
    recorded            INTEGER NOT NULL CHECK (recorded IN (0, 1)),
    funds               TEXT NOT NULL DEFAULT 'pot' CHECK (funds IN ('pot', 'opening')),
    source              TEXT NOT NULL CHECK (source IN ('discord', 'web', 'api', 'shell', 'import', 'provider')),
    declared_minor      INTEGER NOT NULL CHECK (declared_minor > 0),
    received_minor      INTEGER CHECK (received_minor > 0),
    refunded_minor      INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    allocated_minor     INTEGER NOT NULL DEFAULT 0 CHECK (allocated_minor >= 0),
    declared_method_id  INTEGER REFERENCES methods (id),
    confirmed_method_id INTEGER REFERENCES methods (id),
    note                TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    reject_reason       TEXT NOT NULL DEFAULT '' CHECK (length(reject_reason) <= 500),
    request_id          TEXT NOT NULL UNIQUE,
    submitted_by        TEXT NOT NULL,
    submitted_at        TEXT NOT NULL,
    decided_by          TEXT,
    decided_at          TEXT,
    received_on         TEXT,
    CHECK ((status = 'verified') = (received_minor IS NOT NULL)),
    CHECK (refunded_minor <= coalesce(received_minor, 0)),
    CHECK (status <> 'rejected' OR reject_reason <> ''),
    CHECK (status <> 'submitted' OR allocated_minor <= declared_minor),
    CHECK (status <> 'verified' OR allocated_minor <= received_minor - refunded_minor)
) STRICT;
CREATE INDEX payments_member ON payments (member_id, id);
-- Credit: verified money that no bill uses.
CREATE INDEX payments_credit ON payments (member_id, workspace_id)
    WHERE status = 'verified' AND allocated_minor < received_minor - refunded_minor;
CREATE INDEX payments_waiting ON payments (workspace_id, id) WHERE status = 'submitted';

-- The part of a payment that settles a bill. Live = the payment is submitted or verified and the row
-- is not released. Rows are never edited, only released.
CREATE TABLE allocations (
    id           INTEGER PRIMARY KEY,
    payment_id   INTEGER NOT NULL REFERENCES payments (id),
    bill_id      INTEGER NOT NULL REFERENCES bills (id),
    kind         TEXT NOT NULL CHECK (kind IN ('claim', 'credit')),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    created_at   TEXT NOT NULL,
    released_at  TEXT
) STRICT;
CREATE INDEX allocations_bill ON allocations (bill_id, id);
CREATE INDEX allocations_payment ON allocations (payment_id, id);

-- A picture of a payment. same_as_payment_id: an earlier payment that came with the same one, and how that
-- was seen: the same file, the same pixels in another file, or a picture that looks the same.
CREATE TABLE proofs (
    id                 INTEGER PRIMARY KEY,
    workspace_id       INTEGER NOT NULL REFERENCES workspaces (id),
    payment_id         INTEGER NOT NULL REFERENCES payments (id),
    storage_key        TEXT NOT NULL UNIQUE,
    thumbnail_key      TEXT NOT NULL UNIQUE,
    sha256             TEXT NOT NULL,
    pixels_sha256      TEXT NOT NULL,
    dhash              TEXT NOT NULL,
    size_bytes         INTEGER NOT NULL CHECK (size_bytes > 0),
    width              INTEGER NOT NULL,
    height             INTEGER NOT NULL,
    same_as_payment_id INTEGER REFERENCES payments (id),
    same_kind          TEXT CHECK (same_kind IN ('file', 'pixels', 'look')),
    created_at         TEXT NOT NULL,
    purged_at          TEXT,
    purged_by          TEXT,
    CHECK ((same_as_payment_id IS NULL) = (same_kind IS NULL)),
    CHECK ((purged_at IS NULL) = (purged_by IS NULL))
) STRICT;
CREATE INDEX proofs_payment ON proofs (payment_id);
CREATE INDEX proofs_sha256 ON proofs (sha256);
CREATE INDEX proofs_pixels ON proofs (pixels_sha256);
-- Pictures that are still there: for retention, and to find one that came before.
CREATE INDEX proofs_kept ON proofs (workspace_id, created_at) WHERE purged_at IS NULL;

-- Double-entry books. owner_id: the member of a receivable, the method of a pot, the plan of dues; else 0.
CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL CHECK (kind IN
        ('receivable', 'pot', 'dues', 'cost', 'fees', 'writeoff', 'fx', 'opening', 'payable')),
    owner_id     INTEGER NOT NULL DEFAULT 0,
    currency     TEXT NOT NULL,
    UNIQUE (workspace_id, kind, owner_id, currency)
) STRICT;

CREATE TABLE ledger_entries (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL CHECK (kind IN ('issue', 'adjust', 'void', 'waive', 'unwaive', 'verify', 'record',
        'unverify', 'cancel', 'refund', 'opening')),
    bill_id      INTEGER REFERENCES bills (id),
    payment_id   INTEGER REFERENCES payments (id),
    reverses_id  INTEGER UNIQUE REFERENCES ledger_entries (id),
    entered_on   TEXT NOT NULL,
    entered_by   TEXT NOT NULL,
    entered_at   TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_entries_bill ON ledger_entries (bill_id) WHERE bill_id IS NOT NULL;
CREATE INDEX ledger_entries_payment ON ledger_entries (payment_id) WHERE payment_id IS NOT NULL;

CREATE TABLE ledger_postings (
    id           INTEGER PRIMARY KEY,
    entry_id     INTEGER NOT NULL REFERENCES ledger_entries (id),
    account_id   INTEGER NOT NULL REFERENCES accounts (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0)
) STRICT;
CREATE INDEX ledger_postings_entry ON ledger_postings (entry_id);
CREATE INDEX ledger_postings_account ON ledger_postings (account_id, amount_minor);

CREATE TRIGGER ledger_entries_kept BEFORE UPDATE ON ledger_entries
    BEGIN SELECT raise(ABORT, 'ledger entries are never edited'); END;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
    BEGIN SELECT raise(ABORT, 'ledger entries are never deleted'); END;
CREATE TRIGGER ledger_postings_kept BEFORE UPDATE ON ledger_postings
    BEGIN SELECT raise(ABORT, 'ledger postings are never edited'); END;
CREATE TRIGGER ledger_postings_stay BEFORE DELETE ON ledger_postings
    BEGIN SELECT raise(ABORT, 'ledger postings are never deleted'); END;
CREATE TRIGGER bill_lines_kept BEFORE UPDATE ON bill_lines
    BEGIN SELECT raise(ABORT, 'bill lines are never edited'); END;
CREATE TRIGGER bill_lines_stay BEFORE DELETE ON bill_lines
    BEGIN SELECT raise(ABORT, 'bill lines are never deleted'); END;
CREATE TRIGGER allocations_kept BEFORE UPDATE OF payment_id, bill_id, kind, amount_minor ON allocations
    BEGIN SELECT raise(ABORT, 'allocations are never edited, only released'); END;
CREATE TRIGGER allocations_once BEFORE UPDATE OF released_at ON allocations WHEN old.released_at IS NOT NULL
    BEGIN SELECT raise(ABORT, 'a released allocation stays released'); END;
CREATE TRIGGER allocations_stay BEFORE DELETE ON allocations
    BEGIN SELECT raise(ABORT, 'allocations are never deleted'); END;

-- The outbox. A 'post' is sent once; an 'edit' shows the newest state of its subject, so asking for it
-- again raises revision and waits again.
CREATE TABLE notices (
    id              INTEGER PRIMARY KEY,
    workspace_id    INTEGER NOT NULL REFERENCES workspaces (id),
    dedupe_key      TEXT NOT NULL UNIQUE,
    op              TEXT NOT NULL CHECK (op IN ('post', 'edit')),
    kind            TEXT NOT NULL,
    target          TEXT NOT NULL CHECK (target IN ('announce', 'review', 'admin', 'member', 'user', 'alert')),
    target_id       INTEGER NOT NULL DEFAULT 0,
    subject_type    TEXT NOT NULL,
    subject_id      INTEGER NOT NULL,
    params          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    status          TEXT NOT NULL CHECK (status IN ('waiting', 'sent', 'obsolete', 'unknown', 'failed')),
    revision        INTEGER NOT NULL DEFAULT 1,
    parts_sent      INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    attempted_at    TEXT,
    next_attempt_at TEXT NOT NULL,
    error           TEXT NOT NULL DEFAULT '',
    created_at      TEXT NOT NULL,
    sent_at         TEXT
) STRICT;
CREATE INDEX notices_waiting ON notices (next_attempt_at, id) WHERE status = 'waiting';
CREATE INDEX notices_workspace ON notices (workspace_id, status, id);
CREATE INDEX notices_subject ON notices (subject_type, subject_id);
CREATE INDEX notices_kind ON notices (workspace_id, kind, created_at);

-- A club's own wording of a public notice; without a row the catalog's is used.
CREATE TABLE templates (
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL CHECK (kind IN ('opened', 'overdue_list', 'added', 'closed', 'panel', 'alert')),
    locale       TEXT NOT NULL CHECK (locale IN ('en', 'zh-TW')),
    body         TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 1500),
    updated_by   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    PRIMARY KEY (workspace_id, kind, locale)
) STRICT, WITHOUT ROWID;

-- Where else a new submission is told to admins. target: a Bark key or a webhook address, never shown again.
CREATE TABLE alert_targets (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL CHECK (kind IN ('bark', 'webhook')),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    target       TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 500),
    server       TEXT NOT NULL DEFAULT '',
    removed_at   TEXT,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL
) STRICT;
CREATE INDEX alert_targets_workspace ON alert_targets (workspace_id) WHERE removed_at IS NULL;

-- Which Discord message shows which subject, to be edited rather than posted again.
CREATE TABLE messages (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    kind         TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id   INTEGER NOT NULL,
    part         INTEGER NOT NULL DEFAULT 0,
    channel_id   INTEGER NOT NULL,
    message_id   INTEGER NOT NULL,
    posted_at    TEXT NOT NULL,
    UNIQUE (kind, subject_type, subject_id, part)
) STRICT;

-- Which reminder step of which bill went out, or was skipped for a newer one.
CREATE TABLE reminders (
    bill_id    INTEGER NOT NULL REFERENCES bills (id),
    step_days  INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('sent', 'skipped')),
    notice_id  INTEGER REFERENCES notices (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (bill_id, step_days)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_runs (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    job          TEXT NOT NULL,
    run_on       TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    detail       TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    finished_at  TEXT NOT NULL,
    UNIQUE (workspace_id, job, run_on)
) STRICT;

-- One hash chain per workspace: hash = SHA-256(previous_hash || canonical JSON of the row).
CREATE TABLE audit_log (
    id            INTEGER PRIMARY KEY,
    workspace_id  INTEGER NOT NULL REFERENCES workspaces (id),
    action        TEXT NOT NULL,
    subject_type  TEXT NOT NULL,
    subject_id    INTEGER NOT NULL,
    before_json   TEXT NOT NULL CHECK (json_valid(before_json)),
    after_json    TEXT NOT NULL CHECK (json_valid(after_json)),
    done_by       TEXT NOT NULL,
    done_at       TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash          TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_workspace ON audit_log (workspace_id, id);
CREATE INDEX audit_log_subject ON audit_log (subject_type, subject_id, id);
CREATE TRIGGER audit_log_kept BEFORE UPDATE ON audit_log
    BEGIN SELECT raise(ABORT, 'the audit log is never edited'); END;
CREATE TRIGGER audit_log_stay BEFORE DELETE ON audit_log
    BEGIN SELECT raise(ABORT, 'the audit log is never deleted'); END;

-- One-time links. Only the SHA-256 of the secret is kept.
CREATE TABLE link_tokens (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    purpose      TEXT NOT NULL CHECK (purpose IN ('upload', 'sign_in', 'statement')),
    token_sha256 TEXT NOT NULL UNIQUE,
    member_id    INTEGER REFERENCES members (id),
    discord_id   INTEGER,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    used_at      TEXT
) STRICT;
CREATE INDEX link_tokens_person ON link_tokens (workspace_id, discord_id) WHERE used_at IS NULL;

-- Web sign-ins. Only the SHA-256 of the cookie's secret is kept. No discord_id: the operator, whose link was
-- made at the command line.
CREATE TABLE sessions (
    id             INTEGER PRIMARY KEY,
    workspace_id   INTEGER NOT NULL REFERENCES workspaces (id),
    token_sha256   TEXT NOT NULL UNIQUE,
    discord_id     INTEGER,
    signed_in_with TEXT NOT NULL CHECK (signed_in_with IN ('link', 'access', 'oidc', 'discord', 'header', 'demo')),
    user_agent     TEXT NOT NULL DEFAULT '' CHECK (length(user_agent) <= 300),
    address        TEXT NOT NULL DEFAULT '',
    created_at     TEXT NOT NULL,
    last_seen_at   TEXT NOT NULL,
    expires_at     TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_person ON sessions (workspace_id, discord_id);

-- Keys for programs. Only the SHA-256 of the secret is kept. A token may what its scope says, and never more than
-- whoever made it may now. No discord_id: it was made at the command line.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY,
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    scope        TEXT NOT NULL CHECK (scope IN ('read', 'review', 'treasurer')),
    token_sha256 TEXT NOT NULL UNIQUE,
    discord_id   INTEGER,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    expires_at   TEXT,
    last_used_at TEXT,
    revoked_by   TEXT,
    revoked_at   TEXT,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
) STRICT;
CREATE INDEX api_tokens_workspace ON api_tokens (workspace_id, id);

-- What was answered to a request with an Idempotency-Key, so that a retry gets the same answer. The digest is of
-- the request's method, address and body.
CREATE TABLE idempotency_keys (
    workspace_id   INTEGER NOT NULL REFERENCES workspaces (id),
    asked_by       TEXT NOT NULL,
    request_key    TEXT NOT NULL CHECK (length(request_key) BETWEEN 1 AND 200),
    request_sha256 TEXT NOT NULL,
    status         INTEGER NOT NULL,
    body           TEXT NOT NULL CHECK (json_valid(body)),
    created_at     TEXT NOT NULL,
    PRIMARY KEY (workspace_id, asked_by, request_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Which row of another program became which row here, so that bringing it over again brings nothing twice.
-- source tells one installation of that program from another.
CREATE TABLE imported_rows (
    workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
    source       TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_id    INTEGER NOT NULL,
    target_table TEXT NOT NULL,
    target_id    INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, source, source_table, source_id)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
