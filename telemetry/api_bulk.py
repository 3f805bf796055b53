"""POST /data/bulk: readings that a person brings."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.serializers import BULK_STATUSES
from factories.rights import Right
from factories.scoping import factories_of
from factories.serializers import ErrorSerializer
from telemetry import payloads
from telemetry.body import body_of
from telemetry.bulk import bring
from telemetry.shapes import BulkReadingsSerializer


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
            body = body_of(request, settings.INGEST_MAX_BYTES)
            said = payloads.read(
                body,
                content_type=request.META.get("CONTENT_TYPE", ""),
                encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
                **most,
            )
        except payloads.TooLarge as error:
            return Response({"detail": str(error), **most}, 413)
        except payloads.NotUnderstood as error:
            return Response({"detail": str(error)}, 415)
        except payloads.Unreadable as error:
            return Response({"detail": str(error)}, 400)
        if said.is_single:
            return Response({"readings": ["A list of readings is expected."]}, 400)
        return answer(bring(said.readings, request.user, now=timezone.now()))


def answer(brought):
    stored, errors = brought
    kept = stored.accepted + stored.duplicates
    status = "success" if not errors else "partial" if kept else "failed"
    code = 400 if status == "failed" else 201 if stored.accepted else 200
    return Response(
        {"status": status, "created": stored.accepted, "duplicates": stored.duplicates, "errors": errors}, code
    )
