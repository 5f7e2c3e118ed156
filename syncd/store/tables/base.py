"""What all tables share: the names of their indexes, and times that sort and compare exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from syncd.store.rows import moment, stored


class Moment(UserDefinedType[dt.datetime]):
    """A UTC-aware time as whole microseconds since 1970, so that it sorts and compares exactly."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT"

    def bind_processor(self, dialect: Dialect) -> Callable[[dt.datetime | None], int | None]:
        return stored

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[int | None], dt.datetime | None]:
        return moment


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
