"""Landing, overview, and which factory one looks at."""

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Alert
from carbonseed.dashboard.overview import overview_of
from core.conditional_get import unless_unchanged
from factories.models import Factory
from factories.permissions import current_factory, look_at, page, rights_in
from factories.roles import Right
from telemetry.etags import tag_of_factory, tick

OVERVIEW_SHOT = "img/overview.png"


@require_safe
def landing(request):
    if request.user.is_authenticated:
        return redirect("overview")
    return render(request, "landing.html", {"overview_shot": OVERVIEW_SHOT if finders.find(OVERVIEW_SHOT) else ""})


@require_safe
@login_required
def overview(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "overview.html")
    if not request.user.may(Right.SEE, factory):
        return redirect("report_list")  # what an auditor comes for
    return render(request, "overview.html", {"overview": overview_of(factory, request.user, tick(timezone.now()))})


@require_safe
@page(Right.SEE)
def overview_live(request):
    """The overview's figures alone, for a page that is open; 304 while nothing has changed."""
    factory = current_factory(request)
    if factory is None:
        raise Http404
    now = tick(timezone.now())
    said = ("overview", request.user.pk, sorted(rights_in(request.user, factory)), now)
    tag = tag_of_factory(factory, Alert.objects.for_factory(factory).open(), said=said)
    return unless_unchanged(
        request,
        tag,
        lambda: render(request, "_overview.html", {"overview": overview_of(factory, request.user, now)}),
    )


@require_POST
@login_required
def choose_factory(request):
    mine = Factory.objects.for_user(request.user).current()
    chosen = request.POST.get("factory", "")
    if not (chosen.isdecimal() and len(chosen) < 19):
        raise Http404
    look_at(request, get_object_or_404(mine, pk=chosen))
    return redirect("overview")
