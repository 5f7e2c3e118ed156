"""The sentences that alerts and mails are made of, per language: what a cause is, what ends it."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.notify.tongues.english import ENGLISH
from syncd.notify.tongues.japanese import JAPANESE
from syncd.notify.tongues.russian import RUSSIAN
from syncd.notify.tongues.tongue import Tongue

__all__ = ["TONGUES", "UNITS", "Tongue"]

TONGUES: Mapping[str, Tongue] = {"en": ENGLISH, "ru": RUSSIAN, "ja": JAPANESE}
"""By language, the same as `syncd.mapping.languages.LANGUAGES`."""

UNITS: Mapping[str, tuple[str, str, str]] = {
    "en": ("{n} min", "{n} h", "{n} d"),
    "ru": ("{n} мин", "{n} ч", "{n} дн."),
    "ja": ("{n}分", "{n}時間", "{n}日"),
}
"""Minutes, hours and days, as they are written after a number."""
