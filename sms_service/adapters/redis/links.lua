-- State the live links of an instance, in place of those stated before.
-- ARGV: the instance; milliseconds for which that holds; the links.
local key = 'sms:l:' .. ARGV[1]
redis.call('DEL', key)
for argument = 3, #ARGV do
  redis.call('SADD', key, ARGV[argument])
end
redis.call('PEXPIRE', key, ARGV[2])
return redis.status_reply('OK')
