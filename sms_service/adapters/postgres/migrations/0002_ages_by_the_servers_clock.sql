-- migrate:up

-- Ages by this server's clock: the instances' may differ, and may be set while inquiries wait. A gateway that does not know
-- the new columns yet goes on, since they fill themselves. The tables are locked in the order in which a gateway that stores parts
-- takes them, or the two would wait for each other.

LOCK TABLE segment, inquiry IN ACCESS EXCLUSIVE MODE;

ALTER TABLE inquiry ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();
UPDATE inquiry SET stored_at = least(now(), to_timestamp(accepted_at));
COMMENT ON COLUMN inquiry.stored_at IS 'By this server''s clock, so that the clocks of the instances do not matter';
COMMENT ON COLUMN inquiry.accepted_at IS 'Seconds since the epoch by the instance''s clock; for people, no age is counted by it';

ALTER TABLE segment ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();
UPDATE segment SET stored_at = least(now(), to_timestamp(accepted_at));
COMMENT ON COLUMN segment.stored_at IS 'By this server''s clock, so that the clocks of the instances do not matter';
DROP INDEX segment_age;
CREATE INDEX segment_age ON segment (stored_at);

-- migrate:down

DROP INDEX segment_age;
ALTER TABLE segment DROP COLUMN stored_at;
CREATE INDEX segment_age ON segment (accepted_at);
ALTER TABLE inquiry DROP COLUMN stored_at;
COMMENT ON COLUMN inquiry.accepted_at IS 'Seconds since the epoch';
