"""Energy and cost: the page and its API, priced by the tariff of each day, per tonne of what the registers say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from carbonseed.dashboard.energy import gather_energy
from carbonseed.dashboard.specific_energy import specific_energy_by_month
from factories.models import Tariff
from registers.tests.cast import gears, production_row
from telemetry.models import QuarterHour

pytestmark = pytest.mark.django_db
D = Decimal
NOW = datetime(2025, 2, 3, 6, 0, tzinfo=UTC)


def store_consumption(device, at, kwh):
    QuarterHour.objects.create(device=device, starts_at=at, received=3, expected=3, energy_kwh=kwh, covered_s=900)


@pytest.fixture
def measured(device):
    """4 kWh in every quarter hour of the three days before NOW."""
    QuarterHour.objects.bulk_create(
        QuarterHour(
            device=device,
            starts_at=NOW - timedelta(minutes=15 * n),
            received=3,
            expected=3,
            energy_kwh=4,
            covered_s=900,
        )
        for n in range(1, 3 * 96 + 1)
    )
    return device


def test_a_change_of_tariff_splits_the_period(measured, steel_forge):
    make = Tariff.objects.create
    make(factory=steel_forge, name="Old", valid_from=date(2025, 2, 1), energy_rs_per_kwh=D(8))
    make(factory=steel_forge, name="New", valid_from=date(2025, 2, 2), energy_rs_per_kwh=D(10))
    found = gather_energy(steel_forge, "7d", NOW)
    rupees = {tariff.name: account.rs for tariff, account in found["accounts"]}
    new = D(4) * (96 + 46)  # all of 2 February, and 3 February until 11:30 in the factory's zone
    old = D(4) * 96
    assert rupees == {"Old": old * 8, "New": new * 10}
    assert found["unpriced_kwh"] == 4 * 50  # 31 January from 11:30 on
    assert found["load"].kwh == 4 * 288


def test_the_page_and_the_api_say_the_same(measured, steel_forge, page, api, vera, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    answer = api(vera).get("/insights/energy", {"period": "24h"}).json()
    assert (answer["energy_kwh"], answer["energy_kwh_before"], answer["cost"]) == (384, 384, [])
    assert answer["unpriced_kwh"] == 384 and answer["peak"]["kw"] == 16
    text = " ".join(page(vera).get("/dashboard/insights/energy/?period=24h").content.decode().split())
    assert "384.0" in text and "No tariff is entered for this period" in text
    assert api(vera).get("/insights/energy", {"period": "1y"}).status_code == 400


def test_insights_and_energy_show_bridged_energy_the_same_way(measured, page, api, vera, monkeypatch):
    """Two of the quarters are known from a register across a gap only."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    bridged = QuarterHour.objects.filter(starts_at__in=[NOW - timedelta(minutes=15), NOW - timedelta(minutes=30)])
    bridged.update(received=0, energy_kwh=None, bridged_kwh=4, covered_s=0)
    energy = api(vera).get("/insights/energy", {"period": "24h"}).json()
    insights = api(vera).get("/insights", {"period": "24h"}).json()
    explanation = insights["explanation"]["energy_consumption"]
    assert insights["metrics"]["energy_consumption"] == energy["energy_kwh"] == 384
    assert [explanation[name] for name in ("measured_kwh", "bridged_kwh")] == [376, 8]
    assert [energy[name] for name in ("measured_kwh", "bridged_kwh")] == [376, 8]
    assert explanation["baseline"]["value"] == energy["energy_kwh_before"] == 384
    assert sum(part["kwh"] for part in energy["by_machine"]) == 376
    for address in ("/dashboard/insights/?period=24h", "/dashboard/insights/energy/?period=24h"):
        text = " ".join(page(vera).get(address).content.decode().split())
        assert "8.0 kWh of it bridged by a meter register" in text, address


def test_the_api_prices_in_numbers_and_names_machines(measured, steel_forge, api, vera, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    Tariff.objects.create(factory=steel_forge, name="Flat", valid_from=date(2025, 1, 1), energy_rs_per_kwh=D("8.25"))
    production_row(steel_forge, gears(steel_forge), date(2025, 1, 1), made=D(100))
    answer = api(vera).get("/insights/energy", {"period": "24h"}).json()
    [cost] = answer["cost"]
    assert (cost["tariff"], cost["rs"], cost["saving"]) == ("Flat from 1 Jan 2025", 3168.0, None)
    assert cost["charges"] == [{"name": "Energy charge", "rs": 3168.0, "formula": "384.0 kWh × ₹ 8.25/kWh"}]
    assert answer["peak"]["machines"] == [{"machine": measured.label, "kw": 16.0}]
    assert [(row["month"], row["made_t"]) for row in answer["per_tonne"]] == [("2025-01-01", 100.0)]


def test_energy_per_tonne_of_complete_months(device, steel_forge):
    QuarterHour.objects.create(
        device=device,
        starts_at=datetime(2025, 1, 10, 6, tzinfo=UTC),
        received=3,
        expected=3,
        energy_kwh=500,
        covered_s=900,
    )
    QuarterHour.objects.create(
        device=device,
        starts_at=datetime(2025, 2, 1, 6, tzinfo=UTC),
        received=3,
        expected=3,
        energy_kwh=70,
        covered_s=900,
    )
    product = gears(steel_forge)
    production_row(steel_forge, product, date(2025, 1, 1), made=D(100))
    [january] = specific_energy_by_month([device], steel_forge, NOW)
    assert (january.month, january.kwh, january.made_t, january.kwh_per_t) == (date(2025, 1, 1), 500, 100, 5)


def test_a_month_without_production_has_no_figure_per_tonne(device, steel_forge):
    QuarterHour.objects.create(
        device=device,
        starts_at=datetime(2025, 1, 10, 6, tzinfo=UTC),
        received=3,
        expected=3,
        energy_kwh=500,
        covered_s=900,
    )
    [january] = specific_energy_by_month([device], steel_forge, NOW)
    assert january.made_t is None and january.kwh_per_t is None
