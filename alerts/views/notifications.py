"""Page of one's own notifications: preferences, channels, recent deliveries. Everything on it is the person's alone."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from alerts.forms.notifications import PreferenceForm, ServiceForm, WebhookForm
from alerts.models import Channel, Delivery
from alerts.notifications import channel_setup, channel_tests
from alerts.notifications.channels import DeliveryError, messaging_service
from alerts.notifications.recipients import preference_of
from alerts.tables import DeliveryTable


@sensitive_post_parameters("url")
@login_required
@require_http_methods(["GET", "POST"])
def notifications(request):
    """Several forms on one page; the field `form` names the one submitted."""
    form_name, data = request.POST.get("form", ""), request.POST
    preference_forms = [
        preference_form(membership, data if form_name == f"wish-{membership.factory_id}" else None)
        for membership in request.user.memberships.valid().select_related("factory")
    ]
    forms = {
        "service": ServiceForm(data if form_name == "service" else None, person=request.user),
        "webhook": WebhookForm(data if form_name == "webhook" else None, person=request.user),
    }
    for form in preference_forms:
        if form.is_bound and form.is_valid():
            form.save()
            messages.success(request, f"Saved for {form.instance.factory}.")
            return redirect("notifications")
    for kind, form in forms.items():
        if form.is_bound and form.is_valid():
            return add_channel(request, kind, form)
    has_errors = any(form.is_bound for form in [*preference_forms, *forms.values()])
    return render_notifications(request, preference_forms, forms, status=422 if has_errors else 200)


def preference_form(membership, data):
    return PreferenceForm(data, instance=preference_of(membership), prefix=f"w{membership.factory_id}")


def render_notifications(request, preference_forms, forms, status=200, secret=""):
    deliveries = Delivery.objects.filter(recipient=request.user).select_related("alert__factory", "channel")
    recent_deliveries = DeliveryTable(deliveries.order_by("-created_at", "-pk"), request=request)
    context = {
        "preference_forms": preference_forms,
        "service_form": forms["service"],
        "webhook_form": forms["webhook"],
        "services": messaging_service.SERVICES.values(),
        "channels": Channel.objects.for_user(request.user),
        "recent_deliveries": recent_deliveries,
        "secret": secret,
    }
    if export := recent_deliveries.export_response():
        return export
    answer = render(request, "alerts/notifications.html", context, status=status)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


def add_channel(request, kind, form):
    """Add a channel. A webhook's secret is shown this once."""
    channel, secret = channel_setup.add_channel(request.user, kind=kind, hint=form.hint, **form.cleaned_data)
    if not secret:
        messages.success(request, f"{channel} is added. Send a test to see that it works.")
        return redirect("notifications")
    memberships = request.user.memberships.valid().select_related("factory")
    forms = {"service": ServiceForm(person=request.user), "webhook": WebhookForm(person=request.user)}
    return render_notifications(
        request, [preference_form(membership, None) for membership in memberships], forms, secret=secret
    )


def own_channel(request, pk):
    return get_object_or_404(Channel.objects.for_user(request.user), pk=pk)


@require_POST
@login_required
def channel_test(request, pk) -> HttpResponse:
    """Send a test now; the outcome is shown on the page."""
    channel = own_channel(request, pk)
    try:
        channel_tests.send(channel, now=timezone.now())
        messages.success(request, f"{channel}: the test was taken.")
    except DeliveryError as error:
        messages.error(request, f"{channel}: {error}")
    return redirect("notifications")


@require_POST
@login_required
def channel_remove(request, pk) -> HttpResponse:
    channel = own_channel(request, pk)
    channel_setup.remove_channel(channel, now=timezone.now())
    messages.success(request, f"{channel} is removed.")
    return redirect("notifications")


@require_POST
@login_required
def email_test(request) -> HttpResponse:
    try:
        channel_tests.send_mail(request.user)
        messages.success(request, f"A test is on its way to {request.user.email}.")
    except DeliveryError as error:
        messages.error(request, str(error))
    return redirect("notifications")
