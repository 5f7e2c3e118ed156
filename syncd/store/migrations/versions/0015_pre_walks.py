"""Indexes by which records of one kind, and what cards said to the books, are gone through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_record_stream", "record", ["stream"], unique=False)
    op.create_index(
        "ix_part_shared",
        "part",
        ["stream"],
        unique=False,
        sqlite_where=sa.text("\"key\" = 'shared'"),
    )
