"""`python -m carbonseed.runtime.supervisor COMMAND …`: run it, and again whenever it ends by itself.

A process that is killed, mostly for want of memory, must not take web, worker and printer down with it. A crash loop
is a fault to be seen: after MAX_EXITS exits within WITHIN_S the supervisor exits too.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque

MAX_EXITS = 5
WITHIN_S = 60
RESTART_DELAY_S = 1
SET_PARENT_DEATH_SIGNAL = 1  # <linux/prctl.h>
KILL_AFTER_S = 4.5  # honcho waits five seconds


class Supervisor:
    def __init__(self, command) -> None:
        self.command, self.process = command, None
        self.exits, self.stop_requested = deque(maxlen=MAX_EXITS), threading.Event()

    def run(self) -> int:
        """→ the exit status of the last run."""
        while True:
            self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=set_parent_death_signal)
            if self.stop_requested.is_set():  # stop() ran while it started
                self.signal_group(signal.SIGTERM)
            status = self.process.wait()
            self.signal_group(signal.SIGKILL)  # what it left behind would go on beside its successor
            self.exits.append(time.monotonic())
            if self.stop_requested.is_set() or self.is_crash_looping():
                return status if status >= 0 else 128 - status
            sys.stderr.write(f"ended with status {status}; starting it again\n")
            time.sleep(RESTART_DELAY_S)

    def is_crash_looping(self) -> bool:
        return len(self.exits) == MAX_EXITS and self.exits[-1] - self.exits[0] < WITHIN_S

    def stop(self, *_) -> None:
        self.stop_requested.set()
        self.signal_group(signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, KILL_AFTER_S)

    def signal_group(self, number, *_) -> None:
        """To the command and all that it started."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def set_parent_death_signal() -> None:
    """On Linux: end the command when its supervisor is killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def main() -> None:
    supervisor = Supervisor(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    signal.signal(signal.SIGALRM, lambda *_: supervisor.signal_group(signal.SIGKILL))
    sys.exit(supervisor.run())


if __name__ == "__main__":
    main()
