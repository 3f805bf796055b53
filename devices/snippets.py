"""Snippets to copy for a new key: a curl command, and the settings of an ESP32 sketch. Pure."""

import json
import shlex

EXAMPLE = {"temperature": 850.5, "power_consumption": 32.5}


def curl(url, key, device_id) -> str:
    """A curl command that posts one reading."""
    body = json.dumps({"device_id": device_id, **EXAMPLE})
    return (
        f"curl -X POST {shlex.quote(url)} \\\n"
        f"  -H {shlex.quote(f'X-API-Key: {key}')} \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )


def sketch(url, key, device_id, interval_s) -> str:
    """Lines of an Arduino sketch with the server, the device and its key."""
    names = {"SERVER_URL": url, "DEVICE_ID": device_id, "API_KEY": key}
    lines = [f"const char* {name} = {json.dumps(value)};" for name, value in names.items()]
    return "\n".join(
        [
            *lines,
            f"const unsigned long SEND_EVERY_MS = {interval_s}UL * 1000UL;",
            "",
            "// in loop(), with HTTPClient http;",
            "http.begin(SERVER_URL);",
            'http.addHeader("Content-Type", "application/json");',
            'http.addHeader("X-API-Key", API_KEY);',
            "int status = http.POST(body);  // 200 and 201: taken. Otherwise keep the reading and send it again.",
        ]
    )
