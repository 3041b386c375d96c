"""Embedded engines: a PostgreSQL and a Valkey of one's own without apt, Docker or rights, and how they start."""
