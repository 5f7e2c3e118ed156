"""The pages of the documentation as tests see them: fenced blocks, and stories to act out.

A block marked `console` is a story: each `$ syncd ...` is typed at a desk over the memory world,
and what stands below it must be what syncd prints. `...` stands for anything; a comment after the
command names its exit code if that is not 0. `<!-- world: ... -->` before a block is what somebody
does in the books or the CRM meanwhile; `<!-- typed: a | b -->` is what is typed at its questions.
A block marked `yaml mapping NAME` is saved as that mapping; `yaml connector NAME` is a connector
file, `yaml connector part` lines of one; `yaml configuration part` is added to the desk's own.
Addresses and folders of the pages stand for those of the desk.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from click.testing import CliRunner

from syncd.__main__ import execute
from tests.cli.desk import Desk, Said

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(
    r"^(?:```(?P<mark>[^\n]*)\n(?P<body>.*?)^```|<!-- (?P<way>world|typed): (?P<act>.*?) -->)",
    re.M | re.S,
)
_EXIT = re.compile(r"\s+# exit (\d+)$")
_PLAN = re.compile(r"(?<=^Plan )[0-9a-f]{6}\b", re.M)


@dataclass(frozen=True)
class Block:
    """`mark` is what follows the fence; `world` for something that happens meanwhile, `typed` for
    answers."""

    mark: str
    body: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["act"] is not None:
            yield Block(found["way"], found["act"].strip(), line)
        else:
            yield Block(found["mark"].strip(), found["body"], line)


@dataclass(frozen=True)
class Typed:
    """One command of a story, and what it is said to print."""

    command: str
    code: int
    output: str
    line: int


def typed(block: Block) -> Iterator[Typed]:
    for part in re.split(r"^(?=\$ )", block.body, flags=re.M):
        if not part.startswith("$ "):
            continue
        head, _, output = part.partition("\n")
        code = _EXIT.search(head)
        command = _EXIT.sub("", head.removeprefix("$ "))
        line = block.line + 1 + block.body[: block.body.index(part)].count("\n")
        yield Typed(command, int(code[1]) if code else 0, output.strip("\n"), line)


def act_out(
    page: Path, desk: Desk, named: Mapping[str, str] | None = None, **world: object
) -> list[str]:
    """Plays all stories of a page in order. Returns where it went otherwise. `named` are texts of
    the page and what they stand for here; `world` is what else can do something meanwhile."""
    wrong: list[str] = []
    plans: dict[str, str] = {}
    named = named or {
        "https://systems.example.com": desk.url,
        "/etc/syncd": str(desk.folder / "etc"),
    }
    answers: list[str] = []
    for block in blocks(page):
        if block.mark == "typed":
            answers = [_put(one.strip(), named) for one in block.body.split("|")]
        if block.mark == "world":
            sides = {"books": desk.world.books, "crm": desk.world.crm, "desk": desk}
            exec(block.body, {**sides, **world})
        if block.mark == "yaml configuration part":
            desk.add(yaml.safe_load(_put(block.body, named)))
        if block.mark.startswith("yaml connector "):
            desk.connector(block.mark.split()[-1], block.body)
        if block.mark.startswith("yaml mapping "):
            desk.mapping(block.mark.split()[-1], block.body)
        for one in typed(block) if block.mark == "console" else ():
            words = shlex.split(one.command)
            assert words.pop(0) == "syncd", f"{page.name}:{one.line} is no command of syncd"
            told = [_put(plans.get(word, word), named) for word in words]
            said, answers = _type(desk, told, answers), []
            plans |= zip(_PLAN.findall(one.output), _PLAN.findall(said.out), strict=False)
            printed = _put(said.text, {real: shown for shown, real in named.items()})
            for shown, real in plans.items():
                printed = printed.replace(real, shown)
            if said.code != one.code or not _alike(one.output, printed):
                wrong.append(f"{page.name}:{one.line} $ {one.command} -> {said.code}\n{printed}")
    return wrong


def _put(text: str, named: Mapping[str, str]) -> str:
    for one, other in named.items():
        text = text.replace(one, other)
    return text


def _type(desk: Desk, words: Sequence[str], answers: Sequence[str]) -> Said:
    """The command; with answers at a terminal, where each is followed by Enter."""
    if not answers:
        return desk.syncd(*words)
    with CliRunner().isolation(input="".join(f"{one}\n" for one in answers)) as (out, err, _):
        code = execute(list(words), desk.clock)
        return Said(code, out.getvalue().decode(), err.getvalue().decode())


def _alike(shown: str, printed: str) -> bool:
    pattern = ".*?".join(map(re.escape, shown.split("...")))
    clean = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, clean, re.S) is not None
