"""POST /data/bulk: readings that a person uploads."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.response import Response

from core.openapi_parameters import ErrorSerializer
from factories.roles import Right
from factories.tenancy import factories_of
from telemetry import payloads
from telemetry.api.row_serializers import BulkAnswerSerializer
from telemetry.ingest.bulk_upload import upload_readings
from telemetry.ingest.openapi_schema import BulkReadingsSerializer
from telemetry.ingest.request_body import read_body


class BulkUploadViewSet(viewsets.GenericViewSet):
    """The body is parsed by `telemetry.payloads`, as at /ingest; its serializers only describe it."""

    serializer_class = BulkAnswerSerializer

    @extend_schema(
        request=BulkReadingsSerializer,
        responses={
            201: BulkAnswerSerializer,
            200: BulkAnswerSerializer,
            400: BulkAnswerSerializer,
            403: ErrorSerializer,
            413: ErrorSerializer,
            415: ErrorSerializer,
        },
    )
    def create(self, request) -> Response:
        """Store readings of one's own devices, named by their number; each stands for itself."""
        if not request.user.is_superuser and not factories_of(request.user, Right.MANAGE).exists():
            raise PermissionDenied("Your role does not include bringing readings.")
        limits = {"max_bytes": settings.INGEST_MAX_BYTES, "max_readings": settings.INGEST_MAX_READINGS}
        try:
            parsed = payloads.parse_body(
                read_body(request, settings.INGEST_MAX_BYTES),
                content_type=request.META.get("CONTENT_TYPE", ""),
                encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
                **limits,
            )
        except payloads.TooLarge as error:
            return Response({"detail": str(error), **limits}, 413)
        except payloads.UnsupportedMediaType as error:
            return Response({"detail": str(error)}, 415)
        except payloads.Unreadable as error:
            return Response({"detail": str(error)}, 400)
        if parsed.is_single:
            return Response({"readings": ["A list of readings is expected."]}, 400)
        return bulk_response(upload_readings(parsed.readings, request.user, now=timezone.now()))


def bulk_response(result) -> Response:
    store_result, errors = result
    stored_count = store_result.accepted + store_result.duplicates
    status = "success" if not errors else "partial" if stored_count else "failed"
    code = 400 if status == "failed" else 201 if store_result.accepted else 200
    return Response(
        {"status": status, "created": store_result.accepted, "duplicates": store_result.duplicates, "errors": errors},
        code,
    )
