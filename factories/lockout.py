"""Lock-out after repeated failed log-ins: the hooks of django-axes."""

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import render

API_LOGIN = "/auth/login"


def lowercase_email(request, credentials) -> str:
    """The e-mail address in lower case, so that ASHA@… and asha@… share one counter."""
    email = (credentials or {}).get("username") or request.POST.get("username") or ""
    return email.lower()


def lockout_response(request, response=None, credentials=None):
    """429 with Retry-After: JSON for API clients, a page for browsers."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    if request.path == API_LOGIN:
        detail = f"Too many failed attempts. Try again in {minutes} minutes, or reset the password."
        reply = JsonResponse({"detail": detail}, status=429)
    else:
        reply = render(request, "registration/locked_out.html", {"minutes": minutes}, status=429)
    reply["Retry-After"] = str(minutes * 60)
    return reply
