"""Puts the demo into an empty database: people, machines, sixty days of readings, and data derived from them.

The rows of the first step come in one transaction, so a load that was interrupted starts over or goes on, never
half-way. Every later step looks whether it is needed.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction

from alerts.models import AlertRule
from carbonseed.demo import derived_data, keys, personas, register_data, simulator, tariff
from devices.key_issuing import issue_key, revoke_all
from devices.models import Device, DeviceProfile
from devices.provisioning import register_device
from factories.models import Factory, Holiday, Membership, Shift, User
from reports.models import Report
from telemetry.metrics import BY_NAME, IMPLAUSIBLE_BIT, METRIC_NAMES
from telemetry.models import DirtySpan
from telemetry.storage.partitions import ensure_span
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason, quarantine

DAYS = 60
INTERVAL_S = 300
LIVE_INTERVAL_S = 15  # of the virtual devices, so that the dashboard lives


def load_once(now, log) -> None:
    now = now.replace(microsecond=0)
    if not User.objects.filter(email=personas.PEOPLE[0][0]).exists():
        load_rows(now, log)
    elif not keys.read():
        renew_keys(now)
    else:
        log("the demo data are there")
    if not Report.objects.exists():  # the last step of the first load
        load_derived_data(now, log)
    else:
        derived_data.resume_interrupted_reports()


def load_rows(now, log) -> None:
    """Everything people and devices would have done before `now`."""
    began = monotonic()
    log(f"loading the demo: 2 factories, {len(personas.DEVICES)} devices, {DAYS} days of readings")
    ensure_span(now - timedelta(days=DAYS + 31), now + timedelta(days=92))
    with transaction.atomic():
        sites = {site: make_factory(site, now) for site in personas.FACTORIES}
        make_people(sites, now)
        texts = {device_id: make_device(sites, row, now) for row in personas.DEVICES for device_id in row[:1]}
        set_limits(sites)
        count = copy_history(now)
        add_quarantine_examples(now)
    keys.save(texts, now)
    log(f"{count:,} readings in {monotonic() - began:.0f} s")


def load_derived_data(now, log) -> None:
    began = monotonic()
    log("summing quarter hours and judging them")
    derived_data.digest_and_judge(now)
    derived_data.acknowledge_alerts(now)
    derived_data.copy_history_backwards(now)
    derived_data.run_detectors(now)
    register_data.fill_registers(now)
    derived_data.request_reports(now)
    log(f"done in {monotonic() - began:.0f} s; the reports are printed in the background")


def make_factory(site, now):
    factory = Factory.objects.create(**personas.FACTORIES[site])
    day_off = personas.WEEKS[site][0]
    weekdays = [day for day in range(1, 8) if day != day_off]
    for name, starts_at, ends_at in personas.SHIFTS[site]:
        Shift.objects.create(factory=factory, name=name, starts_at=starts_at, ends_at=ends_at, weekdays=weekdays)
    for on, name in personas.holidays_around(simulator.local(now).date()):
        Holiday.objects.create(factory=factory, on=on, name=name)
    if site == "SF":
        tariff.create_tariff(factory, (now - timedelta(days=730)).date())
    return factory


def make_people(sites, now) -> None:
    email, password, name = personas.ADMIN
    User.objects.create_superuser(email, password, full_name=name)
    for email, password, name, roles in personas.PEOPLE:
        person = User.objects.create_user(email, password, full_name=name)
        for site, role in roles.items():
            expires_at = now + timedelta(days=365) if role == personas.Role.AUDITOR else None
            Membership.objects.create(user=person, factory=sites[site], role=role.value, expires_at=expires_at)


def make_device(sites, row, now):
    """→ the text of its key. Its interval is 5 minutes in the history, seconds for the virtual device."""
    device_id, machine_name, location, curve, power_kind, rated_kw = row
    machine_kind, temperature_point = personas.KINDS[curve]
    began = now - timedelta(days=DAYS + 1)
    meaning = {"power_kind": power_kind, "rated_kw": rated_kw}
    device, text = register_device(
        sites[device_id[6:8]],
        device_id=device_id,
        device_name=f"{machine_name} sensor",
        machine_name=machine_name,
        machine_kind=machine_kind,
        temperature_point=temperature_point,
        location=location,
        firmware_version="1.4.2",
        profile={"interval_s": INTERVAL_S, **meaning},
        now=began,
    )
    if device_id != personas.SILENT:
        DeviceProfile.objects.create(device=device, valid_from=now, interval_s=LIVE_INTERVAL_S, **meaning)
    return text


def set_limits(sites) -> None:
    """The process limits that people have set, beside the default limits of each kind of machine."""
    for of, metric, level, clear_level, severity in personas.LIMITS:
        device = Device.objects.filter(device_id=of).first()
        factory = device.factory if device else sites[of]
        AlertRule.objects.create(
            factory=factory, device=device, metric=metric, level=level, clear_level=clear_level, severity=severity
        )


# Readings


COLUMNS = ["device_id", "at", "received_at", "suspect", *METRIC_NAMES]


def copy_history(now) -> int:
    """Sixty days of every machine by COPY, and the arrivals the digest works from → readings."""
    devices = dict(
        Device.objects.filter(device_id__in=[row[0] for row in personas.DEVICES]).values_list("device_id", "pk")
    )
    first, count, arrivals, buffer = now - timedelta(days=DAYS), 0, [], io.StringIO()
    for machine in personas.machines(now):
        pk, readings = devices[machine.device_id], list(history(machine, first, now))
        for at, values in readings:
            buffer.write(copy_row(pk, at, values))
        arrivals += daily_arrivals(pk, [at for at, _ in readings])
        count += len(readings)
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY telemetry_reading ({', '.join(COLUMNS)}) FROM STDIN", buffer)
    DirtySpan.objects.bulk_create(arrivals)
    return count


def history(machine, first, now) -> Iterator:
    """(moment, values) as a real device sends: every five minutes at its own second, with a few lost on the way."""
    at = first.replace(minute=0, second=0) + timedelta(seconds=10 + 20 * (int(machine.device_id[-1]) % 9))
    while at < now - timedelta(seconds=5):
        luck = simulator.hash_noise(machine.device_id + "luck", int(at.timestamp()))
        values = machine.reading_at(at, INTERVAL_S) if at >= first and luck > -0.986 else None
        if values:
            if luck > 0.9999:
                values["humidity"] = 140.0  # a wet DHT22
            elif luck > 0.9998:
                values["temperature"] = -127.0  # a DS18B20 without its wire
            yield at, values
        at += timedelta(seconds=INTERVAL_S)


def copy_row(pk, at, values):
    suspect = sum(IMPLAUSIBLE_BIT[name] for name, value in values.items() if is_implausible(name, value))
    cells = [pk, at.isoformat(), (at + timedelta(seconds=1)).isoformat(), suspect]
    cells += [values.get(name, r"\N") for name in METRIC_NAMES]
    return "\t".join(map(str, cells)) + "\n"


def is_implausible(name, value) -> bool:
    return not BY_NAME[name].low <= value <= BY_NAME[name].high


def daily_arrivals(pk, moments) -> list:
    """One arrival for each UTC day, as if the device had sent once a day."""
    days = {}
    for at in moments:
        days.setdefault(at.date(), []).append(at)
    return [
        DirtySpan(device_id=pk, first_at=day[0], last_at=day[-1], readings=len(day), received_at=day[-1])
        for day in days.values()
    ]


def add_quarantine_examples(now) -> None:
    """What real devices get wrong, for the quarantine panel."""
    furnace, hammer = (Device.objects.get(device_id=device_id) for device_id in ("ESP32-SF-001", "ESP32-SF-003"))
    later = (now + timedelta(days=3650)).isoformat()
    examples = [  # (device, hours ago, reason, detail, what it sent)
        (furnace, 30, Reason.FUTURE, "more than 5 minutes in the future", {"timestamp": later, "temperature": 841.2}),
        (furnace, 200, Reason.INVALID, "no usable value", {"temperature": "nan", "humidity": None}),
        (hammer, 52, Reason.OTHER_DEVICE, "another device's", {"device_id": "ESP32-SF-009", "temperature": 61.4}),
    ]
    for device, hours_ago, reason, detail, values in examples:
        sent = {"device_id": device.device_id, **values}
        with connection.cursor() as cursor:
            item = NewQuarantineItem(device.factory_id, device.pk, reason, detail, sent)
            quarantine(cursor, [item], now - timedelta(hours=hours_ago))


# Keys


def renew_keys(now) -> None:
    """The file with the key texts is gone: the devices get new keys."""
    texts = {}
    for device in Device.objects.current().filter(device_id__in=[row[0] for row in personas.DEVICES]):
        revoke_all(device, now=now)
        texts[device.device_id] = issue_key(device, now=now)[1]
    keys.save(texts, loaded_at())


def loaded_at() -> datetime:
    """When the demo was made: the virtual devices continue its curves."""
    profile = DeviceProfile.objects.filter(device__device_id=personas.DEVICES[0][0]).order_by("-valid_from").first()
    return profile.valid_from
