"""Runs migrations on the connection, and within the transaction, that the store hands over."""

from __future__ import annotations

from alembic import context

from scheduler.store.migrate import VERSION_TABLE
from scheduler.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
