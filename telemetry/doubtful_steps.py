"""A person's decision on a doubtful step of a counter, and the recount that follows from it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from devices.models import Device
from factories.models import User
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
    step's second reading). `glitch`: its second reading, and those up to `ignored_until`, are no values of the counter.
    `real`: it is booked although it is above what could have flowed. `open` takes a decision back. Raises
    ValidationError by field, and DoubtfulStep.DoesNotExist when late readings have explained the step meanwhile.
    """
    step = DoubtfulStep.objects.select_for_update().get(pk=step.pk)
    check_decision(step, decision, now, effective_at, ignored_until)
    mark_for_recount(step)  # with what an earlier decision reached
    is_open = decision == Decision.OPEN
    step.decision, step.note = decision, note
    step.effective_at = effective_at if decision == Decision.METER_SWAPPED else None
    step.ignored_until = ignored_until if decision == Decision.GLITCH else None
    step.decided_by, step.decided_at = (None, None) if is_open else (by, now)
    step.save()
    mark_for_recount(step)
    return step


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
    step, _ = DoubtfulStep.objects.get_or_create(
        device=device,
        metric=metric,
        after_at=at,
        defaults={"after_value": value, "reason": DoubtfulStep.Reason.VOIDED, "found_at": now},
    )
    return decide(
        step, decision, by=by, now=now, effective_at=effective_at, ignored_until=ignored_until, note=note
    )  # fmt: skip


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


def mark_for_recount(step: DoubtfulStep) -> None:
    """Insert a dirty span without readings over all that a decision on `step` reaches; the digest recounts it."""
    moments = [step.before_at, step.after_at, step.effective_at, step.ignored_until]
    known = [moment for moment in moments if moment is not None]
    DirtySpan.objects.create(device_id=step.device_id, first_at=min(known), last_at=max(known), readings=0)
