"""What the user that syncd runs as may do in the folder of a connection."""

from __future__ import annotations

import os
from pathlib import Path

from syncd.doctor.findings import Finding, Notes

MEND = "give it that right"
NAMED = 3


def of_folder(note: Notes, folder: Path, *, writes: bool) -> Finding:
    """`writes`: syncd writes files there."""
    if not os.access(folder, os.R_OK | os.X_OK):
        return note.wrong("rights", f"this user may not read {folder}", MEND, 78)
    closed = sorted(
        one.name for one in folder.iterdir() if one.is_file() and not os.access(one, os.R_OK)
    )
    if closed:
        named = ", ".join(closed[:NAMED]) + (", ..." if len(closed) > NAMED else "")
        return note.look("rights", f"this user may not read {named} in {folder}")
    writable = os.access(folder, os.W_OK)
    if writes and not writable:
        return note.wrong(
            "rights", f"this user may not write in {folder}", "give it that right", 78
        )
    may = "read and write" if writable else "read and not write"
    return note.ok("rights", f"this user may {may} files in {folder}")
