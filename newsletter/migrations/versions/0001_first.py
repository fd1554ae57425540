"""Subscribers, mailings and their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "barred",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_barred")),
    )
    op.create_table(
        "counter",
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("period", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "period", name=op.f("pk_counter")),
    )
    op.create_index("ix_counter_period", "counter", ["period"], unique=False)
    op.create_table(
        "fact",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "mailing",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("stopped", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), server_default="", nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("before", sa.String(length=16), server_default="", nullable=False),
        sa.Column("consent_version", sa.String(length=64), nullable=False),
        sa.Column("consent_at", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("soft_bounces", sa.Integer(), server_default="0", nullable=False),
        sa.Column("soft_since", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscriber_address_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_subscriber_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_standing_since", "subscriber", ["standing", "since"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("mailing", sa.String(length=64), nullable=False),
        sa.Column(
            "subscriber", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("variant", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="pending", nullable=False),
        sa.Column("due", sa.Double(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker", sa.String(length=32), server_default="", nullable=False),
        sa.Column("reply", sa.String(length=32), server_default="", nullable=False),
        sa.Column("changed", sa.Double(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["mailing"], ["mailing.id"], name=op.f("fk_delivery_mailing")),
        sa.PrimaryKeyConstraint("mailing", "subscriber", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_queue", "delivery", ["mailing", "state", "due", "subscriber"], unique=False)
    op.create_index("ix_delivery_subscriber", "delivery", ["subscriber"], unique=False)
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("lease", sa.Double(), nullable=False),
        sa.Column("trouble", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
