"""Many quarantine items released or discarded over the API."""

import json
from datetime import timedelta

import pytest

from devices.tests.cast import make_device
from telemetry.models import QuarantineItem, Reading
from telemetry.tests.model_factories import QuarantineItemMaker, ReadingMaker

INDIA = timedelta(hours=5, minutes=30)


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def held(device, at, received_at, reason="future", **fields):
    payload = {"timestamp": at.isoformat(), **(fields or {"temperature": 850.5})}
    return QuarantineItemMaker(
        device=device, received_at=received_at, reason=reason, payload=json.dumps(payload).encode()
    )


def test_many_are_released_by_id_and_each_says_what_became_of_it(api, asha, device, now):
    ReadingMaker(device=device, at=now, temperature=850)
    conflict, good = held(device, now + INDIA, now), held(device, now + INDIA - timedelta(minutes=1), now)
    odd = QuarantineItemMaker(device=device)
    body = {"ids": [conflict.pk, good.pk, odd.pk], "shift": "-5:30"}
    answer = api(asha).post("/quarantine/release", body).json()
    assert {name: answer[name] for name in ("released", "discarded", "conflicts", "refused")} == {
        "released": 1, "discarded": 0, "conflicts": 1, "refused": 1
    }  # fmt: skip
    assert [(one["id"], one["outcome"]) for one in answer["items"]] == [
        (conflict.pk, "conflict"), (good.pk, "released"), (odd.pk, "refused")
    ]  # fmt: skip
    assert answer["items"][1] == {
        "id": good.pk, "outcome": "released", "detail": "", "timestamp": "2025-01-16T15:59:00+05:30",
        "shift_seconds": -19_800,
    }  # fmt: skip
    assert "850.0 is stored" in answer["items"][0]["detail"]
    again = api(asha).post("/quarantine/release", body).json()
    assert [again[name] for name in ("released", "conflicts", "refused")] == [0, 1, 2]
    assert [row["shift_seconds"] for row in api(asha).get("/quarantine?state=released").json()] == [-19_800]


def test_all_of_a_machine_and_a_reason_by_a_filter(api, asha, steel_forge, device, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    for n in range(3):
        held(device, now + INDIA + n * timedelta(minutes=5), now)
    left = [held(device, now + INDIA, now, reason="conflict"), held(other, now + INDIA, now)]
    body = {"filter": {"device_id": device.pk, "reason": "future"}, "shift": "last_is_received"}
    assert api(asha).post("/quarantine/release", body).json()["released"] == 3
    assert max(Reading.objects.values_list("at", flat=True)) == now
    assert set(QuarantineItem.objects.filter(state="held")) == set(left)


def test_a_span_in_which_they_came_and_a_discard(api, asha, device, now):
    early, late = held(device, now + INDIA, now - timedelta(hours=2)), held(device, now + INDIA, now)
    body = {"filter": {"received_until": (now - timedelta(hours=1)).isoformat()}}
    assert api(asha).post("/quarantine/discard", body).json()["items"][0]["id"] == early.pk
    assert api(asha).post("/quarantine/discard", {"ids": [late.pk, early.pk]}).json()["discarded"] == 1


def test_one_alone_takes_a_shift_too(api, asha, device, now):
    item = held(device, now + timedelta(days=3), now)
    assert api(asha).post(f"/quarantine/{item.pk}/release").status_code == 409
    answer = api(asha).post(f"/quarantine/{item.pk}/release", {"shift": "last_is_received"})
    assert (answer.status_code, answer.json()["shift_seconds"]) == (200, -3 * 86_400)
    assert Reading.objects.get().at == now
    odd = QuarantineItemMaker(device=device)
    assert api(asha).post(f"/quarantine/{odd.pk}/release", {"shift": "last_is_received"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "non_field_errors"),
        ({"ids": [], "filter": {"reason": "future"}}, "non_field_errors"),
        ({"filter": {}}, "filter"),
        ({"filter": {"reason": "rain"}}, "filter"),
        ({"ids": ["x"]}, "ids"),
        ({"ids": [10**30]}, "ids"),
        ({"ids": [1] * 10_001}, "ids"),
        ({"ids": [], "shift": "yesterday"}, "shift"),
        ({"ids": [], "shift": {"hours": 5}}, "shift"),
    ],
)
def test_what_makes_no_sense_is_a_400_that_names_it(api, asha, body, field):
    answer = api(asha).post("/quarantine/release", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_too_many_for_one_decision(api, asha, device, now, monkeypatch):
    monkeypatch.setattr("telemetry.quarantine.selection.MAX_ITEMS", 1)
    for n in range(2):
        held(device, now + INDIA, now, temperature=n)
    answer = api(asha).post("/quarantine/release", {"filter": {"reason": "future"}, "shift": "-5:30"})
    assert (answer.status_code, list(answer.json())) == (400, ["filter"])


@pytest.mark.parametrize("decision", ["release", "discard"])
def test_only_the_owner_of_every_item_decides(api, asha, vik, ira, chitra, chem_works, device, now, decision):
    theirs = held(make_device(chem_works, "ESP32-CW-001"), now + INDIA, now)
    ours = held(device, now + INDIA, now)
    path = f"/quarantine/{decision}"
    for person, ids, status in ((chitra, [ours.pk], 404), (asha, [ours.pk, theirs.pk], 404), (vik, [ours.pk], 403)):
        assert api(person).post(path, {"ids": ids}).status_code == status
    for person, status in ((chitra, 404), (vik, 403), (ira, 403)):
        assert api(person).post(path, {"filter": {"device_id": device.pk}}).status_code == status
        assert api(person).post(path, {"filter": {"factory_id": device.factory_id}}).status_code == status
    assert api(None).post(path, {"ids": [ours.pk]}).status_code == 401
    assert not QuarantineItem.objects.exclude(state="held").exists()
    assert api(chitra).post(path, {"filter": {"reason": "future"}}).json()["items"][0]["id"] == theirs.pk
