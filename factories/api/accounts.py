"""Accounts over the API: log-in, the user's own account, users and their roles."""

from django.contrib.auth import authenticate, user_logged_in
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from core.openapi_parameters import ErrorSerializer
from factories import membership_changes
from factories.api.serializers import accounts as serializers
from factories.api.serializers.accounts import represent_user, with_memberships
from factories.login_redirect import login_redirect_url
from factories.models import Factory, Membership, User
from factories.permissions import factory_from_request, parse_id
from factories.roles import Right, Role

FACTORY_ID = OpenApiParameter("factory_id", int, description="The factory in which the role is meant")
ROLE = OpenApiParameter("role", str, enum=[role.value for role in Role], description="Instead of in the body")


class TokenViewSet(viewsets.GenericViewSet):
    """Tokens: log-in and refresh, both without authentication."""

    authentication_classes = []
    permission_classes = []
    serializer_class = serializers.LoginSerializer

    def initialize_request(self, request, *args, **kwargs):
        """Keep Django's request: django-axes notes a lock-out there, where the middleware reads it."""
        self.http_request = request
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        request=serializers.LoginSerializer,
        responses={200: serializers.LoggedInSerializer, 401: ErrorSerializer, 429: ErrorSerializer},
        auth=[],
    )
    @action(detail=False, methods=["post"])
    def login(self, request) -> Response:
        """Log in. Repeated failures are answered with 429 until the lock-out ends (`factories.lockout`)."""
        body = serializers.LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        credentials = {"username": body.validated_data["email"], "password": body.validated_data["password"]}
        user = authenticate(self.http_request, **credentials)
        if user is None:
            return Response({"detail": "Incorrect email or password"}, 401)
        user_logged_in.send(sender=User, request=self.http_request, user=user)
        token = RefreshToken.for_user(user)
        return Response(
            {
                "access_token": str(token.access_token),
                "refresh_token": str(token),
                "token_type": "bearer",
                "user": represent_user(user, viewer=user),
                "redirect_url": login_redirect_url(user),
            }
        )

    @extend_schema(
        request=serializers.RefreshSerializer,
        responses={200: serializers.RefreshedSerializer, 401: ErrorSerializer},
        auth=[],
    )
    @action(detail=False, methods=["post"])
    def refresh(self, request) -> Response:
        """A new access token. A changed password or a closed account ends every refresh token."""
        body = serializers.RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            token = RefreshToken(body.validated_data["refresh_token"])
            JWTAuthentication().get_user(token)
        except (TokenError, exceptions.AuthenticationFailed):
            return Response({"detail": "This refresh token is not valid any more; log in again."}, 401)
        return Response({"access_token": str(token.access_token), "token_type": "bearer"})


class AccountViewSet(viewsets.GenericViewSet):
    """The user's own account, and new accounts."""

    queryset = User.objects.none()
    serializer_class = serializers.PersonSerializer
    permission_classes = [IsAuthenticated]
    filter_backends = []

    @extend_schema(parameters=[FACTORY_ID], responses={200: serializers.PersonSerializer, 404: ErrorSerializer})
    @action(detail=False, methods=["get"])
    def me(self, request) -> Response:
        """The user's own account, with the role in `factory_id` (or in their first factory)."""
        raw = request.query_params.get("factory_id")
        factory = None
        if raw not in (None, ""):
            visible = Factory.objects.for_user(request.user).current()
            factory = get_object_or_404(visible, pk=parse_id(raw, "factory_id"))
        return Response(represent_user(request.user, viewer=request.user, factory=factory))

    @extend_schema(
        request=serializers.RegisterSerializer,
        responses={201: serializers.PersonSerializer, 403: ErrorSerializer, 404: ErrorSerializer},
    )
    @action(detail=False, methods=["post"])
    def register(self, request) -> Response:
        """A new account: by an admin anywhere, by an owner in a factory of theirs. Only admins make admins."""
        factory = self.target_factory(request)
        body = serializers.RegisterSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        role = Role(body.validated_data["role"])
        if role == Role.ADMIN and not request.user.is_superuser:
            raise exceptions.PermissionDenied("Only an admin can make an admin.")
        if role != Role.ADMIN and factory is None:
            raise exceptions.ValidationError({"factory_id": ["Say in which factory."]})
        account = {name: body.validated_data[name] for name in ("email", "password", "full_name")}
        try:
            person = membership_changes.enrol(**account, role=role, factory=factory)
        except membership_changes.EmailTaken as error:
            raise exceptions.ValidationError({"email": [str(error)]}) from error
        shown_factory = factory if role != Role.ADMIN else None
        return Response(represent_user(person, viewer=request.user, factory=shown_factory), 201)

    def target_factory(self, request):
        """Checked before the body, whose errors would tell users without the right something."""
        raw = request.data.get("factory_id") if isinstance(request.data, dict) else None
        if raw in (None, "") and request.user.is_superuser:
            return None
        return factory_from_request(request, Right.MANAGE, raw)


