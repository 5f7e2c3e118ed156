"""Questions of a set-up: answered by a flag, by an earlier try, by a default, else by a person."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import click

from syncd.errors import SyncdError, TransientError, UsageError
from syncd.setup.kept import Kept

T = TypeVar("T")


@dataclass
class Asker:
    """`flags` are what the command line says, by the name of the question: `books.url` is
    --books-url. With `yes` nobody is asked. `asked` are all answers, in their order."""

    flags: Mapping[str, str]
    yes: bool
    kept: Kept | None = None
    asked: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        name: str,
        text: str,
        take: Callable[[str], T],
        default: str | None = None,
        *,
        known: Sequence[str] = (),
        said: Callable[[T], str] | None = None,
    ) -> T:
        """What `take` makes of the answer; what it raises is shown, and asked again of a person.
        Without one it leaves: UsageError where nothing answers. `said` is how the answer is kept,
        where not as it was typed."""
        typed = self.answered(name)
        if typed is not None and not self.yes:
            click.echo(f"{text}: {typed}")
        if typed is None and self.yes:
            typed = default
            if typed is None:
                raise UsageError(f"{flag(name)} is missing: {text} has no default")
        while True:
            if typed is None:
                more = f" ({', '.join(known)})" if known else ""
                typed = click.prompt(f"{text}{more}", default=default, type=str).strip()
            try:
                found = take(typed)
            except SyncdError as error:
                if self.yes:
                    raise
                wrong(str(error))
                # Enter tries the same again where a system may be back meanwhile.
                default = typed if isinstance(error, TransientError) else default
                typed = None
                continue
            self.asked[name] = said(found) if said else typed
            if self.kept is not None:
                self.kept.remember(name, self.asked[name])
            return found

    def confirm(self, name: str, text: str, *, default: bool) -> bool:
        return self.ask(name, f"{text} [y/n]", _yes_or_no, "y" if default else "n")

    def hidden(self, text: str, otherwise: str, default: str | None = None) -> str:
        """Nothing of it is shown or kept here. UsageError where nobody can be asked."""
        if self.yes:
            raise UsageError(f"{otherwise} is missing: nobody is asked with --yes")
        while True:
            typed: str = click.prompt(
                text, hide_input=True, type=str, default=default or "", show_default=False
            )
            if typed.strip() or default is not None:
                return typed.strip()
            wrong("it cannot be empty; what is typed or pasted here is not shown")

    def forget(self, name: str) -> None:
        """So that it is asked the next time."""
        self.asked.pop(name, None)
        self.flags = {one: text for one, text in self.flags.items() if one != name}
        if self.kept is not None:
            self.kept.answers.pop(name, None)

    def command(self, head: Sequence[str], secrets: Mapping[str, str]) -> str:
        """The whole as one command; `secrets` are names of files by their flag, with the name of
        the secret behind it where it is a flag for several."""
        words = [*head]
        for name, text in self.asked.items():
            side, option, key = name.partition(".option.")
            words += [f"--{side}-option", f"{key}={text}"] if option else [flag(name), text]
        for name, file in secrets.items():
            flag_of_all, _, one = name.partition(" ")
            words += [flag_of_all, f"{one}={file}" if one else file]
        return " ".join(shlex.quote(word) for word in [*words, "--yes"])

    def answered(self, name: str) -> str | None:
        """By a flag or an earlier try."""
        if name in self.flags:
            return self.flags[name]
        return self.kept.answers.get(name) if self.kept else None


def flag(name: str) -> str:
    return "--" + name.replace(".", "-").replace("_", "-")


def wrong(text: str) -> None:
    click.echo(f"  ! {text}")


def found(text: str) -> None:
    click.echo(f"  {text}")


def one_of(known: Sequence[str], shown: Sequence[str] = ()) -> Callable[[str], str]:
    """Takes one of these words, also by its number or in capitals; a mistake names those that are
    `shown`, or all."""
    folded = {one.casefold(): one for one in known}

    def take(typed: str) -> str:
        if typed.casefold() in folded:
            return folded[typed.casefold()]
        if typed.isdecimal() and 0 < int(typed) <= len(known):
            return known[int(typed) - 1]
        raise UsageError(f"{typed!r}: expected one of {', '.join(shown or known)}")

    return take


def some(typed: str) -> str:
    if not typed:
        raise UsageError("it cannot be empty")
    return typed


def _yes_or_no(typed: str) -> bool:
    word = typed.casefold()
    if word not in ("y", "yes", "n", "no"):
        raise UsageError(f"{typed!r}: expected y or n")
    return word.startswith("y")
