"""How often an article was chosen from among several, by week."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("usefulness", sa.Column("chosen", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("usefulness", "chosen")
