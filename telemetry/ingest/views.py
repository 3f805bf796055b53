"""POST /ingest: authenticate → parse → validate → store → respond. The contract is docs/ingest.md.

Rollups, alerts and notifications happen later, from the stored rows. 2xx only after commit.
"""

from datetime import datetime
from time import monotonic

import msgspec
from django.conf import settings
from django.db import IntegrityError, InternalError, connection
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from core.db_errors import is_database_unavailable
from devices.authentication import (
    DeviceKeyAuthentication,
    DeviceMismatch,
    DevicePaused,
    InvalidDeviceKey,
    Sender,
    StrikesKeyInUrl,
    key_in_body,
    names_key,
    reauthenticate,
)
from devices.key_cache import KeyChanged, refuse_stale
from devices.log_redaction import redact_keys
from telemetry import payloads
from telemetry.ingest import rate_limits
from telemetry.ingest.answers import (
    IngestError,
    body_error,
    describe_refusal,
    format_timestamp,
    refuse_unusable,
    success_response,
)
from telemetry.ingest.openapi_schema import (
    QUERY_PARAMETERS,
    DeviceReadingSerializer,
    IngestErrorSerializer,
    IngestResultSerializer,
)
from telemetry.ingest.rejections import UNREAD_STATUSES, refusal_counter
from telemetry.ingest.request_body import parse_request, query_fields, read_body, read_keyed_body
from telemetry.ingest.validation import validate
from telemetry.storage.quarantine_writer import NewQuarantineItem, Reason
from telemetry.storage.writer import StoreResult, store

# InternalError: a standby that only reads. IntegrityError: the device was deleted between the check and the store.
TRANSIENT_ERRORS = (InternalError, IntegrityError)
RETRY_SECONDS = 5
RESPONSES = {200: IngestResultSerializer, 201: IngestResultSerializer} | dict.fromkeys(
    (400, 401, 403, 404, 405, 413, 415, 422, 429, 503), IngestErrorSerializer
)


class JsonRenderer(BaseRenderer):
    media_type, format, charset = "application/json", "json", None

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return msgspec.json.encode(data, enc_hook=str)  # DRF's messages are lazy strings, which msgspec does not know


class RateLimitedKeyAuthentication(DeviceKeyAuthentication):
    """Device keys with a rate limit that refuses before the key lookup costs the database anything."""

    def check_before_lookup(self, key) -> None:
        enforce_rate_limit(key, IngestView.ticks())


