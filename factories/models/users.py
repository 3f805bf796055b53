"""Users: they log in with an e-mail address; their rights come from memberships."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.validators import ONE_LINE
from factories.roles import RIGHTS, Right, Role
from factories.tenancy import factories_of


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
        """Users visible to `user`: oneself and the members of one's factories."""
        if user.is_superuser:
            return self.all()
        return self.filter(Q(pk=user.pk) | Q(memberships__factory__in=factories_of(user))).distinct()

    def managed_by(self, user):
        """`user` and the members, expired ones included, of the factories they manage."""
        if user.is_superuser:
            return self.all()
        managed = factories_of(user, Right.MANAGE)
        return self.filter(Q(pk=user.pk) | Q(memberships__factory__in=managed)).distinct()


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

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def save(self, **kwargs) -> None:
        self.email = self.email.lower()
        super().save(**kwargs)

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name.split(" ")[0] if self.full_name else self.email

    def role_in(self, factory):
        """The user's role in `factory`, or None for a non-member."""
        if self.is_superuser:
            return Role.ADMIN
        membership = self.memberships.valid().filter(factory=factory).first()
        return Role(membership.role) if membership else None

    def may(self, right, factory) -> bool:
        return right in RIGHTS.get(self.role_in(factory), frozenset())
