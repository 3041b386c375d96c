-- name: record
-- Write down an action.
INSERT INTO operator_action (at, instance, operator, action, target, outcome) VALUES ($1, $2, $3, $4, $5, $6)

-- name: recorded
-- The latest actions.
SELECT at, instance, operator, action, target, outcome FROM operator_action ORDER BY action_id DESC LIMIT $1

-- name: block
-- Block a sender, unless $5 others are blocked already. The row that is returned says that it is blocked now.
INSERT INTO blocked_sender (sender, since, reason, operator)
SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM blocked_sender WHERE sender <> $1) < $5
ON CONFLICT (sender) DO UPDATE SET reason = excluded.reason, operator = excluded.operator
RETURNING sender

-- name: unblock
-- Unblock a sender. A row says that it was blocked.
DELETE FROM blocked_sender WHERE sender = $1 RETURNING sender

-- name: blocked
-- Everyone who is blocked, the latest first.
SELECT sender, since, reason, operator FROM blocked_sender ORDER BY since DESC, sender
