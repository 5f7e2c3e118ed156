"""Which user of the CRM each seller of the books was found to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.store.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seller",
        sa.Column("pair", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("email", sa.String()),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("user", sa.String()),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sqlite_with_rowid=False,
    )
