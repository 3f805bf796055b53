"""Devices for tests, registered as the product does it, with the text of their key."""

from datetime import UTC, datetime

from devices.provisioning import register_device

REGISTERED_AT = datetime(2025, 1, 1, tzinfo=UTC)


def make_device(factory, device_id="ESP32-SF-001", now=REGISTERED_AT, **fields):
    """A device with `.key_text` and `.key`, the header that carries it (`client.post(…, **device.key)`)."""
    fields.setdefault("device_name", "Main furnace")
    fields.setdefault("machine_name", fields["device_name"])
    device, text = register_device(factory, device_id=device_id, now=now, **fields)
    device.key_text = text
    device.key = {"HTTP_X_API_KEY": text}
    return device
