"""The door for readings: authenticate → parse → check → store → answer. The contract is docs/ingest.md.

Roll-ups, alerts and notifications happen later, from the rows that were stored. 2xx only after commit.
"""

from datetime import UTC, datetime
from time import monotonic

import msgspec
from django.conf import settings
from django.db import IntegrityError, InternalError, connection
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.authentication import (
    AnotherDevice,
    DeviceKeyAuthentication,
    KeyRefused,
    Paused,
    Sender,
    StrikesKeyInUrl,
    asked_again,
)
from devices.known_keys import KeyChanged, refuse_changed
from factories.database_away import is_away
from telemetry import limits, payloads
from telemetry.admission import admit
from telemetry.body import body_of
from telemetry.hold import Held, Reason
from telemetry.refusals import tally
from telemetry.shapes import RefusedSerializer, SaidSerializer, TakenSerializer
from telemetry.store import Stored, store

# InternalError: a standby that only reads. IntegrityError: the device was deleted between the check and the store.
NOT_NOW = (InternalError, IntegrityError)
RETRY_SECONDS = 5
WARNING_CHARACTERS = 240  # the whole answer stays below 512 bytes, more than which some clients do not read


ANSWERS = {200: TakenSerializer, 201: TakenSerializer} | dict.fromkeys(
    (400, 401, 403, 404, 413, 415, 422, 429, 503), RefusedSerializer
)


class Json(BaseRenderer):
    media_type, format, charset = "application/json", "json", None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return msgspec.json.encode(data, enc_hook=str)  # DRF's words are texts of a kind of their own


class Refused(Exception):
    """An answer that is no success: its status, words, and fields of the body."""

    def __init__(self, status, detail, *, wait=None, device_pk=None, **fields):
        super().__init__(detail)
        self.status, self.wait, self.device_pk = status, wait, device_pk
        self.fields = {"detail": detail, **fields}


class KeyWithinLimits(DeviceKeyAuthentication):
    """A flood is turned away before it costs the database anything."""

    def refuse_early(self, key):
        refuse_flood(key, IngestView.ticks())


class IngestView(StrikesKeyInUrl, APIView):
    authentication_classes = [KeyWithinLimits]
    permission_classes = []
    renderer_classes = [Json]
    now = staticmethod(timezone.now)
    ticks = staticmethod(monotonic)
    sender: Sender | None = None  # known once authenticated: asking the request would authenticate it again

    def initial(self, request, *args, **kwargs):
        """Who sends is all that is to be settled: the answer is JSON whatever a device's library says it accepts."""
        request.now = self.now()
        request.accepted_renderer, request.accepted_media_type = Json(), Json.media_type
        self.perform_authentication(request)
        self.sender = request.user

    @extend_schema(request=SaidSerializer, responses=ANSWERS)
    def post(self, request):
        """Take one reading, an array of them, {"readings": […]} or NDJSON, gzipped or not. 2xx only after commit."""
        refuse_flood(request.user.key, self.ticks())
        body = None
        try:
            body = body_of(request, settings.INGEST_MAX_BYTES)
            said = read(request, body)
        except payloads.Unreadable as error:
            self.as_sender(request, self.hold_unreadable, body, str(error))
            raise Refused(400, str(error), quarantined=1) from error
        except payloads.BadBody as error:
            raise too_much_or_strange(error) from error
        return self.as_sender(request, self.take, said)

    def as_sender(self, request, act, *what):
        """`act(request, *what)`; once more where what was remembered of the sender's key had changed."""
        try:
            return act(request, *what)
        except KeyChanged:
            request.user = self.sender = asked_again(request.user, request.now)
            return act(request, *what)

    def take(self, request, said) -> Response:
        sender, now, ticks = request.user, request.now, self.ticks()
        admitted = admit(said.readings, sender, now=now)
        refuse_outsiders(said, sender, admitted, ticks)
        stored = store(admitted.rows, admitted.held, now=now, known=sender.known)
        charge(sender, admitted.charges, ticks)
        refuse_unusable(said, admitted, stored)
        return answer(admitted, stored, now)

    def hold_unreadable(self, request, body, why):
        sender = request.user
        device_pk = sender.device.pk if sender.device else None
        raw = payloads.start_of(body or b"", request.META.get("HTTP_CONTENT_ENCODING", ""))
        held = [Held(sender.factory.pk, device_pk, Reason.UNREADABLE, why, raw)]
        store([], held, now=request.now, known=sender.known)
        charge(sender, {device_pk: 1}, self.ticks())

    def handle_exception(self, error):
        request = self.request
        if is_away(error) or isinstance(error, NOT_NOW):
            if not connection.in_atomic_block:
                connection.close()
            error = Refused(503, "This cannot be stored right now; keep the readings.", wait=RETRY_SECONDS)
        elif isinstance(error, KeyRefused):
            error = self.weary(error)
        if isinstance(error, Refused):
            response = Response(error.fields, error.status)
            if error.wait:
                response["Retry-After"] = str(error.wait)
        else:
            response = super().handle_exception(error)
        response.data = {"status": "error", **response.data, "server_time": stamp(request.now)}
        note_refusal(self.sender, error, response.status_code, request.now)
        return response

    def weary(self, error):
        """A stranger who tries key after key is told to wait; those with a good key behind the same address are not."""
        wait = limits.of_this_process().wait_of_stranger(self.request.META.get("REMOTE_ADDR", ""), self.ticks())
        if not wait:
            return error
        return Refused(429, "Too many refused keys from this address.", wait=wait, device_pk=error.device_pk)


