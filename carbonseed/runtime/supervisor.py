"""`python -m carbonseed.runtime.supervisor COMMAND …`: run it, and again whenever it ends by itself.

A process that is killed, mostly for want of memory, must not take web, worker and printer down with it until somebody
looks. What does not stay up is a fault to be seen: after MOST_ENDS ends within WITHIN_S the keeper ends too.
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

MOST_ENDS = 5
WITHIN_S = 60
PAUSE_S = 1
SET_PARENT_DEATH_SIGNAL = 1  # <linux/prctl.h>
STOPS_IN_S = 4.5  # whoever runs us waits five


class Keeper:
    def __init__(self, command):
        self.command, self.running = command, None
        self.ends, self.stops = deque(maxlen=MOST_ENDS), threading.Event()

    def run(self) -> int:
        """→ the exit status of the last run."""
        while True:
            self.running = subprocess.Popen(self.command, start_new_session=True, preexec_fn=end_with_parent)
            if self.stops.is_set():  # told so while it started
                self.pass_on(signal.SIGTERM)
            status = self.running.wait()
            self.pass_on(signal.SIGKILL)  # what it left behind would go on beside its successor
            self.ends.append(time.monotonic())
            if self.stops.is_set() or self.has_failed():
                return status if status >= 0 else 128 - status
            sys.stderr.write(f"ended with status {status}; starting it again\n")
            time.sleep(PAUSE_S)

    def has_failed(self) -> bool:
        return len(self.ends) == MOST_ENDS and self.ends[-1] - self.ends[0] < WITHIN_S

    def stop(self, *_):
        self.stops.set()
        self.pass_on(signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, STOPS_IN_S)

    def pass_on(self, number, *_):
        """To the command and all that it started."""
        if self.running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.running.pid, number)


def end_with_parent():
    """Where the system can do it (Linux): nobody would look after a command whose keeper was killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def main():
    keeper = Keeper(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.stop)
    signal.signal(signal.SIGALRM, lambda *_: keeper.pass_on(signal.SIGKILL))
    sys.exit(keeper.run())


if __name__ == "__main__":
    main()
