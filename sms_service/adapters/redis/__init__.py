"""What may be lost, in Redis or Valkey: quotas and the memory of answered inquiries, over all instances."""

from sms_service.adapters.redis.volatile import RedisVolatile

__all__ = ["RedisVolatile"]
