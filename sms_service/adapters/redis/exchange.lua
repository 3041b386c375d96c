-- Put up an instance's notice in place of its last, and give back all that are up.
-- ARGV: the instance; milliseconds for which a notice is up; the notice. Returns name, notice, name, notice and so on
redis.call('SET', 'sms:n:' .. ARGV[1], ARGV[3], 'PX', ARGV[2])
redis.call('SADD', 'sms:n', ARGV[1])
redis.call('PEXPIRE', 'sms:n', ARGV[2])
local found = {}
for _, name in ipairs(redis.call('SMEMBERS', 'sms:n')) do
  local notice = redis.call('GET', 'sms:n:' .. name)
  if notice then
    found[#found + 1] = name
    found[#found + 1] = notice
  else
    redis.call('SREM', 'sms:n', name)
  end
end
return found
