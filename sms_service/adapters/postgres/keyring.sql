-- name: adopt
-- Write down the fingerprints of keys that are not known yet. Of two that start at once the first decides.
INSERT INTO key_fingerprint (name, fingerprint)
SELECT name, fingerprint FROM unnest($1::text[], $2::bytea[]) AS new (name, fingerprint)
ORDER BY name
ON CONFLICT (name) DO NOTHING

-- name: known
-- The fingerprints of these keys, as far as they are known.
SELECT name, fingerprint FROM key_fingerprint WHERE name = ANY ($1::text[])

-- name: first_entry
-- The first entry of the youngest chain: whoever has the key of the trail can make its mac.
SELECT chain, position, mac, inquiry_id, at_ms, smsc, sender, citizen, command, fields, syntax, ending::text, segments, repeated
FROM audit_entry
WHERE position = 1
ORDER BY chain DESC
LIMIT 1
