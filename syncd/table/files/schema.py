"""A JSON Schema of connector files, for editors: of both kinds, by what `kind` says."""

from __future__ import annotations

from syncd.rest.files import schema as rest
from syncd.rest.files.reads import KINDS
from syncd.rest.files.schema import AUTH, COUNT, FLAG, TEXT, TEXTS, Schema, table
from syncd.table.files import WORDS
from syncd.table.forms import TYPES

FORMS: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": f"^({'|'.join(TYPES)})( as .+)?$"},
}
READ: dict[str, Schema] = {
    "object": TEXT,
    "file": {"type": "string"},
    "sheet": TEXT,
    "header": COUNT,
    "key": TEXTS,
    "columns": FORMS,
    "lines": TEXTS,
    "fixed": {"type": "object", "additionalProperties": TEXT},
    "encoding": TEXT,
    "delimiter": {"enum": [*WORDS, *WORDS.values()]},
    "grows": FLAG,
    "rests": {"type": "integer", "minimum": 0},
    "missing": {"const": "zero"},
}
WAYS = ("bearer", "basic", "headers", "query")
HEAD: dict[str, Schema] = {
    "connector": TEXT,
    "kind": {"const": "table"},
    "version": {"const": 1},
    "auth": table({name: AUTH[name] for name in WAYS}),
    "defaults": table({"read": table(READ)}),
    "read": table({str(kind): table(READ) for kind in KINDS}),
}


def both() -> Schema:
    """As `rest` has it, unless the file says `kind: table`."""
    others = rest.schema()
    head = {name: others.pop(name) for name in ("$schema", "$comment", "definitions")}
    return {
        **head,
        "$comment": "Connector files, made by `syncd connector schema`",
        "if": {"properties": {"kind": {"const": "table"}}, "required": ["kind"]},
        "then": table(HEAD, ["connector", "kind", "version", "read"]),
        "else": others,
    }
