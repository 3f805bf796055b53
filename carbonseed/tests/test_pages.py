"""The frame around every page, the overview, and machines: who sees what, and with how many queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Alert, AlertRule
from carbonseed.dashboard.overview import overview_of
from carbonseed.dashboard.sparkline import bars, sparkline
from devices.tests.cast import make_device
from factories.roles import Role
from factories.tests.cast import MembershipMaker, UserMaker
from telemetry.models import DirtySpan, Reading
from telemetry.rollups.digest import digest
from telemetry.storage.partitions import ensure_span

pytestmark = pytest.mark.django_db


def say(device, at, **values):
    """A reading arrived and is summed."""
    ensure_span(at, at)
    Reading.objects.create(device=device, at=at, received_at=at, **values)
    DirtySpan.objects.create(device=device, first_at=at, last_at=at, readings=1, received_at=at)
    digest(at)


def queries_of(client, path):
    with CaptureQueriesContext(
        connection,
    ) as context:
        assert client.get(path).status_code == 200
    return len(context)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_a_stranger_sees_the_landing_page(client):
    assert client.get("/").status_code == 200


def test_who_is_logged_in_lands_on_the_overview(asha, page):
    assert page(asha).get("/").url == "/dashboard/"


def test_pages_carry_no_inline_code(asha, page, device):
    say(device, timezone.now(), temperature=851.5)
    for path in ("/", "/dashboard/", "/dashboard/machines/", f"/dashboard/machines/{device.pk}/"):
        body = page(asha).get(path, follow=True).content.decode()
        assert " style=" not in body and "<style" not in body and " onclick" not in body
        assert "<script>" not in body


def test_the_overview_says_what_to_do_when_there_is_no_machine(asha, page):
    assert "No machine reports here yet" in text_of(page(asha).get("/dashboard/"))


def test_somebody_without_a_factory_is_told_so(page):
    answer = page(UserMaker()).get("/dashboard/")
    assert "not a member of any factory" in text_of(answer)


def test_an_auditor_goes_straight_to_the_reports(ira, page):
    assert page(ira).get("/dashboard/").url == "/dashboard/reports/"
    assert page(ira).get("/dashboard/machines/").status_code == 403


def test_the_overview_shows_what_machines_say_now(asha, page, device):
    say(device, timezone.now(), temperature=851.5, vibration_x=2.0, power_consumption=32.5)
    body = text_of(page(asha).get("/dashboard/"))
    assert "851.5" in body and "1 of 1 machine reporting" in body and "Good" in body


def test_a_machine_that_fell_silent_is_grey_not_green(asha, device, now):
    say(device, now - timedelta(hours=3), temperature=851.5)
    found = overview_of(device.factory, asha, now)
    assert (found.machines[0].state, found.machines[0].word, found.hottest) == ("off", "Offline", None)


def test_the_worst_machine_comes_first(asha, device, now):
    calm = make_device(device.factory, "ESP32-SF-002", device_name="A calm one")
    rule = AlertRule.objects.create(factory=device.factory, metric="temperature", level=900, title="Too hot")
    for one in (device, calm):
        say(one, now, temperature=951)
    Alert.objects.create(
        factory=device.factory, device=device, rule=rule, severity="critical", title="Too hot", triggered_at=now
    )
    found = overview_of(device.factory, asha, now)
    assert [machine.state for machine in found.machines] == ["critical", "ok"]
    assert found.critical == 1 and found.oldest == now


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/live/", "/dashboard/machines/"])
def test_more_machines_need_no_more_queries(path, asha, page, device):
    now = timezone.now()
    say(device, now, temperature=851.5, power_consumption=30)
    client = page(asha)
    client.get(path)
    with_one = queries_of(client, path)
    for number in (2, 3):
        say(make_device(device.factory, f"ESP32-SF-00{number}"), now, temperature=60, power_consumption=20)
    assert queries_of(client, path) == with_one


def test_strangers_see_no_machine(chitra, page, device):
    for path in (f"/dashboard/machines/{device.pk}/", f"/dashboard/machines/{device.pk}/live/"):
        assert page(chitra).get(path).status_code == 404


def test_choosing_a_factory_is_limited_to_ones_own(asha, page, chem_works, steel_forge):
    client = page(asha)
    assert client.post("/dashboard/choose/", {"factory": chem_works.pk}).status_code == 404
    MembershipMaker(user=asha, factory=chem_works, role=Role.OWNER.value)
    assert client.post("/dashboard/choose/", {"factory": steel_forge.pk}).status_code == 302
    assert "Steel Forge" in text_of(client.get("/dashboard/"))
    assert client.post("/dashboard/choose/", {"factory": "x"}).status_code == 404


def test_search_finds_by_name_place_and_id(asha, page, device):
    make_device(device.factory, "ESP32-SF-002", device_name="Cooling tower", location="Bay B")
    client = page(asha)
    for words in ("cooling", "bay b", "SF-002"):
        body = text_of(client.get("/dashboard/machines/", {"search": words}))
        assert "Cooling tower" in body and "Main furnace" not in body
    assert "No machine matches" in text_of(client.get("/dashboard/machines/", {"search": "\0%_"}))


def test_the_page_of_a_machine_holds_charts_limits_and_their_table(asha, page, device):
    AlertRule.objects.create(factory=device.factory, device=device, metric="temperature", level=905.5, title="Hot")
    say(device, timezone.now(), temperature=851.5)
    body = text_of(page(asha).get(f"/dashboard/machines/{device.pk}/"))
    assert "905.5" in body and "851.5" in body and 'data-plot="temperature"' in body
    assert "Data capture" in body


@pytest.mark.parametrize(
    "query", ["start=x&end=y", "start=2025-02-30", "start=2025-01-02&end=2025-01-01", "start=0001-01-01", "end=%00"]
)
def test_a_span_that_cannot_be_is_a_400_that_says_so(query, asha, page, device):
    assert page(asha).get(f"/dashboard/machines/{device.pk}/?{query}").status_code == 400


def test_the_address_holds_the_span_in_the_factorys_time(asha, page, device):
    body = text_of(page(asha).get(f"/dashboard/machines/{device.pk}/?start=2025-01-16T06:00&end=2025-01-16T14:00"))
    assert "16 Jan 2025, 06:00 – 16 Jan 2025, 14:00" in body
    assert "start=2025-01-15T22%3A00&amp;end=2025-01-16T06%3A00" in body


def test_small_charts_break_at_gaps():
    assert sparkline([1, 2, None, 3, 4]) != [] and len(sparkline([1, 2, None, 3, 4])) == 2
    assert sparkline([None, 1, None]) == []
    assert sparkline([1, None, 3]) == ["0.0,26.0 1.0,26.0", "119.0,2.0 120.0,2.0"], "a lone hour is a dash"
    assert bars([0, None, 50], height=100, top=100) == [(0, 100.0, 0.0), (2, 50.0, 50.0)]
