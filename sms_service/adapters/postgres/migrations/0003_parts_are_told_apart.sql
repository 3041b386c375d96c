-- migrate:up

-- What tells a part that is redelivered from one of another message with the same reference: a pseudonym of its octets, and
-- the parts of which inquiries were made lately. A gateway that does not know them yet goes on as before.

ALTER TABLE segment
    ADD COLUMN part_key bytea,
    ADD COLUMN known boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN segment.part_key IS
    'Pseudonym of group, number and octets: what is sealed cannot be compared. Null: stored by an older version';
COMMENT ON COLUMN segment.known IS
    'When it came an inquiry had been made of the same part lately, so it may be that one redelivered: of itself it waits for '
    'no answer';

CREATE TABLE inquiry_part (
    part_key    bytea PRIMARY KEY,
    inquiry_id  bigint NOT NULL,
    stored_at   timestamptz NOT NULL DEFAULT now()
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_threshold = 2000000000,
    vacuum_truncate = false
);
CREATE INDEX inquiry_part_age ON inquiry_part (stored_at);
COMMENT ON TABLE inquiry_part IS
    'Of which parts inquiries were made: kept while they are unfinished, and for as long as parts wait for the rest.';
COMMENT ON COLUMN inquiry_part.part_key IS 'Pseudonym of group, number and octets';

-- migrate:down

DROP TABLE inquiry_part;
ALTER TABLE segment DROP COLUMN part_key, DROP COLUMN known;
