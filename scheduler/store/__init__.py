"""Keeps jobs, tenants and policies: the only home of SQLModel and Alembic."""
