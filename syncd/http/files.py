"""`file:///folder` as a host: the files of one folder by GET, HEAD and PUT, with the headers that
a web server gives them (RFC 9110), so that a connector sees no difference.

A GET of a folder is a JSON list `{"files": [{"name", "size", "mtime", "etag"}]}` of the files in
it, by name. Nothing outside of the connection's own folder is read or written.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from email.utils import format_datetime, formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from syncd.clock import Clock
from syncd.errors import ConfigError
from syncd.http.session import NotSentError

SCHEME = "file://"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})

Answer = tuple[int, dict[str, str], bytes]


def folder_of(url: str) -> Path:
    """Raises ConfigError for what is no absolute folder of this machine."""
    parts = urlsplit(url)
    folder = unquote(parts.path)
    plain = parts.netloc == "" and folder.startswith("/") and folder.strip("/")
    if not plain or "\0" in folder:
        raise ConfigError(f"{url} is no folder of this machine; expected file:///srv/exports")
    if parts.query or parts.fragment:
        raise ConfigError(f"{url} has a query; a ? in a name is written %3F, a # is %23")
    return Path(folder.rstrip("/"))


def etag_of(found: os.stat_result) -> str:
    """Another one for each state of a file: replaced by a rename it has another inode."""
    return f'"{found.st_size:x}-{found.st_mtime_ns:x}-{found.st_ino:x}"'


class FolderAdapter(BaseAdapter):
    """`clock` is the source's own time, of the header `Date`.

    A folder that is not there at all, as a share that is not mounted, is no missing file: it raises
    NotSentError, as a host that does not answer does. So does a write of which nothing remains.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__()
        self._folder = folder
        self._clock = clock

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        body = request.body or b""
        status, headers, content = self._answer(
            request.method or "",
            request.url or "",
            request.headers,
            body.encode() if isinstance(body, str) else bytes(body),
        )
        answer = requests.Response()
        answer.status_code = status
        now = format_datetime(self._clock.utc(), usegmt=True)
        length = str(len(content))
        answer.headers = CaseInsensitiveDict({"Date": now, "Content-Length": length, **headers})
        answer.raw = io.BytesIO(b"" if request.method == "HEAD" else content)
        answer.url, answer.request = request.url or "", request
        return answer

    def close(self) -> None:
        """Nothing is kept open."""

    def _answer(self, method: str, url: str, asked: Mapping[str, str], body: bytes) -> Answer:
        try:
            file = self._place(unquote(urlsplit(url).path))
            if file is None:
                return _said(403, "the path leads out of the connection's folder")
            if method in ("GET", "HEAD"):
                if file.is_dir():
                    return _list(file)
                return _read(file, asked, head=method == "HEAD")
            if method == "PUT":
                return _put(file, asked, body)
        except requests.RequestException:  # an OSError too
            raise
        except OSError as error:
            if error.errno in _REFUSED:
                return _said(403, "no permission")
            if error.errno in _ABSENT and self._folder.is_dir():
                return _said(404, "no such file")
            if error.errno == errno.ELOOP:
                return _said(403, "the path is a symbolic link")
            raise NotSentError from error
        return _said(405, f"{method} is not for files")

    def _place(self, path: str) -> Path | None:
        """Where it really is; None outside of the folder."""
        relative = path.removeprefix(f"{self._folder}/").lstrip("/")
        if "\0" in relative or ".." in relative.split("/"):
            return None
        home = self._folder.resolve(strict=True)
        place = (home / relative).resolve()
        return place if place.is_relative_to(home) else None


def _said(status: int, message: str, **more: str) -> Answer:
    body = json.dumps({"message": message, **more}).encode()
    return status, {"Content-Type": "application/json"}, body


