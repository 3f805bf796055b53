"""Evidence documents over the API: uploaded once, then referred to by rows as `evidence_id`."""

from django.core.exceptions import ValidationError as Fault
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID
from factories.permissions import FactoryScopedViewSet, factory_from_request
from factories.roles import Right
from registers import evidence
from registers.api.serializers import EvidenceSerializer, UploadSerializer
from registers.models import Evidence


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID], tags=["registers"]),
    retrieve=extend_schema(tags=["registers"]),
)
class EvidenceViewSet(FactoryScopedViewSet):
    """Bills, certificates, consents and laboratory reports. A row names one as `evidence_id`, or null to let it go."""

    queryset = Evidence.objects.none()
    serializer_class = EvidenceSerializer
    read_right = Right.READ_REPORTS
    write_right = Right.ENTER_REGISTERS
    http_method_names = ["get", "post", "head", "options"]
    parser_classes = [MultiPartParser]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if self.action == "content" else rows.defer("content")

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={200: EvidenceSerializer, 201: EvidenceSerializer, **ERROR_RESPONSES},
        tags=["registers"],
    )
    def create(self, request, *args, **kwargs) -> Response:
        """Keep a document; 200 with the one that is there where the same bytes were sent before."""
        factory = factory_from_request(request, self.write_right, request.data.get("factory_id"))
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        now = timezone.now()
        try:
            document = evidence.store_evidence(factory, upload.validated_data["document"], by=request.user, now=now)
        except Fault as fault:
            raise ValidationError(fault.message_dict) from fault
        is_new = document.uploaded_at == now
        return Response(EvidenceSerializer(document).data, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, tags=["registers"])
    @action(detail=True, methods=["get"])
    def content(self, request, pk):
        """The document's bytes as they came, as a download."""
        return evidence.download(self.get_object())
