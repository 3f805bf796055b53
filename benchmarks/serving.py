"""The services under measurement as real processes, and what CPU time each kind of process takes."""

import contextlib
import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil

from benchmarks.databases import ROOT

START_S = 120
BASE_ENVIRONMENT = {"LOG_LEVEL": "ERROR", "CARBONSEED_MODE": "development", "PYTHONUNBUFFERED": "1"}
UNLIMITED = {"INGEST_DEVICE_RATE": "1000000", "INGEST_DEVICE_BURST": "1000000000"}  # the buckets work, and never say no


class Service:
    """A running service: its port and its processes."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def processes(self):
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu_s(self):
        return sum(cpu_of(process) for process in self.processes())

    def workers(self):
        """The processes that answer, not the one that watches them."""
        return psutil.Process(self.process.pid).children(recursive=True)


def cpu_of(process):
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return times.user + times.system
    return 0.0


def postgres_cpu_s(server):
    """Of the postmaster and its living children; a connection that was closed meanwhile is missed."""
    postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
    return sum(cpu_of(process) for process in [postmaster, *postmaster.children(recursive=True)])


@contextlib.contextmanager
def product(databases, name, workers=0):
    """The real service as production starts it, on this database."""
    from carbonseed.runtime.process_manager import web

    environment = {**BASE_ENVIRONMENT, **UNLIMITED, "DATABASE_URL": databases.url(name)}
    port, command = free_port(), None
    with override_workers(workers):
        command = shlex.split(web("127.0.0.1", port))
    with start_service(command, port, environment) as service:
        yield service


@contextlib.contextmanager
def original(databases, workers):
    """The minimal FastAPI + SQLAlchemy service, with uvicorn's workers."""
    port = free_port()
    environment = {**BASE_ENVIRONMENT, "ORIGINAL_DATABASE_URL": alchemy_url(databases)}
    command = [sys.executable, "-m", "uvicorn", "benchmarks.original.app:app", "--port", str(port)]
    command += ["--workers", str(workers), "--no-access-log", "--log-level", "warning"]
    with start_service(command, port, environment) as service:
        yield service


def make_original_tables(databases, device_ids):
    environment = {**os.environ, "ORIGINAL_DATABASE_URL": alchemy_url(databases)}
    command = [sys.executable, "-m", "benchmarks.original.app", *device_ids]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)


def alchemy_url(databases):
    return f"postgresql+psycopg2://postgres@/original?host={databases.server.sockets}"


@contextlib.contextmanager
def start_service(command, port, environment):
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL)
    try:
        wait_until_ready(process, port)
        yield Service(process, port)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(process, port):
    deadline, last_error = time.monotonic() + START_S, "nothing answered"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a service ended with status {process.returncode} before it answered")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"a service is not ready: {error.read(500)!r}") from error
        except OSError as error:
            last_error = error
        time.sleep(0.2)
    raise RuntimeError(f"a service did not answer within {START_S} s: {last_error}")


@contextlib.contextmanager
def override_workers(count):
    from django.conf import settings

    before = settings.WEB_WORKERS
    settings.WEB_WORKERS = count
    try:
        yield
    finally:
        settings.WEB_WORKERS = before


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
