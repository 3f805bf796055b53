"""Pages of alerts: the board, the list of one state, one alert, and its actions."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from alerts import kanban, lifecycle
from alerts.forms.alerts import (
    AlertFilterForm,
    AlertResponseForm,
    BulkActionForm,
    CommentForm,
    OptionalCommentForm,
    SnoozeForm,
)
from alerts.models import Alert
from alerts.notifications import escalation
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right

PAGE_SIZE = 30
DONE = {
    "acknowledge": ngettext_lazy("%(count)d alert acknowledged.", "%(count)d alerts acknowledged.", "count"),
    "resolve": ngettext_lazy("%(count)d alert resolved.", "%(count)d alerts resolved.", "count"),
}


@requires_right(Right.SEE)
def alert_list(request) -> HttpResponse:
    return render(request, "alerts/list.html", list_context(request))


@requires_right(Right.SEE)
def alert_live(request) -> HttpResponse:
    """The part of the list that htmx polls."""
    return render(request, "alerts/_board.html", list_context(request))


def list_context(request):
    """Template context of the board, or of the paginated list of one state."""
    factory, now = current_factory(request), timezone.now()
    if factory is None:
        return {}
    form = AlertFilterForm(request.GET, factory=factory)
    filters = form.cleaned_data if form.is_valid() else {}
    context = {"form": form, "list_url": list_url(request), "live_query": request.GET.urlencode()}
    if not form.is_valid():
        return context
    if filters["status"]:
        rows = kanban.alerts_of(factory, **filters)
        page_obj = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        return context | {"page_obj": page_obj, "cards": kanban.cards_of(list(page_obj), now)}
    return context | {"columns": kanban.columns(factory, now, **filters)}


def list_url(request):
    """Address of the current list, also when only its live part was fetched: actions on a card return to it."""
    query = request.GET.urlencode()
    return reverse("alert_list") + (f"?{query}" if query else "")


@requires_right(Right.SEE)
def alert_detail(request, pk) -> HttpResponse:
    alert = row_or_404(Alert.objects, request.user, pk, Right.SEE)
    set_current_factory(request, alert.factory)
    [alert] = kanban.alerts_of(alert.factory).filter(pk=alert.pk)
    return render(request, "alerts/detail.html", detail_context(alert, timezone.now()))


def detail_context(alert, now, response=None) -> dict:
    initial = {"assignee": alert.assignee_id, "cause": alert.cause, "action": alert.action}
    return {
        "alert": alert,
        "chart": kanban.chart_of(alert, now),
        "comment_form": CommentForm(),
        "snooze_form": SnoozeForm(),
        "notification_timeline": escalation.notification_timeline(alert, now),
        "response": response or AlertResponseForm(initial=initial, factory=alert.factory, now=now),
    }


@require_POST
@requires_right(Right.SEE)
def alert_respond(request, pk) -> HttpResponse:
    """Set assignee, cause and corrective action."""
    alert, now = row_or_404(Alert.objects, request.user, pk, Right.ACT_ON_ALERTS), timezone.now()
    form = AlertResponseForm(request.POST, factory=alert.factory, now=now)
    if not form.is_valid():
        set_current_factory(request, alert.factory)
        [alert] = kanban.alerts_of(alert.factory).filter(pk=alert.pk)
        return render(request, "alerts/detail.html", detail_context(alert, now, form), status=422)
    lifecycle.respond(alert, by=request.user, now=now, **form.cleaned_data)
    return redirect("alert_detail", alert.pk)


@require_POST
@requires_right(Right.SEE)
def alert_acknowledge(request, pk) -> HttpResponse:
    return apply_transition(request, pk, lifecycle.acknowledge, OptionalCommentForm)


@require_POST
@requires_right(Right.SEE)
def alert_resolve(request, pk) -> HttpResponse:
    return apply_transition(request, pk, lifecycle.resolve, OptionalCommentForm)


@require_POST
@requires_right(Right.SEE)
def alert_comment(request, pk) -> HttpResponse:
    return apply_transition(request, pk, lifecycle.comment, CommentForm)


@require_POST
@requires_right(Right.SEE)
def alert_snooze(request, pk) -> HttpResponse:
    return apply_transition(request, pk, lifecycle.snooze, SnoozeForm)


@require_POST
@requires_right(Right.ACT_ON_ALERTS)
def alert_bulk(request) -> HttpResponse:
    """Acknowledge or resolve the selected alerts of the current factory."""
    factory, now = current_factory(request), timezone.now()
    rows = Alert.objects.for_factory(factory).open().select_related("device__factory")
    form = BulkActionForm(request.POST, alerts=rows)
    if factory is not None and form.is_valid():
        transition = lifecycle.acknowledge if form.cleaned_data["act"] == "acknowledge" else lifecycle.resolve
        selected = rows.filter(pk__in=form.cleaned_data["alert"])
        changed_count = lifecycle.apply_to_all(
            selected, transition, by=request.user, now=now, comment=form.cleaned_data["comment"]
        )
        messages.success(request, DONE[form.cleaned_data["act"]] % {"count": changed_count})
    else:
        add_form_errors(request, form)
    return redirect(return_url(request) or "alert_list")


def apply_transition(request, pk, transition, form_class) -> HttpResponse:
    """Apply a transition with the validated form, and redirect to where the person came from."""
    rows = Alert.objects.select_related("device__factory", "factory")
    alert, now = row_or_404(rows, request.user, pk, Right.ACT_ON_ALERTS), timezone.now()
    form = form_class(request.POST)
    if form.is_valid():
        transition(alert, by=request.user, now=now, **form.cleaned_data)
    else:
        add_form_errors(request, form)
    return redirect(return_url(request) or reverse("alert_detail", args=[alert.pk]))


def add_form_errors(request, form) -> None:
    messages.error(request, " ".join(str(message) for errors in form.errors.values() for message in errors))


def return_url(request):
    """The `next` address where it is one of this site, else ""."""
    back = request.POST.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
