"""The sentences of alerts and mails in English."""

from __future__ import annotations

from syncd.notify.tongues.tongue import Tongue


def _english(n: int) -> int:
    return int(n != 1)


ENGLISH = Tongue(
    form=_english,
    problems=("{n} problem", "{n} problems"),
    waiting=("{n} record waits", "{n} records wait"),
    owners={"accounting": "accounting", "sales": "sales", "sysadmin": "the administrator"},
    kinds={
        "credit_note": "credit notes",
        "won": "won customers",
    },
    guards={
        "cards": "unusually many cards would get another name or address",
        "documents": "unusually many documents on cards would change",
        "blanks": "unusually many cards and documents would lose a value",
        "money": "more money than usual would move and no document explains it",
        "won": "unusually many won customers would be made in the books",
        "mapping": "what a changed mapping alone would write is more than usual",
    },
    systems={
        "down": ("{0} cannot be used now", "Nothing is lost; it goes on by itself"),
        "refused": ("{0} refuses syncd", "Mend the credential or its rights"),
        "file": (
            "{0} has a file that cannot be read",
            "Mend the file, or what the connection says of it",
        ),
        "odd": (
            "{0} does not answer as its documentation says",
            "Whoever runs it has to look",
        ),
    },
    causes={
        "implausible": (
            "A complete read shows far fewer {kinds} than before and is not believed",
            "Look whether somebody lost rights, or another base is connected",
        ),
        "restored": (
            "The books went back in time ({kinds}); nothing is written",
            "Point the connection at the right books, or waive this problem",
        ),
        "guard": ("Stopped: {guard}", "If that is right: syncd apply {plan}"),
        "differs": (
            "The ledger and the documents differ ({who})",
            "It closes itself when both agree: syncd prove",
        ),
        "sellers": (
            "Sellers of the books have no user in the CRM; their new cards belong to somebody else",
            "Mend the user, or write who it is into the mapping (people.is): syncd problems",
        ),
        "overwritten": (
            "A second writer in {0} changes what the books own, again and again",
            "Find it and take these fields out of it: syncd problems",
        ),
        "uncompared": (
            "Cards cannot be compared with customers of the books: {0}",
            "Mend the card or the rule",
        ),
        "emptied": (
            "{0} no longer has what syncd wrote; nothing is written to it",
            "Bring it back; if it is gone for good: syncd resync --all --recreate",
        ),
        "unmappable": ("{kinds} cannot be read: {1}", "Mend the record or the rule"),
        "unwritable": ("{kinds} cannot be written: {1}", "Mend the rule"),
        "vanished": (
            "{kinds} are gone from the books; cards stay as they are",
            "It closes itself when they come back. Gone for good: syncd problems resolve",
        ),
        "refused": ("The system refuses {kinds}{field}", "Mend the record, the rule or the field"),
        "not accepted": (
            "The system says yes and does not keep {1} ({kinds})",
            "Make the field, or open it to the integration user",
        ),
        "clash": (
            "{one} {1} and an object of the CRM have one name and are not linked",
            "Rename one of them, or put the books id onto the card",
        ),
        "fixed": (
            "The CRM cannot change {1} of {kinds} that are written",
            "Cancel them there; until then their cards show the old value",
        ),
        "asked": ("Nobody knows whether {0} was made", "Look there, then: syncd problems resolve"),
        "doubled": ("{0} is there more than once", "Remove the doubles; the first is kept"),
        "gone": (
            "Somebody removed an object ({kinds} {1})",
            "Restore it, or have it made again: syncd resync",
        ),
        "merged": (
            "The books made one of customer {0} and another, and the cards are to follow",
            "Merge the two cards in the CRM, or answer: syncd problems",
        ),
        "won lacks": (
            "Won customers lack {rest}, and the books need it",
            "They go by themselves when the card is filled in",
        ),
        "won match": (
            "Card {1} was won and fits a customer of the books, or another card",
            "Merge the doubles, or correct the tax id or e-mail",
        ),
        "won proposed": ("Won customers wait for consent", "syncd links accept CARD"),
        "won earlier": (
            "Customers won before this pair began wait for a yes",
            "syncd links accept CARD",
        ),
        "alerts": ("Messages to {0} do not get through", "They are tried again by themselves"),
        "silence": (
            "{0} answers, and nothing new has come for longer than is ever usual",
            "See whether a change there is read; a day off belongs into the calendar",
        ),
        "unexplained": (
            "Balances and documents of {0} no longer move together",
            "Look at the rights of the integration user there",
        ),
        "hidden": (
            "Reads by time leave out the newest records of {0}",
            "Look for a filter or a cache; nothing is lost meanwhile",
        ),
        "stale": (
            "Runs end, and {0} is not read completely",
            "Look at the notes of the last runs: syncd log",
        ),
        "frozen": (
            "{0} tells the same time in every answer",
            "Mend or go round the cache before it",
        ),
        "clock": ("A clock is wrong: {0}", "Compare the clocks of both machines"),
        "schedule": (
            "No run of {0} began for two intervals",
            "Look at the service: systemctl status syncd",
        ),
        "paused": ("{0} has been paused for a long time", "syncd resume {0}"),
        "service": ("The service could not do its work ({0})", "See what to mend: syncd problems"),
        "state": (
            "The state file is older than what was written since",
            "Look with syncd plan, then syncd apply",
        ),
        "disk": ("The disk under the state is nearly full", "Make room; it goes on by itself"),
    },
    frame={
        "subject": "syncd: {problems} for {owner}",
        "head": "{problems} for {owner}, {new} new since the last mail.",
        "money": "Invoices over {money} wait.",
        "since": "#{id} since {day}: ",
        "since_new": "#{id} NEW since {day}: ",
        "waits": " ({waiting}: {keys})",
        "stop": ". ",
        "more": "... and {n} more.",
        "next": "All of it: {command}",
        "field": " because of the field {0}",
        "still": "Still open after {time}: ",
        "solved": "Solved: {what}, open {time}",
        "waived": "Given up by a person: {what}, open {time}",
        "subject_new": "syncd: {problems}, new",
        "subject_old": "syncd: {problems}, still open",
        "subject_solved": "syncd: {problems}, solved",
        "alive": "syncd: nothing to do",
        "alive_head": "Nothing to do for {owner}.",
        "fresh": "{pair}: alive, cards fresh as of {moment}.",
        "proven": " Proven {day}: {agreed} of {cards} cards agree.",
        "unproven": " Not proven yet.",
        "test": "syncd: test message",
        "test_body": "This is how messages for {owner} arrive. Nothing has to be done.",
    },
)
