"""Why a value is what it is, and why something is not there: answered from the store alone."""

from syncd.why.answer import Answer
from syncd.why.ask import why
from syncd.why.reasons import MEANINGS, Code, Reason

__all__ = ["MEANINGS", "Answer", "Code", "Reason", "why"]
