"""The closed list of reasons why something is not at the CRM, or is not there as the books say.

Each has an id that never changes, a sentence, and what ends it; docs/why.md lists them and a test
holds the two together. What differs from case to case (keys, lines, amounts) is in the `Reason`.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Code(StrEnum):
    THERE = "there"
    # the record itself
    NEVER_SEEN = "never-seen"
    KIND_NOT_READ = "kind-not-read"
    DRAFT = "draft"
    FILTERED = "filtered"
    OUT_OF_USE = "out-of-use"
    UNMAPPABLE = "unmappable"
    NEVER_READ = "never-read"
    UNWRITABLE = "unwritable"
    CANCELLED = "cancelled"
    OUTSIDE = "outside"
    CORRECTING = "being-corrected"
    VANISHED = "vanished"
    DELETED = "deleted"
    ARCHIVED = "archived"
    BEFORE_HISTORY = "before-history"
    CURRENCY_UNKNOWN = "currency-unknown"
    KIND_NOT_SHOWN = "kind-not-shown"
    NOTHING_TO_SHOW = "nothing-to-show"
    # what it hangs on
    CUSTOMER_FILTERED = "customer-filtered"
    PARENT_NOT_SHOWN = "parent-not-shown"
    OWED = "owed"
    # what became of writing it
    HELD = "held"
    GONE = "gone"
    REFUSED = "refused"
    NOT_ACCEPTED = "not-accepted"
    IN_DOUBT = "in-doubt"
    ASKED = "asked"
    WAIVED = "waived"
    # why it is not being written now
    NEXT_RUN = "next-run"
    MODE_PLAN = "mode-plan"
    MODE_SHADOW = "mode-shadow"
    OUTSIDE_PILOT = "outside-pilot"
    GUARD = "guard"
    RESTORED = "restored"
    EMPTIED = "emptied"
    PAIR_PAUSED = "pair-paused"
    CONNECTION_PAUSED = "connection-paused"
    CONNECTION_OUT = "connection-out"
    # one field
    FIELD_NOT_MAPPED = "field-not-mapped"
    INCOMPLETE = "incomplete"
    SEVERAL_CURRENCIES = "several-currencies"
    NO_FIGURES = "no-figures"
    # won customers
    WON_OFF = "won-off"
    NOT_WON = "not-won"
    NO_LONGER_WON = "no-longer-won"
    WON_BEFORE_SINCE = "won-before-since"
    WON_UNREAD = "won-unread"
    WON_LACKS = "won-lacks"
    WON_DOUBTFUL = "won-doubtful"
    WON_PROPOSED = "won-proposed"
    LINKED = "linked"


class Meaning(msgspec.Struct, frozen=True):
    """`do` is a command for whoever asks; empty where there is nothing to do."""

    sentence: str
    ends: str
    do: str = ""


RESYNC = "syncd resync --key {ref}"
PROBLEMS = "syncd problems"

MEANINGS: Mapping[Code, Meaning] = {
    Code.THERE: Meaning("It stands at the CRM as it should.", "nothing has to"),
    Code.NEVER_SEEN: Meaning(
        "It was never seen in the books.", "the books have it and a read shows it", RESYNC
    ),
    Code.KIND_NOT_READ: Meaning(
        "The books mapping does not read this kind.",
        "a section of the books mapping reads it",
        "syncd mapping check FILE",
    ),
    Code.DRAFT: Meaning("It is a draft in the books.", "somebody posts it there"),
    Code.FILTERED: Meaning(
        "The mapping's `where` leaves it out.",
        "its record fulfils `where`, or that line changes",
        "syncd mapping check FILE",
    ),
    Code.OUT_OF_USE: Meaning(
        "The books no longer use this customer: it was merged into another, or marked for "
        "deletion. Without a card it gets none.",
        "the books use it again",
    ),
    Code.UNMAPPABLE: Meaning(
        "The mapping cannot digest what the books say of it; its last good version stands.",
        "the record or the mapping line is mended",
        PROBLEMS,
    ),
    Code.NEVER_READ: Meaning(
        "The mapping cannot digest what the books say of it, and never could: it counts nowhere.",
        "the record or the mapping line is mended",
        PROBLEMS,
    ),
    Code.UNWRITABLE: Meaning(
        "The mapping cannot write it; what the CRM shows stands.",
        "the mapping line is mended",
        PROBLEMS,
    ),
    Code.CANCELLED: Meaning(
        "It is cancelled in the books, so it does not count.", "somebody posts it again there"
    ),
    Code.OUTSIDE: Meaning(
        "It is of a part of the books that this connection does not read, so it does not count.",
        "the connection's choice takes it in",
    ),
    Code.CORRECTING: Meaning(
        "It was unposted and may come back; what is shown stands for a short while.",
        "it is posted again, or the correction delay is over",
    ),
    Code.VANISHED: Meaning(
        "A complete read no longer found it; nothing is concluded, what is shown stands.",
        "it comes back, or a person decides",
        PROBLEMS,
    ),
    Code.DELETED: Meaning(
        "It is gone from the books, and a person said that it was deleted: it does not count.",
        "the books have it again",
    ),
    Code.ARCHIVED: Meaning(
        "It is gone from the books, and a person said that they only trimmed it: it counts, and "
        "what is shown stands.",
        "the books have it again",
    ),
    Code.BEFORE_HISTORY: Meaning(
        "It is older than `history.from` of the CRM mapping.", "that day is moved back"
    ),
    Code.CURRENCY_UNKNOWN: Meaning(
        "The CRM does not know its currency, and syncd never converts.",
        "the CRM gets that currency",
    ),
    Code.KIND_NOT_SHOWN: Meaning(
        "The CRM mapping makes no object of this kind; it counts in the figures of the card.",
        "a section of the CRM mapping writes it",
    ),
    Code.NOTHING_TO_SHOW: Meaning("There is nothing to show: zero, or none.", "there is something"),
    Code.CUSTOMER_FILTERED: Meaning(
        "Its customer is out of scope.", "the customer comes into scope"
    ),
    Code.PARENT_NOT_SHOWN: Meaning(
        "What it belongs to is not shown, and so it is not.", "what it belongs to is shown"
    ),
    Code.OWED: Meaning(
        "It waits for another record, which is not at the CRM yet.", "that one gets there"
    ),
    Code.HELD: Meaning("It waits for a person.", "the problem is solved", PROBLEMS),
    Code.GONE: Meaning(
        "Somebody removed it from the CRM, and it is not made again by itself.",
        "it is restored there, or a person wants a new one",
        "syncd resync --key {ref} --recreate",
    ),
    Code.REFUSED: Meaning(
        "The CRM refused it.",
        "the record, its mapping or the CRM's set-up changes; it is tried again by itself",
        PROBLEMS,
    ),
    Code.NOT_ACCEPTED: Meaning(
        "The CRM answered yes and did not keep the value.",
        "the field is there and open to the integration user",
        PROBLEMS,
    ),
    Code.IN_DOUBT: Meaning(
        "It was sent and the answer was lost; nothing is sent before it is looked for.",
        "the next run after the doubt time looks",
        "syncd run",
    ),
    Code.ASKED: Meaning(
        "It was sent, the answer was lost, and this system cannot be searched for it.",
        "a person looks there and says so",
        "syncd problems resolve {problem} --exists REMOTE_ID, or --absent",
    ),
    Code.WAIVED: Meaning(
        "Somebody gave it up.",
        "its record changes, or somebody takes it up again",
        "syncd problems retry {problem}",
    ),
    Code.NEXT_RUN: Meaning("It goes with the next run.", "the next run", "syncd run"),
    Code.MODE_PLAN: Meaning(
        "The pair is in mode plan and writes nothing.", "a plan is applied", "syncd plan"
    ),
    Code.MODE_SHADOW: Meaning(
        "The pair is in mode shadow: it compares and writes nothing.",
        "the pair goes live",
        "syncd plan",
    ),
    Code.OUTSIDE_PILOT: Meaning(
        "The pair is in mode pilot, and this is not in its scope.",
        "the scope takes it in, or the pair goes live",
    ),
    Code.GUARD: Meaning(
        "A guard stopped what looks like a disaster.",
        "a person consents, or the cause is mended",
        PROBLEMS,
    ),
    Code.RESTORED: Meaning(
        "The books went back in time, and nothing is written until somebody decides.",
        "the right books are connected, or a person accepts these",
        PROBLEMS,
    ),
    Code.EMPTIED: Meaning(
        "The system no longer has what syncd wrote to it, and nothing more is sent there.",
        "its objects are back, or a person wants them made again",
        PROBLEMS,
    ),
    Code.PAIR_PAUSED: Meaning("The pair is paused.", "the pause is over, or somebody resumes it"),
    Code.CONNECTION_PAUSED: Meaning(
        "The system is left alone for a while: it asked for that, or a person did.",
        "that time is over, or somebody resumes it",
    ),
    Code.CONNECTION_OUT: Meaning(
        "The system cannot be used now; nothing is lost.", "it answers again", PROBLEMS
    ),
    Code.FIELD_NOT_MAPPED: Meaning(
        "No line of the CRM mapping writes this word.", "a line of the CRM mapping writes it"
    ),
    Code.INCOMPLETE: Meaning(
        "It is counted over documents, and they were not all read yet.",
        "every kind of document was read completely",
        "syncd run",
    ),
    Code.SEVERAL_CURRENCIES: Meaning(
        "One number holds one currency, and this customer has several.",
        "a line of the mapping names the currency: `| in EUR`",
    ),
    Code.NO_FIGURES: Meaning(
        "The balance of this customer was never read, so there are no figures.",
        "the books answer with its balance",
        "syncd run",
    ),
    Code.WON_OFF: Meaning(
        "Won customers are not made in the books: this pair has that switched off.",
        "it is switched on",
    ),
    Code.NOT_WON: Meaning("Nothing that makes it won was read.", "its deal is won"),
    Code.NO_LONGER_WON: Meaning("Its deal is no longer won.", "its deal is won again"),
    Code.WON_BEFORE_SINCE: Meaning(
        "Its deal was closed before the day from which won deals are taken.",
        "that day is moved back",
    ),
    Code.WON_UNREAD: Meaning(
        "The customers of the books were not read completely yet, so who is new is not known.",
        "all customers were read once",
        "syncd run",
    ),
    Code.WON_LACKS: Meaning(
        "The card lacks what the books need.", "its owner fills that in", PROBLEMS
    ),
    Code.WON_DOUBTFUL: Meaning(
        "It may be a customer of the books already, and that is not certain.",
        "the doubles are merged, or the wrong value is corrected",
        PROBLEMS,
    ),
    Code.WON_PROPOSED: Meaning(
        "It waits for accounting's consent.", "accounting accepts it", PROBLEMS
    ),
    Code.LINKED: Meaning(
        "The card is a customer of the books already; nothing is made.", "nothing has to"
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """`detail` tells what the sentence leaves open. `where` is the line of a mapping, `until` when
    the clock ends it, `because` the reason of what it waits for."""

    code: Code
    detail: str = ""
    problem: int | None = None
    until: dt.datetime | None = None
    where: str | None = None
    about: str = ""
    """The record that it is the reason of, as `customer:7`."""
    because: Reason | None = None

    @property
    def sentence(self) -> str:
        return MEANINGS[self.code].sentence

    @property
    def ends(self) -> str:
        return MEANINGS[self.code].ends

    @property
    def root(self) -> Reason:
        return self.because.root if self.because else self

    @property
    def next_step(self) -> str:
        """What to do next; empty where there is nothing."""
        last = self.root
        do = MEANINGS[last.code].do
        if not do and last is not self and last.code is Code.THERE:
            do = MEANINGS[self.code].do
        return do.format(ref=shlex.quote(last.about or self.about), problem=last.problem or "ID")


PAIR_WIDE = frozenset(
    {
        Code.NEXT_RUN,
        Code.MODE_PLAN,
        Code.MODE_SHADOW,
        Code.OUTSIDE_PILOT,
        Code.GUARD,
        Code.RESTORED,
        Code.EMPTIED,
        Code.PAIR_PAUSED,
        Code.CONNECTION_PAUSED,
        Code.CONNECTION_OUT,
    }
)
"""Reasons that hold for whatever could be written."""
STANDS = frozenset(
    {Code.UNMAPPABLE, Code.UNWRITABLE, Code.CORRECTING, Code.VANISHED, Code.ARCHIVED}
)
"""What the CRM shows of such a record stands, by its last good version."""
