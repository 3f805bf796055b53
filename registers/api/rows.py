"""Registers over the API: one viewset per register, generated from the descriptions."""

from django.core.exceptions import ValidationError as RowFault
from django.db.models import ProtectedError
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import APIException

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.permissions import NewRowsViewSet
from factories.roles import Right
from registers.api.documents import EvidenceViewSet
from registers.api.imports import TableImportMixin
from registers.api.serializers import serializer_for
from registers.models import REGISTERS


class Conflict(APIException):
    status_code = 409


class MonthFilter(filters.FilterSet):
    """Rows from a month on, and until one."""

    since = filters.DateFilter("month", "gte", help_text="the first month, by its first day")
    until = filters.DateFilter("month", "lte", help_text="the last month, by its first day")


class RowViewSet(TableImportMixin, NewRowsViewSet):
    """Rows of one register: whoever reads reports reads them, operators and owners write them, locked months refuse."""

    read_right = Right.READ_REPORTS
    write_right = Right.ENTER_REGISTERS
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.select_related("factory").order_by("pk")

    def get_serializer_context(self):
        context = super().get_serializer_context()
        if self.action == "partial_update" and not getattr(self, "swagger_fake_view", False):
            context["factory"] = self.row.factory
        return context

    def get_object(self):
        self.row = super().get_object()
        return self.row

    def perform_destroy(self, row) -> None:
        try:
            row.delete()
        except RowFault as fault:
            raise Conflict(" ".join(fault.messages)) from fault
        except ProtectedError as fault:
            raise Conflict(f"Other rows rest on {row}.") from fault


def viewset_for(register):
    """The viewset class of a register."""
    name = f"{register.model.__name__}ViewSet"
    members = {"queryset": register.model.objects.none(), "serializer_class": serializer_for(register)}
    members["__doc__"] = register.sentence
    if register.has_period:
        members["filterset_class"] = type(
            f"{register.model.__name__}Filter",
            (MonthFilter,),
            {"Meta": type("Meta", (), {"model": register.model, "fields": []})},
        )
    with_schema = extend_schema_view(
        list=extend_schema(parameters=[FACTORY_ID], tags=["registers"]),
        retrieve=extend_schema(tags=["registers"]),
        create=extend_schema(responses={201: members["serializer_class"], **ERROR_RESPONSES}, tags=["registers"]),
        partial_update=extend_schema(
            responses={200: members["serializer_class"], **ERROR_RESPONSES}, tags=["registers"]
        ),
        destroy=extend_schema(responses={204: None, 409: ErrorSerializer}, tags=["registers"]),
    )
    return with_schema(type(name, (RowViewSet,), members))


def register_routes(router) -> None:
    """Routes: every register at /registers/<slug>, evidence documents at /registers/documents."""
    router.register("registers/documents", EvidenceViewSet, basename="api_evidence")
    for register in REGISTERS:
        router.register(f"registers/{register.slug}", viewset_for(register), basename=f"api_register_{register.slug}")
