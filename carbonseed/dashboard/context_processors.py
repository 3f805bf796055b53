"""Context of the base template: the factories of this user, the current one, and its open alerts."""

from django.utils.functional import SimpleLazyObject

from alerts.models import Alert
from factories.models import Factory
from factories.permissions import current_factory, rights_in
from factories.roles import Right


def base(request) -> dict:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    factory = current_factory(request)
    rights = rights_in(user, factory) if factory else set()
    return {
        "factory": factory,
        "my_factories": Factory.objects.for_user(user).current().order_by("name"),
        "rights": rights,
        "open_alerts": SimpleLazyObject(lambda: count_open(factory) if Right.SEE in rights else 0),
    }


def count_open(factory):
    return Alert.objects.for_factory(factory).open().count()
