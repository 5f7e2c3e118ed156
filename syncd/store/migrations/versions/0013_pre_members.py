"""Who was the primary customer of a card that several share, before a person chose another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link_change", sa.Column("former", sa.String()))
    named = sa.text("former IS NOT NULL")
    columns = ["books", "former"]
    op.create_index("ix_link_change_former", "link_change", columns, sqlite_where=named)
