"""The processes that make up the service, and how they run together under one command."""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

from django.conf import settings
from honcho.manager import Manager

MAX_WORKERS = 32
# Of a web worker. granian counts idle keep-alive ones too, and lets the next client wait for them.
MAX_CONNECTIONS = 1024
MAX_THREADS = 32  # of a web worker: requests that wait at the same time are committed together
DATABASE_CONNECTIONS = 120  # for all web threads together; the embedded server has 200, the rest is for the others


def cores():
    """Processors this process may use; a container's share may be smaller than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers():
    return settings.WEB_WORKERS or min(cores(), MAX_WORKERS)


def threads():
    """Of each web worker."""
    return settings.WEB_THREADS or max(2, min(MAX_THREADS, DATABASE_CONNECTIONS // workers()))


def web(host, port) -> str:
    """granian with a worker per core. No access log: keys may stand in addresses (`?api_key=`)."""
    options = {
        "interface": "wsgi",
        "host": host,
        "port": port,
        "workers": workers(),
        "blocking-threads": threads(),
        "backpressure": MAX_CONNECTIONS,
        "log-level": "error",
        "workers-kill-timeout": "4",  # seconds; honcho waits five
    }
    flags = ["--respawn-failed-workers", "--no-access-log", "--no-ws"]
    return python_command("-m", "granian", *cli_flags(options), *flags, "carbonseed.wsgi:application")


def worker() -> str:
    """Digest and sweeps, several at a time in threads, with the schedule beside them."""
    options = {"pool": "threads", "concurrency": 4, "queues": "celery", "hostname": "worker@%h", "loglevel": "warning"}
    schedule = settings.VAR_DIR / "schedule"
    return python_command(
        "-m",
        "celery",
        "--quiet",
        "-A",
        "carbonseed",
        "worker",
        "--beat",
        "--schedule",
        str(schedule),
        *celery_flags(options),
    )


def messenger() -> str:
    """Messages have a process of their own: a provider that hangs delays neither digest nor documents."""
    options = {"pool": "threads", "concurrency": 8, "queues": "messages", "hostname": "messenger@%h"}
    return python_command(
        "-m", "celery", "--quiet", "-A", "carbonseed", "worker", *celery_flags({**options, "loglevel": "warning"})
    )


def printer() -> str:
    """PDF documents and detectors have a process of their own: neither ever delays the digest."""
    options = {"pool": "solo", "queues": "reports,findings", "hostname": "printer@%h", "loglevel": "warning"}
    return python_command("-m", "celery", "--quiet", "-A", "carbonseed", "worker", *celery_flags(options))


def virtual_devices(url) -> str:
    return python_command("manage.py", "simulate", "--url", url, "--quiet")


def supervised(command) -> str:
    """Restarted when it exits by itself. `exec`: without it honcho's shell would stay in between."""
    return f"exec {python_command('-m', 'carbonseed.runtime.supervisor')} {command}"


def python_command(*arguments) -> str:
    return shlex.join([sys.executable, *arguments])


def celery_flags(options) -> list:
    return [*cli_flags(options), "--without-gossip", "--without-mingle", "--without-heartbeat"]


def cli_flags(options) -> list:
    return [f"--{name}={value}" for name, value in options.items()]


def run_all(commands, *, when_up=None, url=None):
    """Run the named commands until one ends or a signal comes → exit status. Lines carry the command's name.

    `when_up` is called once `url` answers.
    """
    manager = Manager()
    for name, command in commands.items():
        manager.add_process(name, command, env={**os.environ, "PYTHONUNBUFFERED": "1"}, cwd=settings.BASE_DIR)
    if when_up:
        threading.Thread(target=call_when_up, args=(url, when_up), daemon=True).start()
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
    manager.loop()
    stopped_by_hand = manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    return 0 if stopped_by_hand else manager.returncode or 0


def call_when_up(url, when_up) -> None:
    while not is_up(url):
        time.sleep(0.3)
    when_up()


def is_up(url) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as response:
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


def http_address(host, port) -> str:
    """The http address for people; every interface is reached by this machine's own."""
    display_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{display_host}:{port}"


def prepare_folders() -> None:
    """Above all an empty one in which all web processes count together (see carbonseed/runtime/monitoring.py)."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    folder = settings.VAR_DIR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def is_locked(path) -> bool:
    """Whether a process of this clone holds the lock file."""
    if not path.exists():
        return False
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def port_conflict(host, port):
    """None when the service may listen there, else what is in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return None
