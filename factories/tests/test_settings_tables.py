"""Sorting and export of shifts, holidays and tariffs."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.urls import reverse

from core.tests.table_files import count_queries, csv_rows, xlsx_rows
from factories.tests.model_factories import HolidayMaker, ShiftMaker, TariffBandMaker, TariffMaker

SETTINGS, TARIFFS = reverse("factory_settings"), reverse("tariff_list")


def test_shifts_and_holidays_are_sorted_apart(page, asha, steel_forge):
    late, early = (
        ShiftMaker(factory=steel_forge, name=name, starts_at=time(hour), ends_at=time(hour + 8), weekdays=[1, 2])
        for name, hour in [("B", 14), ("C", 6)]
    )
    diwali, holi = (
        HolidayMaker(factory=steel_forge, name=name, on=on)
        for name, on in [("Diwali", date(2025, 10, 20)), ("Holi", date(2025, 3, 14))]
    )
    context = page(asha).get(SETTINGS, {"shift-sort": "name", "holiday-sort": "-on"}).context
    assert [row.record for row in context["shifts"].rows] == [late, early]
    assert [row.record for row in context["holidays"].rows] == [diwali, holi]
    shifts = csv_rows(page(asha).get(SETTINGS, {"shift-export": "csv", "shift-sort": "name"}))
    assert shifts[:2] == [["Shift", "From", "To", "Days"], ["B", "14:00:00", "22:00:00", "Mon, Tue"]]
    holidays = xlsx_rows(page(asha).get(SETTINGS, {"holiday-export": "xlsx", "holiday-sort": "on"}))
    assert (holidays[1][0].date(), holidays[1][1]) == (date(2025, 3, 14), "Holi")


def test_tariffs_are_exported_with_all_rates_unrounded(page, asha, steel_forge):
    tariff = TariffMaker(factory=steel_forge, energy_rs_per_kwh=Decimal("7.1234"), valid_from=date(2025, 1, 1))
    TariffBandMaker(tariff=tariff, change_rs_per_kwh=Decimal("-0.5"))
    header, line = csv_rows(page(asha).get(TARIFFS, {"export": "csv"}))
    cells = dict(zip(header, line, strict=True))
    assert (cells["₹/kWh"], cells["Holds from"]) == ("7.1234", "2025-01-01")
    assert "(-0.5000)" in cells["Times of day"]
    assert xlsx_rows(page(asha).get(TARIFFS, {"export": "xlsx"}))[1][2] == 7.1234


@pytest.mark.parametrize("address", [SETTINGS + "?shift-export=csv", TARIFFS + "?export=xlsx"])
def test_an_export_has_the_rights_of_its_page(page, vik, chitra, steel_forge, address):
    ShiftMaker(factory=steel_forge)
    TariffMaker(factory=steel_forge)
    assert page(vik).get(address).status_code == 403
    response = page(chitra).get(address)
    rows = csv_rows(response) if "csv" in address else xlsx_rows(response)
    assert len(rows) == 1


@pytest.mark.parametrize("address", [SETTINGS, SETTINGS + "?shift-sort=name", TARIFFS, TARIFFS + "?export=csv"])
def test_more_rows_cost_the_same_queries(page, asha, steel_forge, address):
    def add(number):
        ShiftMaker(factory=steel_forge, name=f"S{number}")
        HolidayMaker(factory=steel_forge, on=date(2025, 1, number))
        TariffBandMaker(tariff=TariffMaker(factory=steel_forge, valid_from=date(2025, 1, number)))

    add(1)
    browser = page(asha)
    count_queries(browser, address)
    one = count_queries(browser, address)
    add(2)
    add(3)
    assert count_queries(browser, address) == one
