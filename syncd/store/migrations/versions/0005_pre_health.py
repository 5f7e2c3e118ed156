"""When news was last read, calls by the hour, outcomes of runs, looks at a pair's health."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.store import tables
from syncd.store.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cursor", sa.Column("news_at", Moment()))
    op.add_column("cursor", sa.Column("missed_since", Moment()))
    for name in ("outcome", "look"):
        tables.metadata.tables[name].create(op.get_bind())
    op.create_table(
        "call",
        sa.Column("connection", sa.String(), primary_key=True),
        sa.Column("hour", Moment(), primary_key=True),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_pair_began", "run", ["pair", "began"])
    op.execute(
        "UPDATE cursor SET news_at = (SELECT max(run.began) FROM page JOIN run ON run.id = page.run"
        " WHERE page.stream = cursor.stream AND page.new > 0)"
    )
    op.execute(
        "INSERT INTO outcome (pair, result, runs, ms) SELECT pair, result, count(*),"
        " sum(max(ended - began, 0) / 1000) FROM run WHERE ended IS NOT NULL AND result IS NOT NULL"
        " GROUP BY pair, result"
    )
