"""The demo's machines send what their profiles say: no unit of theirs is ever in question."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from carbonseed.demo import personas
from carbonseed.tests.test_demo import machine, readings
from devices.models import DeviceProfile, MachineKind, TemperaturePoint
from telemetry.analytics.unit_questions import WINDOW, Place, questions
from telemetry.metrics import METRIC_NAMES


@pytest.mark.parametrize("row", personas.DEVICES, ids=lambda row: row[0])
def test_no_unit_is_in_question(row):
    device_id, _, _, curve, power_kind, rated_kw = row
    kind, point = personas.KINDS[curve]
    profile = DeviceProfile(power_kind=power_kind, rated_kw=rated_kw, interval_s=300)
    place = Place(is_air=point == TemperaturePoint.AIR)
    assert kind != MachineKind.INCOMER
    blank = dict.fromkeys(METRIC_NAMES)
    rows = [
        SimpleNamespace(**{**blank, "at": at, **{name: value for name, value in values.items() if name in blank}})
        for at, values in readings(machine(device_id), days=14, step=timedelta(minutes=5))
    ]
    asked = [
        question
        for start in range(0, len(rows) - WINDOW, WINDOW)
        for question in questions(rows[start : start + WINDOW], lambda at: profile, place)
    ]
    assert rows and asked == []
