"""POST /data/bulk: readings that a person brings."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi_parameters import ErrorSerializer
from devices.api.serializers import BULK_STATUSES
from factories.roles import Right
from factories.tenancy import factories_of
from telemetry import payloads
from telemetry.ingest.bulk_upload import upload_readings
from telemetry.ingest.openapi_schema import BulkReadingsSerializer
from telemetry.ingest.request_body import read_body


class BulkErrorSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    device_id = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class BulkAnswerSerializer(serializers.Serializer):
    status = serializers.ChoiceField(BULK_STATUSES)
    created = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    errors = BulkErrorSerializer(many=True)


class BulkReadings(APIView):
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
    def post(self, request):
        """Store readings of one's own devices, named by their number; each stands for itself."""
        if not request.user.is_superuser and not factories_of(request.user, Right.MANAGE).exists():
            raise PermissionDenied("Your role does not include bringing readings.")
        most = {"max_bytes": settings.INGEST_MAX_BYTES, "max_readings": settings.INGEST_MAX_READINGS}
        try:
            body = read_body(request, settings.INGEST_MAX_BYTES)
            said = payloads.parse_body(
                body,
                content_type=request.META.get("CONTENT_TYPE", ""),
                encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
                **most,
            )
        except payloads.TooLarge as error:
            return Response({"detail": str(error), **most}, 413)
        except payloads.UnsupportedMediaType as error:
            return Response({"detail": str(error)}, 415)
        except payloads.Unreadable as error:
            return Response({"detail": str(error)}, 400)
        if said.is_single:
            return Response({"readings": ["A list of readings is expected."]}, 400)
        return bulk_response(upload_readings(said.readings, request.user, now=timezone.now()))


def bulk_response(result):
    store_result, errors = result
    stored_count = store_result.accepted + store_result.duplicates
    status = "success" if not errors else "partial" if stored_count else "failed"
    code = 400 if status == "failed" else 201 if store_result.accepted else 200
    return Response(
        {"status": status, "created": store_result.accepted, "duplicates": store_result.duplicates, "errors": errors},
        code,
    )
