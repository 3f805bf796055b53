"""The embedded server: made, held by several, stopped by the last, recovered after a crash."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from carbonseed.runtime.postgres import MAX_SOCKET_PATH_BYTES, SOCKET_NAME, Server, embedded_settings, socket_folder

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_socket_lies_beside_the_data():
    assert embedded_settings(Path("/srv/carbonseed/var"))["HOST"] == "/srv/carbonseed/var/postgres"


@pytest.mark.parametrize("clone", ["/srv/" + "long/" * 30, "/srv/my clone", "/srv/a,b", "/srv/கார்பன்"])
def test_a_path_no_socket_can_have_gets_a_short_folder_of_its_own(clone):
    folder = socket_folder(Path(clone) / "var" / "postgres")
    assert len(str(folder / SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES
    assert folder != socket_folder(Path(clone) / "elsewhere" / "var" / "postgres")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("clone"), options={"fsync": "off"})
    yield server
    server.stop()


def answer(server, sql="SELECT 1"):
    connection = psycopg2.connect(server.url("carbonseed"), connect_timeout=10)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def postmaster(server):
    return int((server.data / "postmaster.pid").read_text().split()[0])


@pytest.mark.slow
def test_the_last_holder_stops_it(server):
    first = server.acquire()
    with server.lease():
        assert answer(server) == 1
    assert server.is_running()
    server.release(first)
    assert not server.is_running()


@pytest.mark.slow
def test_a_server_started_by_hand_stays(server):
    server.start()
    (server.var / "postgres.kept").touch()
    with server.lease():
        pass
    assert server.is_running()
    (server.var / "postgres.kept").unlink()


@pytest.mark.slow
def test_what_was_committed_survives_a_crash_and_a_stale_lock_file(server):
    with server.lease():
        answer(server, "CREATE TABLE kept AS SELECT 42 AS figure")
        os.kill(postmaster(server), signal.SIGKILL)
        time.sleep(0.5)
        stale = server.data / "postmaster.pid"
        stale.write_text(stale.read_text().replace(str(postmaster(server)), str(os.getpid()), 1))  # reused by another
        server.start()
        assert answer(server, "SELECT figure FROM kept") == 42


@pytest.mark.slow
def test_two_processes_that_start_it_at_once_share_it(server):
    ask = "import psycopg2, os; psycopg2.connect(os.environ['DATABASE_URL']); print('ok')"
    command = [
        sys.executable,
        "-m",
        "carbonseed.runtime.postgres",
        "--var",
        server.var,
        "hold",
        "--",
        sys.executable,
        "-c",
        ask,
    ]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=120)[0].split()[-1] for process in both] == ["ok", "ok"]
    assert not server.is_running()


@pytest.mark.slow
def test_nobody_else_may_look_into_the_data_or_reach_it_over_the_network(server):
    with server.lease():
        assert server.data.stat().st_mode & 0o777 == 0o700
        assert answer(server, "SHOW listen_addresses") == ""
        assert int(answer(server, "SHOW max_connections")) == 200
