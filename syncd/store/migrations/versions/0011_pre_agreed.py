"""What both sides last agreed on, of the fields of a customer that both may change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.store.tables import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreed",
        sa.Column("pair", sa.String(), primary_key=True),
        sa.Column("customer", sa.String(), primary_key=True),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("asks", sa.String()),
        sa.Column("keep_until", Moment()),
        sqlite_with_rowid=False,
    )
    asks = sa.text("asks IS NOT NULL")
    op.create_index("ix_agreed_asks", "agreed", ["pair"], unique=False, sqlite_where=asks)
