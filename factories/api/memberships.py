"""Memberships over the API: roles in a factory, for those who manage it, as on the team page."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from core.openapi_parameters import ERROR_RESPONSES, FACTORY_ID, ErrorSerializer
from factories.api.serializers.memberships import MembershipSerializer
from factories.membership_changes import LastOwner, remove_member
from factories.models import Membership
from factories.permissions import FactoryScopedViewSet
from factories.roles import Right, Role


class MembershipFilter(filters.FilterSet):
    role = filters.ChoiceFilter(choices=Role.choices())
    email = filters.CharFilter("user__email", lookup_expr="icontains", max_length=254)
    expires = filters.BooleanFilter(
        "expires_at", lookup_expr="isnull", exclude=True, help_text="with an end, or without"
    )
    ordering = filters.OrderingFilter(
        fields=[("user__email", "email"), "role", "expires_at", "created_at"],
    )

    class Meta:
        model = Membership
        fields = []


@extend_schema_view(
    list=extend_schema(parameters=[FACTORY_ID]),
    partial_update=extend_schema(responses={200: MembershipSerializer, **ERROR_RESPONSES, 409: ErrorSerializer}),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}),
)
class MembershipViewSet(FactoryScopedViewSet):
    """Members of a factory. New ones are invited on the team page or registered; the last owner stays (409)."""

    queryset = Membership.objects.none()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    read_right = Right.MANAGE
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self):
        memberships = super().get_queryset().filter(factory__archived_at=None).select_related("user", "factory")
        return memberships.order_by("factory__name", "user__email", "pk")

    def partial_update(self, request, *args, **kwargs):
        try:
            return super().partial_update(request, *args, **kwargs)
        except LastOwner as error:
            return Response({"detail": str(error)}, 409)

    def destroy(self, request, *args, **kwargs) -> Response:
        """The user is no longer a member; 409 for the last owner."""
        try:
            remove_member(self.get_object())
        except LastOwner as error:
            return Response({"detail": str(error)}, 409)
        return Response(status=204)
