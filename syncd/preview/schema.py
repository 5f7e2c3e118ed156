"""A JSON Schema of the mapping files of one system, for editors; from what the checker uses.

Draft 7, which yaml-language-server knows best. It cannot say everything that the checker does (what
a lookup is called, what an expression may hold), and says nothing that the checker does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.domain import DERIVED_KINDS, Allocation, Figures, Kind
from syncd.mapping import grammar
from syncd.mapping.added import EXTRAS, WITH_EXTRAS
from syncd.mapping.crmcheck import each_of
from syncd.mapping.languages import LANGUAGES
from syncd.mapping.match import MOST
from syncd.mapping.outbound import ALLOCATIONS, CONTACTS
from syncd.mapping.transforms import REGISTRY, Arg, Transform, Way
from syncd.mapping.words import (
    IN_BOOKS,
    IN_CRM,
    INBOUND,
    OUTBOUND,
    OWNED_WORDS,
    OWNER,
    PER_ALLOCATION,
    PER_CONTACT,
    ROW_WORDS,
    TO_BOOKS,
    TO_CRM,
    Known,
)
from syncd.matching import WORDS
from syncd.merging import UNTIL, Empty
from syncd.people import WAYS
from syncd.port import Facts, Source, Target, Tier
from syncd.preview.words import FROM, KEYS, SUM, meaning

Schema = dict[str, Any]

NAME = r'[^\s|".()=:]+'
PICK = rf"(\({NAME}\s*=\s*[^()]*\))?"
PATH = rf"{NAME}{PICK}(\.{NAME}{PICK})*"
TEXT = r'("[^"]*"|[^\s|"]+)'
ARGS = {Arg.PATH: PATH, Arg.TABLE: NAME, Arg.TEXT: TEXT, Arg.COUNT: "[1-9][0-9]*"}
EXPRESSION = {"type": "string", "maxLength": 500}
ANY_TEXT = {"type": ["string", "integer", "boolean"]}
USER = {"type": ["string", "integer"]}
_WHO = {
    "type": "string",
    "pattern": rf"^(books|((crm|shared)( until ({'|'.join(UNTIL)}))?))$",
}
OWNED = {
    "anyOf": [
        _WHO,
        {"type": "object", "properties": {"owner": _WHO, "empty": {"enum": list(Empty)}}},
    ]
}
"""By id or e-mail."""
WEIGHT = {"type": "integer", "minimum": 0, "maximum": MOST}
THRESHOLD = WEIGHT | {"minimum": 1}
COUNTRY = {"type": "string", "pattern": "^[A-Za-z]{2}$"}
MAKE = {"const": "never"}


def schema(facts: Facts) -> Schema:
    """Of the files of a system that is read or written."""
    books = Kind.CUSTOMER in facts.sources
    reads, writes = (IN_BOOKS, TO_BOOKS) if books else (IN_CRM, TO_CRM)
    head = grammar.BOOKS_HEAD if books else grammar.CRM_HEAD
    builder = _Builder(facts)
    kinds = {kind: builder.read(kind) for kind in reads if kind in facts.sources} | {
        kind: builder.written(kind) for kind in writes if facts.targets
    }
    if books:
        kinds[Kind.BALANCE] = builder.balance(kinds.get(Kind.BALANCE))
    properties = {key: builder.head(key) for key in (*grammar.HEAD, grammar.EXTENDS, *head)}
    properties |= kinds
    dotted = {
        f"{kind}.{word}": line
        for kind, section in kinds.items()
        for word, line in _fields_of(section).items()
    }
    whole = {kind: {"required": builder.required(kind)} for kind in kinds}
    found = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Mappings of {facts.system}, made by `syncd mapping schema`",
        "type": "object",
        "properties": properties | {key: _or_none(line) for key, line in dotted.items()},
        "patternProperties": {
            **{_own_words(kind, section): builder.own(kind) for kind, section in kinds.items()},
            rf"^({'|'.join(kinds)})\.({'|'.join(grammar.SECTION)}|[^.\s]+(\.[^.\s]+)+)$": {},
            r"^lookups\.[^\s]+$": {},
            r"^history\.from$": ANY_TEXT,
            rf"^people\.({'|'.join(grammar.TABLES['people'])}|is\..+)$": {},
            rf"^owners\.({'|'.join(OWNED_WORDS)})(\.({'|'.join(grammar.OWNED)}))?$": {},
            r"^match\.(upper|lower)$": THRESHOLD,
            r"^match\.ignore$": _one_or_more(ANY_TEXT),
            r"^match\.home$": COUNTRY,
            r"^match\.make$": MAKE,
            rf"^match\.weights\.({'|'.join(WORDS)})$": WEIGHT,
        },
        "additionalProperties": False,
        "if": {"required": [grammar.EXTENDS]},
        "else": {"required": ["system"], "properties": whole},
        "definitions": builder.definitions(),
    }
    plain: Schema = json.loads(json.dumps(found))
    return plain


class _Builder:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def head(self, key: str) -> Schema:
        shapes: Mapping[str, Schema] = {
            "system": {"const": self._facts.system},
            "version": {"type": "integer", "minimum": 1},
            "lookups": {
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": ANY_TEXT},
            },
            "language": {"enum": sorted(LANGUAGES)},
            "history": _table({"from": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}}),
            "people": _table(
                {
                    "by": _one_or_more({"enum": list(WAYS)}),
                    "fallback": USER,
                    "is": {"type": "object", "additionalProperties": USER},
                }
            ),
            "owners": _table(dict.fromkeys(OWNED_WORDS, OWNED)),
            "match": _table(
                {
                    "upper": THRESHOLD,
                    "lower": THRESHOLD,
                    "weights": _table(dict.fromkeys(WORDS, WEIGHT)),
                    "ignore": _one_or_more(ANY_TEXT),
                    "home": COUNTRY,
                    "make": MAKE,
                }
            ),
        }
        return _said({"type": "string"} | shapes.get(key, {}), KEYS[key])

    def required(self, kind: Kind) -> Sequence[str]:
        """Keys that a section has that is like no other; `like` brings them else."""
        if kind is Kind.CARD:
            return ("update", "of", "fields")
        if kind is Kind.DEAL_ORDERS:
            return ("update", "fields")
        return () if kind in grammar.ALIKE or kind is Kind.BALANCE else ("fields",)

    # -- what is read ---------------------------------------------------------------------------

    def read(self, kind: Kind) -> Schema:
        keys = [key for key in grammar.READ if key != "like" or kind in grammar.ALIKE]
        keys += grammar.READ_WON if kind is Kind.WON else []
        words = INBOUND[kind]
        fields = _words(
            kind, {word: self._read_line(kind, word, one) for word, one in words.items()}
        )
        if kind in WITH_EXTRAS:
            fields["additionalProperties"] = {"$ref": "#/definitions/own"}
        needed = [word for word, known in words.items() if known.required]
        shapes: Mapping[str, Schema] = {
            "like": {"enum": [str(one) for one in grammar.ALIKE if one != kind]},
            "read": _object(self._facts.sources[kind]),
            "where": EXPRESSION,
            "fields": fields,
            "require": _one_or_more({"enum": list(words)}),
            "hint": {"type": "string"},
            "examples": {"$ref": "#/definitions/examples"},
        }
        section = _table({key: _said(shapes[key], KEYS[key]) for key in keys})
        whole = {"properties": {"fields": {"required": needed}}, "required": ["read", "fields"]}
        return section | {"if": {"required": ["like"]}, "else": whole}

    def balance(self, read: Schema | None) -> Schema:
        """Read, or added up out of documents."""
        given = {"from": {"const": grammar.DOCUMENTS_ALONE}, "currency": {"pattern": "^[A-Z]{3}$"}}
        said = {key: _said({"type": "string"} | one, FROM[key]) for key, one in given.items()}
        alone = _table(said) | {"required": list(grammar.FROM)}
        if read is None:
            return alone
        both = {**read["properties"], **said}
        return _table(both) | {"if": {"required": ["from"]}, "then": alone, "else": read}

    def _read_line(self, kind: Kind, word: str, known: Known) -> Schema:
        if known.row is None:
            return {"$ref": "#/definitions/read"}
        rows = {name: {"$ref": "#/definitions/read"} for name in ROW_WORDS[known.row]}
        needed = [name for name, one in ROW_WORDS[known.row].items() if one.required]
        lines: Schema = {key: {"type": "string"} for key in grammar.ROWS}
        part = _table(lines | rows) | {"required": ["each", *needed]}
        if known.row is Allocation:
            alone = needed if kind is Kind.ADJUSTMENT else ["invoice"]
            part["required"] = alone
            part |= {"if": {"required": ["each"]}, "then": {"required": needed}}
        if known.row is Figures:
            added = {grammar.SUM: _said({"type": "boolean"}, SUM)}
            summed = {"properties": {grammar.SUM: {"const": True}}, "required": [grammar.SUM]}
            any_of = [{"required": [name]} for name in rows]
            part = _table(lines | rows | added) | {"required": ["each"]}
            part |= {"if": summed, "then": {"anyOf": any_of}, "else": {"required": needed}}
        return _or_none({"anyOf": [part, {"type": "array", "items": part, "minItems": 1}]})

    def own(self, kind: Kind) -> Schema:
        """A word that is not syncd's, in an overlay; or a part of a section, switched off."""
        reads = kind in self._facts.sources and kind in WITH_EXTRAS
        return _or_none({"$ref": "#/definitions/own" if reads else "#/definitions/written"})

    # -- what is written ------------------------------------------------------------------------

    def written(self, kind: Kind) -> Schema:
        if kind is Kind.CARD:
            return self._part(kind, grammar.CARD, "update")
        if kind is Kind.DEAL_ORDERS:
            return self._part(kind, grammar.DEAL_ORDERS, "update")
        keys = [key for key in grammar.WRITE if key != "like" or kind in grammar.ALIKE]
        section = self._part(kind, [*keys, *self._each(kind)], "write")
        part = self._part(kind, [*grammar.PART, *self._each(kind, part=True)], "write", inner=True)
        part["required"] = ["write", "fields"]
        section["properties"]["parts"] = _said(
            {"type": "object", "additionalProperties": part}, KEYS["parts"]
        )
        return section | {"if": {"required": ["like"]}, "else": {"required": ["write", "fields"]}}

    def _each(self, kind: Kind, *, part: bool = False) -> Sequence[str]:
        return grammar.EACH if each_of(kind, part=part) else ()

    def _part(self, kind: Kind, keys: Iterable[str], write: str, *, inner: bool = False) -> Schema:
        each = each_of(kind, part=inner)
        per_row = {ALLOCATIONS: PER_ALLOCATION, CONTACTS: PER_CONTACT}.get(each or "", {})
        words = {**OUTBOUND[kind], **per_row}
        fields = _words(kind, {word: {"$ref": "#/definitions/written"} for word in words})
        if kind is Kind.CUSTOMER and (owners := _owners(self._facts)):
            fields["properties"][OWNER] = _said({"enum": owners}, meaning(kind, OWNER))
        if kind not in DERIVED_KINDS:
            fields["additionalProperties"] = {"$ref": "#/definitions/written"}
        shapes: Mapping[str, Schema] = {
            "like": {"enum": [str(one) for one in grammar.ALIKE if one != kind]},
            "write": {"enum": list(self._facts.targets)},
            "update": {"enum": list(self._facts.targets)},
            "of": {"type": "string"},
            "each": {"enum": [each]},
            "marker": {
                "anyOf": [
                    {"type": "string"},
                    _table({key: {"type": "string"} for key in grammar.MARKER}),
                ]
            },
            "parents": {"type": "object", "additionalProperties": {"type": "string"}},
            "fields": fields,
            "stages": {"type": "array", "items": self._stage()},
            "examples": {"$ref": "#/definitions/examples"},
        }
        table = {key: _said(shapes[key], KEYS[key]) for key in keys if key in shapes}
        targets = [self._of_target(write, name, one) for name, one in self._facts.targets.items()]
        return _table(table) | {"allOf": targets}

    def _stage(self) -> Schema:
        return _table({"stage": {"type": "string"}, "when": EXPRESSION}) | {
            "required": list(grammar.STAGE)
        }

    def _of_target(self, write: str, name: str, target: Target) -> Schema:
        """What holds where this object is written."""
        line = {"$ref": f"#/definitions/to {name}"}
        parents = {word: {"type": "string"} for word in (*target.parents, *target.either)}
        fields: Schema = {"additionalProperties": line}
        if target.owner:
            fields["properties"] = {OWNER: {"enum": [target.owner, "none"]}}
        then: Schema = {"properties": {"fields": fields}}
        if write == "write":
            table = _table(parents) | {"required": list(target.parents)}
            if target.either:
                table["anyOf"] = [{"required": [word]} for word in target.either]
            then["properties"]["parents"] = table
            then["required"] = ["parents"] if parents else []
            then["required"] += ["marker"] if target.tier is not Tier.T4 else []
        written = {"properties": {write: {"const": name}}, "required": [write]}
        return {"if": written, "then": then}

    # -- lines ----------------------------------------------------------------------------------

    def definitions(self) -> Schema:
        line = rf"^\s*{PATH}{_chain(Way.IN)}\s*$"
        short = _snippets(_pattern(line, Way.IN), Way.IN)
        long = [
            _table({"path": short}) | {"required": ["path"]},
            _table({"expr": EXPRESSION, "as": {"type": "string", "pattern": _calls(Way.IN)}})
            | {"required": ["expr"]},
        ]
        options = {"type": "array", "minItems": 2, "items": {"anyOf": [short, *long]}}
        choice = _table({"first_of": options}) | {"required": ["first_of"]}
        typed = rf"\s*\|\s*({'|'.join(_call(REGISTRY[name]) for name in EXTRAS.values())})"
        own = _pattern(rf"^\s*{PATH}{_chain(Way.IN)}{typed}\s*$", Way.IN)
        ends = f"a field of your own ends in its type: {', '.join(EXTRAS.values())}"
        found: Schema = {
            "own": {"anyOf": [own | {"patternErrorMessage": ends}, *long, choice]},
            "read": {"anyOf": [short, *long, choice]},
            "written": {"type": ["string", "object"]},
            "examples": {"type": "array", "items": self._example()},
        }
        for name, target in self._facts.targets.items():
            found[f"to {name}"] = self._written_line(target)
        return found

    def _example(self) -> Schema:
        given = {"says": {"type": "string"}, "given": {}, "expect": {}}
        return _table(given) | {"required": list(grammar.EXAMPLE)}

    def _written_line(self, target: Target) -> Schema:
        paths = [
            f"{path.removesuffix('*').replace('.', chr(92) + '.')}{NAME if path[-1] == '*' else ''}"
            for path in target.fields
        ]
        line = rf"^\s*({'|'.join(paths)}){_chain(Way.OUT)}\s*$"
        short = _pattern(line, Way.OUT, list(target.fields))
        short["examples"] = [path for path in target.fields if not path.endswith("*")]
        short = _snippets(short, Way.OUT)
        long = {key: {"type": "string"} for key in grammar.FIELD_WRITTEN} | {
            "path": short,
            "say": _one_or_more({"type": "string"}),
        }
        off = {"const": "none"}
        return {"anyOf": [short, _table(long) | {"required": ["path"]}, off]}


