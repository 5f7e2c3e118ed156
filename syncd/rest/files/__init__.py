"""Reads a connector file. Every mistake has its line and column, and all are told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from syncd.domain import Kind
from syncd.mapping.document import Problems, Scalar, parse, read_text
from syncd.port import Facts
from syncd.rest.connector import Asked, Description, Whose
from syncd.rest.files import access, reads, writes
from syncd.rest.files.calls import Calls
from syncd.rest.files.constants import with_constants
from syncd.rest.files.lines import Lines
from syncd.rest.words import Text

DOUBT_TIME = 5
"""Seconds, where the file does not say."""
WHAT = "a connector file is a table of `word: value` lines"
KINDS = ("rest", "table")
"""Of connector files: this one, and `syncd.table`."""
LINES = (
    *("connector", "kind", "version", "base", "headers", "options", "auth", "context"),
    *(
        "constants",
        "identity",
        "answers",
        "errors",
        "objects",
        "strip",
        "keys",
        "doubt_time",
        "currencies",
    ),
    *("hourly", "in_flight", "defaults", "read", "write"),
)


def load(file: Path) -> Description:
    """Raises ConfigError with every mistake."""
    problems = Problems(str(file))
    text = read_text(file, problems)
    return compiled(text, file.stem, problems)


def compiled(text: str, name: str, problems: Problems) -> Description:
    """`name` is what the file is called, and so the system."""
    lines = Lines(with_constants(parse(text, problems, WHAT), problems), problems, "the file")
    lines.only(LINES)
    called = lines.text("connector", required=True)
    if called is not None and called != name:
        place = lines.place("connector")
        problems.add(place, f"the file is called {name}.yaml, and its connector {called}")
    lines.choice("kind", KINDS, required=True)
    if lines.entry("version", required=True) and lines.number("version") not in (1, None):
        problems.add(lines.place("version"), "this syncd knows version 1 of connector files")
    options = _options(lines)
    answers = access.answers(lines, access.wire(lines))
    bare = Calls(options=frozenset(options), judged=answers.judged, wire=answers.wire)
    auth, secrets = access.auth(lines.inner("auth"), bare)
    base = _base(lines, bare)
    numbers = lines.choice("keys", ("text", "number")) == "number"
    calls = replace(bare, base=base, headers=bare.texts(lines, "headers", ()), numbers=numbers)
    context = _context(lines, calls)
    calls = replace(calls, told=tuple(f"context.{one.name}" for one in context))
    whose = _whose(lines, calls)
    usual = lines.inner("defaults")
    if usual is not None:
        usual.only(("read", "write"))
    hidden = frozenset(auth.query)
    read = usual.inner("read") if usual else None
    sources = list(reads.sources(lines, read, calls, hidden))
    write = usual.inner("write") if usual else None
    targets = {one.name: one for one in writes.targets(lines, write, calls, hidden)}
    if not lines.table.entries.keys() & {"read", "write"}:
        problems.add(lines.table.place, "neither read nor write: nothing to do with this system")
    doubt, hourly = lines.number("doubt_time"), lines.number("hourly")
    currencies = lines.texts("currencies")
    problems.stop()
    assert whose is not None
    changes = any(one.source.changes for one in sources)
    found = {(one.source.kind, one.source.object): one for one in sources}
    facts = Facts(
        name,
        {one.source.kind: one.facts for one in sources},
        {one.name: one.facts for one in targets.values()},
        doubt_time=float(doubt or DOUBT_TIME),
        currencies=frozenset(currencies) or None,
        secrets=secrets,
        options=options,
        needed=tuple(options),
        hourly=hourly,
        in_flight=lines.number("in_flight") or 1,
        described=any(one.described for one in sources),
        changes=_sentence([s.source.kind for s in sources if not s.source.changes], changes),
        guides=True,
        ready=", ".join(("address", *secrets, *options)),
        rationed=auth.login is not None,
        renews=auth.login is not None and auth.login.refresh is not None,
    )
    return Description(
        facts,
        auth,
        whose,
        answers,
        {at: one.source for at, one in found.items()},
        targets,
        {at: one.described for at, one in found.items() if one.described},
        tuple(context),
    )


def _base(lines: Lines, calls: Calls) -> Text:
    entry = lines.entry("base")
    if entry is None or not isinstance(entry.value, Scalar):
        return Text((lines.text("base") or "",))
    base = calls.text(lines, entry.value, ())
    if not entry.value.text.startswith("/"):
        text = "base begins with /; the host is the connection's url"
        lines.problems.add(entry.value.place, text)
    return Text((*base.parts[:-1], base.parts[-1].rstrip("/")))


def _options(lines: Lines) -> dict[str, str]:
    inner = lines.inner("options")
    if inner is None:
        return {}
    return {name: inner.text(name) or "" for name in inner.table.entries}


def _context(lines: Lines, calls: Calls) -> list[Asked]:
    """What is asked once, in this order; a call knows those before it."""
    found: list[Asked] = []
    for name, one in lines.each("context").items():
        known = replace(calls, told=tuple(f"context.{asked.name}" for asked in found))
        call, at = known.table(one, (), write=False, also=("at",)), one.path("at", required=True)
        if call is not None and at is not None:
            found.append(Asked(name, call, at))
    return found


def _whose(lines: Lines, calls: Calls) -> Whose | None:
    inner = lines.inner("identity", required=True)
    if inner is None:
        return None
    call = calls.table(inner, (), write=False, also=("id", "label"))
    id, label = inner.path("id", required=True), inner.path("label")
    if call is None or id is None:
        return None
    return Whose(call, id, id if label is None else label)


def _sentence(whole: list[Kind], changes: bool) -> str:
    if not whole:
        return "asks for what changed since the last time"
    if not changes:
        return "reads every record each time, and compares"
    return f"asks for what changed; of {', '.join(whole)} it reads every record each time"
