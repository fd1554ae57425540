"""Who comes back keeps the old consent until the new one is confirmed; messages whose end is unknown are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("asked_version", sa.String(length=64), server_default="", nullable=False))
    op.add_column("delivery", sa.Column("uncertain", sa.Integer(), server_default="0", nullable=False))
