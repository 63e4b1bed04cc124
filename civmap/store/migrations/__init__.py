"""Alembic migrations, numbered without gaps."""
