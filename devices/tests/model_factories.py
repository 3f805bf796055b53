"""Makers of single rows of devices; `cast.make_device` registers a whole device with unit, profile and key."""

from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from devices.keys import new_key
from devices.models import Device, DeviceKey, DeviceProfile, Hardware
from devices.tests.cast import REGISTERED_AT
from factories.tests.cast import FactoryMaker


class DeviceMaker(DjangoModelFactory):
    """A device without unit, profile and key."""

    class Meta:
        model = Device

    factory = SubFactory(FactoryMaker)
    device_id = Sequence(lambda n: f"ESP32-{n:03}")
    device_name = Sequence(lambda n: f"Measuring point {n}")


class DeviceProfileMaker(DjangoModelFactory):
    class Meta:
        model = DeviceProfile

    device = SubFactory(DeviceMaker)
    valid_from = REGISTERED_AT


class HardwareMaker(DjangoModelFactory):
    class Meta:
        model = Hardware

    device = SubFactory(DeviceMaker)
    unit = SelfAttribute("device.device_id")
    fitted_at = REGISTERED_AT


class DeviceKeyMaker(DjangoModelFactory):
    """A key of a device; with `device=None` and a `factory`, a gateway key."""

    class Meta:
        model = DeviceKey

    class Params:
        generated = LazyFunction(new_key)

    device = SubFactory(DeviceMaker)
    factory = SelfAttribute("device.factory")
    prefix = LazyAttribute(lambda key: key.generated.prefix)
    secret_hash = LazyAttribute(lambda key: key.generated.secret_hash)
