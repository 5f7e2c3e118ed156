"""The one-line notation: `path | transform arg | transform`, blanks between arguments.

A path is dotted names; `(Тип=Телефон)` picks the rows of a table part, what follows is read from
each of them; inside `each`, a leading `parent.` climbs out of the row. Text with blanks stands in
double quotes. Nothing here knows which names or transforms exist.
"""

from __future__ import annotations

import re

import msgspec

from syncd.mapping.document import Place, Problems, Scalar

_NAME = re.compile(r"\w[\w-]*")
_PICK = re.compile(r"\(\s*(\w[\w-]*)\s*=\s*([^()]*?)\s*\)")
_WORD = re.compile(r'"([^"]*)"|[^\s|"]+')


class Step(msgspec.Struct, frozen=True):
    """One name of a path; `pick` is (name, value) of the rows that are meant."""

    name: str
    pick: tuple[str, str] | None = None


class Path(msgspec.Struct, frozen=True):
    place: Place
    steps: tuple[Step, ...]
    parent: bool = False

    @property
    def several(self) -> bool:
        """Whether the path gives a list."""
        return any(step.pick for step in self.steps)

    @property
    def dotted(self) -> str:
        return ".".join(step.name for step in self.steps)

    def reads(self) -> set[str]:
        """The raw paths it touches: itself, and the names its rows are picked by."""
        found = {self.dotted}
        for index, step in enumerate(self.steps):
            if step.pick:
                table = [step.name for step in self.steps[: index + 1]]
                found.add(".".join([*table, step.pick[0]]))
        return found


class Word(msgspec.Struct, frozen=True):
    place: Place
    text: str


class Call(msgspec.Struct, frozen=True):
    """A transform as typed: its name and arguments."""

    place: Place
    name: str
    args: tuple[Word, ...]


class Line(msgspec.Struct, frozen=True):
    path: Path
    calls: tuple[Call, ...]


class _Stop(Exception):
    def __init__(self, index: int, text: str) -> None:
        super().__init__(text)
        self.index = index


def parse_line(scalar: Scalar, problems: Problems, *, inside: bool = False) -> Line | None:
    """None after a mistake, which is then in `problems`. `inside` a row, `parent.` climbs."""
    text = scalar.text
    try:
        path, index = _path(scalar, _blanks(text, 0), inside)
        calls = _calls(scalar, index)
    except _Stop as stop:
        problems.add(scalar.at(stop.index), str(stop))
        return None
    return Line(path, calls)


def parse_path(text: str, place: Place, problems: Problems, *, inside: bool = False) -> Path | None:
    """A path alone, as an argument: it begins at `place`."""
    columns = tuple(range(place.column, place.column + len(text)))
    line = parse_line(Scalar(place, text, text, columns), problems, inside=inside)
    if line and line.calls:
        problems.add(place, "a path is expected here, without transforms")
        return None
    return line.path if line else None


def parse_calls(scalar: Scalar, problems: Problems) -> tuple[Call, ...] | None:
    """Transforms without a path, as in `as: money currency`."""
    try:
        return _chain(scalar, 0)
    except _Stop as stop:
        problems.add(scalar.at(stop.index), str(stop))
        return None


def _path(scalar: Scalar, index: int, inside: bool) -> tuple[Path, int]:
    text, start, steps = scalar.text, index, list[Step]()
    while True:
        name = _NAME.match(text, index)
        if not name:
            raise _Stop(index, "a name is expected here" if text[index:] else "the path is missing")
        index, pick = name.end(), None
        if text[index : index + 1] == "(":
            picked = _PICK.match(text, index)
            if not picked:
                raise _Stop(index, "rows are picked like this: part(name=value)")
            index, pick = picked.end(), (picked[1], picked[2])
        steps.append(Step(name[0], pick))
        if text[index : index + 1] != ".":
            break
        index += 1
    parent = inside and len(steps) > 1 and steps[0] == Step("parent")
    return Path(scalar.at(start), tuple(steps[parent:]), parent), index


def _calls(scalar: Scalar, index: int) -> tuple[Call, ...]:
    index = _blanks(scalar.text, index)
    if index == len(scalar.text):
        return ()
    if scalar.text[index] != "|":
        raise _Stop(index, "`| transform` is expected after the path")
    return _chain(scalar, index + 1)


def _chain(scalar: Scalar, index: int) -> tuple[Call, ...]:
    calls = []
    while True:
        words, end = _words(scalar, index)
        if not words:
            raise _Stop(_blanks(scalar.text, index), "a transform is missing")
        calls.append(Call(words[0].place, words[0].text, tuple(words[1:])))
        if end == len(scalar.text):
            return tuple(calls)
        index = end + 1


def _words(scalar: Scalar, index: int) -> tuple[list[Word], int]:
    """The words up to the next `|` or the end, and where that is."""
    text, words = scalar.text, list[Word]()
    while (index := _blanks(text, index)) < len(text) and text[index] != "|":
        found = _WORD.match(text, index)
        if not found:
            raise _Stop(index, "the closing quote is missing")
        quoted = found[1] is not None
        words.append(Word(scalar.at(index), found[1] if quoted else found[0]))
        index = found.end()
    return words, index


def _blanks(text: str, index: int) -> int:
    while index < len(text) and text[index].isspace():
        index += 1
    return index
