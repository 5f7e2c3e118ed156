"""The service: each pair at its pace, one cycle at a time, until it is told to stop.

`service` holds signals, timers and the watchdog, `worker` the loop of one pair. Neither knows what
a cycle does.
"""
