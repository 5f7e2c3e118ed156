"""Processes that are killed: at every named point, in the middle of a request, and at random.

docs/crash-points.md lists the points; the tables in `test_points` are the same list.
"""
