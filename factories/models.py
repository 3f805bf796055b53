"""People and factories: who may see what. Everything else in the product hangs below a factory."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from factories.history import remembered
from factories.names import ONE_LINE
from factories.rights import RIGHTS, Right, Role
from factories.scoping import FactoryScopedQuerySet, factories_of, unexpired


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, **fields, is_staff=True, is_superuser=True)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def for_user(self, user):
        """People one may see: oneself and the members of factories one is a member of."""
        if user.is_superuser:
            return self.all()
        return self.filter(Q(pk=user.pk) | Q(memberships__factory__in=factories_of(user))).distinct()

    def managed_by(self, user):
        """Oneself and the members, expired ones too, of the factories one manages."""
        if user.is_superuser:
            return self.all()
        members = Membership.objects.filter(factory__in=factories_of(user, Right.MANAGE))
        return self.filter(Q(pk=user.pk) | Q(pk__in=members.values("user")))


class User(AbstractUser):
    """Logs in with an e-mail address. `is_superuser` is the role *admin*: every factory, and Django admin."""

    username = None
    first_name = None
    last_name = None
    email = models.EmailField("e-mail", unique=True)
    full_name = models.CharField(max_length=150, validators=[ONE_LINE], blank=True)
    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="email_in_lower_case")]

    def __str__(self):
        return self.full_name or self.email

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    def save(self, **kwargs):
        self.email = self.email.lower()
        super().save(**kwargs)

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name.split(" ")[0] if self.full_name else self.email

    def role_in(self, factory):
        """This person's role in `factory`, or None for a stranger."""
        if self.is_superuser:
            return Role.ADMIN
        membership = self.memberships.valid().filter(factory=factory).first()
        return Role(membership.role) if membership else None

    def may(self, right, factory):
        return right in RIGHTS.get(self.role_in(factory), frozenset())


class Industry(models.TextChoices):
    FORGING = "forging", "Forging"
    FOUNDRY = "foundry", "Foundry"
    CHEMICALS = "chemicals", "Chemicals"
    CEMENT = "cement", "Cement"
    ALUMINIUM = "aluminium", "Aluminium"
    OTHER = "other", "Other"


def check_time_zone(name):
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"{name} is not a time zone, such as Asia/Kolkata.") from error


class FactoryQuerySet(FactoryScopedQuerySet):
    def current(self):
        return self.filter(archived_at=None)

    def with_counts(self):
        """`device_count`, `user_count` and `active_alerts` of each factory."""
        return self.annotate(
            device_count=counted("devices", archived_at=None),
            user_count=counted("memberships", user__is_active=True),
            active_alerts=counted("alerts", status="active"),
        )


def counted(relation, **conditions):
    """How many rows of a reverse relation each factory has; a subquery, so that relations do not multiply."""
    rows = Factory._meta.get_field(relation).related_model.objects.filter(factory=OuterRef("pk"), **conditions)
    return Coalesce(Subquery(rows.order_by().values("factory").annotate(n=Count("pk")).values("n")), 0)


@remembered(exclude=["logo", "logo_type"])
class Factory(models.Model):
    """One site. Its days, months and financial years are counted in its own time zone."""

    factory_path = "pk"
    name = models.CharField(max_length=150, validators=[ONE_LINE])
    industry = models.CharField(max_length=20, choices=Industry.choices, default=Industry.OTHER)
    location = models.CharField(
        max_length=150, blank=True, help_text="Town and state, as people say it: Pune, Maharashtra"
    )
    contact_email = models.EmailField("contact e-mail", blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    time_zone = models.CharField(max_length=50, default="Asia/Kolkata", validators=[check_time_zone])
    # What stands on the first page of a report to an authority.
    legal_name = models.CharField("name of the company", max_length=200, blank=True)
    occupier = models.CharField("occupier", max_length=150, blank=True)
    address = models.TextField("postal address in English", blank=True, max_length=500)
    state = models.CharField(max_length=60, blank=True)
    pin_code = models.CharField("PIN code", max_length=10, blank=True)
    registration_number = models.CharField("registration number (CIN, GSTIN or Udyam)", max_length=40, blank=True)
    year_established = models.PositiveSmallIntegerField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    logo = models.BinaryField(null=True, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    objects = FactoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "factories"
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    def end_of(self, day):
        """The last moment of `day` here; None for no day."""
        return None if day is None else datetime.combine(day, time.max, tzinfo=self.zone)


class MembershipQuerySet(FactoryScopedQuerySet):
    def valid(self, now=None):
        return self.filter(unexpired(now or timezone.now()), factory__archived_at=None)


@remembered()
class Membership(models.Model):
    """A person's role in one factory; an auditor's may expire."""

    factory_path = "factory"
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices())
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["factory__name", "user__email"]
        constraints = [models.UniqueConstraint(fields=["user", "factory"], name="one_membership_per_user_and_factory")]

    def __str__(self):
        return f"{self.user} is {self.get_role_display()} of {self.factory}"


class InvitationQuerySet(FactoryScopedQuerySet):
    def open(self):
        """Neither accepted nor withdrawn; its link may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


@remembered()
class Invitation(models.Model):
    """A colleague asked in by e-mail with a signed link (`factories.invitations`); a member only after accepting."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail")
    role = models.CharField(max_length=20, choices=Role.choices())
    membership_expires_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(default=timezone.now, help_text="the newest link; older ones are dead")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "factory",
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_email_and_factory",
            )
        ]

    def __str__(self):
        return f"{self.email} to {self.factory}"


from factories.tariffs import Tariff, TariffBand  # noqa: E402
from factories.working_time import Holiday, Shift  # noqa: E402

__all__ = ["Factory", "Holiday", "Industry", "Invitation", "Membership", "Shift", "Tariff", "TariffBand", "User"]
