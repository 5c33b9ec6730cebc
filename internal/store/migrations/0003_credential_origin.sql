-- Who made the application of a credential, noted when the credential goes out of use: a rollback restores it.

-- +goose Up
ALTER TABLE credentials ADD COLUMN origin TEXT NOT NULL DEFAULT '';
