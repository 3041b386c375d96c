-- name: insert
-- Store inquiries of one run; one whose content is unfinished already is passed over. In the order of the digests, so that
-- two instances with the same contents wait for each other instead of locking each other out.
INSERT INTO inquiry (inquiry_id, run_id, smsc, accepted_at, digest, sealed)
SELECT inquiry_id, $1, smsc, accepted_at, digest, sealed
FROM unnest($2::bigint[], $3::text[], $4::double precision[], $5::bytea[], $6::bytea[])
    AS new (inquiry_id, smsc, accepted_at, digest, sealed)
ORDER BY digest, inquiry_id
ON CONFLICT (digest) DO NOTHING

-- name: which_owned
-- Which of these are stored and owned by the run.
SELECT inquiry_id FROM inquiry WHERE inquiry_id = ANY ($2::bigint[]) AND run_id = $1
