"""Serializers of accounts: users, log-in, registration and roles."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.validators import MAX_ID
from factories.models import Factory, Membership, User
from factories.roles import Role

ANY_ROLE = [(role.value, role.label) for role in Role]
PASSWORD_LIMIT = 128


class FactoryRole(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(ANY_ROLE)


class PersonSerializer(serializers.ModelSerializer):
    """A user as visible to `viewer`: with those factories only that the viewer sees too.

    Context: `viewer`, and `factory` for the role there; without it, the role is that in the first factory by name.
    Rows come from `with_memberships`.
    """

    role = serializers.SerializerMethodField()
    factory_id = serializers.SerializerMethodField()
    factories = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="date_joined", read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "full_name", "role", "factory_id", "factories", "is_active", "created_at"]

    @extend_schema_field(serializers.ChoiceField(ANY_ROLE, allow_null=True))
    def get_role(self, person):
        if person.is_superuser:
            return Role.ADMIN.value
        primary = self.primary_membership(person)
        return primary["role"] if primary else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_factory_id(self, person):
        factory = self.context.get("factory")
        if factory is not None:
            return factory.pk
        primary = self.primary_membership(person)
        return primary["id"] if primary and not person.is_superuser else None

    @extend_schema_field(FactoryRole(many=True))
    def get_factories(self, person) -> list:
        if person.is_superuser:
            return [{"id": each.pk, "name": each.name, "role": Role.ADMIN.value} for each in self.visible_factories()]
        visible_pks = {each.pk for each in self.visible_factories()}
        return [
            {"id": each.factory_id, "name": each.factory.name, "role": each.role}
            for each in person.valid_memberships
            if each.factory_id in visible_pks
        ]

    def primary_membership(self, person):
        factory, memberships = self.context.get("factory"), self.get_factories(person)
        if factory is not None:
            return next((membership for membership in memberships if membership["id"] == factory.pk), None)
        return memberships[0] if memberships else None

    def visible_factories(self):
        """Factories the viewer sees; one query per list."""
        if "visible_factories" not in self.context:
            viewer = self.context["viewer"]
            self.context["visible_factories"] = list(Factory.objects.for_user(viewer).current().order_by("name"))
        return self.context["visible_factories"]


def with_memberships(people):
    """Prefetch `valid_memberships`, ordered by factory name."""
    valid = Membership.objects.valid().select_related("factory").order_by("factory__name", "pk")
    return people.prefetch_related(Prefetch("memberships", valid, to_attr="valid_memberships"))


def represent_user(person, viewer, factory=None) -> dict:
    """The API's `user`: `person` as visible to `viewer`, with the role in `factory`."""
    person = with_memberships(User.objects.filter(pk=person.pk)).get()
    return PersonSerializer(person, context={"viewer": viewer, "factory": factory}).data


class LoginSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(trim_whitespace=False, max_length=PASSWORD_LIMIT)


class LoggedInSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(help_text="bearer")
    user = PersonSerializer()
    redirect_url = serializers.CharField()


class RefreshSerializer(serializers.Serializer):
    refresh_token = serializers.CharField(max_length=4096)


class RefreshedSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    token_type = serializers.CharField(help_text="bearer")


class RegisterSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(trim_whitespace=False, max_length=PASSWORD_LIMIT)
    full_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    role = serializers.ChoiceField(ANY_ROLE, default=Role.VIEWER.value)
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, allow_null=True, default=None)

    def validate_email(self, email) -> str:
        if User.objects.filter(email=email.lower()).exists():
            raise serializers.ValidationError("This address already has an account; invite them instead.")
        return email.lower()

    def validate(self, data):
        try:
            validate_password(data["password"], User(email=data["email"], full_name=data["full_name"]))
        except DjangoValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return data


class RoleSerializer(serializers.Serializer):
    role = serializers.ChoiceField(ANY_ROLE)
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, allow_null=True, default=None)
