"""Sending what flows ask for: `drive` is pure, `HttpTransport` is the only thing that does I/O."""

from syncd.http.drive import Exchange, drive
from syncd.http.grants import KeptGrant
from syncd.http.transport import HttpTransport

__all__ = ["Exchange", "HttpTransport", "KeptGrant", "drive"]
