"""Which process is the sender, and what the operator tells it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "sender_lease",
        sa.Column("token", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sender_lease")),
    )
    op.create_table(
        "sender_order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_order")),
    )


def downgrade() -> None:
    op.drop_table("sender_order")
    op.drop_table("sender_lease")
