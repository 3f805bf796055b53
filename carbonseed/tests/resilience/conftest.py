"""One PostgreSQL, with fsync, for all these tests; each has a factory of its own in it."""

import shutil
import tempfile
from pathlib import Path

import pytest

from carbonseed.runtime.postgres import Server
from carbonseed.tests.resilience.service import Service


@pytest.fixture(scope="package")
def server(migrate_server):
    # Not below pytest's own folder: each run that starts beside this one closes that to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="carbonseed-proof-"))
    started = Server(folder / "var")
    with started.lease():
        migrate_server(started)
        yield started
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def service(server):
    """No rate limits: what is proved here is not how they slow."""
    with Service(server, INGEST_DEVICE_RATE="0") as running:
        yield running
