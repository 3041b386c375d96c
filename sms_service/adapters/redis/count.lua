-- Count one inquiry for each sender; a sender's period begins with its first.
-- ARGV: milliseconds of a period; the senders in hexadecimal, 32 characters each.
-- Returns position and count, in turn, of those that have made more than one.
local period, senders = ARGV[1], ARGV[2]
local more = {}
for at = 1, #senders, 32 do
  local key = 'sms:q:' .. string.sub(senders, at, at + 31)
  local made = redis.call('INCR', key)
  if made == 1 then
    redis.call('PEXPIRE', key, period)
  else
    more[#more + 1] = (at - 1) / 32
    more[#more + 1] = made
  end
end
return more
