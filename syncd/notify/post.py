"""Sends one message to one target within a bounded time.

A target is an address of Apprise: `mailto://...`, `json://...` and a hundred more. It holds a
password, and nothing here repeats it; what is told of it is its number and its scheme.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from syncd.errors import ConfigError
from syncd.settings import Settings
from syncd.settings.alerts import PING, Hearer
from syncd.settings.sections import ALERTS


class Target(msgspec.Struct, frozen=True):
    """`name` is `sysadmin/1`; the address stays inside."""

    name: str
    url: str

    @property
    def channel(self) -> str:
        return self.url.partition("://")[0].lower()

    def __repr__(self) -> str:
        return f"Target({self.name}, {self.channel})"


class Message(msgspec.Struct, frozen=True):
    subject: str
    body: str


STRANGE = "no address that Apprise knows, as mailto://user:password@host?to=..."

Send = Callable[[Target, Message, float], str | None]
"""Sends within so many seconds; returns why it could not, or None."""


def targets(settings: Settings, hearer: Hearer) -> list[Target]:
    return targets_of(hearer.owner, settings.secret(ALERTS, hearer.owner) or "")


def targets_of(owner: str, secret: str) -> list[Target]:
    """One a line or divided by blanks in the owner's secret."""
    return [Target(f"{owner}/{n}", url) for n, url in enumerate(secret.split(), 1)]


def check(settings: Settings) -> Iterator[str]:
    """Every mistake of the alerts' secrets; reaches nothing."""
    for hearer in settings.alerts.hearers.values():
        found = targets(settings, hearer)
        if not found:
            yield _missing(settings, hearer.where, hearer.owner)
        for target in strangers(found):
            yield (
                f"{hearer.where} alerts.{hearer.owner}: target {target.name} of the secret is "
                f"{STRANGE}"
            )
    ping = settings.alerts.ping
    if ping:
        url = settings.secret(ALERTS, PING)
        if url is None:
            yield _missing(settings, ping.where, PING)
        elif not url.startswith(("https://", "http://")):
            yield f"{ping.where} alerts.{PING}: the secret begins with https:// or http://"


def strangers(found: Iterable[Target]) -> list[Target]:
    """Those that Apprise cannot make anything of; reaches nothing."""
    return [target for target in found if not _known(target.url)]


def _missing(settings: Settings, where: str, name: str) -> str:
    folder = settings.secrets or "secrets"
    return (
        f"{where} alerts.{name} has no secret: put its address into {folder}/{ALERTS}.{name} "
        f"(chmod 600) or into SYNCD_SECRETS__{ALERTS.upper()}__{name.upper()}"
    )


def ready(settings: Settings) -> None:
    """Raises ConfigError where `check` finds something."""
    if problems := list(check(settings)):
        raise ConfigError(*problems)


def send(target: Target, message: Message, seconds: float) -> str | None:
    return within(target.name, seconds, lambda: _notify(target.url, message))


def within(name: str, seconds: float, work: Callable[[], str | None]) -> str | None:
    """What the work returns, or that it took too long: then its thread is left to itself, and none
    other is begun for the same name before it ends."""
    before = _under_way.get(name)
    if before and before.is_alive():
        return "the attempt before this one has not ended"
    answer = ["it broke off"]  # unless the work says otherwise
    ended: list[str | None] = []

    def run() -> None:
        ended.append(work())

    thread = threading.Thread(target=run, name=f"alert {name}", daemon=True)
    _under_way[name] = thread
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return f"no answer within {seconds:g} s"
    return ended[0] if ended else answer[0]


_under_way: dict[str, threading.Thread] = {}


def _notify(url: str, message: Message) -> str | None:
    apprise = _apprise()
    found = _known(url)
    if found is None:
        return "no address that Apprise knows"
    found.notify_format = apprise.NotifyFormat.TEXT  # as it is written, in mails too
    sender = apprise.Apprise(asset=_asset())
    sender.add(found)
    sent = sender.notify(message.body, title=message.subject, body_format=apprise.NotifyFormat.TEXT)
    return None if sent else "not taken"


def _known(url: str) -> Any:
    """Apprise's own object for an address; None where it knows none."""
    return _apprise().Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)


def _apprise() -> Any:
    import apprise  # most of a second, and seldom needed

    # Its lines are about addresses, and would stand between the questions of a set-up.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise


@cache
def _asset() -> Any:
    """Nothing of a message is kept on disk or shown in a log."""
    apprise = _apprise()
    return apprise.AppriseAsset(
        app_id="syncd",
        app_desc="syncd",
        app_url="",
        async_mode=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
