"""What a device is answered: short, since some clients read no more than 512 bytes."""

from datetime import UTC

import msgspec
from rest_framework.response import Response

from telemetry import payloads
from telemetry.ingest.request_body import size_limits
from telemetry.payloads.sanitising import cut_to_bytes
from telemetry.storage.quarantine_writer import Reason
from telemetry.storage.writer import StoreResult

MAX_WARNING_BYTES = 240  # of all warnings of one answer, as JSON
MAX_ERROR_BYTES = 320


class IngestError(Exception):
    """An error response: its status, detail, and further fields of the body."""

    def __init__(self, status, detail, *, wait=None, device_pk=None, **fields):
        super().__init__(detail)
        self.status, self.wait, self.device_pk = status, wait, device_pk
        self.fields = {"detail": detail, **fields}


def body_error(error: payloads.BadBody) -> IngestError:
    if isinstance(error, payloads.TooLarge):
        return IngestError(413, str(error), **size_limits())
    return IngestError(415, str(error), encodings=list(payloads.ENCODINGS))


def refuse_unusable(parsed, validation, store_result: StoreResult) -> None:
    """Raise the 422 of a body of which nothing holds a metric, or of a single reading without any usable value, with an
    error per field. It is in quarantine."""
    rejects = sorted(validation.rejects, key=lambda reject: reject.reason != Reason.INVALID)
    is_unusable = parsed.is_single and rejects and rejects[0].reason == Reason.INVALID
    if not (is_unusable or validation.holds_no_metric):
        return
    raise IngestError(
        422,
        "Nothing in this reading can be stored." if is_unusable else "No reading holds a metric; it is in quarantine.",
        errors=shorten_errors(rejects[0].errors),
        quarantined=store_result.quarantined,
        device_pk=validation.quarantine_items[0].device_pk,
    )


def success_response(validation, store_result: StoreResult, now) -> Response:
    warnings = [*validation.warnings, *(why for _row, why in store_result.conflicts)]
    body = {
        "status": "success",
        "accepted": store_result.accepted,
        "duplicates": store_result.duplicates,
        "quarantined": store_result.quarantined,
        "warnings": shorten_warnings(warnings) if warnings else [],
        "server_time": format_timestamp(now),
    }
    return Response(body, 201 if store_result.accepted else 200)


def shorten_warnings(warnings) -> list[str]:
    """Distinct warnings up to MAX_WARNING_BYTES, then how many more there are."""
    distinct = list(dict.fromkeys(warnings))
    fitting, room = [], MAX_WARNING_BYTES
    for warning in distinct:
        room -= json_bytes(warning)
        if room < 0 and fitting:
            return [*fitting, f"and {len(distinct) - len(fitting)} more"]
        fitting.append(cut_to_bytes(warning, MAX_WARNING_BYTES, json_bytes))
    return fitting


def shorten_errors(errors: dict) -> dict[str, list[str]]:
    """{field: [problem]} up to MAX_ERROR_BYTES; at least one."""
    fitting, room = {}, MAX_ERROR_BYTES
    for field, problem in errors.items():
        room -= json_bytes(field) + json_bytes(problem) + 3
        if room < 0 and fitting:
            return {**fitting, "others": [f"and {len(errors) - len(fitting)} more"]}
        fitting[field] = [cut_to_bytes(problem, MAX_ERROR_BYTES, json_bytes)]
    return fitting


def json_bytes(text: str) -> int:
    return len(msgspec.json.encode(text)) + 1


def format_timestamp(now) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe_refusal(data) -> str:
    """What the answer says, with the errors of its fields."""
    errors = "; ".join(f"{field}: {' '.join(problems)}" for field, problems in data.get("errors", {}).items())
    return errors or str(data["detail"])
