"""Doubtful steps and questions about units over the API."""

from datetime import timedelta

import pytest

from telemetry.models import DoubtfulStep, UnitDoubt
from telemetry.tests.model_factories import DoubtfulStepMaker, ReadingMaker, UnitDoubtMaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(device):
    return DoubtfulStepMaker(device=device)


def test_the_list_is_filtered_by_device_decision_and_time(api, vera, device, step, now):
    later = DoubtfulStepMaker(device=device, after_at=now + timedelta(days=1), decision="real")

    def ids(**query):
        return [row["id"] for row in api(vera).get("/doubtful-steps", query).json()]

    assert ids() == [later.pk, step.pk]
    assert ids(decision="open") == ids(until="2025-01-17T00:00:00Z") == [step.pk]
    assert ids(since="2025-01-17T00:00:00Z") == ids(decision="real") == [later.pk]
    assert ids(device_id=device.pk) == [later.pk, step.pk] and ids(device_id=device.pk + 1) == []
    assert [row["id"] for row in api(vera).get(f"/devices/{device.pk}/doubtful-steps?decision=open").json()] == [
        step.pk
    ]


@pytest.mark.parametrize("query", ["decision=perhaps", "since=yesterday", "device_id=x", "metric=humidity"])
def test_an_unknown_filter_is_named(api, vera, step, query):
    answer = api(vera).get(f"/doubtful-steps?{query}")
    assert answer.status_code == 400 and query.split("=")[0] in answer.json()


def test_a_row_holds_both_readings_and_its_words(api, vera, step):
    [row] = api(vera).get("/doubtful-steps").json()
    assert (row["before_value"], row["after_value"], row["gained_kwh"], row["possible_kwh"]) == (
        1205, 88_315, 87_110, 1.25,
    )  # fmt: skip
    assert row["words"].startswith("its energy register rose from 1,205 to 88,315 kWh")


def test_many_rows_cost_as_many_queries_as_one(api, vera, device, step, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        api(vera).get("/doubtful-steps")
    for place in range(1, 4):
        DoubtfulStepMaker(device=device, after_at=now + timedelta(hours=place))
    with django_assert_num_queries(len(one)):
        assert len(api(vera).get("/doubtful-steps").json()) == 4


def test_an_owner_decides_and_takes_it_back(api, asha, step):
    def decide(**body):
        return api(asha).post(f"/doubtful-steps/{step.pk}/decide", body, format="json")

    answer = decide(decision="meter_swapped", effective_at="2025-01-16T10:30:00Z", note="New meter").json()
    assert (answer["decision"], answer["decided_by"], answer["note"]) == ("meter_swapped", asha.pk, "New meter")
    assert decide(decision="open").json()["decided_by"] is None
    assert decide(decision="meter_swapped", effective_at="2025-01-16T11:30:00Z").json() == {
        "effective_at": ["The meter cannot have been swapped after its first reading."]
    }
    assert set(decide(decision="perhaps").json()) == {"decision"}
    assert set(decide(decision="real", note="a\nb").json()) == {"note"}


def test_only_owners_decide_and_strangers_see_nothing(api, vik, chitra, step):
    url = f"/doubtful-steps/{step.pk}/decide"
    assert api(vik).post(url, {"decision": "real"}).status_code == 403
    assert api(chitra).post(url, {"decision": "real"}).status_code == 404
    assert api(chitra).get("/doubtful-steps").json() == []
    assert api(chitra).get(f"/devices/{step.device_id}/doubtful-steps").status_code == 404


def test_a_stored_value_is_taken_out(api, asha, vik, device, now):
    ReadingMaker(device=device, at=now, energy_kwh=88_315)
    url, body = f"/devices/{device.pk}/doubtful-steps", {"metric": "energy_kwh", "at": now.isoformat()}
    assert api(vik).post(url, body).status_code == 403
    answer = api(asha).post(url, body)
    assert (answer.status_code, answer.json()["decision"], answer.json()["after_value"]) == (201, "glitch", 88_315)
    wrong = api(asha).post(url, {**body, "at": (now + timedelta(hours=1)).isoformat()})
    assert wrong.status_code == 400 and set(wrong.json()) == {"at"}
    assert DoubtfulStep.objects.count() == 1


def test_questions_about_units_are_listed_and_answered(api, asha, vera, device):
    UnitDoubtMaker(device=device)
    url = f"/devices/{device.pk}/unit-doubts"
    [row] = api(vera).get(url, {"state": "open"}).json()
    assert (row["kind"], row["suggested"]) == ("power_unit", {"power_kind": "W"}) and "813 times" in row["words"]
    assert api(vera).post(url, {"kind": "power_unit", "answer": "keep"}).status_code == 403
    kept = api(asha).post(url, {"kind": "power_unit", "answer": "keep", "note": "Two furnaces"}, format="json").json()
    assert (kept["state"], kept["decided_by"], kept["note"]) == ("kept", asha.pk, "Two furnaces")
    assert api(asha).post(url, {"kind": "power_unit", "answer": "keep"}).status_code == 404
    assert api(asha).post(url, {"kind": "power_unit", "answer": "ask"}).json()["state"] == "open"
    assert api(asha).post(url, {"kind": "power_unit", "answer": "correct"}).json()["state"] == "corrected"
    assert device.profiles.get().power_kind == "W"


def test_the_insights_name_every_kind_of_doubt(api, vera, device):
    UnitDoubtMaker(device=device)
    UnitDoubtMaker(device=device, kind=UnitDoubt.Kind.GRAVITY, metric="vibration", seen=9.81, against="gravity",
                   suggested={"vibration_kind": "raw"})  # fmt: skip
    rows = {row["kind"]: row for row in api(vera).get("/insights").json()["power_doubts"]}
    assert (rows["power_unit"]["typical_kw"], rows["power_unit"]["suggested"]) == (32_500, "W")
    assert (rows["vibration_gravity"]["typical_kw"], rows["vibration_gravity"]["suggested"]) == (None, "raw")
