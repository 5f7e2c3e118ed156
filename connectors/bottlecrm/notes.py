"""The marker of a note: a comment has no custom fields, so it stands at the end of the text.

`Credit note CN-2026/0004 over EUR 96.00 [syncd 812]`: short, and a person sees who wrote it. A note
that was edited and lost its end is found by its id alone.
"""

from __future__ import annotations

from syncd.domain import Value
from syncd.errors import RejectedError

LONGEST = 10_000
"""Characters of a comment; with one more the server refuses it."""
_BEFORE, _AFTER = " [syncd ", "]"


def marked(text: Value, marker: str) -> str:
    """The text as it is written; what is too long is cut off, and never the marker. Blanks at its
    beginning are lost on the server. Raises RejectedError for one that says nothing."""
    if not isinstance(text, str) or not text.strip():
        raise RejectedError("a note needs a text", "text")
    end = f"{_BEFORE}{marker}{_AFTER}"
    return text[: LONGEST - len(end)] + end


def parted(comment: str) -> tuple[str, str | None]:
    """Text and marker; None for what a person wrote."""
    if comment.endswith(_AFTER):
        text, mark, marker = comment.removesuffix(_AFTER).rpartition(_BEFORE)
        if mark:
            return text, marker
    return comment, None
