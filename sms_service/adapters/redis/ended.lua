-- State that links have ended in order: what they acknowledged is not redelivered.
-- ARGV: milliseconds for which that holds; the links.
for argument = 2, #ARGV do
  redis.call('SET', 'sms:e:' .. ARGV[argument], '', 'PX', ARGV[1])
end
return redis.status_reply('OK')
