"""Books and a CRM in one process: the tests' world, and the reference of what a connector is.

`World` is the two systems, with every habit a real one can have as a switch; `MemoryBooks` and
`MemoryCrm` are the connectors to it. `python -m connectors.memory.serve` puts a world behind HTTP.
"""

from .books import Figure
from .books_connector import MemoryBooks
from .crm_connector import MemoryCrm
from .faults import Fault
from .habits import BooksHabits, CrmHabits
from .world import LocalTransport, World

__all__ = [
    "BooksHabits",
    "CrmHabits",
    "Fault",
    "Figure",
    "LocalTransport",
    "MemoryBooks",
    "MemoryCrm",
    "World",
]