class UserFilter(filters.FilterSet):
    role = filters.ChoiceFilter(
        method="with_role", choices=serializers.ANY_ROLE, help_text="in any factory of the caller, or in `factory_id`"
    )
    email = filters.CharFilter(lookup_expr="icontains", max_length=254)
    search = filters.CharFilter(method="matching", max_length=100, help_text="in the name or e-mail")
    is_active = filters.BooleanFilter()
    ordering = filters.OrderingFilter(fields=["email", "full_name", ("date_joined", "created_at")])

    class Meta:
        model = User
        fields = []

    def with_role(self, people, name, role):
        if role == Role.ADMIN:
            return people.filter(is_superuser=True)
        visible = Factory.objects.for_user(self.request.user).current()
        if factory_id := self.data.get("factory_id"):  # validated by the view
            visible = visible.filter(pk=factory_id)
        members = Membership.objects.valid().filter(role=role, factory__in=visible)
        return people.filter(is_superuser=False, pk__in=members.values("user"))

    def matching(self, people, name, text):
        return people.filter(Q(full_name__icontains=text) | Q(email__icontains=text))


@extend_schema_view(list=extend_schema(parameters=[FACTORY_ID]))
class UserViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Oneself, and the members of the factories one manages."""

    queryset = User.objects.none()
    serializer_class = serializers.PersonSerializer
    permission_classes = [IsAuthenticated]
    filterset_class = UserFilter
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        people = User.objects.managed_by(self.request.user)
        factory = self.factory()
        if factory is not None:
            people = people.filter(pk__in=Membership.objects.filter(factory=factory).values("user"))
        return with_memberships(people.order_by("email"))

    def factory(self):
        raw = self.request.query_params.get("factory_id")
        return factory_from_request(self.request, Right.SEE, raw) if raw not in (None, "") else None

    def get_serializer_context(self):
        context = super().get_serializer_context()
        if self.action != "list" or getattr(self, "swagger_fake_view", False):
            return context
        return {**context, "viewer": self.request.user, "factory": self.factory()}

    @extend_schema(
        parameters=[ROLE, FACTORY_ID],
        request=serializers.RoleSerializer,
        responses={
            200: serializers.PersonSerializer,
            403: ErrorSerializer,
            404: ErrorSerializer,
            409: ErrorSerializer,
        },
    )
    @action(detail=True, methods=["put"])
    def role(self, request, pk) -> Response:
        """Change a member's role in a factory one manages. The last owner cannot step down (409)."""
        person = get_object_or_404(User.objects.for_user(request.user), pk=parse_id(pk, "id"))
        parameters = self.role_parameters(request)
        factory = self.target_factory(request, person, parameters)
        body = serializers.RoleSerializer(data=parameters)
        body.is_valid(raise_exception=True)
        role = Role(body.validated_data["role"])
        if role == Role.ADMIN:
            if not request.user.is_superuser:
                raise exceptions.PermissionDenied("Only an admin can make an admin.")
            membership_changes.make_admin(person)
            return Response(represent_user(person, viewer=request.user))
        current = Membership.objects.filter(user=person, factory=factory).first()
        try:
            membership_changes.assign_role(
                person,
                role,
                factory,
                expires_at=current.expires_at if current else None,
                keep_admin=not request.user.is_superuser,  # an owner's rights end at their factory
            )
        except membership_changes.LastOwner as error:
            return Response({"detail": str(error)}, 409)
        return Response(represent_user(person, viewer=request.user, factory=factory))

    def role_parameters(self, request):
        """`role` and `factory_id` from the body or, as in the original service, from the query."""
        if request.data and not isinstance(request.data, dict):
            return request.data
        in_query = {name: request.query_params[name] for name in ("role", "factory_id") if name in request.query_params}
        in_body = {name: request.data[name] for name in ("role", "factory_id") if name in (request.data or {})}
        return {**in_query, **in_body}

    def target_factory(self, request, person, parameters):
        """`factory_id`, else the only factory of this person that the caller sees too."""
        parameters = parameters if isinstance(parameters, dict) else {}
        raw = parameters.get("factory_id")
        if raw in (None, ""):
            if request.user.is_superuser and parameters.get("role") == Role.ADMIN:
                return None
            visible = Factory.objects.for_user(request.user).current()
            shared = list(visible.filter(memberships__user=person).values_list("pk", flat=True)[:2])
            if len(shared) != 1:
                raise exceptions.ValidationError({"factory_id": ["Say in which factory."]})
            raw = shared[0]
        factory = factory_from_request(request, Right.MANAGE, raw)
        if not request.user.is_superuser:
            get_object_or_404(Membership, user=person, factory=factory)
        return factory
