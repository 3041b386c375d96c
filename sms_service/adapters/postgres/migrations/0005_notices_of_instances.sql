-- migrate:up

-- What instances show each other of themselves where there is no Redis: the dashboard of one shows all.

CREATE UNLOGGED TABLE instance_notice (
    instance     text PRIMARY KEY,
    put_up_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    notice       bytea NOT NULL
) WITH (
    -- A few rows, each overwritten every second: room for the new version beside the old, and vacuum by number alone.
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000
);
COMMENT ON TABLE instance_notice IS
    'One row an instance: its figures of the last second, for the dashboards of the others. Nothing of a person, nothing that '
    'may not be lost.';
COMMENT ON COLUMN instance_notice.put_up_at IS 'By this server''s clock; older than some seconds: the instance is silent';
COMMENT ON COLUMN instance_notice.notice IS 'JSON, as GET /api/stats shows it';

-- migrate:down

DROP TABLE instance_notice;
