"""Which orders name which deal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deal_order",
        sa.Column("record", sa.Integer(), sa.ForeignKey("record.id"), primary_key=True),
        sa.Column("deal", sa.String(), nullable=False),
    )
    op.create_index("ix_deal_order_deal", "deal_order", ["deal"])
    op.execute(
        "INSERT INTO deal_order (record, deal)"
        " SELECT record.id, json_extract(CAST(change.image AS TEXT), '$.deal') FROM record"
        " JOIN stream ON stream.id = record.stream AND stream.kind = 'order'"
        " JOIN change ON change.record = record.id AND change.ver = record.ver"
        " WHERE json_extract(CAST(change.image AS TEXT), '$.deal') IS NOT NULL"
    )
