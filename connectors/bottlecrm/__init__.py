"""BottleCRM (PyPI `django-crm`), the CRM side: accounts, contacts, invoices, payments and notes are
written; won deals and the accounts they belong to are read."""

from .connector import BottleCRM

__all__ = ["BottleCRM"]
