"""Devices for tests, registered as the product does it, with the text of their key."""

from datetime import UTC, datetime

from alerts.tests.process_limits import set_process_limits
from devices.provisioning import register_device

REGISTERED_AT = datetime(2025, 1, 1, tzinfo=UTC)


def make_device(factory, device_id="ESP32-SF-001", now=REGISTERED_AT, *, has_process_limits=True, **fields):
    """A device with `.key_text` and `.key`, the header that carries it (`client.post(…, **device.key)`).

    Its people have set process limits for it; without them it has only what every new device gets.
    """
    fields.setdefault("device_name", "Main furnace")
    fields.setdefault("machine_name", fields["device_name"])
    device, text = register_device(factory, device_id=device_id, now=now, **fields)
    if has_process_limits:
        set_process_limits(device)
    device.key_text = text
    device.key = {"HTTP_X_API_KEY": text}
    return device
