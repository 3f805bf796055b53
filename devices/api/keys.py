"""Keys over the API: issuing and revoking those of a device, and the gateway keys of a factory."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.openapi_parameters import ErrorSerializer
from devices.api.serializers import IssuedKeySerializer, NewKeySerializer
from devices.key_issuing import TooManyKeys, issue_key, revoke_key
from devices.models import Device, DeviceKey
from factories.models import Factory
from factories.permissions import row_or_404
from factories.roles import Right


class KeyViewSet(GenericViewSet):
    """Keys of one owner, a device or a factory, which a subclass finds by `pk`."""

    queryset = DeviceKey.objects.none()
    serializer_class = NewKeySerializer
    permission_classes = [IsAuthenticated]
    filter_backends = []
    lookup_field = "prefix"

    def owner(self):
        """The Device or Factory: 404 for a stranger, 403 without the right to manage it."""
        raise NotImplementedError

    def create(self, request, pk) -> Response:
        """A second key, so that a rotation loses nothing. Shown this once; 409 if two are live already."""
        owner = self.owner()
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        now, expires_at = timezone.now(), body.validated_data["expires_at"]
        if expires_at is not None and expires_at <= now:
            raise ValidationError({"expires_at": ["This moment has passed."]})
        try:
            key, text = issue_key(owner, by=request.user, now=now, expires_at=expires_at)
        except TooManyKeys as error:
            return Response({"detail": str(error)}, 409)
        issued = {"api_key": text, "prefix": key.prefix, "created_at": key.created_at, "expires_at": key.expires_at}
        return Response(issued, 201, headers={"Cache-Control": "no-store"})

    def destroy(self, request, pk, prefix) -> Response:
        """From the next request on the key is rejected. Revoking twice changes nothing."""
        key = get_object_or_404(self.keys_of(self.owner()), prefix=prefix)
        revoke_key(key, now=timezone.now())
        return Response(status=204)

    def keys_of(self, owner):
        raise NotImplementedError


key_schema = extend_schema_view(
    create=extend_schema(
        request=NewKeySerializer,
        responses={201: IssuedKeySerializer, 403: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer},
    ),
    destroy=extend_schema(responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer}),
)


@key_schema
class DeviceKeyViewSet(KeyViewSet):
    """Keys of a device."""

    def owner(self):
        return row_or_404(Device.objects.current(), self.request.user, self.kwargs["pk"], Right.MANAGE)

    def keys_of(self, owner):
        return DeviceKey.objects.filter(device=owner)


@key_schema
class GatewayKeyViewSet(KeyViewSet):
    """Gateway keys of a factory: each may send for any device of the factory."""

    def owner(self):
        return row_or_404(Factory.objects.current(), self.request.user, self.kwargs["pk"], Right.MANAGE)

    def keys_of(self, owner):
        return DeviceKey.objects.filter(factory=owner, device=None)
