"""What people see and do about doubtful values on a machine's page."""

from datetime import timedelta

import pytest

from telemetry.models import DirtySpan, DoubtfulStep, UnitDoubt
from telemetry.tests.model_factories import DoubtfulStepMaker, ReadingMaker, UnitDoubtMaker

pytestmark = pytest.mark.django_db
Decision = DoubtfulStep.Decision


@pytest.fixture
def furnace(device):
    device.profiles.update(rated_kw=5)
    return device


@pytest.fixture
def step(furnace):
    return DoubtfulStepMaker(device=furnace)


def machine_page(page, user, device, path=""):
    return " ".join(page(user).get(f"/dashboard/machines/{device.pk}/{path}").content.decode().split())


def decide(page, user, step, **fields):
    return page(user).post(f"/dashboard/doubtful-steps/{step.pk}/decide/", fields, follow=True)


def test_a_step_shows_both_readings_what_it_would_add_and_what_could_have_flowed(page, asha, furnace, step):
    text = machine_page(page, asha, furnace)
    assert "1 doubtful step of its counter" in text
    assert "Energy register: 87,110 kWh in 15 minutes, where its rating of 5 kW allows at most 1.25 kWh." in text
    for part in (
        "1,205 kWh",
        "88,315 kWh",
        "16 Jan 2025, 15:45:00",
        "16 Jan 2025, 16:00:00",
        "Meter swapped",
        "Glitch, ignore",
        "It is real",
    ):
        assert part in text


def test_without_a_rating_its_own_past_is_the_bound(page, asha, device):
    DoubtfulStepMaker(device=device)
    assert "where its own past allows at most 1.25 kWh" in machine_page(page, asha, device)


def test_a_viewer_sees_it_and_has_no_buttons(page, vera, furnace, step):
    text = machine_page(page, vera, furnace)
    assert "87,110 kWh" in text and "The owner of the factory decides" in text
    assert "step_decide" not in text and "It is real, book it" not in text
    assert decide(page, vera, step, decision="real").status_code == 403


@pytest.mark.parametrize(
    "fields, decision, effective, ignored",
    [
        ({"decision": "meter_swapped", "effective_at": "2025-01-16T16:00:00"}, Decision.METER_SWAPPED, 0, None),
        ({"decision": "meter_swapped"}, Decision.METER_SWAPPED, None, None),
        ({"decision": "glitch", "ignored_until": "2025-01-16T16:00:00"}, Decision.GLITCH, None, 0),
        ({"decision": "real", "note": "Checked at the panel"}, Decision.REAL, None, None),
    ],
)
def test_a_decision_has_an_author_a_date_and_a_recount(page, asha, now, step, fields, decision, effective, ignored):
    assert decide(page, asha, step, **fields).status_code == 200
    step.refresh_from_db()
    assert (step.decision, step.decided_by, step.note) == (decision, asha, fields.get("note", ""))
    assert step.decided_at is not None
    assert step.effective_at == (None if effective is None else now)
    assert (step.ignored_until is None) is (ignored is None)
    assert DirtySpan.objects.filter(device=step.device, readings=0).exists()


def test_a_decision_is_shown_with_its_author_and_can_be_taken_back(page, asha, furnace, step):
    decide(page, asha, step, decision="glitch", note="Lightning")
    text = machine_page(page, asha, furnace)
    assert "Glitch, ignored" in text and "Asha Kulkarni" in text and "“Lightning”" in text
    assert "doubtful step of its counter" not in text
    decide(page, asha, step, decision="open")
    step.refresh_from_db()
    assert step.is_open and step.decided_by is None
    assert "1 doubtful step of its counter" in machine_page(page, asha, furnace)


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"decision": "meter_swapped", "effective_at": "2025-01-16T16:01:00"}, "cannot have been swapped after"),
        ({"decision": "meter_swapped", "effective_at": "yesterday"}, "New meter counts from: Enter a valid date"),
        ({"decision": "glitch", "ignored_until": "2025-01-16T15:00:00"}, "Before the first reading that is ignored"),
        ({"decision": "perhaps"}, "perhaps is not one of the available choices"),
        ({"decision": "real", "note": "a\nb"}, "Note:"),
    ],
)
def test_bad_input_is_said_and_changes_nothing(page, asha, step, fields, words):
    assert words in decide(page, asha, step, **fields).content.decode()
    step.refresh_from_db()
    assert step.is_open


def test_a_step_that_late_readings_explained_is_said_to_be_gone(page, asha, furnace, step):
    page(asha)
    step_pk = step.pk
    step.delete()
    assert page(asha).post(f"/dashboard/doubtful-steps/{step_pk}/decide/", {"decision": "real"}).status_code == 404


def test_many_steps_are_on_a_page_of_their_own(page, asha, furnace, now):
    for place in range(5):
        DoubtfulStepMaker(device=furnace, after_at=now + timedelta(hours=place))
    text = machine_page(page, asha, furnace)
    assert "5 doubtful steps of its counters" in text and "2 more steps" in text
    assert machine_page(page, asha, furnace, "doubts/").count("where its rating of 5 kW") == 5


