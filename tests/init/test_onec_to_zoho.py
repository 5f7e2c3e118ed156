"""From pasted addresses and a one-time code to a plan whose documents add up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.sandbox.zoho_crm.oauth import CLIENT_ID, CLIENT_SECRET, GRANT
from tests.init.onec_to_zoho import ZOHO_SECRETS, Morning, morning


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "SYNCD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    with morning(tmp_path) as day:
        yield day


# -- Zoho's login ----------------------------------------------------------------------------------


def flags(day: Morning, *more: str) -> list[str]:
    """All of 1C, and Zoho's address."""
    (day.folder / "given").mkdir(parents=True, exist_ok=True)
    password = day.folder / "given" / "books"
    password.write_text("sandbox\n", encoding="utf-8")
    books = ["--books-system", "onec", "--books-url", day.books.address, "--books-login", "Обмен"]
    books += ["--books-password-file", str(password), "--books-option", "zone=Europe/Moscow"]
    return [*books, "--crm-system", "zoho_crm", "--crm-url", day.zoho_url, *more]


def files(day: Morning, **texts: str) -> list[str]:
    words = []
    for name, text in texts.items():
        file = day.folder / "given" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        words += [f"--crm-{name.replace('_', '-')}-file", str(file)]
    return words


def test_a_code_is_exchanged_once_and_what_it_gave_is_kept_at_once(day: Morning) -> None:
    """The organisation cannot be read at first: the second try needs no second code."""
    day.zoho.zoho.switches.scopes = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL"
    said = day.init(*flags(day), answers=ZOHO_SECRETS)
    assert "Generate Code, for ten minutes, with\n  ZohoCRM.modules.ALL," in said.out
    assert "! the refresh token lacks the scopes ZohoCRM.coql.READ, ZohoCRM.org.READ." in said.out
    lasting = day.zoho.zoho.refresh_token()
    assert day.secret("crm.refresh_token") == lasting
    assert not {*ZOHO_SECRETS, lasting} & set(said.text.split()), "nothing of it is shown"

    day.zoho.zoho.switches.scopes += ",ZohoCRM.coql.READ,ZohoCRM.org.READ,ZohoCRM.users.READ"
    said = day.init(*flags(day), answers=["y"])
    assert "edition     enterprise, 14 licences" in said.out
    assert "One-time code" not in said.out


def test_a_used_code_is_told_and_enter_keeps_what_was_right(day: Morning) -> None:
    day.zoho.zoho.oauth.spent = True
    wrong = [CLIENT_ID, "not-the-secret", GRANT, "", CLIENT_SECRET, ""]
    said = day.init(*flags(day), answers=[*wrong, "", "", day.zoho.zoho.refresh_token()])
    assert "! the secret client_secret does not belong to this client id." in said.out
    assert "! Zoho takes this neither as a code nor as a refresh token: a code is good" in said.out
    assert "company     Торговый дом «Пример»" in said.out, "a refresh token is taken too"
    assert day.secret("crm.client_secret") == CLIENT_SECRET


def test_a_code_may_be_a_file_and_the_second_time_it_is_spent(day: Morning) -> None:
    words = flags(day, *files(day, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=GRANT))
    for spent in (False, True):
        said = day.init(*words, "--yes", *(["--replace", "y"] if spent else []))
        assert said.code == 0, said.text
        assert ("a code is good once" in said.out) is spent
        assert "--crm-refresh-token-file" in said.out and "--crm-code-file" not in said.out
        assert GRANT not in said.text


def test_the_organisation_says_that_it_is_a_sandbox(day: Morning) -> None:
    day.zoho.zoho.switches.organisation_type = "sandbox"
    said = day.init(*flags(day), answers=[*ZOHO_SECRETS, ""])
    assert "Is Торговый дом «Пример» the production organisation [y/n] [n]" in said.out
