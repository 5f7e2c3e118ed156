"""What was told to whom, and how far each way out of syncd is."""

from __future__ import annotations

from alembic import op

from syncd.store import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("told", "outlet"):
        tables.metadata.tables[name].create(op.get_bind())
