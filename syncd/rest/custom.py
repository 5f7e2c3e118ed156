"""The fields that people add: which there are, and how one is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from syncd.errors import ConfigError, ProtocolError
from syncd.port import FieldDef, Flow
from syncd.rest.answers import Answers, rows_at
from syncd.rest.words import Call, Path, Words, as_text, at

TYPES = ("text", "long_text", "number", "date", "flag")
"""Those of a FieldDef."""


class CustomFields(msgspec.Struct, frozen=True):
    """Fields that people add, `prefix`.NAME. `known` lists those there are; a table has their names
    as its keys, a list at `name` in each of its items. `types` are the system's words for a
    FieldDef's types, and `type` is where it says one. `usable` is a flag, false where a field was
    switched off; `restore` switches it on again."""

    prefix: str
    known: Call | None = None
    records: Path = ()
    name: Path = ()
    create: Call | None = None
    types: Mapping[str, str] = msgspec.field(default_factory=dict)
    type: Path | None = None
    usable: Path | None = None
    id: Path = ("id",)
    restore: Call | None = None

    def defined(self, answers: Answers, words: Words) -> Flow[Mapping[str, Mapping[str, Any]]]:
        """What there is, by its name without the prefix; also what is switched off."""
        assert self.known is not None
        request = self.known.request(words)
        found = at(answers.taken(request, (yield request)), self.records)
        if isinstance(found, Mapping) and not self.name:
            named = {name: one if isinstance(one, Mapping) else {} for name, one in found.items()}
        else:
            named = {as_text(at(row, self.name)): row for row in rows_at(found, ())}
        return {self._short(name): one for name, one in named.items()}

    def usable_now(self, answers: Answers, words: Words) -> Flow[Sequence[str]]:
        """The names of those that hold a value."""
        there = yield from self.defined(answers, words)
        return [name for name, row in there.items() if self._on(row)]

    def setup(
        self, wanted: Sequence[FieldDef], write: bool, answers: Answers, words: Words
    ) -> Flow[Sequence[FieldDef]]:
        """ConfigError for fields of another type; ProtocolError where one was taken, and is not
        there afterwards."""
        if self.known is None:
            return []
        there = yield from self.defined(answers, words)
        self._compare(wanted, there)
        missing = [one for one in wanted if not self._serves(one, there)]
        made = [one for one in missing if self._call(one, there)] if write else []
        for one in made:
            yield from self._make(one, there, answers, words)
        if made:
            there = yield from self.defined(answers, words)
            lost = [one.path for one in made if not self._serves(one, there)]
            if lost:
                raise ProtocolError(f"fields were taken and are not there: {', '.join(lost)}")
        return missing

    def _make(
        self,
        one: FieldDef,
        there: Mapping[str, Mapping[str, Any]],
        answers: Answers,
        words: Words,
    ) -> Flow[None]:
        call, name = self._call(one, there), self._short(one.path)
        assert call is not None
        about = {
            "path": one.path,
            "name": name,
            "type": self.types.get(one.type, one.type),
            "label": one.label,
            "id": at(there.get(name, {}), self.id),
        }
        request = call.request({**words, **about})
        answers.taken(request, (yield request))

    def _call(self, one: FieldDef, there: Mapping[str, Mapping[str, Any]]) -> Call | None:
        return self.restore if self._short(one.path) in there else self.create

    def _serves(self, one: FieldDef, there: Mapping[str, Mapping[str, Any]]) -> bool:
        row = there.get(self._short(one.path))
        return row is not None and self._on(row)

    def _on(self, row: Mapping[str, Any]) -> bool:
        return self.usable is None or at(row, self.usable) not in (False, 0, "false", "0")

    def _compare(self, wanted: Sequence[FieldDef], there: Mapping[str, Mapping[str, Any]]) -> None:
        if self.type is None:
            return
        problems = []
        for one in wanted:
            has = at(there.get(self._short(one.path), {}), self.type)
            # Neither kind of text has a limit that matters here.
            texts = ("text", "long_text")
            fits = [self.types.get(word, word) for word in (texts if one.type in texts else ())]
            fits.append(self.types.get(one.type, one.type))
            if has is not None and as_text(has) not in fits:
                problems.append(
                    f"the field {one.path} of {one.target} is {as_text(has)} there, and the "
                    f"mapping writes {fits[-1]}: choose another name, or make it anew"
                )
        if problems:
            raise ConfigError(*problems)

    def _short(self, name: str) -> str:
        return name.removeprefix(f"{self.prefix}.")
