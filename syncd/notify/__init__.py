"""Who hears what: alerts at once, one mail a day, and a sign of life for who watches from outside.

Everything told comes from the table `problem`, in sentences of its own (`tongues`): they hold keys,
amounts, names of fields and of connections, and nothing that a system said.
"""

from syncd.notify.post import STRANGE, check, ready, send, strangers, targets_of
from syncd.notify.tick import Previewed, Tested, preview, test, test_targets, tick

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
