"""Run the migrations on the connection of `civmap.schema.migrate`. Forwards only: the way back is a backup."""

import geoalchemy2.alembic_helpers  # noqa: F401  (registers the operations for geometry columns)
from alembic import context

connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=False,
                  transaction_per_migration=False, **context.config.attributes.get("options", {}))
with context.begin_transaction():
    context.run_migrations()
