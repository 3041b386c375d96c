-- Count one inquiry for each sender; a sender's period begins with its first.
-- ARGV: milliseconds of a period; the senders in hexadecimal, 32 characters each. Returns the counts.
local period, senders = ARGV[1], ARGV[2]
local counts = {}
for at = 1, #senders, 32 do
  local key = 'sms:q:' .. string.sub(senders, at, at + 31)
  local made = redis.call('INCR', key)
  if made == 1 then
    redis.call('PEXPIRE', key, period)
  end
  counts[#counts + 1] = made
end
return counts
