"""Raw records that somebody saved: a JSON or YAML file with one record, or a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import yaml

from syncd.errors import UsageError
from syncd.port import Record

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class _Exact(yaml.CSafeLoader):
    """Numbers with a fraction stay exact; days and times stay text, as systems send them."""


_Exact.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Exact.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: Decimal(node.value))


def saved(file: Path) -> list[Record]:
    """Each record is what the system sends, or `{key: ..., raw: {...}}` as `--json` shows it; the
    key of a bare one is its `key` or `id`. UsageError."""
    try:
        text = file.read_bytes()
        content = _decode(text) if file.suffix == ".json" else yaml.load(text, Loader=_Exact)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except (msgspec.DecodeError, yaml.YAMLError, ArithmeticError) as error:
        raise UsageError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from None
    if isinstance(content, Mapping) and isinstance(content.get("records"), list):
        content = content["records"]
    records = content if isinstance(content, list) else [content]
    return [_record(file, number, one) for number, one in enumerate(records, start=1)]


def _record(file: Path, number: int, one: Any) -> Record:
    if not isinstance(one, Mapping):
        raise UsageError(f"{file}: record {number} is no table of `field: value`")
    raw = one.get("raw")
    if isinstance(raw, Mapping):
        return Record(str(one.get("key", number)), dict(raw))
    return Record(str(one.get("key", one.get("id", number))), dict(one))
