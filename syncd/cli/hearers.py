"""Who hears about problems: addresses that hold passwords, tried before they are kept."""

from __future__ import annotations

from collections.abc import Sequence

import click

from syncd import notify
from syncd.cli.asking import found, one_of, wrong
from syncd.cli.questions import Course
from syncd.errors import UsageError
from syncd.mapping.languages import LANGUAGES
from syncd.notify.post import Target
from syncd.settings.alerts import Hearer
from syncd.settings.sections import ALERTS
from syncd.store.problems import ACCOUNTING, SALES, SYSADMIN

ORDER = (SYSADMIN, ACCOUNTING, SALES)
NOBODY, KEPT = "nobody", "kept"
"""What an earlier try has settled for an owner."""


def hearers(course: Course, card: str) -> dict[str, str]:
    """The owners of problems whom somebody named, each with the language; `card` is the default of
    that. Without a person nobody is asked, and no test is sent."""
    click.echo("\nWho hears about problems")
    if not course.asker.yes:
        found("each by an address of Apprise, as mailto://user:password@host?to=anna@example.com;")
        found("several with blanks between. What nobody else hears of, sysadmin does")
    heard = {}
    for owner in ORDER:
        language = _hearer(course, owner, card)
        if language is not None:
            heard[owner] = language
    if not heard:
        found("nobody: syncd status and syncd problems show them")
    return heard


def _hearer(course: Course, owner: str, card: str) -> str | None:
    """None: nobody hears of what concerns this owner."""
    asker, mark = course.asker, f"{owner}.{ALERTS}"
    settled = asker.kept.answers.get(mark) if asker.kept else None
    targets = _given(course, owner, nobody=settled == NOBODY)
    tried = targets is not None and settled == KEPT
    if targets is None:
        targets = _typed(course, owner)
    if not targets:
        _settle(course, mark, NOBODY)
        return None
    known = sorted(LANGUAGES)
    language = asker.ask(
        f"{owner}.language", f"Language of {owner}", one_of(known), card, known=known
    )
    while not (asker.yes or tried or _arrives(Hearer(owner, "", language), targets)):
        targets = _typed(course, owner)
        if not targets:
            asker.forget(f"{owner}.language")
            _settle(course, mark, NOBODY)
            return None
    urls = "\n".join(target.url for target in targets)
    file = course.place.keep_secret(ALERTS, owner, urls)
    course.credentials.files[f"--{owner}-alerts-file"] = str(file)
    _settle(course, mark, KEPT)
    return language


def _given(course: Course, owner: str, *, nobody: bool) -> Sequence[Target] | None:
    """From a file, the environment or an earlier try, empty for nobody; None where a person has to
    be asked."""
    text = course.credentials.secret(ALERTS, owner, owner)
    if text is None:
        if nobody:
            found(f"{owner}: nobody")
        return () if nobody or course.asker.yes else None
    targets = notify.targets_of(owner, text)
    try:
        _usable(targets)
    except UsageError as error:
        if course.asker.yes:
            raise UsageError(f"--{owner}-alerts-file: {error}") from None
        wrong(str(error))
        return None
    found(f"{owner}: {', '.join(target.channel for target in targets)}")
    return targets


def _typed(course: Course, owner: str) -> Sequence[Target]:
    """Empty: nobody."""
    while True:
        text = course.asker.hidden(
            f"Address of {owner} (not shown; Enter: nobody)", f"--{owner}-alerts-file FILE", ""
        )
        targets = notify.targets_of(owner, text)
        try:
            if targets:
                _usable(targets)
        except UsageError as error:
            wrong(str(error))
            continue
        return targets


def _usable(targets: Sequence[Target]) -> None:
    """UsageError for what Apprise cannot make anything of; an address is never repeated."""
    if not targets:
        raise UsageError("there is no address in it")
    if strange := notify.strangers(targets):
        raise UsageError(f"{', '.join(one.name for one in strange)}: {notify.STRANGE}")


def _arrives(hearer: Hearer, targets: Sequence[Target]) -> bool:
    """One test message to each, if the person wants that; False: another address is asked for."""
    if not click.confirm("Send a test message there now", default=True):
        return True
    tested = notify.test_targets(hearer, targets)
    for one in tested:
        name = f"{one.target} ({one.channel})"
        if one.error:
            wrong(f"{name} could not be told: {one.error}")
        else:
            found(f"{name} was told: {one.message.body}")
    if not any(one.error for one in tested):
        return True
    return click.confirm("Keep it as it is all the same", default=False)


def _settle(course: Course, mark: str, how: str) -> None:
    if course.asker.kept is not None:
        course.asker.kept.remember(mark, how)
