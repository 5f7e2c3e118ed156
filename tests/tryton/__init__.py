"""Tryton: flows without a server, arithmetic, and a real Tryton."""
