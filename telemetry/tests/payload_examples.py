"""Payloads of a device, at the suite's NOW."""

EXAMPLE = {
    "device_id": "ESP32-SF-001",
    "timestamp": "2025-01-16T10:30:00Z",
    "temperature": 850.5,
    "gas_index": 320.0,
    "vibration_x": 2.1,
    "vibration_y": 1.8,
    "vibration_z": 2.3,
    "humidity": 45.0,
    "pressure": 1013.2,
    "power_consumption": 32.5,
}


def reading_payload(minute=30, **fields):
    """A reading of the day at 10:`minute` UTC."""
    return {"timestamp": f"2025-01-16T10:{minute:02}:00Z", **(fields or {"temperature": 850.5})}


def response_counts(answer):
    body = answer.json()
    return answer.status_code, body["accepted"], body["duplicates"], body["quarantined"]
