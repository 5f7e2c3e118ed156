"""Which card and which customer of the books are the same: evidence, scored and explained. Pure."""

from syncd.matching.compare import evidence
from syncd.matching.index import Index, suggest
from syncd.matching.party import Party, party_of
from syncd.matching.rules import RULES, WORDS, Finding, Match, Rules, Verdict

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
