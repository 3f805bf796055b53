"""Consistency findings in filled registers: stock discontinuities, bills deviating from meters, late readings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import ngettext

from calculations import periods
from calculations.periods import MONTH
from calculations.quantities import decimal_of
from devices.models import Device
from registers.checks.completeness import sheet_url
from registers.description import CBAM, FORM_V, PAT, SPCB
from registers.forms.rows import format_decimal
from registers.locks import late_readings
from registers.models import REGISTERS, Calibration, Consent, ElectricityBill, MonthLock
from registers.row_validation import TOLERANCE
from registers.sheet.cells import line_key
from telemetry.models import QuarterHour

ALL_REPORTS = (SPCB, FORM_V, PAT, CBAM)
BILL_DEVIATION_PERCENT = Decimal(5)  # above it, a bill becomes a finding


@dataclass(frozen=True)
class RegisterFinding:
    sentence: str
    url: str
    first: date
    last: date
    reports: tuple = ALL_REPORTS

    def concerns(self, report, period):
        return report in self.reports and self.first <= period.end and self.last >= period.start


def find_all(snapshot, now) -> list[RegisterFinding]:
    """All findings of a factory over the snapshot's period, most important first."""
    return [
        *late_reading_findings(snapshot),
        *bill_deviations(snapshot),
        *stock_discontinuities(snapshot),
        *expired_consents(snapshot),
        *lapsed_calibrations(snapshot),
    ]


def month_finding(month, sentence, url, reports=ALL_REPORTS) -> RegisterFinding:
    period = periods.around(MONTH, month)
    return RegisterFinding(sentence, url, period.start, period.end, reports)


def late_reading_findings(snapshot) -> Iterator:
    """Readings that arrived for a month after it was locked; they are stored, the rows stay unchanged."""
    locks = MonthLock.objects.for_factory(snapshot.factory).active().select_related("factory")
    for lock in locks.filter(month__gte=snapshot.period.start, month__lte=snapshot.period.end).order_by("month"):
        late_text = late_readings_text(lock)
        if late_text:
            sentence = (
                f"{late_text} arrived after {lock.month:%B %Y} was locked. They are stored; the rows were not changed."
            )
            yield month_finding(lock.month, sentence, reverse("register_locks"))


def late_readings_text(lock) -> str:
    late = late_readings(lock)
    if not late:
        return ""
    names = {device.pk: device.label for device in Device.objects.for_factory(lock.factory).filter(pk__in=late)}
    return ", ".join(readings_of(names[pk], count) for pk, count in late.items())


def readings_of(machine: str, count: int) -> str:
    words = ngettext("%(count)d reading of %(machine)s", "%(count)d readings of %(machine)s", count)
    return words % {"count": count, "machine": machine}


def bill_deviations(snapshot) -> Iterator:
    bills = [bill for bill in snapshot.rows(ElectricityBill.register) if bill.energy_kwh]
    if not bills:
        return
    metered_kwh = metered_by_month(snapshot)
    main_meters = dict(
        bills[0].connection.__class__.objects.for_factory(snapshot.factory).values_list("pk", "device_id")
    )
    for bill in bills:
        device_id = main_meters.get(bill.connection_id)
        kwh = metered_kwh.get((bill.month, device_id)) if device_id else metered_kwh.get((bill.month, None))
        if kwh is None:
            continue
        percent = (bill.energy_kwh - kwh) * 100 / bill.energy_kwh
        if abs(percent) > BILL_DEVIATION_PERCENT:
            sentence = (
                f"{bill.connection}, {bill.month:%B %Y}: {format_decimal(bill.energy_kwh)} kWh billed, "
                f"{format_decimal(kwh.quantize(Decimal(1)))} kWh metered, a difference of {percent:.1f} %."
            )
            yield month_finding(
                bill.month, sentence, f"{sheet_url(ElectricityBill.register, bill.month)}#c-r{bill.pk}-energy_kwh"
            )


def metered_by_month(snapshot) -> dict:
    """{(month, device id): kWh}, and {(month, None): kWh} of all devices together."""
    start, end = snapshot.period.moments(snapshot.factory.zone)
    rows = QuarterHour.objects.for_factory(snapshot.factory).filter(starts_at__gte=start, starts_at__lt=end)
    rows = rows.annotate(month=TruncMonth("starts_at", tzinfo=snapshot.factory.zone)).order_by()
    rows = rows.values("month", "device_id").annotate(kwh=Sum("energy_kwh"), bridged=Sum("bridged_kwh"))
    kwh_by_month = {}
    for row in rows:
        if row["kwh"] is None and row["bridged"] is None:
            continue
        kwh, month = decimal_of((row["kwh"] or 0) + (row["bridged"] or 0)), row["month"].date()
        kwh_by_month[month, row["device_id"]] = kwh
        kwh_by_month[month, None] = kwh_by_month.get((month, None), Decimal(0)) + kwh
    return kwh_by_month


def stock_discontinuities(snapshot) -> Iterator:
    """Opening stocks that differ from the closing stock of the month before."""
    for register in REGISTERS:
        pairs = [(into, name) for into, name in register.carry_forward.items() if into != name]
        if not register.is_monthly or not pairs:
            continue
        (opening, closing), rows = pairs[0], {(row.month, line_key(row)): row for row in snapshot.rows(register)}
        for (month, line), row in sorted(rows.items()):
            previous = rows.get((periods.months_later(month, -1), line))
            if previous is None or getattr(previous, closing) is None or getattr(row, opening) is None:
                continue
            if abs(getattr(previous, closing) - getattr(row, opening)) > TOLERANCE:
                sentence = (
                    f"{register.title}, {row.label}: {month:%B %Y} opens with {format_decimal(getattr(row, opening))}, "
                    f"the month before closed with {format_decimal(getattr(previous, closing))}."
                )
                yield month_finding(
                    month, sentence, f"{sheet_url(register, month)}#c-r{row.pk}-{opening}", reports_of(register)
                )


def reports_of(register):
    return tuple(register.needed) or ALL_REPORTS


def expired_consents(snapshot) -> Iterator:
    for consent in snapshot.rows(Consent.register):
        if consent.valid_until and consent.valid_until < snapshot.period.end:
            sentence = f"{consent.get_what_display()} {consent.number} ended on {consent.valid_until:%d-%m-%Y}."
            url = reverse("register_row", kwargs={"register": Consent.register.slug, "pk": consent.pk})
            yield RegisterFinding(sentence, url, consent.valid_until, date.max, (SPCB, FORM_V))


def lapsed_calibrations(snapshot) -> Iterator:
    """The newest certificate of each meter, where the next calibration was due within the period."""
    newest = {}
    for row in Calibration.objects.for_factory(snapshot.factory).order_by("calibrated_on"):
        newest[row.meter] = row
    for row in newest.values():
        if row.due_on and row.due_on < min(snapshot.period.end, snapshot.today):
            sentence = f"The calibration of {row.meter} was due on {row.due_on:%d-%m-%Y}."
            url = reverse("register_row", kwargs={"register": Calibration.register.slug, "pk": row.pk})
            yield RegisterFinding(sentence, url, row.due_on, date.max, (SPCB, PAT, CBAM))
