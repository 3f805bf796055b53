"""Accounts over the API: logging in, who am I, colleagues and their roles."""

from django.contrib.auth import authenticate, user_logged_in
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from factories import people
from factories import serializers as shapes
from factories.access import meant_factory, number
from factories.first_page import first_page
from factories.models import Factory, Membership, User
from factories.rights import Right, Role

FACTORY_ID = OpenApiParameter("factory_id", int, description="The factory in which the role is meant")
ROLE = OpenApiParameter("role", str, enum=[role.value for role in Role], description="Instead of in the body")


def portrait(person, viewer, factory=None):
    """The API's `user`: `person` as `viewer` may know them, with the role in `factory`."""
    person = shapes.with_memberships(User.objects.filter(pk=person.pk)).get()
    return shapes.PersonSerializer(person, context={"viewer": viewer, "factory": factory}).data


class Login(APIView):
    authentication_classes = []
    permission_classes = []

    def setup(self, request, *args, **kwargs):
        """A lock-out is noted on the request that the middlewares see, and not on the API's wrapper around it."""
        super().setup(request, *args, **kwargs)
        self.http_request = request

    @extend_schema(
        request=shapes.LoginSerializer,
        responses={200: shapes.LoggedInSerializer, 401: shapes.ErrorSerializer, 429: shapes.ErrorSerializer},
        auth=[],
    )
    def post(self, request):
        """Log in. Repeated failures are answered with 429 until the lock-out ends (`factories.lockout`)."""
        given = shapes.LoginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(
            self.http_request, username=given.validated_data["email"], password=given.validated_data["password"]
        )
        if user is None:
            return Response({"detail": "Incorrect email or password"}, 401)
        user_logged_in.send(sender=User, request=self.http_request, user=user)
        token = RefreshToken.for_user(user)
        return Response(
            {
                "access_token": str(token.access_token),
                "refresh_token": str(token),
                "token_type": "bearer",
                "user": portrait(user, viewer=user),
                "redirect_url": first_page(user),
            }
        )


