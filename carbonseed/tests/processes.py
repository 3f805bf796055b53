"""Real processes for the tests that concern them: commands, servers and workers on a database of their own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def wait_until(is_so, seconds):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not so within {seconds} s"
        time.sleep(0.1)


def is_up(address):
    try:
        return requests.get(address, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def children(pid: int) -> set[int]:
    """The processes that `pid` has started and that still run."""
    return {child for child, parent in process_table() if parent == pid}


def is_running(pid: int) -> bool:
    return any(pid == one for one, _parent in process_table())


def process_table():
    """(pid, parent's pid) of every process; one that is killed and not yet collected is none."""
    if Path("/proc/self/stat").exists():
        rows = map(process_of, Path("/proc").glob("[0-9]*"))
    else:  # macOS
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,state="], capture_output=True, text=True).stdout
        rows = map(str.split, listing.splitlines())
    return [(int(pid), int(parent)) for pid, parent, state in rows if not state.startswith("Z")]


def process_of(folder):
    """(pid, parent's pid, state) of a folder in /proc."""
    try:
        state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:  # it has ended meanwhile
        return folder.name, "-1", "Z"
    return folder.name, parent, state


def cpu_s(pids) -> float:
    """The processor time that these have used so far, in s; 0 where the system has no /proc."""
    if not Path("/proc/self/stat").exists():
        return 0.0
    fields = (Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids)
    return sum(int(ticks) for one in fields for ticks in one[11:13]) / os.sysconf("SC_CLK_TCK")
