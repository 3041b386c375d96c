-- migrate:up

-- By which keys the contents are sealed, the pseudonyms made and the trail chained: a fingerprint of each, never a key. A gateway that is
-- started with another key file beside this journal is refused, before it writes what the right keys cannot read or prove.

CREATE TABLE key_fingerprint (
    name         text PRIMARY KEY,
    fingerprint  bytea NOT NULL,
    since        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE key_fingerprint IS
    'Of each key that wrote here: pseudonym, audit, and seal with its number. Written once; a key that was retired stays known';
COMMENT ON COLUMN key_fingerprint.fingerprint IS 'HMAC-SHA-256 of a constant under the key: compared, never undone';

-- migrate:down

DROP TABLE key_fingerprint;
