"""The API describes itself, and nothing its own schema can think of brings it down."""

from itertools import count
from operator import methodcaller

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis.checks import load_all_checks

from carbonseed.tests.test_tenancy import kinds_of
from carbonseed.tests.world import build_world
from carbonseed.wsgi import application

load_all_checks()
# One class serves every register: these have each kind of field and period, and the others would add minutes.
REGISTERS = {"production", "fuel-use", "laboratory", "cbam-years", "consent-limits"}
EXAMPLES = 12  # per operation; the walk over all of them must stay within a minute or two


def test_the_schema_says_what_it_is(client, db):
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {"/auth/login", "/ingest", "/devices", "/data/timeseries", "/alerts", "/reports"} <= set(schema["paths"])
    assert {"/tariffs", "/shifts", "/holidays", "/memberships", "/devices/{id}/keys"} <= set(schema["paths"])


def test_every_operation_has_an_answer_and_a_tag(client, db):
    schema = client.get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["responses"], f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"


def test_the_schema_is_made_without_a_warning(capsys, client, db):
    from drf_spectacular.drainage import GENERATOR_STATS

    GENERATOR_STATS.reset()
    client.get("/openapi.json")
    assert (dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)) == ({}, {})


def test_docs_load_nothing_from_elsewhere(client, db):
    page = client.get("/docs").content.decode()
    assert "swagger-ui" in page
    assert "//cdn" not in page
    assert "<style" not in page


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_request_the_schema_allows_ends_in_a_server_error(asha, steel_forge):
    """Schemathesis plays an owner: anything goes, but no answer above 4xx (503 would be one too)."""
    world = build_world(steel_forge, asha)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application)
    token = str(AccessToken.for_user(asha))
    failures, answered, turns = [], set(), count()

    @settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    def attack(case):
        case.headers.update({"Authorization": f"Bearer {token}"})
        if case.method != "DELETE" and next(turns) % 2:
            name_real_rows(case, world)
        response = case.call()
        if response.status_code < 300:
            answered.add(case.operation.label)
        if response.status_code >= 500:
            failures.append((case.method, case.path, case.as_curl_command(), response.text[:300]))

    for operation in map(methodcaller("ok"), schema.get_all_operations()):
        if is_attacked(operation.path):
            schemathesis_test(operation, attack)
    assert failures == []
    assert len(answered) > 30, "the attack must get past the doors to mean something"


def name_real_rows(case, world):
    """A number that names no row is a 404 at once: these requests need rows that exist."""
    kinds = kinds_of(case.path.lstrip("/").replace("{", "<").replace("}", ">"))
    for name in case.path_parameters or {}:
        if kinds:
            case.path_parameters[name] = world[kinds["prefix" if name == "prefix" else "pk"]]
    for name in {"factory_id", "device_id"} & set(case.query or {}):
        case.query[name] = world[name.removesuffix("_id")]


def is_attacked(path):
    parts = path.strip("/").split("/")
    return parts[0] != "registers" or parts[1] in REGISTERS


def schemathesis_test(operation, attack):
    from hypothesis import given

    given(case=operation.as_strategy())(attack)()


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"email": "\\ud800"}'])
def test_a_body_no_parser_likes_is_the_senders_error(body, api, asha):
    for path in ("/auth/login", "/devices/register", "/alert-rules", "/reports", "/data/bulk"):
        answer = api(asha).post(path, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, f"{path}: {answer.status_code}"
