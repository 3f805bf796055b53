"""What the frame around every page needs: the factories of this person and the chosen one."""

from factories.access import current_factory, rights_in
from factories.models import Factory


def frame(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    factory = current_factory(request)
    return {
        "factory": factory,
        "my_factories": Factory.objects.for_user(user).order_by("name"),
        "rights": rights_in(user, factory) if factory else set(),
    }
