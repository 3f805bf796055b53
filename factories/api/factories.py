"""Factories over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from core.archive_guards import StillReferenced
from core.openapi_parameters import ErrorSerializer
from factories.api import serializers as shapes
from factories.archiving import archive_factory
from factories.models import Factory
from factories.permissions import FactoryScopedViewSet
from factories.roles import Right


@extend_schema_view(
    destroy=extend_schema(responses={204: None, 409: ErrorSerializer}),
    create=extend_schema(responses={201: shapes.FactorySerializer, 403: ErrorSerializer}),
)
class FactoryViewSet(FactoryScopedViewSet):
    """Everyone sees their factories, owners change theirs, only an admin opens a new one."""

    queryset = Factory.objects.none()
    serializer_class = shapes.FactorySerializer
    read_right = Right.READ_REPORTS
    filter_backends = []

    def get_queryset(self):
        return super().get_queryset().current().with_counts()

    def create(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied("Only an admin can open a factory.")
        return super().create(request, *args, **kwargs)

    def destroy(self, request, *args, **kwargs):
        """Archives. 409 where readings or reports rest on it."""
        try:
            archive_factory(self.get_object(), now=timezone.now())
        except StillReferenced as error:
            return Response({"detail": str(error)}, 409)
        return Response(status=204)
