-- What is open on an account is asked at each beginning and end of an operation: without looking at all that ever was.

-- +goose Up
CREATE INDEX operations_open_account ON operations (account_id, created_at) WHERE open = 1;
