"""Which state a file is, and whether a pair's state was restored."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from syncd.store.tables import Moment, state

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    state.create(op.get_bind())
    op.execute(sa.insert(state).values(id=secrets.token_hex(8)))
    for column in (
        sa.Column("restored", Moment()),
        sa.Column("restored_sign", sa.Text()),
        sa.Column("looked_back", Moment()),
    ):
        op.add_column("pair", column)
