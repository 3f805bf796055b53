"""Fixtures of the whole suite. Time is passed in: NOW is when every story happens."""

import shutil
import tempfile
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import TestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from carbonseed.tests import template_database
from devices.tests.cast import make_device
from factories.roles import Role
from factories.tests.cast import FactoryMaker, UserMaker, member
from telemetry.ingest import rate_limits, rejections
from telemetry.storage import writer

NOW = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)

# The examples of a property follow from its test alone: neither earlier runs nor a slow machine change the outcome.
hypothesis_settings.register_profile(
    "carbonseed",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # measures wall time, and tests must not depend on it
)
hypothesis_settings.load_profile("carbonseed")


def pytest_configure(config):
    set_broker_apart(config)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.3 s each
    settings.WHITENOISE_AUTOREFRESH = True  # otherwise each client of each test lists all static files first


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Slow tests first: side by side, a long one at the end would leave the other process idle."""
    items.sort(key=lambda item: "slow" not in item.keywords)


def set_broker_apart(config):
    """A demo of the same clone may be running: its worker must not be handed the tests' messages."""
    folder = tempfile.mkdtemp(prefix="carbonseed-broker-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in ("data_folder_in", "data_folder_out", "control_folder"):
        settings.CELERY_BROKER_TRANSPORT_OPTIONS[name] = folder


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """In place of pytest-django's: a copy of a migrated database, one for each process of the run."""
    with django_db_blocker.unblock():
        before = template_database.create_database()
    yield
    with django_db_blocker.unblock():
        template_database.drop_database(before)


@pytest.fixture(scope="session")
def migrate_server(django_db_blocker):
    """`migrate_server(server)`: a started server of a test's own gets the tables and factors."""

    def migrate(server):
        with django_db_blocker.unblock():
            template_database.migrate_server(server)

    return migrate


@pytest.fixture(scope="module")
def shared_rows(django_db_setup, django_db_blocker):
    """`with shared_rows(): …` in a fixture of a module: its rows are there in every test, and gone after the last.

    They lie in a transaction around the module, in which each test has a savepoint. So a test gets its own objects
    of them from the database, and none of the module may have transactions of its own (`transaction=True`).
    """
    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        TestCase._rollback_atomics(atomics)


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """Rate limits and refusal counts live in the process: every test has its own, and no timer outlives it."""
    rate_limits.reset()
    monkeypatch.setattr(rejections.refusal_counter, "uses_timer", False)
    rejections.refusal_counter.reset()
    writer.cached_months.clear()


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def steel_forge(db):
    return FactoryMaker(name="Steel Forge", contact_email="owner@steelforge.in")


@pytest.fixture
def chem_works(db):
    return FactoryMaker(name="Chem Works", industry="chemicals")


@pytest.fixture
def asha(steel_forge):
    return member(steel_forge, Role.OWNER, email="asha@steelforge.in", full_name="Asha Kulkarni")


@pytest.fixture
def vik(steel_forge):
    return member(steel_forge, Role.OPERATOR, email="vik@steelforge.in", full_name="Vik Patil")


@pytest.fixture
def vera(steel_forge):
    return member(steel_forge, Role.VIEWER, email="vera@steelforge.in", full_name="Vera Joshi")


@pytest.fixture
def ira(steel_forge):
    return member(steel_forge, Role.AUDITOR, email="ira@auditors.in", full_name="Ira Menon")


@pytest.fixture
def chitra(chem_works):
    return member(chem_works, Role.OWNER, email="chitra@chemworks.in", full_name="Chitra Rao")


@pytest.fixture
def admin_user(db):
    return UserMaker(email="root@carbonseed.io", full_name="Root", is_staff=True, is_superuser=True)


@pytest.fixture
def device(steel_forge):
    return make_device(steel_forge)


@pytest.fixture
def api():
    """`api(asha)`: an API client that speaks as Asha."""

    def as_user(user=None):
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return as_user


@pytest.fixture
def page(client):
    """`page(asha)`: a browser session of Asha."""

    def as_user(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_user
