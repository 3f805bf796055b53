"""`kill -9` in the middle of load: what was acknowledged is there once, and the service comes back by itself."""

import os
import signal
import subprocess
import sys
import time

import pytest

from carbonseed.tests.processes import ROOT, children, wait_until
from carbonseed.tests.resilience.sending import DeviceConnection, DeviceFleet, assert_stored_exactly
from carbonseed.tests.resilience.service import Service

pytestmark = pytest.mark.slow
BACK_S = 60  # on a busy machine; a second or two on an idle one
PRODUCTION = {
    "CARBONSEED_MODE": "production",
    "SECRET_KEY": "x9" * 30 + "-a-long-random-one",
    "CREDENTIAL_KEYS": "y8" * 30 + "-another-one",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SITE_URL": "https://carbonseed.example.in",
    "EMAIL_URL": "consolemail://",
    "DEBUG": "false",
    "DIGEST_SECONDS": "1",
}
NAMES = [f"D{number}" for number in range(8)]


def test_a_web_worker_is_killed(service):
    keys = service.register(*NAMES, factory="Killed workers")
    with DeviceFleet(service, keys) as load:
        wait_until(lambda: min(load.progress.values()) > 10, BACK_S)
        workers = service.web_workers()
        for place, victim in enumerate(sorted(workers)):
            if place:
                time.sleep(6)  # within 5.5 s granian takes a second death for a loop, and leaves it to its supervisor
            kill_and_wait(service, load, victim, len(workers))
    assert load.total("cuts") > 0, "nobody was connected to the worker that was killed"
    assert set(load.answers) <= {200, 201, 503}
    assert_stored_exactly(service, load, "Killed workers")


def kill_and_wait(service, load, victim, workers):
    before = load.progress
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(service.web_workers() - {victim}) == workers, BACK_S)
    wait_until(lambda: load.progressed_since(before), BACK_S)


def test_the_databases_server_is_killed(service):
    assert service.query("SHOW fsync") == [("on",)]
    keys = service.register(*NAMES, factory="Killed server")
    with DeviceFleet(service, keys) as load:
        wait_until(lambda: min(load.progress.values()) > 10, BACK_S)
        os.kill(postmaster(service.server), signal.SIGKILL)
        time.sleep(2)
        service.server.start()  # recovers from its log, as after a power failure
        before = load.progress
        wait_until(lambda: load.progressed_since(before), BACK_S)
    assert_recovered(service, load, "Killed server")


def test_one_of_the_databases_backends_is_killed(service):
    """PostgreSQL then throws all connections out and recovers, without anybody's help."""
    keys = service.register(*NAMES, factory="Killed backend")
    with DeviceFleet(service, keys) as load:
        wait_until(lambda: min(load.progress.values()) > 10, BACK_S)
        os.kill(busy_backend(service), signal.SIGKILL)
        before = load.progress
        wait_until(lambda: load.progressed_since(before), BACK_S)
    assert_recovered(service, load, "Killed backend")


def test_whatever_of_make_serve_is_killed_comes_back(server, tmp_path):
    """Web, worker, messenger and printer at once, as the system does when memory runs out."""
    service = Service(server, **PRODUCTION, CELERY_BROKER_URL=f"filesystem://{tmp_path / 'broker'}")
    command = [sys.executable, "manage.py", "serve", "--port", str(service.port)]
    serve = subprocess.Popen(command, cwd=ROOT, env=service.environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(service.is_ready, 90)
        supervisors = {supervisor for runner in children(serve.pid) for supervisor in children(runner)}
        victims = {supervisor: children(supervisor) for supervisor in supervisors}
        assert [len(pids) for pids in victims.values()] == [1, 1, 1, 1]
        for pids in victims.values():
            os.kill(*pids, signal.SIGKILL)
        wait_until(lambda: all(children(supervisor) - victims[supervisor] for supervisor in supervisors), BACK_S)
        wait_until(service.is_ready, 60)
        key = service.register("D0", factory="Served")["D0"]
        assert DeviceConnection(service.port, key).post({"temperature": 850}).status == 201
        wait_until(lambda: service.logged_arrivals("Served") == 0, 60)  # the worker has summed it
    finally:
        serve.terminate()
        serve.wait(30)


def assert_recovered(service, load, factory):
    assert load.answers[503] > 0, "nobody noticed"
    assert set(load.answers) <= {200, 201, 503}
    assert load.total("bare_503s") == 0
    assert load.total("cuts") == 0
    assert service.is_ready()
    assert_stored_exactly(service, load, factory)


def postmaster(server) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def busy_backend(service) -> int:
    """One that serves a web worker."""
    return service.query(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
        "ORDER BY query_start DESC NULLS LAST LIMIT 1"
    )[0][0]
