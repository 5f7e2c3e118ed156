"""Zoho CRM over REST v8, the CRM side: accounts, orders, invoices, payments and credit notes are
written; what makes a customer won, and the accounts they belong to, are read."""

from .connector import ZohoCrm

__all__ = ["ZohoCrm"]
