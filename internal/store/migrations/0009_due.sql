-- What is asked again and again is found without looking at all that ever was: what is open on an account, at each beginning
-- and end of an operation, and which accounts are to be renewed by themselves, every minute.

-- +goose Up
CREATE INDEX operations_open_account ON operations (account_id, created_at) WHERE open = 1;

ALTER TABLE account_list ADD COLUMN renew_at TEXT; -- null where the policy does not want it, or no end is known
CREATE INDEX account_list_renew ON account_list (renew_at) WHERE renew_at IS NOT NULL;
DROP INDEX credentials_by_end;

-- An index on an expression of the journal was computed at each change of it, though the id stays the same.
ALTER TABLE operations ADD COLUMN application_object_id TEXT NOT NULL DEFAULT '';
UPDATE operations SET application_object_id = coalesce(json_extract(facts, '$.app_object_id'), '');
DROP INDEX operations_by_application;
CREATE INDEX operations_by_application ON operations (application_object_id) WHERE application_object_id <> '';
