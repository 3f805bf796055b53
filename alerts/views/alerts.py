"""Pages of alerts: the board, the list of one state, one alert, and what people do about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from alerts import board, life
from alerts.forms import AlertFilterForm, RemarkForm, ResponseForm, SayingForm
from alerts.models import Alert
from factories.access import current_factory, look_at, page, row_or_404
from factories.rights import Right

PAGE = 30


@page(Right.SEE)
def alert_list(request):
    return render(request, "alerts/list.html", shown(request))


@page(Right.SEE)
def alert_live(request):
    """The part of the list that fetches itself again."""
    return render(request, "alerts/_board.html", shown(request))


def shown(request):
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return {}
    form = AlertFilterForm(request.GET, factory=factory)
    chosen = form.cleaned_data if form.is_valid() else {}
    context = {"form": form, "here": back_here(request), "live_query": request.GET.urlencode()}
    if not form.is_valid():
        return context
    if chosen["status"]:
        rows = board.alerts_of(factory, **chosen)
        found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        return context | {"page_obj": found, "cards": board.cards_of(list(found), now)}
    return context | {"columns": board.columns(factory, now, **chosen)}


def back_here(request):
    """Where acting on a card leads back to: the same list, also when a part of it was fetched."""
    query = request.GET.urlencode()
    return reverse("alert_list") + (f"?{query}" if query else "")


@page(Right.SEE)
def alert_detail(request, pk):
    alert = row_or_404(Alert.objects, request.user, pk, Right.SEE)
    look_at(request, alert.factory)
    [alert] = board.alerts_of(alert.factory).filter(pk=alert.pk)
    return render(request, "alerts/detail.html", detail(alert, timezone.now()))


def detail(alert, now, response=None):
    told = {"assignee": alert.assignee_id, "cause": alert.cause, "action": alert.action}
    return {
        "alert": alert,
        "chart": board.chart_of(alert, now),
        "saying": SayingForm(),
        "response": response or ResponseForm(initial=told, factory=alert.factory, now=now),
    }


@require_POST
@page(Right.SEE)
def alert_respond(request, pk):
    """Who deals with it, the cause and the corrective action."""
    alert, now = row_or_404(Alert.objects, request.user, pk, Right.ACT_ON_ALERTS), timezone.now()
    form = ResponseForm(request.POST, factory=alert.factory, now=now)
    if not form.is_valid():
        look_at(request, alert.factory)
        [alert] = board.alerts_of(alert.factory).filter(pk=alert.pk)
        return render(request, "alerts/detail.html", detail(alert, now, form), status=422)
    life.respond(alert, by=request.user, now=now, **form.cleaned_data)
    return redirect("alert_detail", alert.pk)


@require_POST
@page(Right.SEE)
def alert_acknowledge(request, pk):
    return act(request, pk, life.acknowledge, RemarkForm)


@require_POST
@page(Right.SEE)
def alert_resolve(request, pk):
    return act(request, pk, life.resolve, RemarkForm)


@require_POST
@page(Right.SEE)
def alert_comment(request, pk):
    return act(request, pk, life.comment, SayingForm)


def act(request, pk, deed, form_class):
    alert = row_or_404(Alert.objects.select_related("device__factory"), request.user, pk, Right.ACT_ON_ALERTS)
    form = form_class(request.POST)
    if form.is_valid():
        deed(alert, by=request.user, now=timezone.now(), **form.cleaned_data)
    else:
        messages.error(request, " ".join(str(why) for errors in form.errors.values() for why in errors))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("alert_detail", args=[alert.pk])
    return redirect(back)
