-- Remember which link acknowledged an inquiry that is finished.
-- ARGV: milliseconds; then, for each link, the link and its digests in hexadecimal, 32 characters each.
local window = ARGV[1]
for argument = 2, #ARGV, 2 do
  local link, digests = ARGV[argument], ARGV[argument + 1]
  for at = 1, #digests, 32 do
    redis.call('SET', 'sms:d:' .. string.sub(digests, at, at + 31), link, 'PX', window)
  end
end
return redis.status_reply('OK')
