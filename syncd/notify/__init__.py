"""Who hears what: alerts at once, one mail a day, and a sign of life for who watches from outside.

Everything told comes from the table `problem`, in sentences of its own (`tongues`): they hold keys,
amounts, names of fields and of connections, and nothing that a system said.
"""

from syncd.notify.post import check, ready, send
from syncd.notify.tick import Previewed, Tested, preview, test, tick

__all__ = ["Previewed", "Tested", "check", "preview", "ready", "send", "test", "tick"]
