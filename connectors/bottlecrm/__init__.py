"""BottleCRM (PyPI `django-crm`), the CRM side: accounts, contacts, invoices and their payments."""

from .connector import BottleCRM

__all__ = ["BottleCRM"]
