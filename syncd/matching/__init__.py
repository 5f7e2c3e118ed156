"""Which card and which customer of the books are the same: evidence, scored and explained. Pure."""

from typing import TYPE_CHECKING

from syncd.later import later
from syncd.matching.rules import RULES, WORDS, Finding, Match, Rules, Verdict

if TYPE_CHECKING:
    from syncd.matching.compare import evidence
    from syncd.matching.index import Index, suggest
    from syncd.matching.party import Party, party_of

__all__ = [
    "RULES",
    "WORDS",
    "Finding",
    "Index",
    "Match",
    "Party",
    "Rules",
    "Verdict",
    "evidence",
    "party_of",
    "suggest",
]

__getattr__ = later(
    __name__, compare=("evidence",), index=("Index", "suggest"), party=("Party", "party_of")
)
