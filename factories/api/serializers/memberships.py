"""Serializer of memberships."""

from django.utils import timezone
from rest_framework import serializers

from factories.membership_changes import MAX_ACCESS, assign_role
from factories.models import Membership
from factories.roles import Role


class MembershipSerializer(serializers.ModelSerializer):
    """A user's role in a factory. Only an auditor's can be given an end (`expires_at`), as on the team page."""

    factory_id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    full_name = serializers.CharField(source="user.full_name", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "factory_id", "user_id", "email", "full_name", "role", "expires_at", "created_at"]
        read_only_fields = ["created_at"]

    def validate(self, data):
        before, now = self.instance.expires_at, timezone.now()
        expires_at = data.get("expires_at", before)
        if expires_at is None or expires_at == before:
            return data
        if data.get("role", self.instance.role) != Role.AUDITOR:
            raise serializers.ValidationError({"expires_at": ["Only an auditor's access has a last day."]})
        if not now < expires_at <= now + MAX_ACCESS:
            raise serializers.ValidationError({"expires_at": ["Choose a time from now to ten years from now."]})
        return data

    def update(self, membership, data):
        """Raises LastOwner. An admin who is also a member stays an admin."""
        return assign_role(
            membership.user,
            data.get("role", membership.role),
            membership.factory,
            expires_at=data.get("expires_at", membership.expires_at),
            keep_admin=True,
        )
