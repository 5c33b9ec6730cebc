-- What lists of accounts search, filter and sort by, in rows that are short enough to look at all of them. They follow from
-- accounts and credentials, are written in the same transactions, and are made anew where the program's rule for them is
-- another one than the rule that wrote them.

-- +goose Up
CREATE TABLE account_list (
    account_id       TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    rule             INTEGER NOT NULL,
    name_key         TEXT NOT NULL,
    description_key  TEXT NOT NULL,
    search           TEXT NOT NULL,    -- all that a search looks at, in lower case
    cloud            TEXT NOT NULL,
    tenant_id        TEXT NOT NULL,
    origin           TEXT NOT NULL,
    method           TEXT NOT NULL,    -- kind of the credential in use
    state            TEXT NOT NULL,    -- without what the clock and open operations say
    severity         INTEGER NOT NULL, -- of that state
    expires_at       TEXT,             -- of the credential in use
    expiring_at      TEXT,             -- when it begins to count as expiring
    permissions      INTEGER NOT NULL, -- from 0, held, to 3, missing
    missing          INTEGER NOT NULL,
    subscriptions    INTEGER NOT NULL,
    last_check_at    TEXT,
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL
) STRICT;
CREATE INDEX account_list_expires ON account_list (expires_at);
CREATE INDEX account_list_expiring ON account_list (expiring_at);
CREATE INDEX account_list_states ON account_list (severity, expires_at, expiring_at, account_id, name_key); -- counts, and sorts by state
CREATE INDEX account_list_name ON account_list (name_key, severity, expires_at, expiring_at, account_id);

-- What a person can edit, as it is, and at which version of the account which of it was changed.
CREATE TABLE account_editable (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    fields     TEXT NOT NULL -- JSON: name → value
) STRICT;
CREATE TABLE account_edits (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL, -- the first that has the change
    at         TEXT NOT NULL,
    caller     TEXT NOT NULL,
    fields     TEXT NOT NULL,    -- JSON list of names
    PRIMARY KEY (account_id, version)
) STRICT;

CREATE INDEX operations_waiting ON operations (account_id) WHERE open = 1 AND state = 'needs_sign_in';
CREATE INDEX operations_due ON operations (next_at, state) WHERE open = 1;
CREATE INDEX operations_asking ON operations (seq) WHERE open = 1 AND state = 'waiting_choice';
CREATE INDEX audit_operation ON audit (operation_id, id);

-- Answers to requests that came with an Idempotency-Key, for a day. The request is kept as a keyed hash, the answer sealed.
CREATE TABLE idempotency_keys (
    caller     TEXT NOT NULL,
    key        TEXT NOT NULL,
    id         TEXT NOT NULL UNIQUE,
    request    BLOB NOT NULL,    -- HMAC-SHA-256 of method, address and body
    made       TEXT NOT NULL,    -- "operation/ID" or "bulk/ID", of what the request started; empty until then
    answer     BLOB,             -- sealed; null while the request is under way
    created_at TEXT NOT NULL,    -- on the wall clock
    PRIMARY KEY (caller, key)
) STRICT;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
CREATE TABLE request_hash_keys (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL
) STRICT;

-- One request for many accounts: what was asked, and how far it is with each.
CREATE TABLE bulks (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    action     TEXT NOT NULL,
    params     TEXT NOT NULL,    -- JSON
    open       INTEGER NOT NULL, -- 1 until all its items have ended
    caller     TEXT NOT NULL,
    via        TEXT NOT NULL,
    created_at TEXT NOT NULL,
    closed_at  TEXT
) STRICT;
CREATE INDEX bulks_open ON bulks (seq) WHERE open = 1;
CREATE TABLE bulk_items (
    bulk_id      TEXT NOT NULL REFERENCES bulks (id) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    account_id   TEXT NOT NULL,
    account_name TEXT NOT NULL,
    state        TEXT NOT NULL, -- waiting, running, done, failed, refused, needs_sign_in
    operation_id TEXT NOT NULL,
    problem      TEXT NOT NULL, -- JSON
    PRIMARY KEY (bulk_id, seq)
) STRICT;
CREATE INDEX bulk_items_state ON bulk_items (bulk_id, state, seq);
