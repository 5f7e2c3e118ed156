"""What systemd is told, by the protocol of sd_notify(3). Outside systemd all of it is nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """`READY=1`, `STATUS=...`, `WATCHDOG=1`, `STOPPING=1`; whether anybody listens. A full or
    vanished socket is no reason to stop."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, address)
    except OSError:
        return False
    return True


def watchdog(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds after which systemd kills a silent service; None where it does not watch this
    process."""
    limit, pid = environment.get("WATCHDOG_USEC"), environment.get("WATCHDOG_PID")
    if not limit or (pid and pid != str(os.getpid())):
        return None
    return int(limit) / 1_000_000
