"""Tariffs, shifts and holidays over the API: for those who manage the factory, as on their pages."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.api.serializers.tariffs import TariffSerializer
from factories.api.serializers.working_time import HolidaySerializer, ShiftSerializer
from factories.models import Holiday, Shift, Tariff
from factories.models.working_time import WEEKDAYS
from factories.permissions import NewRowsViewSet
from factories.roles import Right

ISO_WEEKDAYS = [(str(number), name) for number, name in WEEKDAYS]


class TariffFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains", max_length=100)
    valid_from = filters.DateFromToRangeFilter()
    ordering = filters.OrderingFilter(fields=["valid_from", "name"])

    class Meta:
        model = Tariff
        fields = []


class ShiftFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains", max_length=60)
    weekday = extend_schema_field({"type": "integer", "minimum": 1, "maximum": 7})(
        filters.ChoiceFilter(method="running_on", choices=ISO_WEEKDAYS, help_text="ISO: 1 is Monday")
    )
    ordering = filters.OrderingFilter(fields=["starts_at", "name"])

    class Meta:
        model = Shift
        fields = []

    def running_on(self, shifts, name, weekday):
        return shifts.filter(weekdays__contains=[int(weekday)])


class HolidayFilter(filters.FilterSet):
    name = filters.CharFilter(lookup_expr="icontains", max_length=100)
    on = filters.DateFromToRangeFilter()
    ordering = filters.OrderingFilter(fields=["on", "name"])

    class Meta:
        model = Holiday
        fields = []


class FactorySettingsViewSet(NewRowsViewSet):
    """Rows of a factory that is not archived, for those who manage it."""

    read_right = Right.MANAGE

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        rows = rows.filter(factory__archived_at=None).select_related("factory")
        return rows.order_by(*rows.model._meta.ordering, "pk")


def factory_settings_schema(serializer):
    """OpenAPI description shared by the viewsets of this module."""
    return extend_schema_view(
        list=extend_schema(parameters=[FACTORY_ID]),
        create=extend_schema(responses={201: serializer, **ERROR_RESPONSES}),
        partial_update=extend_schema(responses={200: serializer, **ERROR_RESPONSES}),
        destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
    )


@factory_settings_schema(TariffSerializer)
class TariffViewSet(FactorySettingsViewSet):
    """Electricity tariffs with their time-of-day bands, each valid from a day on."""

    queryset = Tariff.objects.none()
    serializer_class = TariffSerializer
    filterset_class = TariffFilter

    def get_queryset(self):
        return super().get_queryset().prefetch_related("bands")


@factory_settings_schema(ShiftSerializer)
class ShiftViewSet(FactorySettingsViewSet):
    """Weekly shifts: together with the holidays they make the working time of a factory."""

    queryset = Shift.objects.none()
    serializer_class = ShiftSerializer
    filterset_class = ShiftFilter


@factory_settings_schema(HolidaySerializer)
class HolidayViewSet(FactorySettingsViewSet):
    """Days on which no shift starts."""

    queryset = Holiday.objects.none()
    serializer_class = HolidaySerializer
    filterset_class = HolidayFilter
