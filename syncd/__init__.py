"""syncd: the daemon between a company's books and its CRM."""

__version__ = "0.1.0"
