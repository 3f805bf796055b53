"""The list of quarantine over the API, by reason, state and device."""

import pytest

from devices.tests.cast import make_device
from telemetry.tests.model_factories import QuarantineItemMaker


@pytest.fixture
def press(steel_forge):
    return make_device(steel_forge, "ESP32-SF-002")


@pytest.fixture
def listed(api, asha):
    """`listed(path, **query)`: the ids in the answer to Asha."""
    return lambda path="/quarantine", **query: [row["id"] for row in api(asha).get(path, query).json()]


def test_items_are_found_by_reason_state_and_device(device, press, listed):
    invalid = QuarantineItemMaker(device=device)
    future = QuarantineItemMaker(device=device, reason="future")
    discarded = QuarantineItemMaker(device=press, state="discarded")
    assert listed() == [discarded.pk, future.pk, invalid.pk]
    assert listed(reason="future") == [future.pk]
    assert listed(state="held") == [future.pk, invalid.pk]
    assert listed(device_id=press.pk) == [discarded.pk]
    assert listed(device_id=device.pk, reason="invalid", state="held") == [invalid.pk]
    assert listed(f"/devices/{device.pk}/quarantine", reason="future") == [future.pk]


@pytest.mark.parametrize(
    ("field", "value"), [("reason", "rain"), ("state", "lost"), ("device_id", "x"), ("device_id", "9" * 30)]
)
def test_a_value_no_filter_knows_is_a_400_that_names_it(api, asha, device, field, value):
    for path in ("/quarantine", f"/devices/{device.pk}/quarantine"):
        answer = api(asha).get(path, {field: value})
        assert (answer.status_code, list(answer.json())) == (400, [field])


def test_items_of_another_factory_are_in_no_list(chem_works, device, listed):
    theirs = QuarantineItemMaker(device=make_device(chem_works, "ESP32-CW-001"))
    assert listed() == listed(device_id=theirs.device_id) == []


def test_an_item_of_an_unknown_device_is_in_the_factorys_list_alone(steel_forge, device, listed):
    item = QuarantineItemMaker(device=None, factory=steel_forge, reason="unknown_device")
    assert (listed(), listed(f"/devices/{device.pk}/quarantine")) == ([item.pk], [])


def test_pages_come_on_request(api, asha, device):
    first, _second = QuarantineItemMaker.create_batch(2, device=device)
    page = api(asha).get("/quarantine", {"page": 2, "page_size": 1}).json()
    assert (page["count"], [row["id"] for row in page["results"]]) == (2, [first.pk])


def test_a_list_says_how_a_long_payload_began(api, asha, device):
    QuarantineItemMaker(device=device, payload=b"x" * 5000)
    [row] = api(asha).get("/quarantine").json()
    assert row["payload"] == "x" * 2048


def test_the_devices_list_takes_the_same_number_of_queries_with_one_and_three_items(
    device, asha, api, django_assert_num_queries
):
    client, path = api(asha), f"/devices/{device.pk}/quarantine"
    QuarantineItemMaker(device=device)
    with django_assert_num_queries(3):
        client.get(path)
    QuarantineItemMaker.create_batch(2, device=device)
    with django_assert_num_queries(3):
        assert len(client.get(path).json()) == 3


@pytest.mark.parametrize("path", ["/quarantine", "/quarantine/{pk}", "/quarantine/{pk}/release"])
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobody_edits_or_deletes_an_item(api, asha, device, path, method):
    item = QuarantineItemMaker(device=device)
    answer = getattr(api(asha), method)(path.format(pk=item.pk), {"state": "discarded"})
    item.refresh_from_db()
    assert answer.status_code in (404, 405) and item.state == "held"
