"""Which connector speaks to which system. A name is imported only when it is used.

A file `NAME.yaml` in the folder `connectors` beside the configuration goes before what came with
syncd; `folder` is that folder, None where there is no configuration.

The wheel carries the folder `connectors` as `syncd_connectors`, because both `connectors` and
`mappings` are names of other distributions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.errors import ConfigError
from syncd.port import Connector, Facts
from syncd.shipped import shipped as shipped

if TYPE_CHECKING:
    from syncd.rest import connector as rest
    from syncd.table import connector as table

_PACKAGE = "syncd_connectors" if find_spec("syncd_connectors") else "connectors"

CONNECTORS: Mapping[str, tuple[str, str]] = {
    "tryton": ("tryton", "Tryton"),
    "onec": ("onec", "OneC"),
    "netsuite": ("netsuite", "NetSuite"),
    "bottlecrm": ("bottlecrm", "BottleCRM"),
    "zoho_crm": ("zoho_crm", "ZohoCrm"),
    "megaplan": ("megaplan", "Megaplan"),
    "netsuite_crm": ("netsuite", "NetSuiteCrm"),
    "workbook": ("workbook", "Workbook"),
    "memory_books": ("memory", "MemoryBooks"),
    "memory_crm": ("memory", "MemoryCrm"),
}
"""System -> module and class."""


FOLDER = "connectors"
"""Of connector files, beside the configuration."""


def connector(
    system: str, options: Mapping[str, str], where: str, folder: Path | None = None
) -> Connector:
    """A connector for one connection. Raises ConfigError for an unknown system or option, and for
    every mistake of its file."""
    file = file_of(system, folder)
    if file is not None:
        return described(file, options, where)
    if system not in CONNECTORS:
        from syncd.mapping.document import suggestion

        known = suggestion(system, systems(folder))
        raise ConfigError(f"{where} unknown system {system}{known}")
    module, name = CONNECTORS[system]
    made = getattr(import_module(f"{_PACKAGE}.{module}"), name)
    return _given(made, system, options, where)


def described(file: Path, options: Mapping[str, str], where: str) -> Connector:
    """The connector of a file. Raises ConfigError as `connector` does."""
    description = _described(file)
    return _given(description.connector, description.facts.system, options, where)


def facts(system: str, folder: Path | None = None) -> Facts:
    """What a connector declares, without a connection: options are only placeholders here."""
    file = file_of(system, folder)
    if file is not None:
        return declared(file)
    module, name = CONNECTORS[system]
    connector_class = getattr(import_module(f"{_PACKAGE}.{module}"), name)
    found: Facts = getattr(connector_class, "facts", None) or connector_class({}).facts
    return found


def declared(file: Path) -> Facts:
    """What a connector file declares. Raises ConfigError with every mistake."""
    return _described(file).facts


def systems(folder: Path | None = None) -> tuple[str, ...]:
    """Every system there is a connector to."""
    own = (file.stem for file in sorted(folder.glob("*.yaml"))) if folder else ()
    return tuple(dict.fromkeys((*CONNECTORS, *own)))


def beside(mapping: Path) -> Path:
    """The folder of connector files that belongs to a mapping file by itself: beside it, or beside
    its folder `mappings`."""
    near = mapping.absolute().parent
    return near / FOLDER if (near / FOLDER).is_dir() else near.parent / FOLDER


def _given(
    make: Callable[[Mapping[str, str]], Connector],
    system: str,
    options: Mapping[str, str],
    where: str,
) -> Connector:
    """With all settings that it needs, and no others."""
    try:
        made = make(options)
    except KeyError as missing:
        raise ConfigError(
            f"{where} a {system} connection needs the setting {missing.args[0]}"
        ) from None
    known = made.facts.options
    problems = [
        f"{where} unknown setting {one} of a {system} connection; it has: "
        f"{', '.join(sorted(known)) or 'none beside url'}"
        for one in options
        if one not in known
    ]
    if problems:
        raise ConfigError(*problems)
    return made


def file_of(system: str, folder: Path | None) -> Path | None:
    """The connector file of a system, where it has one."""
    file = folder / f"{system}.yaml" if folder else None
    return file if file and file.is_file() else None


def _described(file: Path) -> rest.Description | table.Description:
    """Read once, as long as the file is the same."""
    facts = file.stat()
    return _read(file, facts.st_mtime_ns, facts.st_size, facts.st_ino)


@lru_cache(32)
def _read(file: Path, *_same: int) -> rest.Description | table.Description:
    from syncd.mapping.document import Problems, Scalar, parse, read_text

    problems = Problems(str(file))
    text = read_text(file, problems)
    kind = parse(text, problems, "a connector file is a table of `word: value` lines").entries.get(
        "kind"
    )
    if kind and isinstance(kind.value, Scalar) and kind.value.text == "table":
        from syncd.table.files import load as load_table

        return load_table(file)
    from syncd.rest.files import load

    return load(file)
