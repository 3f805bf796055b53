"""The doubts of one machine as its page shows them: open and decided steps, questions about units, their answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from devices.models import Device, DeviceProfile
from telemetry.analytics.doubt_list import DeviceDoubt, open_doubts
from telemetry.analytics.step_words import bound_words, describe_step, kwh, value_text
from telemetry.analytics.unit_doubt_words import describe
from telemetry.analytics.unit_questions import METRICS_IN_QUESTION
from telemetry.models import DoubtfulStep, UnitDoubt
from telemetry.sql import fetch_all

ON_MACHINE_PAGE = 3  # steps, and decisions
ON_DOUBTS_PAGE = 200


@dataclass(frozen=True)
class ShownStep:
    """A doubtful step with its texts."""

    step: DoubtfulStep
    profile: DeviceProfile
    words: str
    before: str
    after: str
    gained: str
    bound: str  # what could have flowed, and by what


@dataclass(frozen=True)
class MachineDoubts:
    questions: list[DeviceDoubt]
    steps: list[ShownStep]  # open ones
    step_count: int
    in_question: int  # open steps that a question about the unit explains
    decided: list[ShownStep]
    decided_count: int
    answered: list[tuple[UnitDoubt, str]]

    @property
    def is_anything_open(self) -> bool:
        return bool(self.questions or self.steps)

    @property
    def more_steps(self) -> int:
        return self.step_count - len(self.steps)


def doubts_of(device: Device, now: datetime, everything: bool = False) -> MachineDoubts:
    """The doubts of `device` (profiles and factory fetched); the page of doubts shows `everything`."""
    limit = ON_DOUBTS_PAGE if everything else ON_MACHINE_PAGE
    questions = open_doubts([device], now)[device.pk]
    metrics = frozenset[str]().union(*(METRICS_IN_QUESTION[question.kind] for question in questions))
    steps = DoubtfulStep.objects.filter(device=device).select_related("decided_by")
    waiting = steps.open().exclude(metric__in=metrics)
    decided = steps.decided().order_by("-decided_at", "-pk")
    answered = UnitDoubt.objects.filter(device=device, state__in=[UnitDoubt.State.CORRECTED, UnitDoubt.State.KEPT])
    return MachineDoubts(
        questions,
        shown(waiting.order_by("-after_at")[:limit], device),
        waiting.count(),
        steps.open().filter(metric__in=metrics).count(),
        shown(decided[:limit], device),
        decided.count(),
        [
            (doubt, describe(doubt, device.factory.zone))
            for doubt in answered.select_related("decided_by").order_by("-decided_at")[:limit]
        ],
    )


def shown(steps: QuerySet[DoubtfulStep, Any], device: Device) -> list[ShownStep]:
    return [shown_step(step, device) for step in steps]


def shown_step(step: DoubtfulStep, device: Device) -> ShownStep:
    profile = device.profile_at(step.after_at)
    before = value_text(step.before_value, profile) if step.before_value is not None else ""
    words = describe_step(step, profile, device.factory.zone)
    return ShownStep(
        step,
        profile,
        f"{words[0].upper()}{words[1:]}.",
        before,
        value_text(step.after_value, profile),
        kwh(step.gained_kwh) if step.gained_kwh is not None else "",
        bound_words(step, profile),
    )


def open_doubt_counts(pks: Iterable[int]) -> dict[int, int]:
    """{device pk: its stored questions and doubtful steps that wait for a person}, in one query."""
    rows = fetch_all(
        "SELECT device_id, count(*) FROM (SELECT device_id FROM telemetry_doubtfulstep "
        "WHERE device_id = ANY(%(pks)s) AND decision = 'open' UNION ALL SELECT device_id FROM telemetry_unitdoubt "
        "WHERE device_id = ANY(%(pks)s) AND state = 'open') waiting GROUP BY device_id",
        {"pks": list(pks)},
    )
    return dict(rows)
