"""What is filled in and would still make an auditor ask: stocks that jump, bills far from the meters, late readings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import ngettext

from devices.models import Device
from reports import periods
from reports.calculations.quantities import decimal_of
from reports.periods import MONTH
from reports.registers.cells import line_key
from reports.registers.completeness import sheet_url
from reports.registers.description import CBAM, FORM_V, PAT, SPCB
from reports.registers.forms import grouped
from reports.registers.locks import late_readings
from reports.registers.models import (
    REGISTERS,
    Calibration,
    Consent,
    ElectricityBill,
    MonthLock,
)
from reports.registers.rules import CLOSE
from telemetry.models import QuarterHour

EVERY = (SPCB, FORM_V, PAT, CBAM)
FAR_PERCENT = Decimal(5)  # a bill this far from the meters is asked about


@dataclass(frozen=True)
class Finding:
    sentence: str
    url: str
    first: date
    last: date
    reports: tuple = EVERY

    def concerns(self, report, period):
        return report in self.reports and self.first <= period.end and self.last >= period.start


def of(book, now) -> list[Finding]:
    """All findings of a factory over the book's period, in the order they matter."""
    return [
        *late(book),
        *bills_far_from_meters(book),
        *jumping_stocks(book),
        *consents_over(book),
        *lapsed_calibrations(book),
    ]


def in_month(month, sentence, url, reports=EVERY):
    period = periods.around(MONTH, month)
    return Finding(sentence, url, period.start, period.end, reports)


def late(book):
    """Readings that arrived for a month after it was locked: stored, and named here."""
    locks = MonthLock.objects.for_factory(book.factory).standing().select_related("factory")
    for lock in locks.filter(month__gte=book.period.start, month__lte=book.period.end).order_by("month"):
        words = late_words(lock)
        if words:
            sentence = (
                f"{words} arrived after {lock.month:%B %Y} was locked. They are stored; the rows were not changed."
            )
            yield in_month(lock.month, sentence, reverse("register_locks"))


def late_words(lock) -> str:
    late = late_readings(lock)
    if not late:
        return ""
    names = {device.pk: device.label for device in Device.objects.for_factory(lock.factory).filter(pk__in=late)}
    return ", ".join(readings_of(names[pk], count) for pk, count in late.items())


def readings_of(machine: str, count: int) -> str:
    words = ngettext("%(count)d reading of %(machine)s", "%(count)d readings of %(machine)s", count)
    return words % {"count": count, "machine": machine}


def bills_far_from_meters(book):
    bills = [bill for bill in book.rows(ElectricityBill.about) if bill.energy_kwh]
    if not bills:
        return
    metered = metered_by_month(book)
    main_meters = dict(bills[0].connection.__class__.objects.for_factory(book.factory).values_list("pk", "device_id"))
    for bill in bills:
        device_id = main_meters.get(bill.connection_id)
        kwh = metered.get((bill.month, device_id)) if device_id else metered.get((bill.month, None))
        if kwh is None:
            continue
        percent = (bill.energy_kwh - kwh) * 100 / bill.energy_kwh
        if abs(percent) > FAR_PERCENT:
            sentence = (
                f"{bill.connection}, {bill.month:%B %Y}: {grouped(bill.energy_kwh)} kWh billed, "
                f"{grouped(kwh.quantize(Decimal(1)))} kWh metered, a difference of {percent:.1f} %."
            )
            yield in_month(
                bill.month, sentence, f"{sheet_url(ElectricityBill.about, bill.month)}#c-r{bill.pk}-energy_kwh"
            )


def metered_by_month(book) -> dict:
    """{(month, device id): kWh}, and {(month, None): kWh} of all devices together."""
    start, end = book.period.moments(book.factory.zone)
    rows = QuarterHour.objects.for_factory(book.factory).filter(starts_at__gte=start, starts_at__lt=end)
    rows = rows.annotate(month=TruncMonth("starts_at", tzinfo=book.factory.zone)).order_by()
    rows = rows.values("month", "device_id").annotate(kwh=Sum("energy_kwh"), bridged=Sum("bridged_kwh"))
    found = {}
    for row in rows:
        if row["kwh"] is None and row["bridged"] is None:
            continue
        kwh, month = decimal_of((row["kwh"] or 0) + (row["bridged"] or 0)), row["month"].date()
        found[month, row["device_id"]] = kwh
        found[month, None] = found.get((month, None), Decimal(0)) + kwh
    return found


def jumping_stocks(book):
    """An opening stock that is not the closing stock of the month before."""
    for register in REGISTERS:
        pairs = [(into, name) for into, name in register.carried.items() if into != name]
        if not register.is_monthly or not pairs:
            continue
        (opening, closing), rows = pairs[0], {(row.month, line_key(row)): row for row in book.rows(register)}
        for (month, line), row in sorted(rows.items()):
            before = rows.get((periods.months_later(month, -1), line))
            if before is None or getattr(before, closing) is None or getattr(row, opening) is None:
                continue
            if abs(getattr(before, closing) - getattr(row, opening)) > CLOSE:
                sentence = (
                    f"{register.title}, {row.label}: {month:%B %Y} opens with {grouped(getattr(row, opening))}, "
                    f"the month before closed with {grouped(getattr(before, closing))}."
                )
                yield in_month(
                    month, sentence, f"{sheet_url(register, month)}#c-r{row.pk}-{opening}", reports_of(register)
                )


def reports_of(register):
    return tuple(register.needed) or EVERY


def consents_over(book):
    for consent in book.rows(Consent.about):
        if consent.valid_until and consent.valid_until < book.period.end:
            sentence = f"{consent.get_what_display()} {consent.number} ended on {consent.valid_until:%d-%m-%Y}."
            url = reverse("register_row", kwargs={"register": Consent.about.slug, "pk": consent.pk})
            yield Finding(sentence, url, consent.valid_until, date.max, (SPCB, FORM_V))


def lapsed_calibrations(book):
    """The newest certificate of each meter, where the next calibration was due within the period."""
    newest = {}
    for row in Calibration.objects.for_factory(book.factory).order_by("calibrated_on"):
        newest[row.meter] = row
    for row in newest.values():
        if row.due_on and row.due_on < min(book.period.end, book.today):
            sentence = f"The calibration of {row.meter} was due on {row.due_on:%d-%m-%Y}."
            url = reverse("register_row", kwargs={"register": Calibration.about.slug, "pk": row.pk})
            yield Finding(sentence, url, row.due_on, date.max, (SPCB, PAT, CBAM))