def _owners(facts: Facts) -> list[str]:
    """Fields that name the user whose object it is."""
    return list(dict.fromkeys(one.owner for one in facts.targets.values() if one.owner))


def _own_words(kind: Kind, section: Schema) -> str:
    known = [*grammar.SECTION, *section["properties"]["fields"]["properties"]]
    return rf"^{kind}\.(?!({'|'.join(known)})$)[^.\s]+$"


def _words(kind: Kind, lines: Mapping[str, Schema]) -> Schema:
    return _table({word: _said(line, meaning(kind, word)) for word, line in lines.items()})


def _said(shape: Schema, text: str) -> Schema:
    """With a description, beside which draft 7 reads no `$ref`."""
    if not text:
        return shape
    return (
        {"description": text, "allOf": [shape]}
        if "$ref" in shape
        else shape | {"description": text}
    )


def _object(source: Source) -> Schema:
    return {"enum": [source.object, *source.others]} if source.others else {"const": source.object}


def _fields_of(section: Schema) -> Schema:
    found: Schema = section["properties"].get("fields", {}).get("properties", {})
    return found


def _table(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _or_none(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"const": "none"}]}


def _pattern(line: str, way: Way, fields: Sequence[str] = ()) -> Schema:
    """With what an editor says in place of the pattern."""
    said = (
        f"`path | transform`, with the transforms {', '.join(one.name for one in _transforms(way))}"
    )
    if fields:
        said += f"; the path is one of {', '.join(fields)}"
    return {"type": "string", "pattern": line, "patternErrorMessage": said}


def _chain(way: Way) -> str:
    return rf"(\s*\|\s*({'|'.join(_call(one) for one in _transforms(way))}))*"


def _calls(way: Way) -> str:
    one = f"({'|'.join(_call(one) for one in _transforms(way))})"
    return rf"^\s*{one}(\s*\|\s*{one})*\s*$"


def _call(one: Transform) -> str:
    needed = len(one.args) - one.optional
    args = [rf"\s+{ARGS[arg]}" for arg in one.args]
    return one.name + "".join(
        arg if index < needed else f"({arg})?" for index, arg in enumerate(args)
    )


def _transforms(way: Way) -> list[Transform]:
    return [one for one in REGISTRY.values() if one.works(way)]


def _snippets(shape: Schema, way: Way) -> Schema:
    """A completion for each transform, with what it does."""
    return shape | {
        "defaultSnippets": [
            {
                "label": f"path | {one.usage}",
                "description": one.doc,
                "body": f"${{1:path}} | {one.name}"
                + "".join(f" ${{{n}:{arg}}}" for n, arg in enumerate(one.args, start=2)),
            }
            for one in _transforms(way)
        ]
    }
