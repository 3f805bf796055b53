"""Figures that devices measure: offered with their coverage, taken over by a person, no longer theirs once changed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from calculations.periods import MONTH, around
from registers import models
from registers.models import BY_SLUG, Source
from registers.sheet import measured_suggestions
from registers.sheet.sheet import Sheet
from registers.tests.cast import APRIL, MAY
from registers.tests.model_factories import ConnectionMaker, ElectricityBillMaker, GeneratorMaker, ProcessMaker
from telemetry.models import QuarterHour

pytestmark = pytest.mark.django_db
APRIL_BEGINS = datetime(2024, 3, 31, 18, 30, tzinfo=UTC)  # midnight in India
PAGE = "/dashboard/registers/machines/?period=2024-04"


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def furnace(device):
    """The main furnace: fitted in March 2024, 25 kWh an hour for the first 15 days of April, then silent."""
    device.hardware.update(fitted_at=APRIL_BEGINS - timedelta(days=5))
    device.profiles.update(valid_from=APRIL_BEGINS - timedelta(days=5), rated_kw=30)
    QuarterHour.objects.bulk_create(
        QuarterHour(
            device=device,
            starts_at=APRIL_BEGINS + timedelta(minutes=15 * place),
            received=3,
            expected=3,
            energy_kwh=6.25,
            covered_s=900,
        )
        for place in range(15 * 96)
    )
    return device


def test_what_was_measured_is_offered_with_its_coverage_and_never_filled_in(vik, page, furnace):
    body = text_of(page(vik).get(PAGE))
    assert f'value="n202404-{furnace.pk}:energy_kwh"' in body
    assert "9,000 · 50.0" in body and "360 · 50.0" in body
    assert not models.MachineMonth.objects.exists()


def test_one_click_takes_a_figure_over_and_the_row_says_whose_it_is(vik, page, furnace):
    key = f"n202404-{furnace.pk}"
    page(vik).post(PAGE, {"rows": key, "take": f"{key}:energy_kwh", f"{key}-source": "meter"})
    found = models.MachineMonth.objects.get()
    taken = found.taken_over["energy_kwh"]
    assert (found.energy_kwh, found.operating_h, found.source) == (Decimal(9000), None, Source.DEVICE)
    assert (taken["device"], taken["coverage_percent"], taken["by"]) == ("Main furnace", "50.0", "Vik Patil")
    assert (taken["start"], taken["device_id"]) == ("2024-04-01T00:00:00+05:30", furnace.pk)
    body = text_of(page(vik).get(PAGE))
    assert "Main furnace, 50.0" in body and f"r{found.pk}:energy_kwh" not in body
    assert "9,000 metered by <strong>Main furnace</strong>" in text_of(
        page(vik).get(f"/dashboard/registers/machines/{found.pk}/")
    )


def test_a_whole_column_is_taken_over_at_once(vik, page, furnace):
    page(vik).post(PAGE, {"take": ":operating_h"})
    assert models.MachineMonth.objects.get().operating_h == Decimal(360)


def test_the_value_comes_from_the_readings_not_from_the_request(vik, page, furnace):
    key = f"n202404-{furnace.pk}"
    page(vik).post(PAGE, {"take": f"{key}:energy_kwh", "value": "1", "proposal": "1"})
    assert models.MachineMonth.objects.get().energy_kwh == Decimal(9000)


@pytest.mark.parametrize("take", ["x", ":", "n202404-999:energy_kwh", ":process", "n202404-1:made"])
def test_nonsense_takes_nothing_over(take, vik, page, furnace):
    page(vik).post(PAGE, {"take": take})
    assert not models.MachineMonth.objects.exists()


def test_a_figure_changed_by_hand_is_no_longer_the_devices(vik, page, furnace):
    page(vik).post(PAGE, {"take": ":energy_kwh"})
    found = models.MachineMonth.objects.get()
    found.energy_kwh = Decimal(9500)
    with pytest.raises(ValidationError, match="no longer"):
        found.full_clean()
    found.source, found.remark = Source.METER, "Sub-meter reading"
    found.full_clean()
    found.save()
    assert found.taken_over == {}


def test_another_field_may_change_beside_a_measured_one(vik, page, furnace, steel_forge):
    page(vik).post(PAGE, {"take": ":energy_kwh"})
    found = models.MachineMonth.objects.get()
    found.process = ProcessMaker(factory=steel_forge, name="Forging")
    found.full_clean()
    found.save()
    found.refresh_from_db()
    assert found.taken_over["energy_kwh"]["value"] == "9000"


def test_whoever_only_reads_is_offered_nothing(ira, page, furnace):
    assert 'name="take"' not in page(ira).get(PAGE).content.decode()
    assert page(ira).post(PAGE, {"take": ":energy_kwh"}).status_code == 403


def test_nothing_measured_is_no_proposal_of_zero(furnace, now):
    assert measured_suggestions.suggestions_for_month([furnace], MAY, now) == {}


def test_a_bill_stands_beside_the_meters(vik, page, furnace, steel_forge):
    connection = ConnectionMaker(factory=steel_forge, name="HT service")
    bill = ElectricityBillMaker(factory=steel_forge, connection=connection, month=APRIL, energy_kwh=Decimal(10_000))
    answer = page(vik).get("/dashboard/registers/electricity-bills/?period=2024-04")
    difference = next(one.difference for one in answer.context["sheet"].rows if one.row == bill)
    assert (difference.metered_kwh, difference.percent) == (Decimal(9000), Decimal(10))
    assert round(difference.coverage_percent) == 50


def test_a_bill_far_from_the_meters_is_asked_about_on_the_checklist(vik, page, furnace, steel_forge):
    connection = ConnectionMaker(factory=steel_forge, name="HT service")
    ElectricityBillMaker(factory=steel_forge, connection=connection, month=APRIL, energy_kwh=Decimal(10_000))
    body = text_of(page(vik).get("/dashboard/registers/checklist/?month=2024-04"))
    assert "HT service, April 2024: 10,000 kWh billed, 9,000 kWh metered, a difference of 10.0 %." in body


def test_own_generation_is_offered_from_the_generators_device(vik, page, furnace, steel_forge):
    generator = GeneratorMaker(factory=steel_forge, name="DG 1", plant="dg", device=furnace)
    page(vik).post("/dashboard/registers/generation/?period=2024-04", {"take": ":generated_kwh"})
    found = models.Generation.objects.get()
    assert (found.generator, found.generated_kwh, found.source) == (generator, Decimal(9000), Source.DEVICE)


def test_a_machine_not_fitted_yet_is_expected_of_nobody(vik, page, furnace):
    assert (
        "Main furnace" not in text_of(page(vik).get("/dashboard/registers/machines/?period=2024-02")).split("<main")[1]
    )


def test_a_month_under_way_has_no_figure_to_take_over_yet(furnace, steel_forge, vik):
    in_april = datetime(2024, 4, 20, tzinfo=UTC)
    for today, offered in ((in_april.date(), 0), (datetime(2024, 5, 1, tzinfo=UTC).date(), 2)):
        sheet = Sheet(BY_SLUG["machines"], steel_forge, around(MONTH, APRIL), today, may_enter=True)
        assert len(measured_suggestions.suggestions_for_sheet(sheet, in_april)) == offered
