"""Every address with a parameter is walked with another factory's row: a stranger gets 404, and nothing changes.

A route with a parameter that KINDS does not know fails the walk: say there whose row its parameter names.
"""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from carbonseed.tests.world import build_world
from factories.models import User
from factories.roles import Role
from factories.tests.cast import FactoryMaker, member
from registers.models import BY_SLUG

METHODS = ["get", "post", "put", "patch", "delete"]
NOT_OURS = ("admin/", "static/")  # Django admin is for admins alone (see test_admin)

# Public by design: the parameter is a secret or a digest, not the number of a row.
PUBLIC = {"password_reset_confirm", "accept_invitation", "verify", "alert_tap"}

# What the first parameter of a path names, by how the path begins; a second one is a key's prefix.
KINDS = [
    *((rf"registers/{slug}/", {"pk": f"{slug}-row"}) for slug in BY_SLUG),
    (r"registers/documents/", {"pk": "evidence"}),
    (r"auth/users/", {"pk": "user"}),
    (r"factories/<\w+>/keys/", {"pk": "factory", "prefix": "gateway_key"}),
    (r"factories/", {"pk": "factory"}),
    (r"devices/<\w+>/keys/", {"pk": "device", "prefix": "device_key"}),
    (r"devices/", {"pk": "device"}),
    (r"quarantine/", {"pk": "quarantined"}),
    (r"recommendations/", {"pk": "recommendation"}),
    (r"doubtful-steps/", {"pk": "doubtful_step"}),
    (r"imports/", {"pk": "day_file"}),
    (r"alert-rules/", {"pk": "rule"}),
    (r"alerts/", {"pk": "alert"}),
    (r"memberships/", {"pk": "membership"}),
    (r"tariffs/", {"pk": "tariff"}),
    (r"shifts/", {"pk": "shift"}),
    (r"holidays/", {"pk": "holiday"}),
    (r"maintenance/", {"pk": "maintenance"}),
    (r"escalation-steps/", {"pk": "step"}),
    (r"notification-preferences/", {"pk": "factory"}),
    (r"notification-channels/", {"pk": "channel"}),
    (r"deliveries/", {"pk": "delivery"}),
    (r"reports/<\w+>/waivers/", {"pk": "report", "waiver": "waiver"}),
    (r"reports/", {"pk": "report"}),
    (r"dashboard/machines/<\w+>/keys/", {"pk": "device", "prefix": "device_key"}),
    (r"dashboard/machines/", {"pk": "device"}),
    (r"dashboard/quarantine/", {"pk": "quarantined"}),
    (r"dashboard/imports/", {"pk": "day_file"}),
    (r"dashboard/alerts/rules/", {"pk": "rule"}),
    (r"dashboard/alerts/escalation/", {"pk": "step"}),
    (r"dashboard/alerts/maintenance/", {"pk": "maintenance"}),
    (r"dashboard/alerts/", {"pk": "alert"}),
    (r"dashboard/reports/<\w+>/waivers/", {"pk": "report", "waiver": "waiver"}),
    (r"dashboard/reports/", {"pk": "report"}),
    (r"dashboard/registers/documents/", {"pk": "evidence"}),
    (r"dashboard/registers/", {"register": "register", "pk": "register_row"}),
    (r"dashboard/profile/notifications/", {"pk": "channel"}),
    (r"dashboard/what-if/", {"pk": "what_if"}),
    (r"dashboard/keys/", {"prefix": "gateway_key"}),
    (r"dashboard/team/", {"pk": "membership"}),
    (r"dashboard/invitations/", {"pk": "invitation"}),
    (r"dashboard/recommendations/", {"pk": "recommendation"}),
    (r"dashboard/doubtful-steps/", {"pk": "doubtful_step"}),
    (r"dashboard/tariffs/", {"pk": "tariff"}),
    (r"dashboard/shifts/", {"pk": "shift"}),
    (r"dashboard/holidays/", {"pk": "holiday"}),
    (r"dashboard/factories/", {"pk": "factory"}),
]


