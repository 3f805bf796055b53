"""Page of a signed link: shows the alert, acknowledges by POST, without login."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts import lifecycle
from alerts.notifications import signed_links


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alert_tap(request, token):
    try:
        alert, person = signed_links.verify_token(token)
    except signed_links.InvalidLink as error:
        return add_privacy_headers(render(request, "alerts/signed_link_expired.html", {"why": error}, status=410))
    if request.method == "POST":
        lifecycle.acknowledge(alert, by=person, now=timezone.now())
        return add_privacy_headers(redirect("alert_tap", token=token))
    return add_privacy_headers(render(request, "alerts/signed_link.html", {"alert": alert, "person": person}))


def add_privacy_headers(answer):
    """The URL is a secret: keep it from other sites and search engines."""
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer
