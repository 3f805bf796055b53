"""Data derived from the demo's readings: rollups, acknowledged alerts, older quarters, a report of every kind."""

from datetime import timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min

from alerts import lifecycle as alert_lifecycle
from alerts.default_limits import learning
from alerts.evaluation import silence
from alerts.evaluation.evaluator import evaluate_new_readings
from alerts.models import Alert, AlertRule
from calculations import periods
from carbonseed.demo import personas
from devices.models import Device, Hardware
from factories.models import Factory, User
from reports.issuing import enqueue, lifecycle
from reports.models import Report, ReportType
from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
from telemetry.analytics.detectors.robust import RobustBaselineDetector
from telemetry.analytics.recommendations import examine
from telemetry.models import QuarterHour
from telemetry.rollups import digest

REPEAT_PERIOD = timedelta(days=56)  # whole weeks, so that shifts and days off fall on their weekdays
ALERT_COMMENTS = [
    ("Charged two billets at once; crew briefed.", timedelta(minutes=6)),
    ("Checked on site, back to normal.", timedelta(minutes=14)),
    ("Bearing greased, vibration is down again.", timedelta(minutes=38)),
    ("Damper was half shut; opened.", timedelta(minutes=9)),
]


def digest_and_judge(now) -> None:
    digest.digest(now)
    learn_limits(now)
    evaluate_new_readings(now)
    silence.check_silent_devices(now)


def learn_limits(now) -> None:
    """The sixty days are history enough: the default limits are in force, as they would be by now."""
    AlertRule.objects.exclude(learning_until=None).update(learning_until=now)
    learning.finish_learning(now)


def run_detectors(now) -> None:
    """The detectors' first run, which a running service makes within the hour."""
    for device in Device.objects.filter(device_id__in=[row[0] for row in personas.DEVICES]):
        examine(device, [RobustBaselineDetector(), NearestNeighbourDetector()], now)


def acknowledge_alerts(now) -> None:
    """Alerts as people would have left them: older ones seen and commented, the latest left for the newcomer."""
    Alert.objects.filter(triggered_at__lt=now).update(found_late=False)  # in real use each was found within seconds
    remarks = cycle(ALERT_COMMENTS)
    for factory in Factory.objects.filter(name__in=[site["name"] for site in personas.FACTORIES.values()]):
        people = cycle(User.objects.filter(email__in=personas.EMAILS, memberships__factory=factory).exclude(
            memberships__role__in=["viewer", "auditor"]))  # fmt: skip
        resolved = Alert.objects.standing().filter(factory=factory, resolved_at__isnull=False).order_by("triggered_at")
        for alert in list(resolved)[::2]:
            text, after = next(remarks)
            backdate_acknowledgement(alert, next(people), text, min(alert.triggered_at + after, alert.resolved_at))
        still_open = Alert.objects.open().filter(factory=factory).order_by("triggered_at").first()
        if still_open:
            alert_lifecycle.acknowledge(
                still_open, by=next(people), now=now, comment="Seen. Maintenance comes in the next shift."
            )


def backdate_acknowledgement(alert, person, text, at) -> None:
    Alert.objects.filter(pk=alert.pk).update(acknowledged_at=at, acknowledged_by=person)
    comment = alert.comments.create(author=person, text=text)
    alert.comments.filter(pk=comment.pk).update(created_at=at)


def copy_history_backwards(now) -> None:
    """Quarter hours of Steel Forge back to the start of the yearly reports' periods, as if raw readings were gone.

    The digested weeks are copied in steps of eight weeks: a year of readings would take minutes to load.
    """
    devices = list(Device.objects.filter(device_id__startswith="ESP32-SF").exclude(device_id=personas.SILENT))
    first = QuarterHour.objects.filter(device__in=devices).aggregate(first=Min("starts_at"))["first"]
    first = first.replace(hour=0, minute=0) + timedelta(days=1)
    current = periods.today(now, ZoneInfo("Asia/Kolkata"))
    earliest = min(periods.last_complete(kind, current).start for kind in ("pat", "cbam_summary"))
    steps = (first.date() - earliest) // REPEAT_PERIOD + 1
    others = [
        field.column for field in QuarterHour._meta.concrete_fields if field.column not in ("device_id", "starts_at")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO telemetry_quarterhour (device_id, starts_at, {', '.join(others)}) "
            f"SELECT device_id, starts_at - step * %s, {', '.join(others)} "
            "FROM telemetry_quarterhour, generate_series(1, %s) AS step "
            "WHERE device_id = ANY(%s) AND starts_at >= %s AND starts_at < %s ON CONFLICT DO NOTHING",
            [REPEAT_PERIOD, steps, [device.pk for device in devices], first, first + REPEAT_PERIOD],
        )
    backdate_hardware(devices, first - steps * REPEAT_PERIOD)
    for device in devices:
        digest.rebuild_days(device)


def backdate_hardware(devices, began) -> None:
    """The units were fitted when their oldest quarter hour began: a report must not print data from before that."""
    Hardware.objects.filter(device__in=devices).update(fitted_at=began)
    for device in devices:
        device.profiles.filter(pk=device.profiles.order_by("valid_from").first().pk).update(valid_from=began)


def request_reports(now) -> None:
    """A report of every kind for Steel Forge and one for the other factory; the worker prints them."""
    for name, kinds in (("SF", ReportType.values), ("CP", [ReportType.SPCB])):
        factory = Factory.objects.get(name=personas.FACTORIES[name]["name"])
        owner = User.objects.get(email=personas.FACTORIES[name]["contact_email"])
        for kind in kinds:
            period = periods.last_complete(kind, periods.today(now, factory.zone))
            lifecycle.request_report(factory, kind, period.start, period.end, by=owner, now=now)


def resume_interrupted_reports() -> None:
    """Reports that Ctrl-C interrupted: no worker runs yet, so nobody is at them."""
    Report.objects.filter(status=Report.Status.RUNNING).update(status=Report.Status.QUEUED)
    for report in Report.objects.filter(status=Report.Status.QUEUED):
        enqueue.enqueue_print(report)
