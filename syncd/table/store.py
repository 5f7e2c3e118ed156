"""Asks for files and parts of them, and judges what comes: a folder of this machine and a web
server answer alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from syncd.errors import AccessError, FileError, ProtocolError, RateLimitedError, UnavailableError
from syncd.port import Flow, Request, Response

TYPED = dt.timedelta(days=1)
"""A file that was changed so far in the future was not: somebody set its time."""
PLAIN = {"Accept": "*/*", "Accept-Encoding": "identity"}
"""A part of a file that is packed on its way is no part of the file."""


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file without reading it. `etag` is empty where the server tells none,
    `changed` and `at`, the server's own time, are None."""

    name: str
    size: int | None
    etag: str
    changed: dt.datetime | None
    at: dt.datetime | None

    @property
    def state(self) -> str:
        """Another one once the file is another."""
        return self.etag or f"{self.size}-{self.changed}"


def stat(name: str) -> Flow[File]:
    """AccessError, UnavailableError where it is not there."""
    request = Request("HEAD", quote(name), headers=PLAIN)
    return _file(name, (yield request))


def matching(pattern: str) -> Flow[list[File]]:
    """Those of a folder, by name; a `*` in the last part of the pattern alone. Only a folder of
    this machine can be listed."""
    folder, _, names = pattern.rpartition("/")
    response = yield Request("GET", quote(folder), headers=PLAIN)
    if response.status == 404:
        raise UnavailableError(f"the folder {folder or 'of the connection'} is not there")
    _check(response, folder or "the folder of the connection")
    if "application/json" not in response.headers.get("content-type", ""):
        raise ProtocolError(
            f"{pattern} needs a list of files, and a web server gives none; name one file, or use "
            "a folder of this machine"
        )
    found = _listed(response.json())
    at = moment(response.headers.get("date"))
    begins = f"{folder}/" if folder else ""
    return [
        File(f"{begins}{one['name']}", one["size"], one["etag"], moment(one["mtime"]), at)
        for one in found
        # `.` and `~$` begin the names of what programs lay beside a file that is open.
        if fnmatchcase(one["name"], names) and not one["name"].startswith((".", "~$"))
    ]


def whole(name: str) -> Flow[tuple[File, bytes]]:
    response = yield Request("GET", quote(name), headers=PLAIN)
    file = _file(name, response)
    if file.size is not None and file.size != len(response.body):
        raise UnavailableError(f"{name} came with {len(response.body)} of {file.size} bytes")
    return file, response.body


def part(name: str, start: int, length: int) -> Flow[tuple[File, bytes, bool]]:
    """These bytes, fewer where the file ends before; or the whole file, and True, from a server
    that gives no parts. The size is that of the whole."""
    asked = {**PLAIN, "Range": f"bytes={start}-{start + length - 1}"}
    response = yield Request("GET", quote(name), headers=asked)
    if response.status == 416:
        return replace(_file(name, Response(200, response.headers, b"")), size=start), b"", False
    file = _file(name, response)
    if file.size is not None and file.size != len(response.body):
        raise UnavailableError(f"{name} came with {len(response.body)} of {file.size} bytes")
    if response.status == 200:
        return replace(file, size=len(response.body)), response.body, True
    begins, size = _range(response.headers.get("content-range", ""), name)
    if begins != start:
        raise ProtocolError(f"{name}: another part of it came than was asked for")
    return replace(file, size=size), response.body, False


def rested(file: File, seconds: float) -> None:
    """Raises RateLimitedError for a file that somebody may be writing still: a normal state, that
    is over by itself."""
    if file.changed is None or file.at is None:
        return
    age = (file.at - file.changed).total_seconds()
    if age < -TYPED.total_seconds():
        raise FileError(
            f"{file.name} was changed on {file.changed:%Y-%m-%d}, which is still to come; save it "
            "again"
        )
    if seconds and age < seconds:
        raise RateLimitedError(
            f"{file.name} is being written: it was changed {max(0, age):.0f} s ago, and is read "
            f"when it has rested for {seconds:g} s",
            seconds - age,
        )


def stamp_of(files: list[File]) -> dt.datetime | None:
    """The newest time of change, with a mark of the state of all of them below the second, where a
    file has none; None where the server tells no time."""
    times = [file.changed for file in files if file.changed]
    if len(times) != len(files) or not times:
        return None
    states = "\n".join(f"{file.name} {file.state}" for file in files)
    mark = int.from_bytes(blake2b(states.encode(), digest_size=8).digest())
    return max(times).replace(microsecond=mark % 1_000_000)


def moment(text: str | None) -> dt.datetime | None:
    """Of a header; None where it is none."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=dt.UTC)


def _file(name: str, response: Response) -> File:
    if response.status in (404, 410):
        raise UnavailableError(f"{name} is not there")
    _check(response, name)
    headers = response.headers
    if "text/html" in headers.get("content-type", ""):
        raise ProtocolError(f"{name}: a web page came in place of the file")
    length = headers.get("content-length", "")
    return File(
        name,
        int(length) if length.isascii() and length.isdecimal() else None,
        headers.get("etag", ""),
        moment(headers.get("last-modified")),
        moment(headers.get("date")),
    )


def _check(response: Response, what: str) -> None:
    if response.status in (401, 403):
        raise AccessError(f"{what}: HTTP {response.status}, syncd may not read it")
    if response.status not in (200, 206):
        raise ProtocolError(f"{what}: HTTP {response.status}")


def _listed(body: Any) -> list[Mapping[str, Any]]:
    files = body.get("files") if isinstance(body, Mapping) else None
    if not isinstance(files, list):
        raise ProtocolError("the folder is not listed as folders are")
    return files


def _range(text: str, name: str) -> tuple[int, int]:
    """Of `bytes 0-99/1234`."""
    places, _, size = text.removeprefix("bytes ").partition("/")
    start = places.partition("-")[0]
    if not (start.isdecimal() and size.isdecimal()):
        raise ProtocolError(f"{name}: the server does not say which part came")
    return int(start), int(size)
