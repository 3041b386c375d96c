"""What may not be lost, in PostgreSQL: journal and audit trail in one database, the population in another.

All SQL stands in the `.sql` files beside the modules, within what PostgreSQL 15 understands.
"""

from sms_service.adapters.postgres.audit import PostgresAuditTrail
from sms_service.adapters.postgres.board import PostgresBoard
from sms_service.adapters.postgres.database import Database
from sms_service.adapters.postgres.journal import PostgresJournal
from sms_service.adapters.postgres.keyring import PostgresKeyring
from sms_service.adapters.postgres.population import PostgresPopulation
from sms_service.adapters.postgres.schema import check_schema, migrate
from sms_service.adapters.postgres.steerage import PostgresSteerage

__all__ = [
    "Database",
    "PostgresAuditTrail",
    "PostgresBoard",
    "PostgresJournal",
    "PostgresKeyring",
    "PostgresPopulation",
    "PostgresSteerage",
    "check_schema",
    "migrate",
]
