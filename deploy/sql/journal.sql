-- Who may do what in the journal's database: all that the gateways' statements need, and nothing else.
-- By its owner, after every `sms-service migrate`; gateways may run meanwhile.
--
--   psql -X -d journal -U sms_owner -f journal.sql
--
-- What follows from it: a gateway that was taken over can answer, and write untrue entries at the end of its own chain. It cannot
-- change or remove an entry or an ending, nor the schema, nor the trigger that keeps the trail append-only.

\set ON_ERROR_STOP on
BEGIN;

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, sms_gateway, sms_auditor', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO sms_gateway, sms_auditor', current_database()) \gexec

REVOKE ALL ON SCHEMA public FROM PUBLIC, sms_gateway, sms_auditor;
GRANT USAGE ON SCHEMA public TO sms_gateway, sms_auditor;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, sms_gateway, sms_auditor;

GRANT SELECT ON schema_migrations TO sms_gateway, sms_auditor;

-- One's own life, and who else lives.
GRANT SELECT, INSERT (instance), UPDATE (renewed_at, closed_at) ON gateway_run TO sms_gateway;

-- Accepted, taken over, finished. To take over is to change the run alone; a seal never changes.
GRANT SELECT, INSERT, DELETE, UPDATE (run_id) ON inquiry TO sms_gateway;
GRANT SELECT, INSERT, DELETE ON segment TO sms_gateway;
GRANT SELECT, INSERT, DELETE, UPDATE (inquiry_id, stored_at) ON inquiry_part TO sms_gateway;

-- By which keys: each once.
GRANT SELECT, INSERT (name, fingerprint) ON key_fingerprint TO sms_gateway;
GRANT SELECT ON key_fingerprint TO sms_auditor;

-- For ever the same.
GRANT SELECT, INSERT ON ending, audit_entry TO sms_gateway;
GRANT SELECT ON ending, audit_entry TO sms_auditor;

-- What operators do is for ever the same, too; whom they block they unblock.
GRANT SELECT, INSERT (at, instance, operator, action, target, outcome) ON operator_action TO sms_gateway;
GRANT SELECT ON operator_action TO sms_auditor;
GRANT SELECT, INSERT, DELETE, UPDATE (reason, operator) ON blocked_sender TO sms_gateway;

-- The figures that instances show each other.
GRANT SELECT, INSERT, UPDATE (notice, put_up_at) ON instance_notice TO sms_gateway;

COMMIT;
