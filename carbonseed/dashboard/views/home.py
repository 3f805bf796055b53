"""Landing, overview, and which factory one looks at."""

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Alert
from carbonseed.dashboard.overview import overview_of
from core.conditional_get import conditional_response
from factories.models import Factory
from factories.permissions import current_factory, requires_right, rights_in, set_current_factory
from factories.roles import Right
from telemetry.etags import factory_etag, whole_minute

OVERVIEW_SCREENSHOT = "img/overview.png"


@require_safe
def landing(request) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("overview")
    return render(
        request,
        "dashboard/landing.html",
        {"overview_shot": OVERVIEW_SCREENSHOT if finders.find(OVERVIEW_SCREENSHOT) else ""},
    )


@require_safe
@login_required
def overview(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/overview.html")
    if not request.user.may(Right.SEE, factory):
        return redirect("report_list")  # what an auditor comes for
    return render(
        request,
        "dashboard/overview.html",
        {"overview": overview_of(factory, request.user, whole_minute(timezone.now()))},
    )


@require_safe
@requires_right(Right.SEE)
def overview_live(request):
    """The overview's figures alone, for a page that is open; 304 while nothing has changed."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    now = whole_minute(timezone.now())
    variant = ("overview", request.user.pk, sorted(rights_in(request.user, factory)), now)
    tag = factory_etag(factory, Alert.objects.for_factory(factory).open(), variant=variant)
    return conditional_response(
        request,
        tag,
        lambda: render(request, "dashboard/_overview.html", {"overview": overview_of(factory, request.user, now)}),
    )


@require_POST
@login_required
def choose_factory(request) -> HttpResponse:
    visible = Factory.objects.for_user(request.user).current()
    chosen_id = request.POST.get("factory", "")
    if not (chosen_id.isdecimal() and len(chosen_id) < 19):
        raise Http404
    set_current_factory(request, get_object_or_404(visible, pk=chosen_id))
    return redirect("overview")
