-- name: records
-- The endings from $1 to before $2, of one SMSC or ($3 null) of all, in the order of their times. Of several audit entries of an inquiry
-- the last one counts: it is the one that left.
SELECT ending.inquiry_id, ending.at, coalesce(ending.smsc, audited.smsc, '') AS smsc,
    coalesce(audited.sender, ending.sender) AS sender, coalesce(audited.command, '') AS command, ending.fee, ending.segments,
    ending.message_ids, ending.ending::text AS ending, ending.uncertain, audited.ending::text AS audited
FROM ending
LEFT JOIN LATERAL (
    SELECT smsc, sender, command, audit_entry.ending FROM audit_entry
    WHERE audit_entry.inquiry_id = ending.inquiry_id
    ORDER BY at_ms DESC, position DESC
    LIMIT 1
) AS audited ON true
WHERE ending.at >= $1 AND ending.at < $2 AND ($3::text IS NULL OR coalesce(ending.smsc, audited.smsc) = $3)
ORDER BY ending.at, ending.inquiry_id
