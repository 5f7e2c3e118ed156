"""What calls cost, where a system counts credits: one each until now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("credits", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE call SET credits = reads + writes")
