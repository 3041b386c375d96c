-- name: lock
-- Keep other instances away from these groups until the transaction ends. In one order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT hashtextextended(encode(group_key, 'hex'), 0) AS key FROM unnest($1::bytea[]) AS group_key ORDER BY key)
    AS keys

-- name: followed
-- The groups in which another part has the place of one of these.
SELECT DISTINCT group_key
FROM unnest($1::bytea[], $2::integer[], $3::bytea[]) AS new (group_key, number, part_key)
JOIN segment USING (group_key, number)
WHERE segment.part_key <> new.part_key

-- name: insert
-- Store parts; one that is stored already is passed over. No EXISTS here and below: the planner, without statistics, would
-- make a hash of a whole table for it.
INSERT INTO segment (group_key, number, total, smsc, accepted_at, sealed, part_key, known)
SELECT new.*, coalesce((SELECT true FROM inquiry_part WHERE inquiry_part.part_key = new.part_key), false)
FROM unnest(
    $1::bytea[], $2::integer[], $3::integer[], $4::text[], $5::double precision[], $6::bytea[], $7::bytea[]
) AS new (group_key, number, total, smsc, accepted_at, sealed, part_key)
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
-- Remove groups and give back their parts; of each, whether an inquiry that is unfinished was made of the same.
WITH gone AS (DELETE FROM segment WHERE group_key = ANY ($1::bytea[]) RETURNING *)
SELECT group_key, number, total, smsc, sealed, part_key, known,
    coalesce(
        (SELECT true FROM inquiry_part JOIN inquiry USING (inquiry_id) WHERE inquiry_part.part_key = gone.part_key), false
    ) AS unfinished
FROM gone
ORDER BY group_key, number

-- name: remember
-- Of which parts inquiries were made.
INSERT INTO inquiry_part (part_key, inquiry_id)
SELECT * FROM unnest($1::bytea[], $2::bigint[])
ON CONFLICT (part_key) DO UPDATE SET inquiry_id = excluded.inquiry_id, stored_at = excluded.stored_at

-- name: forget
-- The parts of inquiries that were made more than $1 seconds ago and are finished. Those that another instance is at are left
-- to it.
DELETE FROM inquiry_part WHERE part_key = ANY (ARRAY(
    SELECT part_key FROM inquiry_part
    WHERE stored_at < now() - make_interval(secs => $1)
        AND (SELECT true FROM inquiry WHERE inquiry.inquiry_id = inquiry_part.inquiry_id) IS NULL
    FOR UPDATE SKIP LOCKED
))
