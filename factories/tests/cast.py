"""The cast of the whole suite: Asha owns Steel Forge, Vik operates it, Ira audits it, Chitra owns another factory."""

import factory

from factories.models import Factory, Industry, Membership, User
from factories.roles import Role

PASSWORD = "a-long-enough-password-42"


class UserMaker(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.in")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class FactoryMaker(factory.django.DjangoModelFactory):
    class Meta:
        model = Factory

    name = factory.Sequence(lambda n: f"Factory {n}")
    industry = Industry.FORGING
    location = "Pune, Maharashtra"


class MembershipMaker(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserMaker)
    factory = factory.SubFactory(FactoryMaker)
    role = Role.OWNER.value


def member(of, role, **fields):
    """A new person with `role` in the factory `of`."""
    user = UserMaker(**fields)
    MembershipMaker(user=user, factory=of, role=role.value)
    return user
