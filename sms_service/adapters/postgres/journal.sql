-- name: finish
-- Record endings of unfinished inquiries and forget their contents; those that are finished already are passed over.
WITH gone AS (
    DELETE FROM inquiry USING json_to_recordset($2::json) AS new (
        inquiry_id bigint, ending ending_kind, at double precision, segments smallint,
        uncertain boolean, command_status bigint, message_ids text[], fee integer, sender text
    )
    WHERE inquiry.inquiry_id = new.inquiry_id
    RETURNING new.*, inquiry.smsc
)
INSERT INTO ending (inquiry_id, run_id, ending, at, segments, uncertain, command_status, message_ids, smsc, fee, sender)
SELECT inquiry_id, $1, ending, to_timestamp(at), segments, uncertain, command_status, message_ids, smsc, fee,
    decode(nullif(sender, ''), 'base64')
FROM gone

-- name: which_ended
-- Which of these have an ending that the run recorded.
SELECT inquiry_id FROM ending WHERE inquiry_id = ANY ($2::bigint[]) AND run_id = $1

-- name: claim
-- Take over the oldest unfinished inquiries of dead runs: earlier ones of the same instance, closed ones, and, when $4 says
-- so, those that have not renewed for $5 seconds. Two that claim at once share them.
WITH dead AS (
    SELECT run_id FROM gateway_run
    WHERE run_id <> $1
        AND (instance = $2 OR closed_at IS NOT NULL
            OR ($4 AND renewed_at < clock_timestamp() - make_interval(secs => $5)))
),
left_over AS (
    SELECT inquiry_id FROM inquiry
    WHERE run_id IN (SELECT run_id FROM dead) AND smsc = ANY ($3::text[])
    ORDER BY stored_at, inquiry_id
    LIMIT $6
    FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE inquiry SET run_id = $1 FROM left_over WHERE inquiry.inquiry_id = left_over.inquiry_id RETURNING inquiry.*
)
SELECT inquiry_id, smsc, accepted_at, digest, sealed,
    greatest(0, extract(epoch FROM now() - stored_at))::double precision AS age_s,
    EXISTS (SELECT FROM audit_entry WHERE audit_entry.inquiry_id = taken.inquiry_id) AS may_have_left
FROM taken
ORDER BY stored_at, inquiry_id

-- name: owned
-- A page of what the run has not finished.
SELECT inquiry_id, smsc, accepted_at, digest, sealed,
    greatest(0, extract(epoch FROM now() - stored_at))::double precision AS age_s,
    EXISTS (SELECT FROM audit_entry WHERE audit_entry.inquiry_id = inquiry.inquiry_id) AS may_have_left
FROM inquiry
WHERE run_id = $1 AND inquiry_id > $2
ORDER BY inquiry_id
LIMIT $3

-- name: counts
-- How much is unfinished, over all instances.
SELECT count(*) AS unfinished, min(accepted_at) AS oldest_accepted_at, (SELECT count(*) FROM segment) AS segments
FROM inquiry
