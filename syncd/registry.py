"""Which connector speaks to which system. A name is imported only when it is used.

The wheel carries the folder `connectors` as `syncd_connectors`, because both `connectors` and
`mappings` are names of other distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from syncd.errors import ConfigError
from syncd.port import Connector, Facts
from syncd.shipped import shipped as shipped

_PACKAGE = "syncd_connectors" if find_spec("syncd_connectors") else "connectors"

CONNECTORS: Mapping[str, tuple[str, str]] = {
    "tryton": ("tryton", "Tryton"),
    "onec": ("onec", "OneC"),
    "bottlecrm": ("bottlecrm", "BottleCRM"),
    "zoho_crm": ("zoho_crm", "ZohoCrm"),
    "memory_books": ("memory", "MemoryBooks"),
    "memory_crm": ("memory", "MemoryCrm"),
}
"""System -> module and class."""


def connector(system: str, options: Mapping[str, str], where: str) -> Connector:
    """A connector for one connection. Raises ConfigError for an unknown system or option."""
    if system not in CONNECTORS:
        from syncd.mapping.document import suggestion

        raise ConfigError(f"{where} unknown system {system}{suggestion(system, CONNECTORS)}")
    module, name = CONNECTORS[system]
    try:
        made: Connector = getattr(import_module(f"{_PACKAGE}.{module}"), name)(options)
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


def facts(system: str) -> Facts:
    """What a connector declares, without a connection: options are only placeholders here."""
    module, name = CONNECTORS[system]
    connector_class = getattr(import_module(f"{_PACKAGE}.{module}"), name)
    declared: Facts = getattr(connector_class, "facts", None) or connector_class({}).facts
    return declared
