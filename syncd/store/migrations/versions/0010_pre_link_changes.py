"""The journal of links, and pairs that somebody rejected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("books", sa.String(), nullable=False),
        sa.Column("books_key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.String()),
        sa.Column("after", sa.String()),
        sa.Column("rejected", sa.String()),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.Integer()),
    )
    op.create_index(
        "ix_link_change_books_key", "link_change", ["books", "books_key", "crm"], unique=False
    )
    op.create_table(
        "link_rejected",
        sa.Column("crm", sa.String(), primary_key=True),
        sa.Column("books", sa.String(), primary_key=True),
        sa.Column("books_key", sa.String(), primary_key=True),
        sa.Column("card_id", sa.String(), primary_key=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
