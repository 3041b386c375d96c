-- name: macs
-- What a chain holds from one position to another.
SELECT position, mac FROM audit_entry WHERE chain = $1 AND position BETWEEN $2 AND $3

-- name: chains
-- Every chain and how many entries it has.
SELECT chain, count(*) AS entries FROM audit_entry GROUP BY chain ORDER BY chain

-- name: read
-- One chain from its first entry.
SELECT position, mac, inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, ending::text, segments, repeated
FROM audit_entry
WHERE chain = $1
ORDER BY position
