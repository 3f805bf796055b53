"""The page of a machine's limits, and what the machine's page asks before they can follow from anything."""

from datetime import timedelta

import pytest

from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule, Origin
from alerts.tests.cast import minutes, store_readings
from carbonseed.dashboard.machine_page import chart_limits
from devices.models import Device
from devices.tests.cast import make_device
from telemetry.rollups.digest import rebuild_quarters

pytestmark = pytest.mark.django_db
ASKS = "Which machine is this, and what is its rated power? Until then only silence and sensor faults alert."

QUESTIONS = ["Which machine is this?", "What is its rated power?", "What does its temperature sensor measure?"]


@pytest.fixture
def furnace(steel_forge):
    return make_device(steel_forge, "IF-1", machine_name="Induction furnace 1", has_process_limits=False)


def limits_page(device) -> str:
    return f"/dashboard/machines/{device.pk}/limits/"


def text_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_foundry_end_to_end(page, asha, furnace, now):
    store_readings(furnace, [(now - minutes(5), {"temperature": 812, "power_consumption": 210})])
    evaluate_new_readings(now)
    assert not Alert.objects.exists()
    text = text_of(page(asha).get(f"/dashboard/machines/{furnace.pk}/"))
    assert ASKS in text
    assert "Its name suggests: Induction melting furnace" in text
    answers = {"machine_kind": "induction_furnace", "rated_kw": "250", "temperature_point": "bath", "act": "save"}
    text = text_of(page(asha).post(limits_page(furnace), answers, follow=True))
    assert "Induction melting furnace, rating 250 kW: 263 kW at full load (panel, efficiency 0.95) × 110 %" in text
    assert "silent until" in text
    assert ASKS not in text_of(page(asha).get(f"/dashboard/machines/{furnace.pk}/"))
    rows = [(now + minutes(count), {"temperature": 1450, "power_consumption": 300}) for count in range(20)]
    store_readings(furnace, rows)
    evaluate_new_readings(now + minutes(20))
    alert = Alert.objects.get()
    assert (alert.severity, alert.title) == ("critical", "Power above 289 kW")


@pytest.mark.parametrize(
    ("fields", "rated_kw", "asks"),
    [
        ({}, 30, ["Which machine is this?"]),
        ({"machine_kind": "hammer"}, None, ["What is its rated power?"]),
        ({"machine_kind": "hammer"}, 30, []),
        ({"machine_kind": "press"}, 30, ["What does its temperature sensor measure?"]),
        ({"machine_kind": "press", "device_type": "Energy meter"}, 30, []),
        ({"machine_kind": "press", "temperature_point": "oil"}, 30, []),
        ({"machine_kind": "other", "device_type": "Gateway"}, None, []),
    ],
)
def test_the_page_asks_for_what_is_missing(page, asha, furnace, fields, rated_kw, asks):
    Device.objects.filter(pk=furnace.pk).update(**fields)
    furnace.profiles.update(rated_kw=rated_kw)
    Device.objects.get(pk=furnace.pk).save()
    text = text_of(page(asha).get(limits_page(furnace)))
    assert [question for question in QUESTIONS if question in text] == asks


def test_a_viewer_reads_the_question_and_gets_no_form(page, vera, vik, furnace):
    text = text_of(page(vera).get(f"/dashboard/machines/{furnace.pk}/"))
    assert ASKS in text and limits_page(furnace) not in text
    assert page(vik).get(limits_page(furnace)).status_code == 403


def test_a_rating_that_was_missing_holds_from_the_start_and_a_new_one_from_now(page, asha, furnace):
    for rated in ("250", "300"):
        page(asha).post(limits_page(furnace), {"machine_kind": "induction_furnace", "rated_kw": rated, "act": "save"})
    ratings = list(furnace.profiles.order_by("valid_from").values_list("rated_kw", flat=True))
    assert ratings == [250, 300]


def test_bad_answers_name_their_field(page, asha, furnace):
    answer = page(asha).post(limits_page(furnace), {"machine_kind": "submarine", "rated_kw": "-3"})
    assert set(answer.context["form"].errors) == {"machine_kind", "rated_kw"}


def test_limits_of_an_earlier_release_make_room_only_when_asked(page, asha, furnace):
    AlertRule.objects.create(
        factory=furnace.factory, device=furnace, metric="temperature", level=900, severity="critical",
        origin=Origin.EARLIER,
    )  # fmt: skip
    answers = {"machine_kind": "induction_furnace", "rated_kw": "250", "temperature_point": ""}
    text = text_of(page(asha).post(limits_page(furnace), {**answers, "act": "save"}, follow=True))
    assert "Default of an earlier release" in text and "use the limits for this kind" in text
    text = text_of(page(asha).post(limits_page(furnace), {**answers, "act": "use"}, follow=True))
    assert "Temperature above 900" not in text and "Power above 289 kW" in text


def test_a_learning_limit_says_how_often_it_would_have_alerted(page, asha, furnace, now):
    page(asha).post(limits_page(furnace), {"machine_kind": "induction_furnace", "rated_kw": "250", "act": "save"})
    watch = AlertRule.objects.get(device=furnace, severity="warning", metric="power_consumption")
    began = watch.created_at.replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    AlertRule.objects.filter(pk=watch.pk).update(created_at=began)
    for day in (0, 1):
        start = began + timedelta(days=day, hours=1)
        rows = [(start + minutes(count), {"power_consumption": 280 if count < 30 else 200}) for count in range(60)]
        store_readings(furnace, rows)
        rebuild_quarters(furnace, rows[0][0], rows[-1][0])
        evaluate_new_readings(rows[-1][0])
    assert not Alert.objects.exists()
    assert "would have alerted 2 times" in text_of(page(asha).get(limits_page(furnace)))


def test_the_machines_page_says_what_it_is_and_draws_only_limits_in_force(page, asha, furnace, now):
    page(asha).post(limits_page(furnace), {"machine_kind": "induction_furnace", "rated_kw": "250", "act": "save"})
    text = text_of(page(asha).get(f"/dashboard/machines/{furnace.pk}/"))
    assert "Induction melting furnace" in text and limits_page(furnace) in text
    drawn = chart_limits(Device.objects.get(pk=furnace.pk), ["power_consumption"])
    assert [limit["level"] for limit in drawn["power_consumption"]] == [289]
