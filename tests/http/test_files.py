"""A folder of this machine behind the transport: what a web server would answer, and no more."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from syncd.errors import ConfigError, DoubtError, UnavailableError
from syncd.http import HttpTransport
from syncd.port import Facts, Request, Response
from tests.clocks import NOON
from tests.http.conftest import Connect
from tests.http.flows import Plain, Token, one

NAME = "Оплаты 100%.csv"
BODY = "номер;сумма\n7;100,10\n".encode("cp1251")

Ask = Callable[..., Response]


class Folders(Token):
    facts = Facts("tables", folders=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "выгрузка 1"
    home.mkdir()
    (home / NAME).write_bytes(BODY)
    os.utime(home / NAME, (NOON.timestamp() - 60.5,) * 2)
    return home


@pytest.fixture
def transport(connect: Connect, folder: Path) -> HttpTransport:
    return connect(f"file://{quote(str(folder))}", Folders(), attempts=1)


@pytest.fixture
def ask(transport: HttpTransport) -> Ask:
    def ask(
        method: str, name: str = NAME, content: bytes | None = None, **headers: str
    ) -> Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        put = method == "PUT"
        request = Request(method, quote(name), headers=named, write=put, content=content)
        return transport.run(one(request))

    return ask


def test_a_file_comes_with_the_headers_of_a_web_server(ask: Ask) -> None:
    got = ask("GET")
    assert (got.status, got.body) == (200, BODY)
    assert got.headers["date"] == "Wed, 18 Nov 2026 12:00:00 GMT"
    assert got.headers["last-modified"] == "Wed, 18 Nov 2026 11:58:59 GMT"
    assert got.headers["content-length"] == str(len(BODY))
    head = ask("HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(BODY))
    assert head.headers["etag"] == got.headers["etag"]
    assert ask("GET", If_None_Match=got.headers["etag"]).status == 304


@pytest.mark.parametrize(
    ("range", "status", "body"),
    [
        ("bytes=2-4", 206, BODY[2:5]),
        ("bytes=2-", 206, BODY[2:]),
        ("bytes=-3", 206, BODY[-3:]),
        ("bytes=2-9999", 206, BODY[2:]),
        ("bytes=9999-", 416, b""),
        ("bytes=4-2", 200, BODY),
        ("bytes=0-1,3-4", 200, BODY),
        ("rows=1-2", 200, BODY),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(ask: Ask, range: str, status: int, body: bytes) -> None:
    got = ask("GET", Range=range)
    assert (got.status, got.body) == (status, body)
    if status == 206:
        start = BODY.index(body)
        said = f"bytes {start}-{start + len(body) - 1}/{len(BODY)}"
        assert got.headers["content-range"] == said


def test_a_folder_is_the_list_of_its_files(ask: Ask, folder: Path) -> None:
    (folder / "b.csv").write_bytes(b"")
    (folder / "below").mkdir()
    (folder / "lost").symlink_to(folder / "nothing")
    (folder / "out").symlink_to("/etc/hostname")
    files = json.loads(ask("GET", "").body)["files"]
    assert [(one["name"], one["size"]) for one in files] == [("b.csv", 0), (NAME, len(BODY))]
    assert files[1]["etag"] == ask("HEAD").headers["etag"]
    assert files[1]["mtime"] == "Wed, 18 Nov 2026 11:58:59 GMT"


@pytest.mark.parametrize("name", ["../secret", "below/../../secret", "out", "sub/secret"])
def test_nothing_outside_of_the_folder_is_reached(ask: Ask, folder: Path, name: str) -> None:
    secret = folder.parent / "secret"
    secret.write_text("s")
    (folder / "out").symlink_to(secret)
    (folder / "sub").symlink_to(folder.parent)
    (folder / "below").mkdir()
    assert ask("GET", name).status == 403
    assert ask("PUT", name, b"x").status == 403
    assert secret.read_text() == "s"


def test_what_is_not_there_is_told_from_a_share_that_is_not_mounted(ask: Ask, folder: Path) -> None:
    assert ask("GET", "other.csv").status == 404
    assert ask("PUT", "below/other.csv", b"x").status == 404
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UnavailableError, match="cannot be reached: No such file"):
        ask("GET")


def test_a_pipe_is_no_file_and_nobody_waits_for_it(ask: Ask, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert ask("GET", "pipe").status == 403
    assert ask("PUT", "pipe", b"x").status == 403


def test_a_file_without_permission(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root, as whom tests may run, is let in everywhere."""

    def refuse(*args: object, **more: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert ask("GET").status == 403


def test_a_write_replaces_the_file_at_once(ask: Ask, folder: Path) -> None:
    os.chmod(folder / NAME, 0o664)
    before = ask("HEAD").headers["etag"]
    with open(folder / NAME, "rb") as reader:
        put = ask("PUT", content=b"new", If_Match=before)
        assert reader.read() == BODY  # who has begun reads the old one to its end
    assert put.status == 200
    assert (folder / NAME).read_bytes() == b"new"
    assert put.headers["etag"] == ask("HEAD").headers["etag"] != before
    assert (folder / NAME).stat().st_mode & 0o777 == 0o664
    assert [one.name for one in folder.iterdir()] == [NAME]


def test_a_write_is_refused_where_the_file_is_another_by_now(ask: Ask, folder: Path) -> None:
    before = ask("HEAD").headers["etag"]
    (folder / NAME).write_bytes(b"by a person")
    assert ask("PUT", content=b"new", If_Match=before).status == 412
    assert ask("PUT", content=b"new", If_None_Match="*").status == 412
    assert ask("PUT", "absent.csv", b"new", If_Match=before).status == 412
    assert (folder / NAME).read_bytes() == b"by a person"
    assert ask("PUT", "absent.csv", b"new", If_None_Match="*").status == 201
    assert sorted(one.name for one in folder.iterdir()) == ["absent.csv", NAME]


@pytest.mark.parametrize("lock", ["~$prices.xlsx", ".~lock.prices.xlsx#"])
def test_a_write_is_refused_while_somebody_has_the_file_open(
    ask: Ask, folder: Path, lock: str
) -> None:
    (folder / "prices.xlsx").write_bytes(b"as it is")
    (folder / lock).write_text("Иванова")
    put = ask("PUT", "prices.xlsx", b"new")
    assert (put.status, put.json()["lock"]) == (423, lock)
    assert (folder / "prices.xlsx").read_bytes() == b"as it is"
    (folder / lock).unlink()
    assert ask("PUT", "prices.xlsx", b"new").status == 200


def test_a_full_disk_leaves_the_old_file_and_no_doubt(
    ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left on device"):
        ask("PUT", content=b"new")
    assert (folder / NAME).read_bytes() == BODY
    assert [one.name for one in folder.iterdir()] == [NAME]


def test_a_rename_that_may_not_last_is_in_doubt(
    ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter((None, OSError(errno.EIO, "Input/output error")))

    def second(handle: int) -> None:
        if (error := next(calls)) is not None:
            raise error

    monkeypatch.setattr(os, "fsync", second)
    with pytest.raises(DoubtError):
        ask("PUT", content=b"new")
    assert (folder / NAME).read_bytes() == b"new"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file://host/share", "is no folder of this machine"),
        ("file:///", "is no folder of this machine"),
        ("file:///srv/a?b", "has a query"),
    ],
)
def test_an_address_that_is_no_folder(connect: Connect, url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        connect(url, Folders())


def test_a_system_of_the_web_has_no_folder(connect: Connect, folder: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder; expected https://host/path"):
        connect(f"file://{folder}", Plain())
