-- migrate:up

-- What operators have done to the service, append-only, and the senders whom they have blocked.

CREATE TABLE operator_action (
    action_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    instance   text NOT NULL,
    operator   text NOT NULL,
    action     text NOT NULL,
    target     text NOT NULL,
    outcome    text NOT NULL
);
COMMENT ON TABLE operator_action IS 'Append-only. Names no person but the operator; senders stand as pseudonyms';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_action
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE blocked_sender (
    sender    bytea PRIMARY KEY,
    since     timestamptz NOT NULL,
    reason    text NOT NULL,
    operator  text NOT NULL
);
COMMENT ON TABLE blocked_sender IS 'Their inquiries are acknowledged and end as over_quota, without a notice. Every instance reads it again and again';
COMMENT ON COLUMN blocked_sender.sender IS 'Pseudonym of the MSISDN';

-- migrate:down

DROP TABLE blocked_sender, operator_action;
