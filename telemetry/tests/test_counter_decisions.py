"""What a person decides about a doubtful step, and the figures that follow from it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from telemetry.doubtful_steps import add_decision, decide
from telemetry.etags import device_etag
from telemetry.models import Day, DirtySpan, DoubtfulStep, Edition, QuarterHour
from telemetry.rollups.digest import digest, rebuild_quarters
from telemetry.tests.stored_readings import add_dirty_span, insert
from telemetry.tests.test_counters import REGISTER, TEN, every, stored

pytestmark = pytest.mark.django_db
Decision = DoubtfulStep.Decision
SWAPPED = [1204.0, 1204.5, 1205.0, 88315.0, 88315.5, 88316.0]


@pytest.fixture
def step(steel_forge):
    """A register that went from 1,205 to 88,315 kWh in a quarter hour, on a machine of 5 kW."""
    device = stored(steel_forge, {**REGISTER, "rated_kw": 5}, every(SWAPPED), [range(len(SWAPPED))])
    return DoubtfulStep.objects.get(device=device)


def quarter(number):
    return TEN + timedelta(minutes=15 * number)


def sums(device):
    """(measured kWh, bridged kWh, measured hours)"""
    rows = QuarterHour.objects.filter(device=device).values_list("energy_kwh", "bridged_kwh", "covered_s")
    return tuple(pytest.approx(sum(row[place] or 0 for row in rows) / (1, 1, 3600)[place]) for place in range(3))


def decided(step, now, decision, **more):
    step = decide(step, decision, by=None, now=now, **more)
    digest(now)
    return step


def test_a_doubtful_step_is_in_no_figure_and_its_time_is_missing(step):
    assert sums(step.device) == (2.0, 0, 1.0)
    assert (step.before_at, step.after_at) == (quarter(2), quarter(3))
    assert (step.gained_kwh, step.possible_kwh) == (87_110.0, pytest.approx(10 * 16 / 60))
    assert Day.objects.get(device=step.device).energy_kwh == pytest.approx(2.0)


def test_a_swap_books_nothing_and_counts_on(step, now):
    decided(step, now, Decision.METER_SWAPPED)
    assert sums(step.device) == (2.0, 0, 1.0)
    assert not DoubtfulStep.objects.open().exists()


def test_a_swap_may_be_dated_in_the_past(step, now):
    decided(step, now, Decision.METER_SWAPPED, effective_at=quarter(1))
    assert sums(step.device) == (1.5, 0, 0.75)  # 1204.5 is the new meter's, and what came before it another's


def test_a_swap_is_not_dated_after_the_new_meters_first_reading(step, now):
    with pytest.raises(ValidationError) as refused:
        decide(step, Decision.METER_SWAPPED, by=None, now=now, effective_at=quarter(4))
    assert list(refused.value.message_dict) == ["effective_at"]


def test_a_real_step_is_booked_although_it_is_above_what_can_flow(step, now):
    decided(step, now, Decision.REAL)
    assert sums(step.device) == (87_112.0, 0, 1.25)


def test_a_glitch_takes_all_readings_up_there_away(step, now):
    assert decided(step, now, Decision.GLITCH).ignored_until == quarter(5)
    assert sums(step.device) == (1.0, 0, 0.5)


def test_after_a_glitch_the_register_goes_on_from_its_former_level(step, now):
    decided(step, now, Decision.GLITCH)
    rows = every([None] * 6 + [1207.0, 1207.5], column="power_consumption")
    store(step.device, rows, now)
    assert sums(step.device) == (1.5, 2.0, 0.75)
    assert not DoubtfulStep.objects.open().exists()


def test_a_register_that_stays_up_after_a_glitch_is_asked_about_again(step, now):
    decided(step, now, Decision.GLITCH)
    store(step.device, every([None] * 6 + [88_316.5]), now)
    [again] = DoubtfulStep.objects.open()
    assert (again.before_value, again.after_value) == (1205.0, 88_316.5)


def store(device, rows, now):
    insert(device, rows)
    add_dirty_span(device, rows[0]["at"], rows[-1]["at"], len(rows))
    digest(now)


def test_a_decision_is_taken_back(step, now, asha):
    decide(step, Decision.REAL, by=asha, now=now, note="A second line was connected.")
    digest(now)
    step.refresh_from_db()
    assert (step.decided_by, step.decided_at, step.note) == (asha, now, "A second line was connected.")
    decided(step, now, Decision.OPEN)
    assert sums(step.device) == (2.0, 0, 1.0)
    [again] = DoubtfulStep.objects.open()
    assert (again.decided_by, again.decided_at) == (None, None)


def test_a_decision_survives_a_recount_of_everything(step, now):
    decided(step, now, Decision.REAL)
    rebuild_quarters(step.device, TEN, quarter(5))
    assert sums(step.device) == (87_112.0, 0, 1.25)
    assert DoubtfulStep.objects.get().decision == Decision.REAL


def test_late_readings_that_explain_a_step_take_the_question_back(step, now):
    store(step.device, every([None, None, None, 1205.2, 1205.4], start=TEN + timedelta(seconds=1)), now)
    assert DoubtfulStep.objects.count() == 1  # 1205.4 → 88,315.5 is still none
    with pytest.raises(DoubtfulStep.DoesNotExist):
        DoubtfulStep.objects.filter(pk=step.pk).delete()
        decide(step, Decision.REAL, by=None, now=now)


def test_a_value_that_nothing_doubted_is_voided(steel_forge, now):
    device = stored(steel_forge, {**REGISTER, "rated_kw": 5}, every([100.0, 101.0, 103.0, 103.5]), [range(4)])
    assert sums(device) == (3.5, 0, 0.75)
    voided = add_decision(device, "power_consumption", quarter(2), Decision.GLITCH, by=None, now=now)
    digest(now)
    assert (voided.before_value, voided.after_value, voided.reason) == (101.0, 103.0, "voided")
    assert sums(device) == (3.5, 0, 0.75)  # the register says the same without it
    add_decision(device, "power_consumption", quarter(3), Decision.GLITCH, by=None, now=now)
    digest(now)
    assert sums(device) == (1.0, 0, 0.25)
    decided(voided, now, Decision.OPEN)
    assert sums(device) == (3.0, 0, 0.5) and not DoubtfulStep.objects.filter(pk=voided.pk).exists()


def test_a_value_that_was_never_sent_is_not_voided(step, now):
    with pytest.raises(ValidationError):
        add_decision(step.device, "energy_kwh", quarter(2), Decision.GLITCH, by=None, now=now)
    with pytest.raises(ValidationError):
        decide(step, "nonsense", by=None, now=now)
    with pytest.raises(ValidationError):
        decide(step, Decision.GLITCH, by=None, now=now, ignored_until=quarter(1))


def test_a_swap_that_nothing_doubted_is_noted(steel_forge, now):
    device = stored(steel_forge, {**REGISTER, "rated_kw": 50}, every([100.0, 101.0, 110.0, 111.0]), [range(4)])
    add_decision(device, "power_consumption", quarter(2), Decision.METER_SWAPPED, by=None, now=now)
    digest(now)
    assert sums(device) == (2.0, 0, 0.5)


def test_repeated_kwh_may_be_real(steel_forge, now):
    rows = [*every([0.5, 0.5]), *every([0.5], start=quarter(1) + timedelta(seconds=30))]
    device = stored(steel_forge, {"power_kind": "kWh", "rated_kw": 400}, rows, [range(3)])
    [step] = DoubtfulStep.objects.open()
    assert sums(device)[0] == 1.0
    decided(step, now, Decision.REAL)
    assert sums(device)[0] == 1.5


def test_a_decision_changes_the_tag_of_every_figure(step, now):
    before = device_etag(step.device)
    edition = Edition.objects.get(device=step.device).number
    decide(step, Decision.REAL, by=None, now=now)
    assert DirtySpan.objects.get().readings == 0 and device_etag(step.device) != before
    digest(now)
    assert Edition.objects.get(device=step.device).number > edition
