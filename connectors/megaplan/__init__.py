"""Megaplan over its API v3, the CRM side: companies carry what the books say in extra fields; what
makes a customer won, and the companies it belongs to, are read."""

from .connector import Megaplan

__all__ = ["Megaplan"]