def routes(patterns=None, prefix=""):
    """(name, path with <parameters>) of every address of the project."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        part = str(entry.pattern)
        if isinstance(entry.pattern, RegexPattern):
            part = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", part).replace("^", "").replace("$", "").replace("\\Z", "")
        part = re.sub(r"<\w+:(\w+)>", r"<\1>", part)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, prefix + part)
        elif isinstance(entry, URLPattern):
            yield entry.name, prefix + part


def names_a_row(path):
    """Whether a path has a parameter that is somebody's: `register` names a kind of rows, the same for everybody."""
    return "<" in path.replace("<register>", "")


WALK = sorted(
    {path for name, path in routes() if names_a_row(path) and not path.startswith(NOT_OURS) and name not in PUBLIC}
)


def kinds_of(path):
    for start, kinds in KINDS:
        if re.match(start, path):
            return kinds
    return {}


def fill_parameters(path, world):
    """The path with the ids of `world`'s rows in it."""
    kinds = kinds_of(path)
    names = re.findall(r"<(\w+)>", path)
    missing = [name for name in names if name not in kinds]
    assert not missing, f"KINDS does not say whose row {missing} of {path} names"
    for name in names:
        path = path.replace(f"<{name}>", str(world[kinds[name]]))
    return f"/{path}"


def database_contents():
    """[(table, row as text)] of every model of ours but the users, who have just logged in: nothing may change."""
    ours = ("factories", "devices", "telemetry", "alerts", "registers", "reports")
    models = (model for app in ours for model in apps.get_app_config(app).get_models() if model is not User)
    rows = (f"SELECT '{table}', t::text FROM {table} t" for table in sorted({m._meta.db_table for m in models}))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows))
        return sorted(cursor.fetchall())


def ask(session, method, url):
    sent = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    return getattr(session, method)(url, **sent)


@pytest.fixture(scope="module")
def worlds(shared_rows):
    """(ours, theirs): the ids of the rows of Asha's factory and of Chitra's."""
    with shared_rows():
        ours = FactoryMaker(name="Steel Forge"), "asha@steelforge.in"
        theirs = FactoryMaker(name="Chem Works"), "chitra@chemworks.in"
        return [build_world(factory, member(factory, Role.OWNER, email=email)) for factory, email in (ours, theirs)]


@pytest.fixture(scope="module")
def before(worlds, shared_rows):
    """What is stored before anybody asks."""
    with shared_rows():
        return database_contents()


@pytest.fixture
def ours(worlds):
    return worlds[0]


@pytest.fixture
def theirs(worlds):
    return worlds[1]


@pytest.fixture
def asha(worlds, db):
    return User.objects.get(email="asha@steelforge.in")


@pytest.fixture
def session(page, asha):
    client = page(asha)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("path", WALK)
def test_a_stranger_gets_404_and_changes_nothing(path, session, theirs, before):
    url = fill_parameters(path, theirs)
    for method in METHODS:
        answer = ask(session, method, url)
        assert answer.status_code in (404, 405), f"{method.upper()} {url} → {answer.status_code}"
    assert database_contents() == before


@pytest.mark.parametrize("path", WALK)
def test_the_walk_is_not_empty_talk_ones_own_row_is_there(path, session, ours):
    url = fill_parameters(path, ours)
    answers = {}
    for method in METHODS:
        answers[method] = ask(session, method, url).status_code
        if answers[method] not in (404, 405):
            break
    assert answers[method] not in (404, 405, 500), answers


def test_nobody_reads_without_logging_in(client, ours):
    client.raise_request_exception = False
    for path in WALK:
        answer = client.get(fill_parameters(path, ours))
        assert answer.status_code in (302, 401, 403, 404, 405), f"{path} → {answer.status_code}"
        if answer.status_code == 302:
            assert answer["Location"].startswith("/login/"), path