class IngestView(StrikesKeyInUrl, APIView):
    """The hot path: thousands of requests a second. A plain APIView and not a viewset, since dispatch, filters,
    pagination, content negotiation and serializers of a viewset would cost more than parsing and storing a reading.
    """

    authentication_classes = [RateLimitedKeyAuthentication]
    permission_classes = []
    renderer_classes = [JsonRenderer]
    now = staticmethod(timezone.now)
    ticks = staticmethod(monotonic)
    sender: Sender | None = None  # set once authenticated: reading request.user would authenticate again
    body = b""  # set once read
    http_method_names = ("get", "post", "put", "options")  # no HEAD: a GET stores

    def initial(self, request, *args, **kwargs) -> None:
        """Authentication only; no content negotiation: the response is JSON whatever the Accept header says."""
        request.now = self.now()
        request.accepted_renderer, request.accepted_media_type = JsonRenderer(), JsonRenderer.media_type
        if request.method == "OPTIONS":
            return
        if not names_key(request):
            self.body = read_keyed_body(request)
            request.key_in_body = key_in_body(self.body)
        self.perform_authentication(request)
        self.sender = request.user

    @extend_schema(request=DeviceReadingSerializer, responses=RESPONSES)
    def post(self, request) -> Response:
        """Take one reading, an array of them, {"readings": […]}, NDJSON, CSV or form fields. 2xx only after commit."""
        return self.take(request)

    @extend_schema(request=DeviceReadingSerializer, responses=RESPONSES)
    def put(self, request) -> Response:
        """As POST, for clients that know only PUT."""
        return self.take(request)

    @extend_schema(parameters=QUERY_PARAMETERS, responses=RESPONSES)
    def get(self, request) -> Response:
        """Take one reading from the query, for firmware that can only open an address. Never cached."""
        if not query_fields(request):
            raise IngestError(405, "GET takes a reading in its query: /ingest?temperature=31.5. POST takes any.")
        return self.take(request)

    def options(self, request) -> HttpResponse:
        return HttpResponse(status=204)  # with Allow, as every answer

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method == "GET":
            response["Cache-Control"] = "no-store"
        return response

    def take(self, request) -> Response:
        """The way of every reading, whichever method brings it."""
        enforce_rate_limit(request.user.key, self.ticks())
        try:
            self.body = self.body or read_body(request, settings.INGEST_MAX_BYTES)
            parsed = parse_request(request, self.body)
        except payloads.Unreadable as error:
            self.retry_with_fresh_sender(request, self.quarantine_unreadable, str(error))
            raise IngestError(400, str(error), quarantined=1) from error
        except payloads.UnsupportedMediaType as error:
            if is_text(self.preview()):  # a person can still read what a device meant
                self.retry_with_fresh_sender(request, self.quarantine_unreadable, str(error))
            raise body_error(error) from error
        except payloads.BadBody as error:
            raise body_error(error) from error
        return self.retry_with_fresh_sender(request, self.store_readings, parsed)

    def retry_with_fresh_sender(self, request, action, *arguments):
        """`action(request, *arguments)`; repeated once where the cached key was stale."""
        try:
            return action(request, *arguments)
        except KeyChanged:
            request.user = self.sender = reauthenticate(request.user, request.now)
            return action(request, *arguments)

    def store_readings(self, request, parsed) -> Response:
        sender, now, ticks = request.user, request.now, self.ticks()
        validation = validate(parsed.readings, sender, now=now)
        demands = demands_of(validation, sender, now)
        reject_whole_request(parsed, sender, validation, demands, ticks)
        store_result = store(validation.rows, validation.quarantine_items, now=now, cached_key=sender.cached_key)
        charge_rate_limits(sender, demands, ticks)
        refuse_unusable(parsed, validation, store_result)
        self.note_whether_read(validation, store_result)
        return success_response(validation, store_result, now)

    def note_whether_read(self, validation, store_result: StoreResult) -> None:
        """A request that is held as a whole is accepted, but nothing of it could be stored."""
        if store_result.accepted or store_result.duplicates:
            refusal_counter.record_read(self.sender.key.pk)
        elif validation.rejects:
            self.record_unread(200, validation.warnings[0])

    def record_unread(self, status, detail) -> None:
        refusal_counter.record_unread(self.sender.key.pk, status, detail, self.preview(), self.request.now)

    def preview(self) -> bytes:
        """The beginning of the body, or the query where there is none; without the key."""
        meta = self.request.META
        beginning = payloads.body_preview(self.body, meta.get("HTTP_CONTENT_ENCODING", ""))
        beginning = beginning or meta.get("QUERY_STRING", "").encode()
        return redact_keys(beginning.decode("latin-1")).encode("latin-1", "replace")

    def quarantine_unreadable(self, request, why) -> None:
        sender, ticks = request.user, self.ticks()
        device_pk = sender.device.pk if sender.device else None
        demands = {device_pk or sender.key.prefix: rate_limits.ONE_LIVE_READING}
        refuse_too_fast(sender, demands, ticks)
        items = [NewQuarantineItem(sender.factory.pk, device_pk, Reason.UNREADABLE, why, self.preview())]
        store([], items, now=request.now, cached_key=sender.cached_key)
        charge_rate_limits(sender, demands, ticks)

    def handle_exception(self, error) -> Response:
        request = self.request
        if is_database_unavailable(error) or isinstance(error, TRANSIENT_ERRORS):
            if not connection.in_atomic_block:
                connection.close()
            error = IngestError(503, "This cannot be stored right now; keep the readings.", wait=RETRY_SECONDS)
        elif isinstance(error, InvalidDeviceKey):
            error = self.throttle_unknown_key(error)
        if isinstance(error, IngestError):
            response = Response(error.fields, error.status)
            if error.wait:
                response["Retry-After"] = str(error.wait)
        else:
            response = super().handle_exception(error)
        response.data = {"status": "error", **response.data, "server_time": format_timestamp(request.now)}
        record_refusal(self.sender, error, response.status_code, request.now)
        if self.sender and response.status_code in UNREAD_STATUSES:
            self.record_unread(response.status_code, describe_refusal(response.data))
        return response

    def throttle_unknown_key(self, error) -> Exception:
        """A 429 for an address that tries key after key; valid keys behind the same address are not throttled."""
        wait_s = rate_limits.process_limits().retry_after_unknown_key(
            self.request.META.get("REMOTE_ADDR", ""), self.ticks()
        )
        if not wait_s:
            return error
        return IngestError(429, "Too many refused keys from this address.", wait=wait_s, device_pk=error.device_pk)


