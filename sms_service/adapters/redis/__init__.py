"""What may be lost, in Redis or Valkey, over all instances: quotas, the memory of answered inquiries, notices for operators."""

from sms_service.adapters.redis.board import RedisBoard
from sms_service.adapters.redis.volatile import RedisVolatile

__all__ = ["RedisBoard", "RedisVolatile"]
