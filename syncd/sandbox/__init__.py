"""Systems that cannot run in a test, stood in for: each speaks its vendor's wire format, with the
vendor's limits, errors and traps. What is uncertain about a vendor is a switch.

A sandbox is pure: `answer` takes a request and gives the answer (`syncd.sandbox.port`). `serve`
puts it behind HTTP on loopback with a fault lane before it, and pages that show what happened.
"""
