"""A person's decision on a doubtful step of a counter, and the recount that follows from it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from devices.models import Device, PowerKind
from factories.models import User
from telemetry.metrics import SUSPECT_BIT
from telemetry.models import DirtySpan, DoubtfulStep, Reading

Decision = DoubtfulStep.Decision


@transaction.atomic
def decide(
    step: DoubtfulStep,
    decision: str,
    *,
    by: User | None,
    now: datetime,
    effective_at: datetime | None = None,
    ignored_until: datetime | None = None,
    note: str = "",
) -> DoubtfulStep:
    """Store a decision on a step, in place of an earlier one, and have the energy around it recounted.

    `meter_swapped`: nothing is booked across the step, and the new meter counts from `effective_at` (by default the
    step's second reading). `glitch`: the readings after its first one are no values of the counter, up to
    `ignored_until` (by default as long as a register stays up there). `real`: it is booked although it is above what
    could have flowed. `open` takes a decision back. Raises ValidationError by field, and DoubtfulStep.DoesNotExist when
    late readings have explained the step meanwhile.
    """
    step = DoubtfulStep.objects.select_for_update().get(pk=step.pk)
    check_decision(step, decision, now, effective_at, ignored_until)
    reached = moments_of(step)  # by an earlier decision
    is_open = decision == Decision.OPEN
    step.decision, step.note = decision, note
    step.effective_at = effective_at if decision == Decision.METER_SWAPPED else None
    step.ignored_until = (ignored_until or end_of_glitch(step)) if decision == Decision.GLITCH else None
    step.decided_by, step.decided_at = (None, None) if is_open else (by, now)
    step.save()
    mark_for_recount(step.device_id, reached + moments_of(step))
    return step


@transaction.atomic
def decide_all(device: Device, decision: str, *, by: User | None, now: datetime, note: str = "") -> int:
    """The same decision on every open step of a device → how many."""
    steps = list(DoubtfulStep.objects.open().filter(device=device).order_by("after_at"))
    for step in steps:
        decide(step, decision, by=by, now=now, note=note)
    return len(steps)


@transaction.atomic
def add_decision(
    device: Device,
    metric: str,
    at: datetime,
    decision: str,
    *,
    by: User | None,
    now: datetime,
    effective_at: datetime | None = None,
    ignored_until: datetime | None = None,
    note: str = "",
) -> DoubtfulStep:
    """Decide on a stored value that nothing doubted: a person knows that it is wrong, or when a meter was swapped.

    Raises ValidationError where the device has no such value at that moment.
    """
    value = Reading.objects.filter(device=device, at=at).values_list(metric, flat=True).first()
    if value is None:
        raise ValidationError({"at": "There is no reading with such a value at this moment."})
    before = valid_readings(device.pk, metric).filter(at__lt=at).order_by("-at").values_list("at", metric).first()
    before_at, before_value = before or (None, None)
    step, _ = DoubtfulStep.objects.get_or_create(
        device=device,
        metric=metric,
        after_at=at,
        defaults={
            "before_at": before_at,
            "before_value": before_value,
            "after_value": value,
            "reason": DoubtfulStep.Reason.VOIDED,
            "found_at": now,
        },
    )
    return decide(step, decision, by=by, now=now, effective_at=effective_at, ignored_until=ignored_until, note=note)


def valid_readings(pk: int, metric: str) -> QuerySet[Reading]:
    """Readings of a device with a value of `metric` that is not suspect."""
    readings = Reading.objects.annotate(doubt=F("suspect").bitand(SUSPECT_BIT[metric]))
    return readings.filter(device=pk, doubt=0, **{f"{metric}__isnull": False})


def end_of_glitch(step: DoubtfulStep) -> datetime | None:
    """The last reading of a register before it comes back from where it jumped; the newest where it has not.

    None where only the step's own reading is meant: one that a person named, or kWh since the last reading.
    """
    if step.reason not in (DoubtfulStep.Reason.RISE, DoubtfulStep.Reason.UNIT) or step.before_value is None:
        return None
    if step.metric == DoubtfulStep.Metric.POWER and not is_register(step):
        return None
    later = valid_readings(step.device_id, step.metric).filter(at__gt=step.after_at)
    middle = (step.before_value + step.after_value) / 2
    back_at = later.filter(**{f"{step.metric}__lt": middle}).order_by("at").values_list("at", flat=True).first()
    if back_at is not None:
        later = later.filter(at__lt=back_at)
    return later.order_by("-at").values_list("at", flat=True).first()


def is_register(step: DoubtfulStep) -> bool:
    return step.device.profile_at(step.after_at).power_kind == PowerKind.REGISTER


def check_decision(
    step: DoubtfulStep, decision: str, now: datetime, effective_at: datetime | None, ignored_until: datetime | None
) -> None:
    """Raises ValidationError, by field."""
    if decision not in Decision.values:
        raise ValidationError({"decision": f"One of {', '.join(Decision.values)}."})
    if effective_at is not None and effective_at > min(step.after_at, now):
        raise ValidationError({"effective_at": "The meter cannot have been swapped after its first reading."})
    if ignored_until is not None and ignored_until < step.after_at:
        raise ValidationError({"ignored_until": "Before the first reading that is ignored."})


def moments_of(step: DoubtfulStep) -> list[datetime]:
    """The moments that a step and the decision on it reach."""
    moments = (step.before_at, step.after_at, step.effective_at, step.ignored_until)
    return [moment for moment in moments if moment is not None]


def mark_for_recount(device_pk: int, moments: list[datetime]) -> None:
    """Insert a dirty span without readings over these moments; the digest recounts it."""
    DirtySpan.objects.create(device_id=device_pk, first_at=min(moments), last_at=max(moments), readings=0)
