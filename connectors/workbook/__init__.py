"""A workbook of cards: an Excel file in a folder that people open, as the CRM of a company without
one."""

from .connector import Workbook

__all__ = ["Workbook"]
