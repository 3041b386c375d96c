"""The adapters: each port of `sms_service.ports` on a real engine, and in memory.

`postgres` holds what may not be lost, `redis` what may, `subscribers_http` asks the register, `memory` stands in for
all of them in tests and for Redis while it is away. Only `sms_service.app` chooses among them. Every adapter of a port
passes the same contract test (`tests/contract`).
"""
