"""Restart after a crash, stop on a signal, exit of the supervisor in a crash loop."""

import os
import signal
import subprocess
import sys

import pytest

from carbonseed.tests.processes import ROOT, children, is_running, wait_until

pytestmark = pytest.mark.slow
NOTES_ITSELF = """
import os, sys, time
with open(sys.argv[1], "a") as notes:
    notes.write(f"{os.getpid()}\\n")
"""
STAYS = NOTES_ITSELF + "time.sleep(60)"
LEAVES_A_CHILD = "import os; os.fork()" + NOTES_ITSELF + "time.sleep(60)"
# As the module does when it is run, but for the pause before it starts a command again.
SUPERVISE = "from carbonseed.runtime import supervisor as s; s.RESTART_DELAY_S = 0.05; s.main()"
FAILS = NOTES_ITSELF + "sys.exit(3)"


@pytest.fixture
def start_supervisor(tmp_path):
    """`start_supervisor(code)` → the supervisor of a process with this code, and a function for the pids it has had."""
    started = []

    def start(code):
        notes = tmp_path / "pids"
        command = [sys.executable, "-c", SUPERVISE, sys.executable, "-c", code, str(notes)]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL))
        return started[-1], lambda: [int(pid) for pid in notes.read_text().split()] if notes.exists() else []

    yield start
    for supervisor in started:
        supervisor.terminate()
        supervisor.wait(10)


def test_a_process_that_is_killed_is_started_again_and_told_to_stop_stops(start_supervisor):
    supervisor, pids = start_supervisor(STAYS)
    wait_until(pids, 20)
    os.kill(pids()[0], signal.SIGKILL)
    wait_until(lambda: len(pids()) == 2, 20)
    supervisor.terminate()
    assert supervisor.wait(10) == 128 + signal.SIGTERM
    assert not is_running(pids()[1])


def test_nothing_that_a_killed_process_started_goes_on_beside_its_successor(start_supervisor):
    supervisor, pids = start_supervisor(LEAVES_A_CHILD)
    wait_until(lambda: len(pids()) == 2, 20)
    first = pids()
    os.kill(*children(supervisor.pid), signal.SIGKILL)
    wait_until(lambda: len(pids()) == 4, 20)
    assert not any(is_running(pid) for pid in first)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_nothing_goes_on_unsupervised(start_supervisor):
    supervisor, pids = start_supervisor(STAYS)
    wait_until(pids, 20)
    supervisor.kill()
    wait_until(lambda: not is_running(pids()[0]), 20)


def test_what_does_not_stay_up_ends_the_supervisor_with_its_status(start_supervisor):
    supervisor, pids = start_supervisor(FAILS)
    assert supervisor.wait(60) == 3
    assert len(pids()) == 5
