-- migrate:up

-- What a bill rests on: the SMSC and the fee of each ending, who sent what ended without a reply, and the way to a day's endings. A
-- gateway that does not know the columns goes on and leaves them empty; then the audit trail has the SMSC, and the fee is not known.
-- The index is made while endings are recorded: some seconds for ten million of them, during which recording waits.

ALTER TABLE ending
    ADD COLUMN smsc text,
    ADD COLUMN fee integer,
    ADD COLUMN sender bytea;
COMMENT ON COLUMN ending.smsc IS 'Over which the inquiry came. Null: recorded by an older version';
COMMENT ON COLUMN ending.fee IS 'Due, in đồng: of an inquiry that was answered, by the syntax that read it. Null: by an older version';
COMMENT ON COLUMN ending.sender IS 'Pseudonym, of an inquiry that has no entry in the audit trail because nothing was to leave';
CREATE INDEX ending_at ON ending (at, inquiry_id);

-- migrate:down

DROP INDEX ending_at;
ALTER TABLE ending DROP COLUMN smsc, DROP COLUMN fee, DROP COLUMN sender;
