"""Runs one server and ends it when the other end of standard input closes.

The kernel closes a pipe whatever kills its owner, so a server behind this guard does not outlive
the one who started it; should the guard itself be killed, the kernel ends the server (Linux).

usage: guard.py SIGNAL UID COMMAND...    SIGNAL asks the server to end; UID -1 stays the same user
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading

GRACE = 10.0  # seconds between asking and killing
PR_SET_PDEATHSIG = 1


def main() -> None:
    asking, uid = signal.Signals[sys.argv[1]], int(sys.argv[2])
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        if uid >= 0:
            gid = pwd.getpwuid(uid).pw_gid
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    server = subprocess.Popen(
        sys.argv[3:],
        stdin=subprocess.DEVNULL,
        close_fds=False,
        process_group=0,
        preexec_fn=prepare,  # no thread is running yet
    )

    def watch() -> None:
        while os.read(0, 1024):
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, asking)
        try:
            server.wait(GRACE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)

    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)  # the end comes through the pipe alone
    threading.Thread(target=watch, daemon=True).start()
    sys.exit(server.wait())


if __name__ == "__main__":
    main()
