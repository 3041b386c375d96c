-- Answer.
return redis.status_reply('PONG')
