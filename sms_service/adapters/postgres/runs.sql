-- name: hold_name
-- One living process an instance: a lock of this session, which the server lets go when the process dies.
SELECT pg_try_advisory_lock(hashtextextended('sms-service instance ' || $1, 0))

-- name: this_session
-- What tells a session from every other, also when its number is given again.
SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid()

-- name: end_session
-- End this session if it holds the name still; null if it does not. A server that hangs ends it when it goes on.
SELECT pg_terminate_backend(pid)
FROM pg_locks JOIN pg_stat_activity USING (pid), hashtextextended('sms-service instance ' || $1, 0) AS key
WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295
    AND datname = current_database() AND pid || ' ' || extract(epoch FROM backend_start) = $2

-- name: open
-- Number a new run.
INSERT INTO gateway_run (instance) VALUES ($1) RETURNING run_id

-- name: renew
-- Say that the run lives.
UPDATE gateway_run SET renewed_at = clock_timestamp() WHERE run_id = $1 AND closed_at IS NULL RETURNING run_id

-- name: close
-- Say that the run has ended in order.
UPDATE gateway_run SET closed_at = clock_timestamp() WHERE run_id = $1 AND closed_at IS NULL