def _read(file: Path, asked: Mapping[str, str], *, head: bool) -> Answer:
    # Without waiting: a pipe of that name would be read for ever.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as source:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return _said(403, "neither a file nor a folder")
        headers = _headers(found)
        if headers["ETag"] in (asked.get("If-None-Match") or ""):
            return 304, headers, b""
        if head:
            return 200, {**headers, "Content-Length": str(found.st_size)}, b""
        part = _part(asked.get("Range") or "", found.st_size)
        if part is None:
            status, start, length = 200, 0, found.st_size
        else:
            status, (start, length) = 206, part
            end = f"{start}-{start + length - 1}" if length > 0 else "*"
            headers["Content-Range"] = f"bytes {end}/{found.st_size}"
        if length < 0:
            return 416, headers, b""
        source.seek(start)
        content = source.read(length)
        if etag_of(os.fstat(handle)) != headers["ETag"]:
            return _said(503, "the file changed while it was read")
        return status, headers, content


def _headers(found: os.stat_result) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream",
        "Last-Modified": formatdate(found.st_mtime, usegmt=True),
        "ETag": etag_of(found),
        "Accept-Ranges": "bytes",
    }


def _part(range: str, size: int) -> tuple[int, int] | None:
    """Start and length of what is asked for; a length below nothing where there is none of it."""
    match = _RANGE.fullmatch(range.strip())
    if match is None or match[0] == "bytes=-":
        return None  # also of several parts: the whole is a right answer to it
    if not match[1]:
        start = max(0, size - int(match[2]))
        return start, size - start or -1
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    end = min(int(match[2]), size - 1) if match[2] else size - 1
    return start, end - start + 1 if start < size else -1


def _list(folder: Path) -> Answer:
    files = []
    home = folder.resolve()
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(home):
                continue
            try:
                found = entry.stat()
            except FileNotFoundError:  # removed since it was listed, or a link to nothing
                continue
            if stat.S_ISREG(found.st_mode):
                about = {"mtime": formatdate(found.st_mtime, usegmt=True), "etag": etag_of(found)}
                files.append({"name": entry.name, "size": found.st_size, **about})
    return 200, {"Content-Type": "application/json"}, json.dumps({"files": files}).encode()


def _put(file: Path, asked: Mapping[str, str], body: bytes) -> Answer:
    # Beside it: a rename is atomic within one file system alone.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(body)
            new.flush()
            os.fsync(handle)
            # Last of all, so that hardly any time is left for somebody else's change.
            before = _there(file)
            refused = _refused(file, asked, before)
            if refused is not None:
                Path(name).unlink()
                return refused
            _like(handle, before, file.parent)
            os.rename(name, file)
            found = os.fstat(handle)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _settle(file.parent)
    return 200 if before else 201, _headers(found), b""


def _there(file: Path) -> os.stat_result | None:
    try:
        return os.stat(file, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _refused(file: Path, asked: Mapping[str, str], before: os.stat_result | None) -> Answer | None:
    # What Excel and LibreOffice lay beside a file that they have open.
    for lock in (f"~${file.name}", f".~lock.{file.name}#"):
        if file.with_name(lock).exists():
            return _said(423, "the file is open in another program", lock=lock)
    if before is not None and not stat.S_ISREG(before.st_mode):
        return _said(403, "not a file")
    wanted = asked.get("If-Match")
    if wanted is not None and (before is None or wanted not in ("*", etag_of(before))):
        return _said(412, "the file is no longer as it was read")
    if asked.get("If-None-Match") == "*" and before is not None:
        return _said(412, "there is such a file already")
    return None


def _like(handle: int, before: os.stat_result | None, folder: Path) -> None:
    """Who may open the file, may open the new one; a first one is for those of the folder."""
    if before is None:
        os.fchmod(handle, stat.S_IMODE(folder.stat().st_mode) & 0o666)
        return
    with suppress(PermissionError):
        os.fchown(handle, -1, before.st_gid)
    os.fchmod(handle, stat.S_IMODE(before.st_mode))


def _settle(folder: Path) -> None:
    """The rename itself on the disk. It is done already, so an error here leaves it open."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        raise requests.ConnectionError from error
    finally:
        os.close(handle)
