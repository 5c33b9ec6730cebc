-- Sign-ins of persons that several operations may use. What is sealed is null where there is none, and always once the
-- sign-in has failed or ended.

-- +goose Up
CREATE TABLE sign_ins (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    state            TEXT NOT NULL,
    method           TEXT NOT NULL,
    client_id        TEXT NOT NULL,
    cloud            TEXT NOT NULL,
    tenant_id        TEXT NOT NULL,
    user_code        TEXT NOT NULL,
    verification_uri TEXT NOT NULL,
    message          TEXT NOT NULL,
    interval_seconds INTEGER NOT NULL,
    redirect_uri     TEXT NOT NULL,
    returns          INTEGER NOT NULL, -- 1 where redirect_uri is an address of the server
    code_expires_at  TEXT NOT NULL,
    person           TEXT NOT NULL,
    person_id        TEXT NOT NULL,
    signed_in_at     TEXT,
    ends_at          TEXT,
    problem          TEXT NOT NULL,    -- JSON
    created_by       TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    version          INTEGER NOT NULL,
    state_hash       BLOB,             -- SHA-256 of the state parameter of a browser's sign-in
    device_code      BLOB,             -- sealed, as are the next three
    browser          BLOB,             -- JSON: proof key, state and nonce
    refresh_token    BLOB,
    access_tokens    BLOB              -- JSON: of a sign-in that has no refresh token
) STRICT;
CREATE INDEX sign_ins_caller ON sign_ins (created_by, seq);
CREATE INDEX sign_ins_open ON sign_ins (state) WHERE state IN ('waiting', 'signed_in');
CREATE UNIQUE INDEX sign_ins_state ON sign_ins (state_hash) WHERE state_hash IS NOT NULL;

ALTER TABLE operations ADD COLUMN sign_in_access BLOB; -- sealed, as sign_in_refresh
