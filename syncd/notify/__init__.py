"""Who hears what: alerts at once, one mail a day, and a sign of life for who watches from outside.

Everything told comes from the table `problem`, in sentences of its own (`tongues`): they hold keys,
amounts, names of fields and of connections, and nothing that a system said.
"""

from typing import TYPE_CHECKING

from syncd.later import later

if TYPE_CHECKING:
    from syncd.notify.due import Previewed, Tested, preview, test, test_targets, tick
    from syncd.notify.post import STRANGE, check, ready, send, strangers, targets_of

__all__ = [
    "STRANGE",
    "Previewed",
    "Tested",
    "check",
    "preview",
    "ready",
    "send",
    "strangers",
    "targets_of",
    "test",
    "test_targets",
    "tick",
]

__getattr__ = later(
    __name__,
    post=("STRANGE", "check", "ready", "send", "strangers", "targets_of"),
    due=("Previewed", "Tested", "preview", "test", "test_targets", "tick"),
)
