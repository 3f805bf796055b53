"""Factories over the API."""

from django.db.models import Q
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from core.archive_guards import StillReferenced
from core.openapi_parameters import ErrorSerializer
from factories.api.serializers.factories import FactorySerializer
from factories.archiving import archive_factory
from factories.models import Factory, Industry
from factories.permissions import FactoryScopedViewSet
from factories.roles import Right


class FactoryFilter(filters.FilterSet):
    industry = filters.ChoiceFilter(choices=Industry.choices)
    search = filters.CharFilter(method="matching", max_length=100, help_text="in the name or location")
    ordering = filters.OrderingFilter(fields=["name", "location", "created_at"])

    class Meta:
        model = Factory
        fields = []

    def matching(self, factories, name, text):
        return factories.filter(Q(name__icontains=text) | Q(location__icontains=text))


@extend_schema_view(
    destroy=extend_schema(responses={204: None, 409: ErrorSerializer}),
    create=extend_schema(responses={201: FactorySerializer, 403: ErrorSerializer}),
)
class FactoryViewSet(FactoryScopedViewSet):
    """Members read their factories, owners change theirs, only an admin creates one."""

    queryset = Factory.objects.none()
    serializer_class = FactorySerializer
    filterset_class = FactoryFilter
    read_right = Right.READ_REPORTS

    def get_queryset(self):
        return super().get_queryset().current().with_counts()

    def create(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied("Only an admin can open a factory.")
        return super().create(request, *args, **kwargs)

    def destroy(self, request, *args, **kwargs) -> Response:
        """Archives. 409 where readings or reports refer to it."""
        try:
            archive_factory(self.get_object(), now=timezone.now())
        except StillReferenced as error:
            return Response({"detail": str(error)}, 409)
        return Response(status=204)
