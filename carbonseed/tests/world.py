"""One row of every kind in a factory: what a stranger must never reach, and a member must."""

from datetime import UTC, date, datetime, timedelta

from alerts.models import (
    Alert,
    AlertRule,
    Channel,
    Comment,
    Delivery,
    EscalationStep,
    EvaluationState,
    MaintenanceWindow,
    Preference,
    UptimeInterval,
)  # fmt: skip
from alerts.notifications.channels import webhook
from core import secret_box
from devices.key_issuing import issue_key
from devices.tests.cast import make_device
from factories.models import Membership, Tariff
from factories.roles import Role
from factories.tests.cast import member
from factories.tests.model_factories import (
    HolidayMaker,
    InvitationMaker,
    ShiftMaker,
    TariffBandMaker,
    TariffMaker,
)
from registers.models import Evidence, MonthLock, RegisterExemption
from registers.tests.cast import one_row_per_register
from reports.models import Document, Report, ReportType, Waiver
from reports.models.scenarios import WhatIf
from telemetry.models import DayFileChunk, KeyUse, LastSeen, RefusalCount, UnreadStreak
from telemetry.rollups.digest import digest
from telemetry.tests.model_factories import (
    DayFileLineMaker,
    DayFileMaker,
    DoubtfulStepMaker,
    QuarantineItemMaker,
    RecommendationMaker,
    UnitDoubtMaker,
)
from telemetry.tests.stored_readings import add_dirty_span, store_readings

AT = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)
INPUTS = {
    "unit": {"name": "World works", "legal_name": "", "time_zone": "Asia/Kolkata"},
    "period": {"label": "A week", "starts_at": "2025-01-05T18:30:00+00:00", "ends_at": "2025-01-12T18:30:00+00:00"},
    "fingerprint": {},
}
FIGURES = {
    "title": "Weekly report", "scheme": "Operations", "status_line": "Internal.", "result": [], "sections": [],
    "open": {"items": 0, "not_provided": 0, "in_part": 0}, "findings": [],
}  # fmt: skip


def build_world(factory, owner):
    """{what: id} for the URL parameters of rows in `factory`."""
    device = make_device(factory, device_id="ESP32-WORLD-1", device_name="World press")
    gateway, _text = issue_key(factory, by=owner, now=AT)
    colleague = member(factory, Role.VIEWER)
    rule = AlertRule.objects.create(
        factory=factory, device=device, metric="temperature", level=900, title="Temperature above 900 °C"
    )
    alert = Alert.objects.create(
        factory=factory, device=device, rule=rule, alert_type="temperature", severity="critical",
        title=rule.title, message="World press is 950 °C.", metric_value=950, threshold_value=900, triggered_at=AT,
    )  # fmt: skip
    maintenance = MaintenanceWindow.objects.create(
        factory=factory, device=device, starts_at=AT, ends_at=AT + timedelta(hours=2), reason="New lining"
    )
    recommendation = RecommendationMaker(device=device)
    step_of_a_counter = DoubtfulStepMaker(device=device, decision="glitch")  # open ones are the digest's
    UnitDoubtMaker(device=device)
    step = EscalationStep.objects.create(factory=factory, person=colleague, after_minutes=15)
    channel = Channel.objects.create(
        user=owner, kind="webhook", label="Works server", hint="127.0.0.1",
        encrypted_credentials=secret_box.seal({"url": "https://127.0.0.1/", "secret": webhook.new_secret()}),
    )  # fmt: skip
    delivery = Delivery.objects.create(alert=alert, recipient=owner, created_at=AT)
    quarantine_item = QuarantineItemMaker(device=device)
    day_file = DayFileMaker(device=device, uploaded_by=owner)
    DayFileLineMaker(day_file=day_file)
    report = Report.objects.create(
        factory=factory, report_type=ReportType.MONTHLY, period_start=date(2024, 12, 1), period_end=date(2024, 12, 31),
        status=Report.Status.READY, inputs=INPUTS, figures=FIGURES, sha256=f"{factory.pk:064x}", generated_at=AT,
    )  # fmt: skip
    waiver = Waiver.objects.create(
        report=report, key="item:1.1", title="1.1", reason="Not asked for.", waived_by=owner, waived_at=AT
    )
    Document.objects.create(report=report, pdf=b"%PDF-1.7", pages=1, sha256=f"{factory.pk:064x}", printed_at=AT)
    what_if = WhatIf.objects.create(factory=factory, scheme="pat", title="World", text='{"electricity": {}}')
    shift, tariff, holiday = ShiftMaker(factory=factory), TariffMaker(factory=factory), HolidayMaker(factory=factory)
    invitation = InvitationMaker(factory=factory)
    rows = one_row_per_register(factory)
    evidence = Evidence.objects.create(
        factory=factory, name="bill.pdf", media_type="application/pdf", size_bytes=8, sha256="0" * 64,
        content=b"%PDF-1.7", uploaded_at=AT,
    )  # fmt: skip
    return {
        **{f"{slug}-row": row.pk for slug, row in rows.items()},
        "register": "production",
        "register_row": rows["production"].pk,
        "evidence": evidence.pk,
        "factory": factory.pk,
        "device": device.pk,
        "device_key": device.keys.get().prefix,
        "gateway_key": gateway.prefix,
        "user": colleague.pk,
        "membership": Membership.objects.get(user=colleague).pk,
        "rule": rule.pk,
        "alert": alert.pk,
        "maintenance": maintenance.pk,
        "step": step.pk,
        "recommendation": recommendation.pk,
        "doubtful_step": step_of_a_counter.pk,
        "channel": channel.pk,
        "delivery": delivery.pk,
        "quarantined": quarantine_item.pk,
        "day_file": day_file.pk,
        "report": report.pk,
        "waiver": waiver.pk,
        "what_if": what_if.pk,
        "shift": shift.pk,
        "holiday": holiday.pk,
        "tariff": tariff.pk,
        "invitation": invitation.pk,
    }


def build_full_world(factory, owner, now):
    """`build_world` and a row of every other model: what devices send, digests and people leave behind."""
    ids = build_world(factory, owner)
    alert, rule = Alert.objects.get(pk=ids["alert"]), AlertRule.objects.get(pk=ids["rule"])
    device = alert.device
    KeyUse.objects.create(key=device.keys.get(), used_at=now)
    LastSeen.objects.create(device=device, heard_at=now, reading_at=now)
    RefusalCount.objects.create(device=device, on=now.date(), status=429, count=3, last_at=now)
    UnreadStreak.objects.create(key=device.keys.get(), since=now, last_at=now, requests=3, status=422, detail="odd")
    store_readings(device, now, [30, 31])
    digest(now)
    add_dirty_span(device, now, now)
    TariffBandMaker(tariff=Tariff.objects.get(pk=ids["tariff"]))
    DayFileChunk.objects.create(day_file_id=ids["day_file"], number=0, content=b"timestamp,temperature")
    Comment.objects.create(alert=alert, author=owner, text="Seen.", created_at=now)
    UptimeInterval.objects.create(since_at=now, until_at=now + timedelta(hours=1))
    Preference.objects.create(user=owner, factory=factory)
    EvaluationState.objects.create(rule=rule, device=device, evaluated_until=now)
    MonthLock.objects.create(factory=factory, month=now.date().replace(day=1), locked_at=now)
    RegisterExemption.objects.create(factory=factory, register="heat", reason="No heat is sold.")
    return ids
