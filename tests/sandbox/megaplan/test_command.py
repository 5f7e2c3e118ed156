"""`syncd sandbox megaplan`, as somebody starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

COMMAND = [sys.executable, "-m", "syncd", "sandbox", "megaplan"]


@pytest.fixture(scope="module")
def hello() -> Iterator[dict[str, str]]:
    words = [*COMMAND, "--size", "3", "--switch", "account=other.megaplan.ru"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.terminate()


def test_it_prints_what_to_log_in_with_and_serves(hello: dict[str, str]) -> None:
    assert list(hello) == ["url", "username", "password"]
    url = f"{hello['url']}/api/v3"
    form = {name: hello[name] for name in ("username", "password")}
    form["grant_type"] = "password"
    token = requests.post(f"{url}/auth/access_token", data=form, timeout=5).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    query = quote(json.dumps({"limit": 2}))
    got = requests.get(f"{url}/contractorCompany?{query}", headers=headers, timeout=5).json()
    assert (len(got["data"]), got["meta"]["pagination"]["count"]) == (2, 3)
    info = requests.get(f"{url}/accountInfo", headers=headers, timeout=5).json()
    assert info["data"]["permanentHost"] == "other.megaplan.ru"
    assert "Megaplan" in requests.get(f"{hello['url']}/_sandbox/", timeout=5).text
