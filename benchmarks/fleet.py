"""Factories, devices and keys of a run."""

from datetime import timedelta

SENDERS = 64  # one for each connection of the single posts
INTERVAL_S = 300


def register(factory_name, prefix, count, now, interval_s=INTERVAL_S) -> list[dict]:
    """A factory with devices → {pk, device_id, key} each. Their profile holds for all of their history."""
    from devices.registration import register_device
    from factories.models import Factory

    factory, _ = Factory.objects.get_or_create(name=factory_name)
    devices = []
    for number in range(1, count + 1):
        device, key = register_device(
            factory,
            device_id=f"{prefix}-{number:03}",
            device_name=f"Sensor {number}",
            machine_name=f"Machine {number}",
            profile={"interval_s": interval_s, "rated_kw": 100.0},
            now=now - timedelta(days=800),
        )
        devices.append({"pk": device.pk, "device_id": device.device_id, "key": key})
    return devices


def register_senders(now) -> list[dict]:
    """The devices that send during a run, with no history of their own."""
    return register("Senders", "ESP32-SN", SENDERS, now)


def make_owner(email="owner@bench.example"):
    """Somebody who may look at every factory."""
    from factories.models import User

    return User.objects.create_superuser(email, "a-long-enough-password-42")


def session_cookie(user) -> str:
    """A signed-in browser's cookie."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"sessionid={store.session_key}"
