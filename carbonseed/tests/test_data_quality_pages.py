"""What people see of suspect values, gaps, health, usual levels and a doubted unit of power."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from devices.models import DeviceProfile
from factories.models import Shift
from telemetry.analytics.anomalies import level_deviations
from telemetry.metrics import IMPLAUSIBLE_BIT
from telemetry.rollups.digest import digest
from telemetry.tests.stored_readings import store_readings

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def machine_page(page, person, device, **query):
    return text_of(page(person).get(f"/dashboard/machines/{device.pk}/", query))


@pytest.fixture
def right_now(monkeypatch):
    """A moment within a quarter hour and a day: the newest quarter counts from its first whole minute."""
    moment = datetime(2026, 11, 26, 9, 7, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


@pytest.fixture
def suspects(device, right_now):
    """A day with a humidity sensor that is wet for an hour."""
    store_readings(device, right_now - DAY, [30, 31] * 138, temperature=[40, 41, 42], humidity=[50, 51])
    store_readings(
        device,
        right_now - timedelta(hours=1),
        [30] * 12,
        humidity=140,
        suspect=IMPLAUSIBLE_BIT["humidity"],
    )
    digest(right_now)
    return device


def test_every_page_says_how_many_suspect_values_it_leaves_out(page, vera, suspects):
    machine = machine_page(page, vera, suspects)
    assert "12 suspect, left out" in machine  # beside the chart
    assert "12 with a suspect value, left out" in machine
    assert '<td class="num" data-label="Suspect, left out">12</td>' in machine  # of humidity, in the table
    assert "12 of 852 values are suspect (humidity 12)." in machine  # in the health score
    insights = text_of(page(vera).get("/dashboard/insights/"))
    assert '<td class="num" data-label="Suspect">12</td>' in insights


def test_the_overview_counts_todays_suspect_values(page, vera, device, right_now):
    store_readings(device, right_now, [30], humidity=140, suspect=IMPLAUSIBLE_BIT["humidity"])
    digest(right_now)
    assert "1 reading with suspect values, left out" in text_of(page(vera).get("/dashboard/"))


def test_the_api_counts_them_per_figure_and_machine(api, vera, device, right_now):
    store_readings(
        device, right_now - timedelta(hours=1), [30] * 12, temperature=-127, suspect=IMPLAUSIBLE_BIT["temperature"]
    )
    digest(right_now)
    answer = api(vera).get("/insights").json()
    assert answer["explanation"]["avg_temperature"]["suspect"] == 12
    assert answer["explanation"]["energy_consumption"]["suspect"] == 0
    assert answer["devices"][0]["suspect"] == 12


def test_gaps_are_listed_and_a_planned_stop_is_told_apart(page, vera, device, steel_forge, right_now):
    device.hardware.update(fitted_at=right_now - 3 * DAY)
    store_readings(device, right_now - 3 * DAY, [30])
    start = (right_now - 2 * DAY).astimezone(steel_forge.zone).replace(hour=6, minute=0, second=0, microsecond=0)
    Shift.objects.create(
        factory=steel_forge, name="Day", starts_at=time(6), ends_at=time(18), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )
    store_readings(
        device, start, [*[30, 31] * 60, *[None] * 12, *[30] * 12]
    )  # ten hours, an hour of silence, and one more
    store_readings(device, start + DAY, [30, 31] * 72)
    digest(right_now)
    span = {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{start + timedelta(days=1, hours=12):%Y-%m-%dT%H:%M}"}
    text = machine_page(page, vera, device, **span)
    assert "2 gaps over 30 min</summary>" in text
    assert text.index("planned stop</td>") < text.index("<td>unplanned</td>")  # newest first
    assert '<a href="#quality">1 gap over 30 min</a>' in text


def test_a_sensor_that_falls_silent_has_less_uptime_than_its_device(page, vera, device, right_now):
    store_readings(device, right_now - DAY, [30, 31] * 144, temperature=[40, 41] * 72 + [None] * 144)
    digest(right_now)
    text = machine_page(page, vera, device)
    row = text.split('<th scope="row">Temperature</th><td class="num" data-label="Valid">')[1].split("</tr>")[0]
    assert [round(float(share), -1) for share in re.findall(r"<span>([\d.]+)<span", row)] == [50, 50]  # capture, uptime


@pytest.fixture
def watts(device, right_now):
    """A furnace that sends watts, rated 40 kW, while its profile says kW."""
    device.profiles.update(rated_kw=40)
    store_readings(device, right_now - DAY, [32_000, 33_000] * 144, suspect=IMPLAUSIBLE_BIT["power_consumption"])
    digest(right_now)
    return device


def test_a_doubted_unit_of_power_leads_to_the_one_form_that_mends_it(page, asha, vera, watts, right_now):
    assert "about a thousand times its rating (40 kW)" in machine_page(page, vera, watts)
    assert "The owner of the factory can say" in machine_page(page, vera, watts)
    text = machine_page(page, asha, watts)
    link = text.split('id="power-doubt"')[1].split('<a class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    form = page(asha).get(link)
    assert form.context["form"]["power_kind"].value() == "W"
    assert form.context["form"]["corrects_later"].value() is True
    sent = {name: form.context["form"][name].value() for name in ("power_kind", "interval_s", "rated_kw")}
    since = form.context["form"]["valid_from"].value().astimezone(watts.factory.zone)
    sent |= {"vibration_kind": "rms", "valid_from": f"{since:%Y-%m-%dT%H:%M}", "corrects_later": "on"}
    assert page(asha).post(link, sent).status_code == 302
    digest(right_now)
    mended = machine_page(page, asha, watts)
    assert "power-doubt" not in mended
    assert "suspect, left out" not in mended.split('id="quality"')[0]


def test_the_insights_name_a_doubted_unit_of_power(api, page, vera, watts):
    doubt = api(vera).get("/insights").json()["power_doubts"][0]
    assert (doubt["device_id"], doubt["suggested"], doubt["against"]) == (watts.pk, "W", "rating")
    assert "about a thousand times its rating" in text_of(page(vera).get("/dashboard/insights/"))


@pytest.mark.parametrize(
    "query", [{"power_kind": "furlongs"}, {"valid_from": "soon"}, {"valid_from": "0001-01-01T00:00"}]
)
def test_a_link_with_nonsense_in_it_opens_the_form_as_it_is(page, asha, device, query):
    assert page(asha).get(f"/dashboard/machines/{device.pk}/profile/", query).status_code == 200


@pytest.fixture
def five_weeks(device, right_now):
    """Around this time of the week it has 40 °C; today 60."""
    for week in range(1, 5):
        store_readings(device, right_now - week * WEEK - timedelta(hours=2), [30, 31] * 24, temperature=[40, 41, 42])
    store_readings(device, right_now - timedelta(hours=1), [30, 31] * 6, temperature=[60, 61, 62])
    digest(right_now)
    return device


def test_what_is_unusual_now_is_said_in_words(api, page, vera, five_weeks):
    rows = {row["metric"]: row for row in api(vera).get("/insights").json()["baselines"]}
    temperature = rows["temperature"]
    assert (temperature["is_unusual"], rows["power_consumption"]["is_unusual"]) == (True, False)
    assert (temperature["value"], temperature["median"], temperature["weeks"]) == (61, 41, 4)
    assert temperature["since"] and not rows["power_consumption"]["since"]
    assert temperature["words"].startswith("Main furnace: temperature is 20.0 °C above its usual ")
    assert temperature["words"] in text_of(page(vera).get("/dashboard/insights/"))
    card = machine_page(page, vera, five_weeks).split('id="usual-title"')[1].split("</section>")[0]
    assert "unusual" in card
    assert temperature["words"] in card


def test_a_foreman_reads_since_when(device):
    """Noon on a Tuesday in Pune; usual until ten, unusual since, with a gap before that does not matter."""
    noon = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
    for week in range(1, 5):
        store_readings(device, noon - week * WEEK - timedelta(hours=14), [30, 31] * 90, temperature=[40, 41, 42])
    store_readings(device, noon - timedelta(hours=3), [30, 31] * 6, temperature=[40, 41, 42])
    store_readings(device, noon - timedelta(hours=2), [30, 31] * 12, temperature=[60, 61, 62])
    digest(noon)
    assert temperature_words(device, noon) == (
        "Main furnace: temperature is 20.0 °C above its usual Tuesday 11:45 level, unusually high since 10:00."
    )


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (11, "unusually low since 01:00."),
        (12.5, "low since Monday 23:45 or earlier."),
        (0.25, "since 11:45."),
    ],
)
def test_a_stretch_is_followed_half_a_day_back(device, hours, words):
    noon = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
    for week in range(1, 5):
        store_readings(device, noon - week * WEEK - timedelta(hours=14), [30, 31] * 90, temperature=[40, 41, 42])
    store_readings(device, noon - timedelta(hours=hours), [30, 31] * int(6 * hours), temperature=[20, 21, 22])
    digest(noon)
    assert temperature_words(device, noon).endswith(words)


def temperature_words(device, now):
    [row] = [row for row in level_deviations([device], now) if row.metric.name == "temperature"]
    return row.words


def test_a_chart_gets_the_usual_level_when_it_asks(api, vera, chitra, five_weeks, right_now):
    query = {"device_id": five_weeks.pk, "metric": "temperature", "baseline": "true"}
    answer = api(vera).get("/data/timeseries", query).json()
    assert {len(column) for column in answer["baseline"]["temperature"].values()} == {len(answer["t"])}
    assert 41 in answer["baseline"]["temperature"]["median"]
    year = {**query, "start_time": (right_now - 300 * DAY).isoformat()}
    assert api(vera).get("/data/timeseries", year).json()["baseline"] == {}
    assert "baseline" not in api(vera).get("/data/timeseries", {**query, "baseline": "false"}).json()
    assert api(vera).get("/data/timeseries", {**query, "baseline": "perhaps"}).status_code == 400
    assert api(chitra).get("/data/timeseries", query).status_code == 404


def test_a_health_score_is_shown_with_its_parts(api, page, vera, device, right_now):
    store_readings(device, right_now - DAY, [30, 31] * 144, vibration_x=[3.0, 2.9, 2.8], temperature=[40, 41])
    digest(right_now)
    health = api(vera).get("/insights").json()["devices"][0]
    parts = {part["name"]: part["value"] for part in health["parts"]}
    assert (round(parts["vibration"]), parts["temperature"]) == (70, None)
    assert health["health_score"] == pytest.approx(84, abs=1)
    for text in (machine_page(page, vera, device), text_of(page(vera).get("/dashboard/"))):
        assert "Too few parts" not in text
        assert "No usual level yet; it takes three of the four weeks before." in text


def test_correcting_later_entries_stops_where_something_else_was_said(page, asha, device, right_now):
    def add(days_ago, **fields):
        DeviceProfile.objects.create(device=device, valid_from=right_now - days_ago * DAY, **fields)

    add(5, power_kind="kW", interval_s=60)
    add(3, power_kind="register", interval_s=60)
    add(1, power_kind="kW", interval_s=60)
    moment = f"{(right_now - 9 * DAY).astimezone(device.factory.zone):%Y-%m-%dT%H:%M}"
    sent = {"valid_from": moment, "power_kind": "W", "interval_s": "300", "vibration_kind": "rms"}
    page(asha).post(f"/dashboard/machines/{device.pk}/profile/", {**sent, "corrects_later": "on"})
    kinds = DeviceProfile.objects.order_by("valid_from").values_list("power_kind", "interval_s")
    assert list(kinds) == [("kW", 300), ("W", 300), ("W", 60), ("register", 60), ("kW", 60)]
