-- Which of these were answered, and their link has dropped since: it is none of its instance's live ones, and it has not
-- ended in order.
-- ARGV: the digests in hexadecimal, 32 characters each. Returns their positions.
local digests = ARGV[1]
local keys, found = {}, {}
for at = 1, #digests, 32 do
  keys[#keys + 1] = 'sms:d:' .. string.sub(digests, at, at + 31)
end
for position, link in ipairs(redis.call('MGET', unpack(keys))) do
  if link then
    local instance = string.match(link, '^[^/]*')
    if redis.call('SISMEMBER', 'sms:l:' .. instance, link) == 0 and redis.call('EXISTS', 'sms:e:' .. link) == 0 then
      found[#found + 1] = position - 1
    end
  end
end
return found