class Refresh(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(
        request=shapes.RefreshSerializer,
        responses={200: shapes.RefreshedSerializer, 401: shapes.ErrorSerializer},
        auth=[],
    )
    def post(self, request):
        """A fresh access token. A changed password or a closed account ends every refresh token."""
        given = shapes.RefreshSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            token = RefreshToken(given.validated_data["refresh_token"])
            JWTAuthentication().get_user(token)
        except (TokenError, exceptions.AuthenticationFailed):
            return Response({"detail": "This refresh token is not valid any more; log in again."}, 401)
        return Response({"access_token": str(token.access_token), "token_type": "bearer"})


class Me(APIView):
    @extend_schema(parameters=[FACTORY_ID], responses={200: shapes.PersonSerializer, 404: shapes.ErrorSerializer})
    def get(self, request):
        """Who am I, with which role in `factory_id` (or in my first factory)."""
        raw = request.query_params.get("factory_id")
        factory = None
        if raw not in (None, ""):
            mine = Factory.objects.for_user(request.user).current()
            factory = get_object_or_404(mine, pk=number(raw, "factory_id"))
        return Response(portrait(request.user, viewer=request.user, factory=factory))


class Register(APIView):
    @extend_schema(
        request=shapes.RegisterSerializer,
        responses={201: shapes.PersonSerializer, 403: shapes.ErrorSerializer, 404: shapes.ErrorSerializer},
    )
    def post(self, request):
        """A new account: by an admin anywhere, by an owner in a factory of theirs. Only admins make admins."""
        factory = self.factory_meant(request)
        given = shapes.RegisterSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        role = Role(given.validated_data["role"])
        if role == Role.ADMIN and not request.user.is_superuser:
            raise exceptions.PermissionDenied("Only an admin can make an admin.")
        if role != Role.ADMIN and factory is None:
            raise exceptions.ValidationError({"factory_id": ["Say in which factory."]})
        try:
            person = people.enrol(
                email=given.validated_data["email"],
                password=given.validated_data["password"],
                full_name=given.validated_data["full_name"],
                role=role,
                factory=factory,
            )
        except people.EmailTaken as error:
            raise exceptions.ValidationError({"email": [str(error)]}) from error
        return Response(portrait(person, viewer=request.user, factory=factory if role != Role.ADMIN else None), 201)

    def factory_meant(self, request):
        """Checked before the body, so that a person without the right learns nothing from its errors."""
        raw = request.data.get("factory_id") if isinstance(request.data, dict) else None
        if raw in (None, "") and request.user.is_superuser:
            return None
        return meant_factory(request, Right.MANAGE, raw)


class Users(ListAPIView):
    serializer_class = shapes.PersonSerializer
    permission_classes = [IsAuthenticated]
    filter_backends = []

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return User.objects.none()
        people_seen = User.objects.managed_by(self.request.user)
        factory = self.factory()
        if factory is not None:
            people_seen = people_seen.filter(pk__in=Membership.objects.filter(factory=factory).values("user"))
        return shapes.with_memberships(people_seen.order_by("email"))

    def factory(self):
        raw = self.request.query_params.get("factory_id")
        return meant_factory(self.request, Right.SEE, raw) if raw not in (None, "") else None

    def get_serializer_context(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_serializer_context()
        return {**super().get_serializer_context(), "viewer": self.request.user, "factory": self.factory()}

    @extend_schema(parameters=[FACTORY_ID])
    def get(self, request, *args, **kwargs):
        """Oneself, and the members of the factories one manages."""
        return super().get(request, *args, **kwargs)


class UserRole(APIView):
    @extend_schema(
        parameters=[ROLE, FACTORY_ID],
        request=shapes.RoleSerializer,
        responses={
            200: shapes.PersonSerializer,
            403: shapes.ErrorSerializer,
            404: shapes.ErrorSerializer,
            409: shapes.ErrorSerializer,
        },
    )
    def put(self, request, pk):
        """Change a member's role in a factory one manages. The last owner cannot step down (409)."""
        person = get_object_or_404(User.objects.for_user(request.user), pk=number(pk, "id"))
        asked = self.asked(request)
        factory = self.factory_meant(request, person, asked)
        given = shapes.RoleSerializer(data=asked)
        given.is_valid(raise_exception=True)
        role = Role(given.validated_data["role"])
        if role == Role.ADMIN:
            if not request.user.is_superuser:
                raise exceptions.PermissionDenied("Only an admin can make an admin.")
            people.make_admin(person)
            return Response(portrait(person, viewer=request.user))
        current = Membership.objects.filter(user=person, factory=factory).first()
        try:
            people.appoint(
                person,
                role,
                factory,
                expires_at=current.expires_at if current else None,
                keep_admin=not request.user.is_superuser,  # an owner's word ends at their factory
            )
        except people.LastOwner as error:
            return Response({"detail": str(error)}, 409)
        return Response(portrait(person, viewer=request.user, factory=factory))

    def asked(self, request):
        """`role` and `factory_id` from the body or, as the original had it, from the query."""
        if request.data and not isinstance(request.data, dict):
            return request.data
        in_query = {name: request.query_params[name] for name in ("role", "factory_id") if name in request.query_params}
        in_body = {name: request.data[name] for name in ("role", "factory_id") if name in (request.data or {})}
        return {**in_query, **in_body}

    def factory_meant(self, request, person, asked):
        """The factory named, else the only one of this person that the caller sees too."""
        asked = asked if isinstance(asked, dict) else {}
        raw = asked.get("factory_id")
        if raw in (None, ""):
            if request.user.is_superuser and asked.get("role") == Role.ADMIN:
                return None
            mine = Factory.objects.for_user(request.user).current()
            shared = list(mine.filter(memberships__user=person).values_list("pk", flat=True)[:2])
            if len(shared) != 1:
                raise exceptions.ValidationError({"factory_id": ["Say in which factory."]})
            raw = shared[0]
        factory = meant_factory(request, Right.MANAGE, raw)
        if not request.user.is_superuser:
            get_object_or_404(Membership, user=person, factory=factory)
        return factory
