"""The names in a mapping against what the system itself says it has: every slip at once.

What a connector makes up itself (`Source.virtual`) is known from its facts; the rest is walked
along each path, object by object, and each object is asked for once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

import msgspec

from syncd.domain import Kind
from syncd.errors import ConfigError
from syncd.mapping import Inbound
from syncd.mapping.document import suggestion
from syncd.mapping.sections import Rule
from syncd.store import parts, streams
from syncd.sync.pair import Pair, Scene, Side

CUSTOM = "custom_fields"
WHOLE = ("each:", "first_of:")
"""How the lines begin that stand for several."""
SELF = "id"
"""A record is asked for by its own id under this name, whether a system lists it or not."""


class Names(msgspec.Struct):
    """What one system has. `at` is when it was asked, as people read it; `made` are the custom
    fields that `connections setup` makes, which are missed and told elsewhere."""

    side: Side
    at: str
    made: tuple[str, ...] = ()
    known: dict[str, Mapping[str, str]] = msgspec.field(default_factory=dict)

    def fields(self, object: str) -> Mapping[str, str]:
        """Nothing where it cannot be told."""
        if object not in self.known:
            self.known[object] = self.side.ask(self.side.connector.fields(object))
        return self.known[object]

    def wrong(self, inbound: Inbound) -> Iterator[str]:
        """Every path of a kind that the system does not have, with its place."""
        source = self.side.connector.facts.sources[inbound.kind]
        rules = [*inbound.inner, *inbound.rules.values()]
        rules += [inbound.where] if inbound.where else []
        told: set[str] = set()
        for rule in rules:
            for path in rule.reads:
                steps = path.split(".")
                if path in told and rule.text.startswith(WHOLE):
                    continue  # by its own line
                if path.endswith(self.made):
                    continue
                object = inbound.read.object
                if steps[0] not in source.virtual and (found := self._walk(object, steps)):
                    told.add(path)
                    object, name, known = found
                    yield (
                        f"{_place(rule, path, name)} unknown field {name} in {object}"
                        f"{suggestion(name, known)} ({self.at})"
                    )

    def _walk(self, object: str, steps: list[str]) -> tuple[str, str, Mapping[str, str]] | None:
        """The object, the name it lacks, and what it has."""
        for step in steps:
            known = self.fields(object)
            if not known:
                return None
            if step not in known and step != SELF:
                return object, step, known
            object = known.get(step, "")
            if not object:
                return None
        return None

    def undefined(self, pair: Pair) -> Iterator[str]:
        """Every custom field that the mapping writes and nobody made."""
        for outbound in pair.writing.outbound.values():
            for part in outbound.plan.parts:
                for (name, path), rule in outbound.rules.items():
                    start, _, rest = path.partition(".")
                    if name == part.name and start == CUSTOM and rest:
                        known = self.fields(f"{part.target}/{CUSTOM}")
                        if known and rest not in known:
                            yield (
                                f"{rule.where} {path} of {part.target} is not there yet"
                                f"{suggestion(rest, known)}. To make it: syncd connections setup "
                                f"{pair.crm.name} ({self.at})"
                            )


def _place(rule: Rule, path: str, name: str) -> str:
    """Where the name stands in a line that says it as it is; else where the line begins."""
    before = path[: f".{path}.".index(f".{name}.")]
    index = rule.text.find(before + name)
    if index < 0:
        index = rule.text.find(name)
        before = ""
    if index < 0 or rule.text.startswith(WHOLE):
        return rule.where
    start, _, column = rule.where.rpartition(":")
    return f"{start}:{int(column) + index + len(before)}"


def unknown(pair: Pair, side: Side, now: dt.datetime) -> list[str]:
    """Every path the mapping reads of this system and that it does not have."""
    at = f"metadata read {now.astimezone().strftime('%d %b %H:%M')}"
    reading = side is pair.books
    made = () if reading else tuple(one.path for one in pair.writing.custom_fields)
    names = Names(side, at, made)
    mapping = pair.reading if reading else pair.writing
    found: list[str] = []
    for inbound in mapping.inbound.values():
        found += names.wrong(inbound)
    return _in_order(found)


def _in_order(found: list[str]) -> list[str]:
    """By file, line and column; each once."""

    def at(text: str) -> tuple[str, int, int]:
        file, line, column = text.partition(" ")[0].rsplit(":", 2)
        return file, int(line), int(column)

    return sorted(dict.fromkeys(found), key=at)


def undefined(pair: Pair, now: dt.datetime) -> list[str]:
    at = f"metadata read {now.astimezone().strftime('%d %b %H:%M')}"
    return _in_order(list(Names(pair.crm, at).undefined(pair)))


def is_new(scene: Scene, side: Side) -> bool:
    """Whether a mapping of this system was never applied to the mirror."""
    pair = scene.pair
    cursors = streams.cursors(scene.tx, list(scene.streams.values()))
    return any(
        pair.inbound(kind) is not None
        and pair.reader(kind) is side
        and cursors[stream].mapped_by != pair.mapped_by(kind)
        for kind, stream in scene.streams.items()
    )


def refuse_other_cards(scene: Scene) -> None:
    """ConfigError where customers are written as another object than all of those that are there
    are: of what is written to a card, nothing would find its way."""
    outbound = scene.pair.outbound(Kind.CUSTOMER)
    own = dict(outbound.targets).get("") if outbound else None
    stream = scene.streams[Kind.CUSTOMER]
    if own is None or parts.any_there(scene.tx, stream, own):
        return
    there = parts.targets(scene.tx, [stream], main=True)
    if there and own not in there:
        writing, crm = scene.pair.writing.name, scene.pair.crm.name
        raise ConfigError(
            f"the mapping {writing} writes customers to {own} of {crm}, and those of this pair are "
            f"{' and '.join(there)} there: a pair keeps its kind of card. Go back to the mapping "
            "as it was, or begin with a `state` of its own"
        )


def refuse_unknown(pair: Pair, side: Side, now: Callable[[], dt.datetime]) -> None:
    """ConfigError with all of them; nothing is read by a mapping that means something else."""
    if side.connector.facts.described and (found := unknown(pair, side, now())):
        raise ConfigError(*found)
