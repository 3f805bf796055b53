"""The page that shows a new key's text, once."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from devices import snippets
from devices.models import DEFAULT_INTERVAL_S


def key_response(request, text, factory, device=None) -> HttpResponse:
    """The page with the key and snippets that use it; not cacheable."""
    url = request.build_absolute_uri("/ingest")
    profile = device.profiles.order_by("-valid_from").first() if device else None
    device_id = device.device_id if device else "ESP32-SF-001"
    context = {
        "device": device,
        "factory_of_key": factory,
        "key": text,
        "curl": snippets.curl(url, text, device_id),
        "sketch": snippets.sketch(url, text, device_id, profile.interval_s if profile else DEFAULT_INTERVAL_S),
        "back": reverse("machine_keys", args=[device.pk]) if device else reverse("gateway_keys"),
    }
    response = render(request, "devices/key_shown.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
