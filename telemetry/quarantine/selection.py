"""Which quarantine items a person means: all held ones of a machine, a reason, a span in which they came."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Substr

from core.number_format import indian
from devices.log_redaction import redact_keys
from devices.models import Device
from factories.models import Factory
from telemetry.models import QuarantineItem

MAX_ITEMS = 10_000  # of one decision: a night at a reading every 5 s is 7,200
PAYLOAD_PREVIEW_BYTES = 2048


class TooManyItems(ValueError):
    """More than one decision takes."""


class Selection(NamedTuple):
    """Items of a factory. `device` None: whichever machine."""

    factory: Factory
    device: Device | None = None
    reason: str = ""
    received_from: Any = None
    received_until: Any = None
    has_no_device: bool = False

    def held(self) -> QuerySet:
        return self.items(QuarantineItem.State.HELD)

    def items(self, state: str) -> QuerySet:
        found = QuarantineItem.objects.for_factory(self.factory).filter(state=state)
        if self.device:
            found = found.filter(device=self.device)
        if self.has_no_device:
            found = found.filter(device=None)
        if self.reason:
            found = found.filter(reason=self.reason)
        if self.received_from:
            found = found.filter(received_at__gte=self.received_from)
        if self.received_until:
            found = found.filter(received_at__lt=self.received_until)
        return found


def require_few(items: QuerySet) -> QuerySet:
    """Raises TooManyItems."""
    if items[: MAX_ITEMS + 1].count() > MAX_ITEMS:
        raise TooManyItems(f"More than {indian(MAX_ITEMS)} items; choose one machine, one reason or a shorter span.")
    return items


def with_payload_start(items: QuerySet) -> QuerySet:
    """Only the beginning of the payload leaves the database: a thousand rows may hold a thousand megabytes."""
    return items.defer("payload").annotate(start=Substr("payload", 1, PAYLOAD_PREVIEW_BYTES))


def payload_text(item: QuarantineItem) -> str:
    """How its payload began, for a page or an answer; a key in it is not shown."""
    start = item.start if hasattr(item, "start") else item.payload[:PAYLOAD_PREVIEW_BYTES]
    return redact_keys(bytes(start).decode(errors="replace"))
