-- What an operation works on are the few credentials of an account that are not yet removed, among all that ever were.
-- What holds an account against its application looks up who else knows of that application, and what was written when.

-- +goose Up
CREATE INDEX credentials_by_application ON credentials (application_id);
CREATE INDEX operations_by_application ON operations (json_extract(facts, '$.app_object_id'));
CREATE INDEX audit_at ON audit (at);
CREATE INDEX credentials_in_use ON credentials (account_id, slot, removed_at);
