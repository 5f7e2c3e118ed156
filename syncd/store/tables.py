"""The tables, and what each row means after a crash.

A record is the mirror of one thing in the books. A part is one object it is, or should be, at the
CRM; its state says why it is not yet as wanted. A change is one version of a record as observed,
never updated. An intent is one request decided and written down before it is sent. Images and
values of kinds that carry personal data stand in the `person_*` tables, with their own retention.
`state` is one row: which state this is, and whether it is a copy that nobody worked with yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from syncd.store.rows import EPOCH as EPOCH
from syncd.store.rows import MICROSECOND as MICROSECOND
from syncd.store.rows import moment
from syncd.store.rows import stored as stored


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

state = Table(
    "state",
    metadata,
    Column("id", String, primary_key=True),
    Column("copied", Moment),
    Column("purged", Moment),
)

connection = Table(
    "connection",
    metadata,
    Column("name", String, primary_key=True),
    Column("system", String, nullable=False),
    Column("identity", String),
    Column("label", String),
    Column("fields_checked", String),
    Column("paused_until", Moment),
    Column("reason", Text),
)

pair = Table(
    "pair",
    metadata,
    Column("name", String, primary_key=True),
    Column("books", String, nullable=False),
    Column("crm", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("since", Moment, nullable=False),
    Column("connected", Moment),
    Column("scope", LargeBinary),
    Column("paused_until", Moment),
    Column("reason", Text),
    Column("restored", Moment),
    Column("restored_sign", Text),
    Column("looked_back", Moment),
)

stream = Table(
    "stream",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", String, nullable=False),
    Column("kind", String, nullable=False),
    UniqueConstraint("pair", "kind"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("stream", Integer, ForeignKey("stream.id"), primary_key=True),
    Column("value", Moment),
    Column("source_time", Moment),
    Column("complete_at", Moment),
    Column("swept_at", Moment),
    Column("surveyed_at", Moment),
    Column("mapped_by", String),
    Column("wanted_by", String),
    Column("news_at", Moment),
    Column("missed_since", Moment),
    Column("compared_by", String),
)

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stream", Integer, ForeignKey("stream.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("fp", LargeBinary),
    Column("raw_hash", LargeBinary),
    Column("raw", LargeBinary),
    Column("stamp", Moment),
    Column("asked", Integer, nullable=False),
    Column("changed_at", Moment),
    Column("error", Text),
    Column("problem", Integer),
    Column("customer", String),
    Column("next_review", Moment),
    UniqueConstraint("stream", "key"),
)
Index(
    "ix_record_customer",
    record.c.stream,
    record.c.customer,
    sqlite_where=record.c.customer.is_not(None),
)
Index(
    "ix_record_next_review",
    record.c.stream,
    record.c.next_review,
    sqlite_where=record.c.next_review.is_not(None),
)

settles = Table(
    "settles",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("invoice", String, primary_key=True),
    Column("micros", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_settles_invoice", settles.c.invoice)

deal_order = Table(
    "deal_order",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("deal", String, nullable=False),
)
Index("ix_deal_order_deal", deal_order.c.deal)

seller = Table(
    "seller",
    metadata,
    Column("pair", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("email", String),
    Column("verdict", String, nullable=False),
    Column("user", String),
    Column("mapping", String, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

agreed = Table(
    "agreed",
    metadata,
    Column("pair", String, primary_key=True),
    Column("customer", String, primary_key=True),
    Column("card", String, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("asks", String),
    Column("keep_until", Moment),
    sqlite_with_rowid=False,
)
Index("ix_agreed_asks", agreed.c.pair, sqlite_where=agreed.c.asks.is_not(None))

touched = Table(
    "touched",
    metadata,
    Column("stream", Integer, ForeignKey("stream.id"), primary_key=True),
    Column("customer", String, primary_key=True),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("raw", LargeBinary),
    Column("keep_until", Moment),
)

change = Table(
    "change",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("ver", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("image", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

person_change = Table(
    "person_change",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("ver", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("image", LargeBinary, nullable=False),
    Column("keep_until", Moment),
    sqlite_with_rowid=False,
)

part = Table(
    "part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record", Integer, ForeignKey("record.id"), nullable=False),
    Column("stream", Integer, ForeignKey("stream.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("target", String, nullable=False),
    Column("state", String, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("want", LargeBinary, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("fields", LargeBinary),
    Column("rewritten", LargeBinary),
    Column("remote_id", String),
    Column("sent_ver", Integer),
    Column("sent_at", Moment),
    Column("sent_run", Integer),
    Column("seen_at", Moment),
    Column("confirmed", Boolean, nullable=False),
    Column("adopted", Boolean, nullable=False),
    Column("parent", String),
    Column("waits_for", String),
    Column("unique_key", LargeBinary),
    Column("numbered", Boolean, nullable=False),
    Column("error", Text),
    Column("problem", Integer),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", Moment),
    UniqueConstraint("record", "key"),
)
Index(
    "ix_part_open",
    part.c.stream,
    part.c.state,
    part.c.turn,
    part.c.id,
    sqlite_where=part.c.state != "clean",
)
Index("ix_part_parent", part.c.parent)
Index("ix_part_waits_for", part.c.waits_for, sqlite_where=part.c.waits_for.is_not(None))
Index("ix_part_unique_key", part.c.unique_key, sqlite_where=part.c.unique_key.is_not(None))

person_fields = Table(
    "person_fields",
    metadata,
    Column("part", Integer, ForeignKey("part.id"), primary_key=True),
    Column("fields", LargeBinary),
    Column("keep_until", Moment),
)

link = Table(
    "link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("crm", String, nullable=False),
    Column("card_id", String, nullable=False),
    Column("books", String, nullable=False),
    Column("books_key", String, nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("numbered", Boolean, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("books", "books_key", "crm"),
)
Index("ix_link_card", link.c.crm, link.c.card_id)

link_change = Table(
    "link_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("crm", String, nullable=False),
    Column("books", String, nullable=False),
    Column("books_key", String, nullable=False),
    Column("what", String, nullable=False),
    Column("before", String),
    Column("after", String),
    Column("rejected", String),
    Column("who", String, nullable=False),
    Column("why", Text),
    Column("at", Moment, nullable=False),
    Column("undone", Integer),
    Column("former", String),
)
Index("ix_link_change_books_key", link_change.c.books, link_change.c.books_key, link_change.c.crm)
Index(
    "ix_link_change_former",
    link_change.c.books,
    link_change.c.former,
    sqlite_where=link_change.c.former.is_not(None),
)

link_rejected = Table(
    "link_rejected",
    metadata,
    Column("crm", String, primary_key=True),
    Column("books", String, primary_key=True),
    Column("books_key", String, primary_key=True),
    Column("card_id", String, primary_key=True),
    Column("evidence", LargeBinary, nullable=False),
    Column("change", Integer, nullable=False),
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("command", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("began", Moment, nullable=False),
    Column("ended", Moment),
    Column("result", String),
    Column("note", Text),
    Column("reads", Integer),
    Column("writes", Integer),
    Column("progress", String),
    Column("measures", LargeBinary),
)
Index("ix_run_pair_began", run.c.pair, run.c.began)

outcome = Table(
    "outcome",
    metadata,
    Column("pair", String, primary_key=True),
    Column("result", String, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

call = Table(
    "call",
    metadata,
    Column("connection", String, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("reads", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("credits", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

look = Table(
    "look",
    metadata,
    Column("pair", String, primary_key=True),
    Column("memory", LargeBinary, nullable=False),
    Column("learned_on", String),
    Column("learned", LargeBinary),
)

page = Table(
    "page",
    metadata,
    Column("run", Integer, ForeignKey("run.id"), primary_key=True),
    Column("stream", Integer, ForeignKey("stream.id"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("read", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("filtered", Integer, nullable=False),
    Column("unmappable", Integer, nullable=False),
)

tally = Table(
    "tally",
    metadata,
    Column("run", Integer, ForeignKey("run.id"), primary_key=True),
    Column("stream", Integer, ForeignKey("stream.id"), primary_key=True),
    Column("due_at_start", Integer, nullable=False),
    Column("became_due", Integer, nullable=False),
    Column("applied", Integer, nullable=False),
    Column("found_equal", Integer, nullable=False),
    Column("collapsed", Integer, nullable=False),
    Column("owed", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("deferred", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)

intent = Table(
    "intent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("op", String, nullable=False),
    Column("target", String, nullable=False),
    Column("mapping", String, nullable=False),
    Column("parts", LargeBinary, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("not_before", BigInteger),
    Column("boot_id", String),
    Column("state", String, nullable=False),
    Column("outcome", Text),
)
Index("ix_intent_open", intent.c.pair, sqlite_where=intent.c.state.in_(("open", "doubt")))

intent_item = Table(
    "intent_item",
    metadata,
    Column("intent", Integer, ForeignKey("intent.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("outcome", Text, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("pair", String, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("boot_id", String, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("asked", Integer, nullable=False),
)

problem = Table(
    "problem",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("run", Integer, nullable=False),
    Column("closed", Moment),
    Column("waived_by", String),
    Column("waived_why", Text),
)
Index("ix_problem_open", problem.c.pair, problem.c.cause, sqlite_where=problem.c.closed.is_(None))

plan = Table(
    "plan",
    metadata,
    Column("id", String, primary_key=True),
    Column("pair", String, nullable=False),
    Column("mapping", String, nullable=False),
    Column("made", Moment, nullable=False),
    Column("totals", LargeBinary, nullable=False),
    Column("applied", Moment),
    Column("because", Text),
)

plan_row = Table(
    "plan_row",
    metadata,
    Column("plan", String, ForeignKey("plan.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("ver", Integer, nullable=False),
    Column("want", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

merge = Table(
    "merge",
    metadata,
    Column("pair", String, primary_key=True),
    Column("loser", String, primary_key=True),
    Column("into", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("read", Boolean, nullable=False),
    Column("applied", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

moved = Table(
    "moved",
    metadata,
    Column("record", Integer, ForeignKey("record.id"), primary_key=True),
    Column("before", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_moved_before", moved.c.before)

proof = Table(
    "proof",
    metadata,
    Column("pair", String, primary_key=True),
    Column("customer", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("since", Moment, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

request = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pair", String, nullable=False),
    Column("verb", String, nullable=False),
    Column("args", LargeBinary, nullable=False),
    Column("who", String, nullable=False),
    Column("why", Text),
    Column("made", Moment, nullable=False),
    Column("taken", Moment),
    Column("run", Integer),
    Column("done", Moment),
    Column("exit_code", Integer),
    Column("answer", LargeBinary),
)
Index("ix_request_open", request.c.pair, sqlite_where=request.c.done.is_(None))

noticed = Table(
    "noticed",
    metadata,
    Column("pair", String, primary_key=True),
    Column("habit", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last", Moment, nullable=False),
    sqlite_with_rowid=False,
)

told = Table(
    "told",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("problem", Integer, primary_key=True),
    Column("stage", String, primary_key=True),
    Column("since", Moment, nullable=False),
    sqlite_with_rowid=False,
)

outlet = Table(
    "outlet",
    metadata,
    Column("name", String, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment),
    Column("mark", String),
    Column("wrote", Moment),
)

typed = Table(
    "typed",
    metadata,
    Column("pair", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("customer", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("typed", LargeBinary, nullable=False),
    Column("wanted", LargeBinary, nullable=False),
    Column("equal", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

overwritten = Table(
    "overwritten",
    metadata,
    Column("crm", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("who", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("soon", Integer, nullable=False),
    Column("fields", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
