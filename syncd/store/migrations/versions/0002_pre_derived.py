"""Customers of documents, the clock, proofs, requests, waived problems, shadow days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from syncd.store import tables
from syncd.store.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADDED: dict[str, list[sa.Column[object]]] = {
    "pair": [
        sa.Column("connected", Moment()),
        sa.Column("scope", sa.LargeBinary()),
        sa.Column("paused_until", Moment()),
        sa.Column("reason", sa.Text()),
    ],
    "record": [sa.Column("customer", sa.String()), sa.Column("next_review", Moment())],
    "part": [
        sa.Column("rewritten", sa.LargeBinary()),
        sa.Column("sent_at", Moment()),
        sa.Column("sent_run", sa.Integer()),
        sa.Column("seen_at", Moment()),
    ],
    "run": [sa.Column("progress", sa.String()), sa.Column("measures", sa.LargeBinary())],
    "problem": [sa.Column("waived_by", sa.String()), sa.Column("waived_why", sa.Text())],
    "plan": [sa.Column("because", sa.Text())],
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE pair SET connected = since")
    op.create_index(
        "ix_record_customer",
        "record",
        ["stream", "customer"],
        sqlite_where=sa.text("customer IS NOT NULL"),
    )
    op.create_index(
        "ix_record_next_review",
        "record",
        ["stream", "next_review"],
        sqlite_where=sa.text("next_review IS NOT NULL"),
    )
    for name in ("settles", "touched", "proof", "request", "typed"):
        _create(tables.metadata.tables[name])


def _create(table: sa.Table) -> None:
    """As it stands in this version; a later one changes it by its own migration."""
    table.create(op.get_bind())