def flood_refusal(key, ticks) -> IngestError | None:
    """429 before the body is read: while whatever it holds would be refused, or too many were read for nothing."""
    wait_s = rate_limits.process_limits().retry_after_unparsed(key.device_id or key.prefix, key.factory_id, ticks)
    return IngestError(429, f"Too fast; wait {wait_s} s.", wait=wait_s, device_pk=key.device_id) if wait_s else None


def enforce_rate_limit(key, ticks) -> None:
    if refusal := flood_refusal(key, ticks):
        raise refusal


def demands_of(validation, sender, now) -> dict:
    live_span = rate_limits.process_limits().live_span
    return rate_limits.demands_of(validation.rows, validation.reading_counts, sender.key.prefix, live_span, now)


def reject_whole_request(parsed, sender, validation, demands, ticks) -> None:
    """Raise what refuses the whole request: a sender that is over its rate limit in what it sends, a single reading of
    the wrong device, or only paused devices."""
    reasons = {reject.reason for reject in validation.rejects}
    if reasons:
        refuse_stale(sender.cached_key)
    refuse_too_fast(sender, demands, ticks)
    if parsed.is_single and reasons & {Reason.OTHER_DEVICE, Reason.UNKNOWN_DEVICE}:
        charge_rate_limits(sender, demands, ticks)
    if parsed.is_single and Reason.OTHER_DEVICE in reasons:
        raise DeviceMismatch(sender.device, validation.rejects[0].device_id)
    if parsed.is_single and Reason.UNKNOWN_DEVICE in reasons:
        raise IngestError(404, "; ".join(f"{field} {why}." for field, why in validation.rejects[0].errors.items()))
    if reasons == {Reason.PAUSED} and not validation.rows:
        raise DevicePaused(validation.rejects[0].device_id, validation.quarantine_items[0].device_pk)


def refuse_too_fast(sender, demands, ticks) -> None:
    """Raise 429 for a request whose budgets are in debt: of live readings, of backfill, or both if it holds both."""
    limits = rate_limits.process_limits()
    wait_s = limits.retry_after_parsed(demands, sender.factory.pk, ticks)
    if not wait_s:
        return
    if sender.device:  # a gateway's other devices must not wait for the one that floods
        limits.count_parsed_refusal(sender.device.pk, ticks)
    raise IngestError(429, f"Too fast; wait {wait_s} s.", wait=wait_s)


def charge_rate_limits(sender, demands, ticks) -> None:
    """Take the readings off the buckets, after they were stored: a failed request costs nothing."""
    rate_limits.process_limits().consume(demands, sender.factory.pk, ticks)


def is_text(body: bytes) -> bool:
    """Whether a body, perhaps cut within a character, is text."""
    return b"\0" not in body and "\ufffd" not in body[:-3].decode("utf-8", "replace")


def record_refusal(sender: Sender | None, error: Exception, status: int, now: datetime) -> None:
    """Count it for the device of the error or of the key; of an unknown key it is not counted."""
    device_pk = getattr(error, "device_pk", None) or (sender.device.pk if getattr(sender, "device", None) else None)
    if device_pk:
        refusal_counter.record(device_pk, status, now)
