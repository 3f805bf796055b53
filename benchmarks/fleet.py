"""Factories, devices and keys of a run."""

from datetime import timedelta

SENDERS = 64  # one for each connection of the single posts
INTERVAL_S = 300
ADMIN, OWNER, PASSWORD = "admin@bench.example", "owner@bench.example", "a-long-enough-password-42"


def register(factory_name, prefix, count, now, interval_s=INTERVAL_S) -> list[dict]:
    """A factory with devices → {pk, device_id, key} each. Their profile holds for all of their history."""
    from devices.provisioning import register_device
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


def make_people():
    """Somebody who may look at every factory."""
    from factories.membership_changes import enrol
    from factories.roles import Role

    enrol(email=ADMIN, password=PASSWORD, full_name="Admin", role=Role.ADMIN)


def make_owner(factory_name):
    """Somebody whose overview is this factory's."""
    from factories.membership_changes import enrol
    from factories.models import Factory
    from factories.roles import Role

    factory = Factory.objects.get(name=factory_name)
    enrol(email=OWNER, password=PASSWORD, full_name="Owner", role=Role.OWNER, factory=factory)


def session_cookie(email) -> str:
    """A signed-in browser's cookie."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from factories.models import User

    user, store = User.objects.get(email=email), SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"sessionid={store.session_key}"
