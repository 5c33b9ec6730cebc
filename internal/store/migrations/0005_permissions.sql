-- What an account is for: a permission profile and its purposes, a management group in place of subscriptions, who depends
-- on it, and what Evercred has made for it in Azure.

-- +goose Up
ALTER TABLE accounts ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN purposes TEXT NOT NULL DEFAULT 'null'; -- JSON
ALTER TABLE accounts ADD COLUMN management_group TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN used_by TEXT NOT NULL DEFAULT 'null'; -- JSON
ALTER TABLE accounts ADD COLUMN made TEXT NOT NULL DEFAULT '{}'; -- JSON
