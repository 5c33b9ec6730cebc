-- Most rows of the audit log are the single steps of operations, which the history of an account leaves out: they need no place
-- in its indexes.

-- +goose Up
DROP INDEX audit_account;
DROP INDEX audit_operation;
CREATE INDEX audit_account ON audit (account_id, id) WHERE action <> 'operation.step';
CREATE INDEX audit_operation ON audit (operation_id, id) WHERE action <> 'operation.step';
