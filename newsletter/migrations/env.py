"""How Alembic runs our steps: on the connection that `newsletter.database.upgrade` has opened."""

from alembic import context

from newsletter.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table
)
context.run_migrations()
