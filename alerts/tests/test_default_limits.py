"""Default limits of a machine: from its kind, its rating and what its sensor measures; silent while it learns."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings

from alerts.default_limits import kinds, renewal
from alerts.default_limits.full_load import full_load
from alerts.default_limits.limits import Machine, default_limits
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule, Origin, RuleKind, Severity
from alerts.tests.cast import minutes, store_readings
from devices.models import MachineKind, TemperaturePoint
from devices.profile_changes import change_profile
from devices.tests.cast import REGISTERED_AT, make_device

KINDS = [kind.value for kind in MachineKind]


@pytest.mark.parametrize(
    ("rating", "rated_kw", "input_kw"),
    [("motor", 37, 39.8), ("motor", 15, 16.7), ("panel", 250, 263.2), ("package", 18.5, 23.5), ("input", 48, 48)],
)
def test_full_load_is_the_electrical_input_and_not_the_plate(rating, rated_kw, input_kw):
    assert full_load(rating, rated_kw).kw == pytest.approx(input_kw, abs=0.05)


def test_every_kind_of_machine_has_a_proposal():
    assert set(kinds.PROPOSALS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_limit_has_a_clear_level_inside_it_and_a_hold(kind):
    for point in TemperaturePoint:
        limits = default_limits(Machine(kind, point, 100))
        assert limits[0].kind == RuleKind.SILENCE
        for limit in limits[1:]:
            assert limit.clear_level < limit.level
            assert limit.hold_seconds >= 60
            assert limit.learns is (limit.severity == Severity.WARNING)


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_without_a_rating_and_a_measured_point_nothing_but_silence_is_watched(kind):
    assert [limit.key for limit in default_limits(Machine(kind))] == ["silence"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_watch_limit_lies_under_the_urgent_one_whatever_the_machine_has_done(kind):
    for point in TemperaturePoint:
        own = {"power_consumption": 1e6, "temperature": 1e6}
        for limits in (default_limits(Machine(kind, point, 100, own=own)), default_limits(Machine(kind, point, 100))):
            levels = {limit.key: limit.level for limit in limits}
            for metric in ("power_consumption", "temperature"):
                if f"{metric}.critical" in levels and f"{metric}.warning" in levels:
                    assert levels[f"{metric}.warning"] <= levels[f"{metric}.critical"]


def test_a_rating_of_an_unknown_machine_gets_the_widest_limits():
    known = {kind: default_limits(Machine(kind, "", 100))[-1].level for kind in KINDS}
    assert default_limits(Machine("", "", 100))[-1].level >= max(known.values()) * 0.95
    assert all(limit.severity for limit in default_limits(Machine("", "", 100)))


@pytest.mark.parametrize(
    ("device_type", "metrics"),
    [
        ("ESP32", {"", "power_consumption", "temperature"}),
        ("Energy meter", {"", "power_consumption"}),
        ("Gateway", {""}),
    ],
)
def test_a_device_that_measures_less_gets_fewer_limits(device_type, metrics):
    machine = Machine("press", "oil", 30, device_type)
    assert {limit.metric for limit in default_limits(machine)} == metrics


def test_a_meter_register_gives_no_power_to_hold_against_a_limit():
    machine = Machine("screw_compressor", "outlet", 18.5, sends_register=True)
    assert {limit.metric for limit in default_limits(machine)} == {"", "temperature"}


# The story of a new foundry


@pytest.fixture
def furnace(steel_forge):
    return make_device(steel_forge, "IF-1", machine_name="Induction furnace 1", has_process_limits=False)


def rate(device, rated_kw):
    change_profile(device, valid_from=REGISTERED_AT, rated_kw=rated_kw)


def say_kind(device, kind, point=""):
    device.machine_kind, device.temperature_point = kind, point
    device.save()


def send(device, now, minutes_long, **values):
    rows = [(now - minutes(minutes_long - count), values) for count in range(minutes_long + 1)]
    store_readings(device, rows)
    evaluate_new_readings(now)


def levels_of(device):
    rules = AlertRule.objects.current().filter(device=device).exclude(kind="silence")
    return {(rule.metric, rule.severity): rule.level for rule in rules}


def test_a_new_foundrys_first_readings_raise_nothing(furnace, now):
    send(furnace, now, 30, temperature=812, power_consumption=210)
    send(furnace, now + timedelta(hours=1), 30, temperature=1455, power_consumption=230)
    assert not Alert.objects.exists()
    assert levels_of(furnace) == {}


def test_with_kind_and_rating_only_what_is_over_full_load_is_urgent_and_once(furnace, now):
    say_kind(furnace, "induction_furnace", "bath")
    rate(furnace, 250)
    assert levels_of(furnace) == {("power_consumption", "warning"): 276, ("power_consumption", "critical"): 289}
    send(furnace, now, 60, temperature=1450, power_consumption=210)
    assert not Alert.objects.exists()
    send(furnace, now + timedelta(hours=1), 30, power_consumption=300)
    send(furnace, now + timedelta(hours=2), 30, power_consumption=300)
    alert = Alert.objects.get()
    assert (alert.severity, alert.title) == ("critical", "Power above 289 kW")


def test_effluent_pumps_carry_no_limit_of_a_furnace(steel_forge):
    pumps = make_device(steel_forge, "ETP-1", machine_name="Effluent pumps", has_process_limits=False)
    say_kind(pumps, "pump", "air")
    rate(pumps, 5.5)
    assert {metric for metric, _ in levels_of(pumps)} == {"power_consumption"}


def test_a_value_that_trembles_at_a_default_limit_is_one_alert(furnace, now):
    say_kind(furnace, "induction_furnace")
    rate(furnace, 250)
    rows = [(now - minutes(60 - count), {"power_consumption": 289.1 if count % 2 else 288.9}) for count in range(61)]
    store_readings(furnace, rows)
    evaluate_new_readings(now)
    assert Alert.objects.count() == 1


# What moves them, and what does not


def test_another_rating_moves_the_untouched_limits_and_says_so_in_the_audit_log(furnace, now):
    from auditlog.models import LogEntry

    say_kind(furnace, "pump")
    rate(furnace, 10)
    urgent = AlertRule.objects.get(device=furnace, severity="critical")
    assert (urgent.level, urgent.clear_level, urgent.hold_seconds) == (12.8, 11.1, 120)
    rate(furnace, 20)
    urgent.refresh_from_db()
    assert (urgent.level, urgent.title) == (24.7, "Power above 24.7 kW")
    assert LogEntry.objects.get_for_object(urgent).filter(action=LogEntry.Action.UPDATE).exists()


def test_what_a_person_changed_stays_and_what_a_person_removed_stays_away(furnace, now):
    from alerts import rule_set

    say_kind(furnace, "pump")
    rate(furnace, 10)
    urgent, watch = (AlertRule.objects.get(device=furnace, metric="power_consumption", severity=severity)
                     for severity in ("critical", "warning"))  # fmt: skip
    rule_set.revise(urgent, {"level": 30}, now=now)
    rule_set.archive(watch, now=now)
    rate(furnace, 20)
    say_kind(furnace, "press")
    assert levels_of(furnace) == {("power_consumption", "critical"): 30}
    urgent.refresh_from_db()
    assert urgent.origin == Origin.EDITED
    renewal.use_defaults(furnace, now)
    assert ("power_consumption", "warning") in levels_of(furnace)


def test_saving_a_default_limit_unchanged_leaves_it_a_default(furnace, now):
    from alerts import rule_set

    rate(furnace, 10)
    watch = AlertRule.objects.get(device=furnace, metric="power_consumption", severity="warning")
    rule_set.revise(watch, {"level": watch.level}, now=now)
    watch.refresh_from_db()
    assert (watch.origin, watch.learning_until is None) == (Origin.DEFAULT, False)


def test_a_machine_with_the_defaults_of_an_earlier_release_keeps_them_until_somebody_asks(furnace, now):
    AlertRule.objects.filter(device=furnace).exclude(kind="silence").delete()
    AlertRule.objects.create(factory=furnace.factory, device=furnace, metric="temperature", level=900,
                             severity="critical", origin=Origin.EARLIER)  # fmt: skip
    say_kind(furnace, "screw_compressor", "outlet")
    rate(furnace, 18.5)
    assert levels_of(furnace) == {("temperature", "critical"): 900}
    renewal.use_defaults(furnace, now)
    assert levels_of(furnace) == {
        ("temperature", "warning"): 98,
        ("temperature", "critical"): 105,
        ("power_consumption", "warning"): 25.4,
        ("power_consumption", "critical"): 27.7,
    }


def test_the_docs_name_every_kind_that_has_limits_of_its_own():
    table = (settings.BASE_DIR / "docs/rules.md").read_text().split("## Default limits")[1].lower()
    special = [
        kind for kind, proposal in kinds.PROPOSALS.items() if proposal.temperatures or proposal.power != kinds.OVERLOAD
    ]
    assert [kind.label for kind in special if kind.label.lower() not in table] == []


def test_an_upgrade_marks_the_defaults_of_the_release_before_and_leaves_peoples_rules(furnace):
    AlertRule.objects.filter(device=furnace).delete()
    shared = {"factory": furnace.factory, "device": furnace, "metric": "temperature", "severity": "critical"}
    untouched = AlertRule.objects.create(level=900, **shared)
    edited = AlertRule.objects.create(level=950, **shared)
    silence = AlertRule.objects.create(**shared | {"metric": "", "kind": "silence", "severity": "warning"})
    wide = AlertRule.objects.create(level=900, **shared | {"device": None})
    import_module("alerts.migrations.0002_origin_of_rules").mark_earlier_defaults(apps, None)
    origins = dict(AlertRule.objects.values_list("pk", "origin"))
    assert [origins[rule.pk] for rule in (untouched, edited, silence, wide)] == [
        "earlier",
        "person",
        "default",
        "person",
    ]


def test_a_meter_that_turns_out_to_send_a_register_loses_its_limits_on_power(furnace):
    rate(furnace, 250)
    assert levels_of(furnace)
    change_profile(furnace, valid_from=REGISTERED_AT, power_kind="register")
    assert levels_of(furnace) == {}
