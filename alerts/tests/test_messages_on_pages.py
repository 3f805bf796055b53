"""What a page says it has done, in one and in several."""

import pytest
from django.contrib.messages import get_messages

from alerts.models import Alert, AlertRule
from alerts.tests.cast import fire_alert

pytestmark = pytest.mark.django_db


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize("act", ["acknowledge", "resolve"])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"temperature": 950}, "1 alert {act}d."),
        ({"temperature": 950, "gas_index": 500}, "2 alerts {act}d."),
    ],
)
def test_an_act_on_ticked_alerts_says_how_many(page, vik, device, now, act, values, words):
    fire_alert(device, now, **values)
    ticked = list(Alert.objects.values_list("pk", flat=True))
    answer = page(vik).post("/dashboard/alerts/bulk/", {"alert": ticked, "act": act})
    assert said(answer) == [words.format(act=act)]


@pytest.mark.parametrize(("rating", "words"), [(None, "1 rule added to {}."), (30, "3 rules added to {}.")])
def test_default_rules_say_how_many_were_missing(page, asha, device, rating, words):
    device.machine_name = "Furnace, 100 %"
    device.save()
    device.profiles.update(rated_kw=rating)
    AlertRule.objects.filter(device=device).delete()
    answer = page(asha).post(f"/dashboard/machines/{device.pk}/rules/defaults/")
    assert said(answer) == [words.format(device.label)]
