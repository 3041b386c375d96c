-- name: hold_name
-- One living process an instance: a lock of this session, which the server lets go when the process dies.
SELECT pg_try_advisory_lock(hashtextextended('sms-service instance ' || $1, 0))

-- name: open
-- Number a new run.
INSERT INTO gateway_run (instance) VALUES ($1) RETURNING run_id

-- name: renew
-- Say that the run lives.
UPDATE gateway_run SET renewed_at = clock_timestamp() WHERE run_id = $1 AND closed_at IS NULL RETURNING run_id

-- name: close
-- Say that the run has ended in order.
UPDATE gateway_run SET closed_at = clock_timestamp() WHERE run_id = $1 AND closed_at IS NULL
