-- name: lock
-- One process migrates at a time; the others wait.
SELECT pg_advisory_lock(hashtextextended('sms-service migrate', 0))

-- name: prepare
-- Where the versions are recorded that have been applied (the layout of dbmate).
CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(255) PRIMARY KEY)

-- name: applied
-- The versions that have been applied.
SELECT version FROM schema_migrations ORDER BY version

-- name: record
-- This version has been applied.
INSERT INTO schema_migrations (version) VALUES ($1)

-- name: lock_timeout
-- For how long a statement of this transaction waits for a lock.
SELECT set_config('lock_timeout', $1, true)
