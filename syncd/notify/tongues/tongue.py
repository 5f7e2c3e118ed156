"""What a language has to say in alerts and mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

Forms = tuple[str, ...]
"""One text per plural form of the language; takes {n}."""


class Tongue(msgspec.Struct, frozen=True):
    """`causes` are (what it is, what ends it). `kinds` name records and objects, many of them."""

    form: Callable[[int], int]
    problems: Forms
    waiting: Forms
    owners: Mapping[str, str]
    kinds: Mapping[str, str]
    guards: Mapping[str, str]
    systems: Mapping[str, tuple[str, str]]
    causes: Mapping[str, tuple[str, str]]
    frame: Mapping[str, str]

    def counted(self, forms: Forms, n: int) -> str:
        return forms[min(self.form(n), len(forms) - 1)].format(n=n)
