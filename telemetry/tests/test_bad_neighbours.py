"""Parcels stored together, one of which nobody could store: the others are no worse off than alone."""

import pytest
from django.db import IntegrityError

from devices.tests.cast import registered
from factories.tests.cast import FactoryMaker
from telemetry import store as storing
from telemetry.hold import Held, Reason
from telemetry.metrics import STORED
from telemetry.models import Quarantined, Reading
from telemetry.partitions import ensure_span
from telemetry.store import Parcel, Row, store, store_together

pytestmark = pytest.mark.django_db(transaction=True)
MISSING = 10**9  # no device has this primary key


@pytest.fixture
def hammer(now):
    ensure_span(now, now)
    storing.repeaters.clear()
    return registered(FactoryMaker(name="Steel Forge"))


def good(device, now):
    values = tuple(850.5 if name == "temperature" else None for name in STORED)
    return Parcel([Row(device.pk, device.factory_id, now, now, 0, 0, values, None, {})], [], now, None)


def bad(device, now, detail="its device was deleted meanwhile"):
    return Parcel([], [Held(device.factory_id, MISSING, Reason.INVALID, detail, {})], now, None)


def test_what_only_the_commit_refuses_is_refused_alone(hammer, now):
    """A foreign key is checked at the very end, when all of them have been written."""
    assert store_together([good(hammer, now), bad(hammer, now)]) == [None, None]  # so each tries alone
    assert not Reading.objects.exists()
    assert store(good(hammer, now).rows, now=now).accepted == 1
    with pytest.raises(IntegrityError):
        store([], bad(hammer, now).held, now=now)
    assert not Quarantined.objects.exists()


@pytest.mark.xfail(
    strict=True,
    raises=ValueError,
    reason="store_together lets only database errors fall back to one by one: any other error of one parcel fails all",
)
def test_an_error_of_our_own_in_one_parcel_is_nobody_elses(hammer, now, monkeypatch):
    def hold(cursor, held, at):
        if any(one.detail == "odd" for one in held):
            raise ValueError("what nobody thought of")

    monkeypatch.setattr(storing, "hold", hold)
    assert store_together([good(hammer, now), bad(hammer, now, "odd")]) == [None, None]
