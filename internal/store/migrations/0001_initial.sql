-- The first schema. Times are RFC 3339 text in UTC with nine digits of fraction, see time.go.
-- seq gives rows that were made in the same instant the order in which they were made.

-- +goose Up
CREATE TABLE data_keys (
    id         INTEGER PRIMARY KEY,
    wrapped    BLOB NOT NULL, -- a Tink keyset under the key-encryption key
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id                    TEXT PRIMARY KEY,
    name                  TEXT NOT NULL,
    name_key              TEXT NOT NULL UNIQUE, -- the name in lower case
    description           TEXT NOT NULL,
    cloud                 TEXT NOT NULL,
    tenant_id             TEXT NOT NULL,
    origin                TEXT NOT NULL,
    application_id        TEXT NOT NULL,
    application_object_id TEXT NOT NULL,
    service_principal_id  TEXT NOT NULL,
    subscriptions         TEXT NOT NULL, -- JSON
    role_set              TEXT NOT NULL, -- JSON
    policy                TEXT NOT NULL, -- JSON
    last_check            TEXT NOT NULL, -- JSON, null before the first
    created_at            TEXT NOT NULL,
    updated_at            TEXT NOT NULL,
    version               INTEGER NOT NULL
) STRICT;

CREATE TABLE credentials (
    seq                   INTEGER PRIMARY KEY AUTOINCREMENT,
    id                    TEXT NOT NULL UNIQUE,
    account_id            TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    application_id        TEXT NOT NULL,
    application_object_id TEXT NOT NULL,
    kind                  TEXT NOT NULL,
    slot                  TEXT NOT NULL,
    key_id                TEXT NOT NULL,
    tag                   TEXT NOT NULL,
    hint                  TEXT NOT NULL,
    thumbprint            TEXT NOT NULL,
    subject               TEXT NOT NULL,
    starts_at             TEXT,
    expires_at            TEXT,
    end_reason            TEXT NOT NULL,
    added_at              TEXT NOT NULL,
    proven_at             TEXT,
    disclosed_at          TEXT,
    acknowledged_at       TEXT,
    retired_at            TEXT,
    soak                  INTEGER NOT NULL, -- nanoseconds
    removed_at            TEXT,
    note                  TEXT NOT NULL,
    material              BLOB -- sealed; null once it is dropped
) STRICT;
CREATE INDEX credentials_account ON credentials (account_id, added_at);

-- Operations outlive their account, so there is no reference.
CREATE TABLE operations (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL,
    open            INTEGER NOT NULL, -- 1 until the state is a closed one
    account_id      TEXT NOT NULL,
    account_name    TEXT NOT NULL,
    params          TEXT NOT NULL, -- JSON, as are facts, steps, sign_in, choice and problem
    facts           TEXT NOT NULL,
    steps           TEXT NOT NULL,
    sign_in         TEXT NOT NULL,
    choice          TEXT NOT NULL,
    problem         TEXT NOT NULL,
    summary         TEXT NOT NULL,
    started_by      TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    closed_at       TEXT,
    next_at         TEXT,
    version         INTEGER NOT NULL,
    sign_in_device  BLOB, -- sealed; null when there is none, and always once closed
    sign_in_refresh BLOB  -- likewise
) STRICT;
CREATE INDEX operations_account ON operations (account_id, created_at);
CREATE INDEX operations_open ON operations (created_at) WHERE open = 1;

CREATE TABLE api_tokens (
    name       TEXT PRIMARY KEY,
    sha256     BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at            TEXT NOT NULL,
    action        TEXT NOT NULL,
    caller        TEXT NOT NULL,
    via           TEXT NOT NULL,
    account_id    TEXT NOT NULL,
    account_name  TEXT NOT NULL,
    operation_id  TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    detail        TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX audit_account ON audit (account_id, id);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd

-- INSERT OR REPLACE deletes without the trigger above.
-- +goose StatementBegin
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
