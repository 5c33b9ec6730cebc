-- Which installation this database belongs to, which account renews the others of a tenant, and what a connection was
-- offered.

-- +goose Up
CREATE TABLE settings (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE stewards (
  cloud      TEXT NOT NULL,
  tenant_id  TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (cloud, tenant_id)
) STRICT;
CREATE INDEX stewards_by_account ON stewards (account_id);

-- Sealed: what somebody offered to connect an account with, until it is proven or refused.
ALTER TABLE operations ADD COLUMN offered BLOB;

CREATE INDEX credentials_by_end ON credentials (slot, expires_at);
