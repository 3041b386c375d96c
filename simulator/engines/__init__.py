"""Embedded engines, a PostgreSQL and a Valkey of one's own without apt, Docker or root's help, and how their processes start."""