def read(request, body) -> payloads.Said:
    return payloads.read(
        body,
        content_type=request.META.get("CONTENT_TYPE", ""),
        encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
        **most(),
    )


def most() -> dict:
    return {"max_bytes": settings.INGEST_MAX_BYTES, "max_readings": settings.INGEST_MAX_READINGS}


def too_much_or_strange(error: payloads.BadBody) -> Refused:
    if isinstance(error, payloads.TooLarge):
        return Refused(413, str(error), **most())
    return Refused(415, str(error), encodings=list(payloads.ENCODINGS))


def flood_refusal(key, ticks) -> Refused | None:
    """Before the body is read: an own bucket in debt, or the factory's."""
    allowed = limits.of_this_process()
    wait = allowed.factories.wait(key.factory_id, ticks) or allowed.devices.wait(key.device_id or key.prefix, ticks)
    return Refused(429, f"Too fast; wait {wait} s.", wait=wait, device_pk=key.device_id) if wait else None


def refuse_flood(key, ticks) -> None:
    if refusal := flood_refusal(key, ticks):
        raise refusal


def refuse_outsiders(said, sender, admitted, ticks):
    """What concerns the whole request: one reading of the wrong device, or a gateway whose devices must all wait."""
    reasons = {reject.reason for reject in admitted.rejects}
    if reasons:
        refuse_changed(sender.known)
    if said.is_single and reasons & {Reason.OTHER_DEVICE, Reason.UNKNOWN_DEVICE}:
        charge(sender, admitted.charges, ticks)
    if said.is_single and Reason.OTHER_DEVICE in reasons:
        raise AnotherDevice(sender.device, admitted.rejects[0].device_id)
    if said.is_single and Reason.UNKNOWN_DEVICE in reasons:
        raise Refused(404, "; ".join(f"{field} {why}." for field, why in admitted.rejects[0].errors.items()))
    if reasons == {Reason.PAUSED} and not admitted.rows:
        raise Paused(admitted.rejects[0].device_id)
    if not sender.device:
        wait = limits.of_this_process().wait_of_devices([pk for pk in admitted.charges if pk], ticks)
        if wait:
            raise Refused(429, f"Too fast; wait {wait} s.", wait=wait)


def charge(sender, charges, ticks):
    """What was taken in is paid for; what the database could not take is not."""
    allowed = limits.of_this_process()
    for device_pk, readings in charges.items():
        allowed.devices.spend(device_pk or sender.key.prefix, readings, ticks)
    allowed.factories.spend(sender.factory.pk, sum(charges.values()), ticks)


def refuse_unusable(said, admitted, stored: Stored) -> None:
    """A single reading that went to quarantine whole: 422 says what is wrong with each field."""
    if said.is_single and admitted.rejects and admitted.rejects[0].reason == Reason.INVALID:
        errors = {field: [problem] for field, problem in admitted.rejects[0].errors.items()}
        raise Refused(422, "Nothing in this reading can be stored.", errors=errors, quarantined=stored.quarantined)


def answer(admitted, stored: Stored, now) -> Response:
    notes = [*admitted.notes, *(why for _row, why in stored.conflicts)]
    body = {
        "status": "success",
        "accepted": stored.accepted,
        "duplicates": stored.duplicates,
        "quarantined": stored.quarantined,
        "warnings": shortened(notes),
        "server_time": stamp(now),
    }
    return Response(body, 201 if stored.accepted else 200)


def shortened(notes) -> list[str]:
    """Each once, as many as fit a short answer, and how many more there are."""
    distinct = list(dict.fromkeys(notes))
    kept, room = [], WARNING_CHARACTERS
    for note in distinct:
        room -= len(note.encode()) + 3
        if room < 0 and kept:
            return [*kept, f"and {len(distinct) - len(kept)} more"]
        kept.append(note[:WARNING_CHARACTERS])
    return kept


def stamp(now) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def note_refusal(sender: Sender | None, error: Exception, status: int, now: datetime) -> None:
    """Count it for the device that the error or the key names; a stranger's is nobody's."""
    known = getattr(error, "device_pk", None) or (sender.device.pk if getattr(sender, "device", None) else None)
    if known:
        tally.note(known, status, now)
