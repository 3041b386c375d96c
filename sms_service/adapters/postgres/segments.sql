-- name: lock
-- Keep other instances away from these groups until the transaction ends. In one order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT hashtextextended(encode(group_key, 'hex'), 0) AS key FROM unnest($1::bytea[]) AS group_key ORDER BY key)
    AS keys

-- name: insert
-- Store parts; one that is stored already is passed over.
INSERT INTO segment (group_key, number, total, smsc, accepted_at, sealed)
SELECT * FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::text[], $5::double precision[], $6::bytea[])
ON CONFLICT DO NOTHING

-- name: complete
-- Which of these groups have all their parts.
SELECT group_key FROM segment WHERE group_key = ANY ($1::bytea[]) GROUP BY group_key HAVING count(*) >= max(total)

-- name: overdue
-- The groups of these SMSCs that have waited longest, begun more than $1 seconds ago. A group has begun when its first part has, so only
-- old parts are looked at.
SELECT group_key FROM segment
WHERE stored_at < now() - make_interval(secs => $1) AND smsc = ANY ($3::text[])
GROUP BY group_key
ORDER BY min(stored_at)
LIMIT $2

-- name: take
-- Remove groups and give back their parts.
WITH gone AS (DELETE FROM segment WHERE group_key = ANY ($1::bytea[]) RETURNING *)
SELECT group_key, number, total, smsc, sealed FROM gone ORDER BY group_key, number
