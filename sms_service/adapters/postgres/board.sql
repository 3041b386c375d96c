-- name: exchange
-- Put up this instance's notice, and give back those that have been put up lately. (A statement does not see what it changes
-- itself, so its own notice is not among them.)
WITH mine AS (
    INSERT INTO instance_notice (instance, notice) VALUES ($1, $2)
    ON CONFLICT (instance) DO UPDATE SET notice = excluded.notice, put_up_at = clock_timestamp()
)
SELECT instance, notice FROM instance_notice
WHERE instance <> $1 AND put_up_at > clock_timestamp() - make_interval(secs => $3)
