"""What is known of both systems: what the books said, what of that is at the CRM, and who is who.

A record is the mirror of one thing in the books. A part is one object it is, or should be, at the
CRM; its state says why it is not yet as wanted. A change is one version of a record as observed,
never updated. Images and values of kinds that carry personal data stand in the `person_*` tables,
with their own retention. `state` is one row: which state this is, and whether it is a copy that
nobody worked with yet.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from syncd.store.tables.base import Moment, metadata

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
Index("ix_record_stream", record.c.stream)  # and by its number, as each index of SQLite
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

Index("ix_part_shared", part.c.stream, sqlite_where=part.c.key == "shared")

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
