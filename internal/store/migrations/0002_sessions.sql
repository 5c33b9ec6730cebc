-- People's sessions at the page, and the one-time codes that begin them. Neither holds what it is a hash of.

-- +goose Up
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY, -- SHA-256 of the cookie's value, base64url
    caller     TEXT NOT NULL,
    data       BLOB NOT NULL,    -- as the session manager writes it
    begun_at   TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE login_codes (
    sha256     BLOB PRIMARY KEY,
    caller     TEXT NOT NULL,    -- as whom its bearer signs in
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at    TEXT
) STRICT;
CREATE INDEX login_codes_expires ON login_codes (expires_at);
