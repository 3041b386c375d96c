-- migrate:up

-- The journal: what has been accepted and how it ended. The audit trail: who was told what. One database holds both.
-- No column names a person: numbers and citizens stand as keyed pseudonyms, contents are sealed (AES-256-GCM).

CREATE TYPE ending_kind AS ENUM (
    'answered',      -- the record went out
    'refused',       -- "does not exist" went out
    'misread',       -- the syntax was explained
    'over_quota',    -- the one notice of the period went out, or nothing
    'suspended',     -- the service or the command is suspended
    'expired',       -- no answer could be found before the deadline
    'undeliverable'  -- the SMSC refuses the reply for good
);

CREATE TABLE gateway_run (
    run_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (run_id < 134217728),
    instance     text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    renewed_at   timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz
);
COMMENT ON TABLE gateway_run IS
    'One life of one instance. Living: closed_at is null and renewed_at younger than the lease. What a dead run leaves '
    'unfinished is taken over by a living one: run_id of the inquiry changes, its inquiry_id never.';
COMMENT ON COLUMN gateway_run.run_id IS
    'Also the number of the run''s audit chain, and the bits of its inquiry_ids from the 37th on (hence below 2^27)';
COMMENT ON COLUMN gateway_run.renewed_at IS 'By this server''s clock, so that the clocks of the instances do not matter';

CREATE TABLE inquiry (
    inquiry_id   bigint PRIMARY KEY,
    run_id       bigint NOT NULL,
    accepted_at  double precision NOT NULL,
    smsc         text NOT NULL,
    digest       bytea NOT NULL UNIQUE,
    sealed       bytea NOT NULL
) WITH (
    -- Every row is deleted within a second or so of its insertion, so the table is small and mostly dead. Vacuum by the
    -- number of dead rows alone, at full speed; never truncate, because that locks out the gateway for a moment, and the
    -- pages are needed again at once. Statistics would describe a moment that is gone.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_threshold = 2000000000,
    vacuum_truncate = false
);
CREATE INDEX inquiry_run ON inquiry (run_id, inquiry_id);
COMMENT ON TABLE inquiry IS
    'Accepted and unfinished. accepted → (row deleted, row of ending inserted in the same transaction) finished.';
COMMENT ON COLUMN inquiry.run_id IS 'The run that answers it';
COMMENT ON COLUMN inquiry.accepted_at IS 'Seconds since the epoch';
COMMENT ON COLUMN inquiry.digest IS
    'Pseudonym of SMSC, sender, short code and content. Unique: the same content is accepted once while it is unanswered';
COMMENT ON COLUMN inquiry.sealed IS 'Number, short code and text, sealed; forgotten with the row';

CREATE TABLE segment (
    group_key    bytea NOT NULL,
    number       integer NOT NULL CHECK (number BETWEEN 1 AND total),
    total        integer NOT NULL CHECK (total BETWEEN 1 AND 255),
    accepted_at  double precision NOT NULL,
    smsc         text NOT NULL,
    sealed       bytea NOT NULL,
    PRIMARY KEY (group_key, number)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_threshold = 2000000000,
    vacuum_truncate = false
);
CREATE INDEX segment_age ON segment (accepted_at);
COMMENT ON TABLE segment IS
    'Parts of long messages that wait for the rest. Complete or too old → (rows deleted, row of inquiry inserted in the '
    'same transaction). They belong to no run: any instance may complete a group.';
COMMENT ON COLUMN segment.group_key IS 'Pseudonym of SMSC, source, destination, reference, its width and the total';

CREATE TABLE ending (
    inquiry_id      bigint PRIMARY KEY,
    run_id          bigint NOT NULL,
    at              timestamptz NOT NULL,
    command_status  bigint NOT NULL,
    segments        smallint NOT NULL,
    uncertain       boolean NOT NULL,
    ending          ending_kind NOT NULL,
    message_ids     text[] NOT NULL
);
COMMENT ON TABLE ending IS 'How each accepted inquiry ended: one row each, for ever the same. The basis of the CDRs.';
COMMENT ON COLUMN ending.run_id IS 'The run that recorded it; a run that finds another here has been taken over';
COMMENT ON COLUMN ending.command_status IS 'Of the last submit_sm_resp (SMPP 3.4 s5.1.3)';
COMMENT ON COLUMN ending.segments IS 'Sent and confirmed';
COMMENT ON COLUMN ending.uncertain IS 'A segment was sent again because its first sending got no answer';
COMMENT ON COLUMN ending.message_ids IS 'The SMSC''s, in segment order';

CREATE TABLE audit_entry (
    chain       bigint NOT NULL,
    position    bigint NOT NULL CHECK (position >= 1),
    inquiry_id  bigint NOT NULL,
    at_ms       bigint NOT NULL,
    segments    smallint NOT NULL,
    repeated    boolean NOT NULL,
    ending      ending_kind NOT NULL,
    smsc        text NOT NULL,
    sender      bytea NOT NULL,
    citizen     bytea NOT NULL,
    command     text NOT NULL,
    fields      text NOT NULL,
    syntax      text NOT NULL,
    mac         bytea NOT NULL,
    PRIMARY KEY (chain, position)
);
CREATE INDEX audit_entry_inquiry ON audit_entry (inquiry_id);
COMMENT ON TABLE audit_entry IS
    'Who was told what, written before it leaves. Append-only; each entry''s mac covers its predecessor''s, so a change, '
    'a gap or a swap shows (sms-service audit verify).';
COMMENT ON COLUMN audit_entry.chain IS 'The run that wrote it';
COMMENT ON COLUMN audit_entry.at_ms IS 'Milliseconds since the epoch';
COMMENT ON COLUMN audit_entry.citizen IS 'Pseudonym of the citizen whose record is disclosed; empty when none is';
COMMENT ON COLUMN audit_entry.repeated IS 'An earlier sending of this reply may have left';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- migrate:down

DROP TABLE audit_entry, ending, segment, inquiry, gateway_run;
DROP FUNCTION refuse_change;
DROP TYPE ending_kind;
