"""Which customers the books merged into which, and the documents that changed their customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.store.tables import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("pair", sa.String(), primary_key=True),
        sa.Column("loser", sa.String(), primary_key=True),
        sa.Column("into", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moved",
        sa.Column("record", sa.Integer(), sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("before", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_moved_before", "moved", ["before"], unique=False)
