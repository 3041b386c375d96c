"""Every port in memory: verified fakes for the tests of the pipeline, and the fallback of `redis`.

They obey the same contract tests as the real adapters. Beyond the ports they let a test look at what is stored and make
calls fail (`faults.Faulty`): before or after the work is done, so that lost answers can be tried too.
"""

from sms_service.adapters.memory.audit import MemoryAuditTrail
from sms_service.adapters.memory.board import MemoryBoard
from sms_service.adapters.memory.clock import FakeClock
from sms_service.adapters.memory.journal import MemoryJournal
from sms_service.adapters.memory.keyring import MemoryKeyring
from sms_service.adapters.memory.population import MemoryPopulation
from sms_service.adapters.memory.steerage import MemorySteerage
from sms_service.adapters.memory.store import MemoryStore
from sms_service.adapters.memory.subscribers import MemorySubscribers
from sms_service.adapters.memory.volatile import MemoryVolatile

__all__ = [
    "FakeClock",
    "MemoryAuditTrail",
    "MemoryBoard",
    "MemoryJournal",
    "MemoryKeyring",
    "MemoryPopulation",
    "MemorySteerage",
    "MemoryStore",
    "MemorySubscribers",
    "MemoryVolatile",
]
