"""How often runs are expected."""

EVERY = 300.0
"""Seconds between two runs, where nothing else is said."""
INTERVALS = 2
"""So many without a run, and the schedule is taken to be off."""
