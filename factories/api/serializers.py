"""How people and factories look in the API."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from factories.models import Factory, Membership, User
from factories.models.factories import validate_time_zone_name
from factories.permissions import MAX_ID
from factories.roles import Role

ANY_ROLE = [(role.value, role.label) for role in Role]
PASSWORD_LIMIT = 128


class FactoryRole(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.ChoiceField(ANY_ROLE)


class PersonSerializer(serializers.ModelSerializer):
    """A person as `viewer` may know them: only factories the viewer sees too.

    Context: `viewer`, and `factory` (the role is the one there; otherwise in the first factory by name).
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
        home = self.home(person)
        return home["role"] if home else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_factory_id(self, person):
        factory = self.context.get("factory")
        if factory is not None:
            return factory.pk
        home = self.home(person)
        return home["id"] if home and not person.is_superuser else None

    @extend_schema_field(FactoryRole(many=True))
    def get_factories(self, person):
        if person.is_superuser:
            return [{"id": each.pk, "name": each.name, "role": Role.ADMIN.value} for each in self.seen()]
        seen = {each.pk for each in self.seen()}
        return [
            {"id": each.factory_id, "name": each.factory.name, "role": each.role}
            for each in person.valid_memberships
            if each.factory_id in seen
        ]

    def home(self, person):
        factory, places = self.context.get("factory"), self.get_factories(person)
        if factory is not None:
            return next((place for place in places if place["id"] == factory.pk), None)
        return places[0] if places else None

    def seen(self):
        """Factories the viewer sees, asked for once however many people are listed."""
        if "visible_factories" not in self.context:
            viewer = self.context["viewer"]
            self.context["visible_factories"] = list(Factory.objects.for_user(viewer).current().order_by("name"))
        return self.context["visible_factories"]


def with_memberships(people):
    valid = Membership.objects.valid().select_related("factory").order_by("factory__name", "pk")
    return people.prefetch_related(Prefetch("memberships", valid, to_attr="valid_memberships"))


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

    def validate_email(self, email):
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


class FactorySerializer(serializers.ModelSerializer):
    """Counts come annotated (`FactoryQuerySet.with_counts`)."""

    device_count = serializers.IntegerField(read_only=True, default=0)
    user_count = serializers.IntegerField(read_only=True, default=0)
    active_alerts = serializers.IntegerField(read_only=True, default=0)
    time_zone = serializers.CharField(max_length=50, default="Asia/Kolkata")

    class Meta:
        model = Factory
        fields = [
            *["id", "name", "location", "industry", "contact_email", "contact_phone", "time_zone", "created_at"],
            *["device_count", "user_count", "active_alerts"],
        ]
        read_only_fields = ["id", "created_at"]

    def validate_time_zone(self, name):
        try:
            validate_time_zone_name(name)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return name
