"""What syncd does and is asked: runs, requests on their way, problems, plans, messages.

An intent is one request decided and written down before it is sent.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from syncd.store.tables.base import Moment, metadata

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
