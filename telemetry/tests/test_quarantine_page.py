"""The page of quarantine: what is held, and deciding on the ticked or on all of them."""

import json
from datetime import timedelta

import pytest

from devices.tests.cast import make_device
from telemetry.models import QuarantineItem, Reading
from telemetry.tests.model_factories import QuarantineItemMaker, ReadingMaker

INDIA = timedelta(hours=5, minutes=30)
PAGE = "/dashboard/quarantine/"


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def held(device, at, received_at, reason="future", **fields):
    payload = {"timestamp": at.isoformat(), **(fields or {"temperature": 850.5})}
    return QuarantineItemMaker(
        device=device, received_at=received_at, reason=reason, payload=json.dumps(payload).encode()
    )


def notes(answer):
    return [str(message) for message in answer.context["messages"]]


def test_it_shows_what_is_held_and_what_it_sent(page, asha, device, now):
    held(device, now + INDIA, now, temperature=851.5)
    text = page(asha).get(PAGE).content.decode()
    assert "More than 5 minutes in the future" in text
    assert "851.5" in text
    assert "all 1 that are listed" in text
    assert page(asha).get(PAGE).context["form"]["time"].value() == "sent"
    assert page(asha).get(f"{PAGE}?reason=future").context["form"]["time"].value() == "last_is_received"


def test_all_of_a_machine_and_reason_are_moved_by_what_is_typed(page, asha, steel_forge, device, now):
    other = make_device(steel_forge, "ESP32-SF-002")
    for n in range(3):
        held(device, now + INDIA - n * timedelta(minutes=5), now)
    left = [held(device, now + INDIA, now, reason="conflict"), held(other, now + INDIA, now)]
    path = f"{PAGE}?machine={device.pk}&reason=future"
    assert "all 3 that are listed" in page(asha).get(path).content.decode()
    body = {"scope": "all", "time": "typed", "shift": "-5:30", "decision": "release"}
    answer = page(asha).post(path, body, follow=True)
    assert notes(answer) == ["3 released and stored."]
    assert max(Reading.objects.values_list("at", flat=True)) == now
    assert set(QuarantineItem.objects.filter(state="held")) == set(left)
    shown = page(asha).get(f"{PAGE}?state=released").content.decode()
    assert "moved by −5 h 30 min" in shown
    assert "Asha" in shown or asha.email in shown


def test_the_ticked_ones_so_that_the_last_was_when_it_came(page, asha, device, now):
    early, late, other = (held(device, now + timedelta(days=9, minutes=n), now) for n in range(3))
    body = {"scope": "ticked", "item": [early.pk, late.pk], "time": "last_is_received", "decision": "release"}
    page(asha).post(PAGE, body)
    assert list(Reading.objects.order_by("at").values_list("at", flat=True)) == [now - timedelta(minutes=1), now]
    assert QuarantineItem.objects.get(state="held") == other


def test_what_stays_held_says_why(page, asha, device, now):
    ReadingMaker(device=device, at=now, temperature=850)
    held(device, now + INDIA, now)
    body = {"scope": "all", "time": "typed", "shift": "-5:30", "decision": "release"}
    answer = page(asha).post(PAGE, body, follow=True)
    assert notes(answer) == ["1 left as it was. temperature: 850.0 is stored, 850.5 was sent."]
    page(asha).post(PAGE, {**body, "replace": "on"})
    assert Reading.objects.get().temperature == 850.5


def test_many_are_discarded(page, asha, device, now):
    items = [held(device, now + INDIA, now, temperature=n) for n in range(2)]
    body = {"scope": "ticked", "time": "sent", "decision": "discard", "item": [items[0].pk, "x", "9" * 30]}
    assert notes(page(asha).post(PAGE, body, follow=True)) == ["1 discarded; it stays on record."]
    assert notes(page(asha).post(PAGE, {**body, "item": []}, follow=True))[0].startswith("Nothing was chosen")


def test_a_shift_that_cannot_be_read_is_kept_and_named(page, asha, device, now):
    held(device, now + INDIA, now)
    answer = page(asha).post(PAGE, {"scope": "all", "time": "typed", "shift": "yesterday", "decision": "release"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A shift such as -5:30" in text and 'value="yesterday"' in text
    assert QuarantineItem.objects.get().state == "held"


def test_the_list_is_a_file_too(page, asha, device, now):
    held(device, now + INDIA, now)
    lines = b"".join(page(asha).get(f"{PAGE}?export=csv").streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeffCame") or lines[0].startswith("Came")
    assert "more than 5 minutes in the future" in lines[1]


def test_members_see_it_and_owners_decide(page, asha, vik, ira, chitra, chem_works, device, now):
    item = held(device, now + INDIA, now)
    theirs = held(make_device(chem_works, "ESP32-CW-001"), now + INDIA, now)
    body = {"scope": "all", "time": "typed", "shift": "-5:30", "decision": "release"}
    for person in (vik, ira):
        assert "Release</button>" not in page(person).get(PAGE).content.decode()
        assert page(person).post(PAGE, body).status_code == 403
    assert page(chitra).get(f"{PAGE}?machine={device.pk}").status_code == 404
    assert page(chitra).post(f"{PAGE}?machine={device.pk}", body).status_code == 404
    page(chitra).post(PAGE, {**body, "scope": "ticked", "item": [item.pk]})
    assert set(QuarantineItem.objects.filter(state="held")) == {item, theirs}
    page(asha).post(PAGE, body)
    assert QuarantineItem.objects.get(state="held") == theirs


def test_it_takes_the_same_number_of_queries_with_one_and_three(page, asha, device, now, django_assert_max_num_queries):
    held(device, now + INDIA, now)
    session = page(asha)
    session.get(PAGE)
    with django_assert_max_num_queries(20) as one:
        session.get(PAGE)
    for n in range(2):
        held(device, now + INDIA, now, temperature=n)
    with django_assert_max_num_queries(len(one)):
        session.get(PAGE)


def test_an_item_that_names_no_machine_is_found_as_such(page, asha, steel_forge, device, now):
    QuarantineItemMaker(
        device=None, factory=steel_forge, reason="unknown_device", detail="device_id: X is not registered"
    )
    held(device, now + INDIA, now)
    text = page(asha).get(f"{PAGE}?machine=none").content.decode()
    assert "X is not registered" in text and "lies ahead" not in text
    assert "all 1 that are listed" in text
