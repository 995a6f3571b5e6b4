"""Alembic's entry: runs migrations on the connection the caller hands over."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata


def run() -> None:
    """Run the migrations inside the caller's transaction."""
    connection = context.config.attributes["connection"]
    # Batch mode: SQLite cannot alter a column in place.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
