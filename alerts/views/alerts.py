"""Pages of alerts: the board, the list of one state, one alert, and what people do about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from alerts import board, escalation, life
from alerts.forms import AlertFilterForm, BulkForm, RemarkForm, ResponseForm, SayingForm, SnoozeForm
from alerts.models import Alert
from factories.access import current_factory, look_at, page, row_or_404
from factories.rights import Right

PAGE = 30
DONE = {
    "acknowledge": ngettext_lazy("%(count)d alert acknowledged.", "%(count)d alerts acknowledged.", "count"),
    "resolve": ngettext_lazy("%(count)d alert resolved.", "%(count)d alerts resolved.", "count"),
}


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
        "snoozing": SnoozeForm(),
        "course": escalation.course_of(alert, now),
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


@require_POST
@page(Right.SEE)
def alert_snooze(request, pk):
    return act(request, pk, life.snooze, SnoozeForm)


@require_POST
@page(Right.ACT_ON_ALERTS)
def alert_bulk(request):
    """One act on the alerts ticked on the board; of this factory only."""
    factory, now = current_factory(request), timezone.now()
    rows = Alert.objects.for_factory(factory).open().select_related("device__factory")
    form = BulkForm(request.POST, alerts=rows)
    if factory is not None and form.is_valid():
        deed = life.acknowledge if form.cleaned_data["act"] == "acknowledge" else life.resolve
        chosen = rows.filter(pk__in=form.cleaned_data["alert"])
        done = life.act_on_all(chosen, deed, by=request.user, now=now, comment=form.cleaned_data["comment"])
        messages.success(request, DONE[form.cleaned_data["act"]] % {"count": done})
    else:
        say_what_is_wrong(request, form)
    return redirect(way_back(request) or "alert_list")


def act(request, pk, deed, form_class):
    rows = Alert.objects.select_related("device__factory", "factory")
    alert, now = row_or_404(rows, request.user, pk, Right.ACT_ON_ALERTS), timezone.now()
    form = form_class(request.POST)
    if form.is_valid():
        deed(alert, by=request.user, now=now, **form.cleaned_data)
    else:
        say_what_is_wrong(request, form)
    return redirect(way_back(request) or reverse("alert_detail", args=[alert.pk]))


def say_what_is_wrong(request, form):
    messages.error(request, " ".join(str(why) for errors in form.errors.values() for why in errors))


def way_back(request):
    """The page of ours that the person came from, or empty."""
    back = request.POST.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