def test_many_steps_are_decided_at_once(page, asha, vera, furnace, now):
    for place in range(3):
        DoubtfulStepMaker(device=furnace, after_at=now + timedelta(seconds=900 * place + 2), reason="repeated")
    assert "it sent 88,315 kWh on 16 Jan 2025, 16:00:02, so soon after" in machine_page(page, asha, furnace).replace(
        "It sent", "it sent"
    )
    url = f"/dashboard/machines/{furnace.pk}/doubts/decide/"
    assert page(vera).post(url, {"decision": "glitch"}).status_code == 403
    assert "available choices" in page(asha).post(url, {"decision": "open"}, follow=True).content.decode()
    answer = page(asha).post(url, {"decision": "glitch", "note": "Gateway sends twice", "page": "doubts"}, follow=True)
    assert "Decided at once: 3." in answer.content.decode()
    assert set(DoubtfulStep.objects.values_list("decision", "note", "decided_by")) == {
        ("glitch", "Gateway sends twice", asha.pk)
    }


# Values that a person knows to be wrong


def void(page, user, device, **fields):
    return page(user).post(
        f"/dashboard/machines/{device.pk}/void-value/",
        {"metric": "energy_kwh", "page": "doubts", **fields},
        follow=True,
    )


def test_any_stored_register_value_is_taken_out_by_its_time(page, asha, furnace, now):
    ReadingMaker(device=furnace, at=now + timedelta(seconds=7, milliseconds=250), energy_kwh=88_315)
    answer = void(page, asha, furnace, at="2025-01-16T16:00:00", note="Misread")
    assert "The value of 16 Jan 2025, 16:00:07 is left out." in answer.content.decode()
    step = DoubtfulStep.objects.get()
    assert (step.decision, step.after_value, step.decided_by, step.note) == (Decision.GLITCH, 88_315, asha, "Misread")


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"at": "2025-01-16T17:00"}, "Time of the reading: No reading with such a value is stored"),
        ({"at": "2025-01-16T16:00"}, "Several readings came in this minute"),
        ({"at": "2025-01-16T16:00:01"}, "No reading with such a value"),
        ({"at": ""}, "Time of the reading: This field is required."),
        ({"at": "2025-01-16T16:00:30", "metric": "humidity"}, "Counter:"),
        ({"at": "2025-01-16T16:00:30", "metric": "power_consumption"}, "No reading with such a value"),
    ],
)
def test_a_time_without_a_single_value_is_asked_about(page, asha, furnace, now, fields, words):
    ReadingMaker(device=furnace, at=now + timedelta(seconds=10), energy_kwh=88_315)
    ReadingMaker(device=furnace, at=now + timedelta(seconds=30), energy_kwh=88_316)
    assert words in void(page, asha, furnace, **fields).content.decode()
    assert not DoubtfulStep.objects.exists()


# Questions about units


def answer(page, user, device, **fields):
    url = f"/dashboard/machines/{device.pk}/unit-answer/"
    return page(user).post(url, {"kind": "power_unit", **fields}, follow=True)


@pytest.fixture
def watts(furnace):
    return UnitDoubtMaker(device=furnace)


def test_a_question_has_one_tap_answers(page, asha, vera, furnace, watts):
    text = machine_page(page, asha, furnace)
    assert "Its power was 32,500 kW on 16 Jan 2025, 16:00, 813 times its rating (40 kW)." in text
    assert "It probably sends watts." in text and ">It sends watts</button>" in text
    assert ">It is right as it is</button>" in text
    assert "</button>" not in machine_page(page, vera, furnace).split('id="power-doubt"')[1].split("</section>")[0]


def test_it_sends_watts_corrects_the_profile_from_that_moment(page, asha, furnace, watts):
    assert "Its profile is corrected" in answer(page, asha, furnace, answer="correct").content.decode()
    watts.refresh_from_db()
    assert (watts.state, watts.decided_by) == (UnitDoubt.State.CORRECTED, asha)
    assert {profile.power_kind for profile in furnace.profiles.all()} == {"W"}
    assert "power-doubt" not in machine_page(page, asha, furnace)


def test_from_another_moment(page, asha, furnace, watts, now):
    answer(page, asha, furnace, answer="correct", since="2025-01-10T00:00:00")
    assert [profile.power_kind for profile in furnace.profiles.order_by("valid_from")] == ["kW", "W"]


def test_right_as_it_is_is_not_asked_again_unless_it_is_taken_back(page, asha, furnace, watts):
    answer(page, asha, furnace, answer="keep", note="Two furnaces")
    text = machine_page(page, asha, furnace, "doubts/")
    assert "Right as it is" in text and "Asha Kulkarni" in text and "“Two furnaces”" in text
    assert "power-doubt" not in machine_page(page, asha, furnace)
    answer(page, asha, furnace, answer="ask")
    assert "power-doubt" in machine_page(page, asha, furnace)


def test_an_answer_to_nothing_is_said(page, asha, vera, furnace):
    assert "Nothing of this kind is asked" in answer(page, asha, furnace, answer="keep").content.decode()
    assert "available choices" in answer(page, asha, furnace, answer="maybe").content.decode()
    assert answer(page, vera, furnace, answer="keep").status_code == 403


def test_steps_of_a_register_whose_unit_is_asked_wait_for_the_answer(page, asha, furnace, step):
    UnitDoubtMaker(
        device=furnace, kind="register_unit", metric="energy_kwh", seen=16_000, suggested={"energy_unit": "Wh"}
    )
    text = machine_page(page, asha, furnace)
    assert "Its register rose by 16,000 kWh an hour" in text and "It sends Wh" in text
    assert "1 doubtful step waits for the answer above." in text and "It is real, book it" not in text
