"""What a login gave, kept for every process of a connection whose system counts logins.

Zoho gives ten access tokens in ten minutes and lets fifteen live, then refuses for half an hour; a
daemon that starts again, a person at the command line and a cron job share one. A system that said
when to come back is left alone until then by all of them.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from syncd.clock import Clock
from syncd.errors import RateLimitedError, UnavailableError
from syncd.port import Grant

EARLY = 60.0
"""Seconds before its end from which a grant is no longer handed out."""
PATIENCE = 60.0
"""Seconds that another process may take to log in."""
STEP = 0.2


class _File(msgspec.Struct):
    """`of` tells the credential that it was given for, without being one. Moments are UTC."""

    of: str
    until: dt.datetime | None = None
    grant: Grant | None = None
    denied_until: dt.datetime | None = None
    said: str = ""
    renewed: dict[str, str] = {}


class Kept(msgspec.Struct, frozen=True):
    """Read and written by whoever is alone with it. `path` None: nothing can be kept there, so that
    each process logs in by itself."""

    path: Path | None
    of: str

    def read(self, now: dt.datetime) -> Grant | None:
        """What is still good. RateLimitedError until the system may be asked again."""
        found = self._load()
        if found is None:
            return None
        if found.denied_until and found.denied_until > now:
            wait = (found.denied_until - now).total_seconds()
            raise RateLimitedError(found.said, wait)
        if found.grant is None or found.until is None:
            return None
        left = (found.until - now).total_seconds()
        return msgspec.structs.replace(found.grant, lasts=left) if left > EARLY else None

    def renewed(self) -> Mapping[str, str]:
        """The secrets that an earlier login replaced."""
        found = self._load()
        return found.renewed if found else {}

    def write(self, grant: Grant, now: dt.datetime) -> None:
        renewed = {**self.renewed(), **grant.renewed}
        if grant.lasts is not None:
            until = now + dt.timedelta(seconds=grant.lasts)
            self._store(_File(self.of, until, grant, renewed=renewed))
        elif grant.renewed:
            self._store(_File(self.of, renewed=renewed))

    def deny(self, error: RateLimitedError, now: dt.datetime) -> None:
        if error.retry_after:
            until = now + dt.timedelta(seconds=error.retry_after)
            said, renewed = str(error), dict(self.renewed())
            self._store(_File(self.of, denied_until=until, said=said, renewed=renewed))

    def _load(self) -> _File | None:
        """None for what another credential left, and for what cannot be read."""
        if self.path is None:
            return None
        with suppress(OSError, msgspec.DecodeError):  # also what is no such record
            found = msgspec.json.decode(self.path.read_bytes(), type=_File)
            return found if found.of == self.of else None
        return None

    def _store(self, content: _File) -> None:
        if self.path is None:
            return
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(content))
        fresh.replace(self.path)


class KeptGrant(msgspec.Struct, frozen=True):
    """A file of its owner alone, and a lock beside it that the kernel drops with its process."""

    path: Path

    @contextmanager
    def alone(self, url: str, secrets: Mapping[str, str], clock: Clock) -> Iterator[Kept]:
        """UnavailableError where another process does not come to an end."""
        of = _fingerprint(url, secrets)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(
                self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
        except OSError:  # another user's: nothing is kept, and nothing of theirs is read
            yield Kept(None, of)
            return
        try:
            self._wait(lock, clock)
            yield Kept(self.path, of)
        finally:
            os.close(lock)

    def _wait(self, lock: int, clock: Clock) -> None:
        began = clock.boot()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if clock.boot() - began > PATIENCE:
                    said = f"another process has been logging in for {PATIENCE:g} s ({self.path})"
                    raise UnavailableError(said) from None
            clock.sleep(STEP)


def _fingerprint(url: str, secrets: Mapping[str, str]) -> str:
    parts = [url, *(f"{name}={secrets[name]}" for name in sorted(secrets))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
