"""Requests as the clients of Indian plants send them, byte by byte: taken with the right values, or told what to do."""

import json
from io import BytesIO
from typing import NamedTuple

import pytest

from telemetry.ingest import rate_limits
from telemetry.models import Clock, QuarantineItem, Reading

pytestmark = pytest.mark.sql
NOW_S = 1737023400  # the suite's NOW
FORM = "application/x-www-form-urlencoded"


class Request(NamedTuple):
    body: str = ""
    content_type: str = "application/json"
    method: str = "POST"
    query: str = ""  # beside the key, which stands there too
    key_in: str = "header"  # header, Api-Key, url, body


TAKEN = {
    "Arduino HTTPClient": (
        Request('{"device_id":"ESP32-SF-001","temperature":25.5,"humidity":45.2}'),
        {"temperature": 25.5, "humidity": 45.2},
    ),
    "Arduino HTTPClient without a type": (Request('{"temperature":25.5}', ""), {"temperature": 25.5}),
    "Arduino HTTPClient, form": (
        Request("temperature=25.5&humidity=45.2", FORM),
        {"temperature": 25.5, "humidity": 45.2},
    ),
    "form without a type": (Request("temperature=25.5&humidity=45.2", ""), {"temperature": 25.5, "humidity": 45.2}),
    "JSON under a form's type": (Request('{"temperature":25.5}', FORM), {"temperature": 25.5}),
    "JSON under no type that is known": (Request(' {"temperature":25.5}', "image/png"), {"temperature": 25.5}),
    "multipart of curl -F": (
        Request(
            '--x7\r\nContent-Disposition: form-data; name="temperature"\r\n\r\n25.5\r\n--x7--\r\n',
            "multipart/form-data; boundary=x7",
        ),
        {"temperature": 25.5},
    ),
    "short names": (
        Request('{"temp":31,"hum":40,"power":12.5,"kwh":123.4}'),
        {"temperature": 31, "humidity": 40, "power_consumption": 12.5, "energy_kwh": 123.4},
    ),
    "other spellings": (
        Request('{"Temperature":31,"POWER_CONSUMPTION":12.5,"gasIndex":300}'),
        {"temperature": 31, "power_consumption": 12.5, "gas_index": 300},
    ),
    "values with units": (
        Request('{"temperature":"25.5 °C","power_consumption":"32.5 kW","energy_kwh":"123400 Wh"}'),
        {"temperature": 25.5, "power_consumption": 32.5, "energy_kwh": 123.4},
    ),
    "ESP32 tutorial, GET": (
        Request(method="GET", query="temperature=31.4&power_consumption=32.5", key_in="url"),
        {"temperature": 31.4, "power_consumption": 32.5},
    ),
    "Tasmota WebSend, GET": (
        Request(method="GET", query="temperature=31.4&humidity=48.2", key_in="url"),
        {"temperature": 31.4, "humidity": 48.2},
    ),
    "Tasmota WebSend, POST": (
        Request("temperature=31.4&humidity=48.2", FORM, key_in="url"),
        {"temperature": 31.4, "humidity": 48.2},
    ),
    "POST with its fields in the address": (
        Request(query="temperature=31.4&humidity=48.2", key_in="url"),
        {"temperature": 31.4, "humidity": 48.2},
    ),
    "Shelly H&T": (
        Request(method="GET", query="hum=48&temp=31.5&id=shellyht-ABC123", key_in="url"),
        {"temperature": 31.5, "humidity": 48},
    ),
    "Shelly webhook": (Request(method="GET", query="temperature=31.5", key_in="url"), {"temperature": 31.5}),
    "Shelly script": (
        Request('{"temperature":31.5,"power_consumption":0.746}', key_in="url"),
        {"temperature": 31.5, "power_consumption": 0.746},
    ),
    "ESPHome": (Request('{"temperature":850.5,"humidity":null}'), {"temperature": 850.5}),
    "ESPHome under text/plain": (Request('{"temperature":"850.500000"}', "text/plain"), {"temperature": 850.5}),
    "MicroPython prints nan": (Request('{"humidity": 45.0, "temperature": nan}'), {"humidity": 45.0}),
    "Home Assistant": (
        Request('{"timestamp":"2025-01-16T10:30:00Z","temperature":"850.5","power_consumption":"32.5"}'),
        {"temperature": 850.5, "power_consumption": 32.5},
    ),
    "Home Assistant, unavailable": (
        Request('{"temperature":"unavailable","power_consumption":"32.5"}'),
        {"power_consumption": 32.5},
    ),
    "Node-RED": (Request(f'{{"temperature":850.5,"timestamp":{NOW_S}206}}'), {"temperature": 850.5}),
    "Telegraf, transformed": (
        Request(f'[{{"device_id":"ESP32-SF-001","power_consumption":32.5,"timestamp":{NOW_S}}}]\n'),
        {"power_consumption": 32.5},
    ),
    "Teltonika, custom format": (
        Request(f'{{"device_id":"ESP32-SF-001","timestamp":"{NOW_S}","power_consumption":"32.5"}}'),
        {"power_consumption": 32.5},
    ),
    "field sketch, key in the address": (
        Request('{"device_id":"ESP32-SF-001","temperature":25.5,"vibration_z":9.81}', key_in="url"),
        {"temperature": 25.5, "vibration_z": 9.81},
    ),
    "Api-Key": (Request('{"temperature":31}', key_in="Api-Key"), {"temperature": 31}),
    "key among the fields": (Request("api_key={key}&temperature=31", FORM, key_in="body"), {"temperature": 31}),
    "key in the object": (Request('{"api_key":"{key}","temperature":31}', key_in="body"), {"temperature": 31}),
    "PUT": (Request('{"temperature":31}', method="PUT"), {"temperature": 31}),
    "CSV": (
        Request("timestamp,temperature,power_consumption\r\n2025-01-16T10:30:00Z,850.5,32.5\r\n", "text/csv"),
        {"temperature": 850.5, "power_consumption": 32.5},
    ),
    "a clock of 1970": (Request('{"timestamp":37,"temperature":31}'), {"temperature": 31}),
    "a clock of MicroPython, 2000": (Request('{"temperature": 31.5, "timestamp": 946686233}'), {"temperature": 31.5}),
}
REFUSED = {
    "Random Nerd Tutorials": (
        Request("api_key={key}&sensor=BME280&value1=24.25&value2=49.54&value3=1005.14", FORM, key_in="body"),
        ["sensor, value1", "temperature, gas_index"],
    ),
    "flat meter JSON, Indian time": (
        Request('{"timestamp":"2025-01-16 16:00:00","V_LN_Avg":231.2,"KW_Total":39.1,"KWH_Total":123456.7}'),
        ["no offset", "+05:30"],
    ),
    "flat meter JSON": (Request('{"V_LN_Avg":231.2,"I_Avg":61.0,"PF_Avg":0.93}'), ["seen: V_LN_Avg, I_Avg"]),
    "time without offset": (Request('{"timestamp":"2025-01-16T16:00:00","temperature":31}'), ["add Z", "+05:30"]),
    "Tasmota, energy": (
        Request('{"Time":"2025-01-16T16:00:00","ENERGY":{"Total":1234.567,"Power":746,"Voltage":231}}'),
        ["`ENERGY` is an object one level down that holds Power: map it"],
    ),
    "Tasmota, sensor": (
        Request('{"Time":"2025-01-16T16:00:00","SI7021":{"Temperature":31.4,"Humidity":48.2},"TempUnit":"C"}'),
        ["`SI7021` is an object one level down that holds Temperature, Humidity: map it"],
    ),
    "ThingsBoard": (
        Request(f'{{"ts":{NOW_S}000,"values":{{"temperature":42.2,"humidity":70}}}}'),
        ["`values` is an object one level down", "metrics are: temperature"],
    ),
    "ThingsBoard, several": (
        Request(
            f'[{{"ts":{NOW_S}000,"values":{{"temperature":42.2}}}},{{"ts":{NOW_S}000,"values":{{"temperature":4}}}}]'
        ),
        ["`values` is an object one level down"],
    ),
    "Telegraf's own JSON": (
        Request(
            f'{{"fields":{{"power_consumption":32.5}},"name":"modbus","tags":{{"host":"gw1"}},"timestamp":{NOW_S}}}\n'
        ),
        ["`fields` is an object one level down that holds power_consumption"],
    ),
    "SenML": (
        Request(
            f'[{{"bn":"urn:dev:ow:1","bt":{NOW_S},"n":"temperature","u":"Cel","v":31.4}}]', "application/senml+json"
        ),
        ["`n` says temperature"],
    ),
    "Sparkplug in JSON": (
        Request(f'{{"timestamp":{NOW_S}000,"metrics":[{{"name":"temperature","value":31.4}}],"seq":2}}'),
        ["`metrics` is a list of objects one level down"],
    ),
    "Teltonika, data to server": (
        Request('[{"id":"1","timestamp":"1737023400","time":"04:00:00","data":"[32.5]","name":"power_consumption"}]'),
        ["`name` says power_consumption"],
    ),
    "TrackSo": (
        Request(f'{{"imei":"860000000000000","time":{NOW_S},"data":{{"power_consumption":32.5}}}}'),
        ["`data` is an object one level down that holds power_consumption"],
    ),
    "The Things Network": (
        Request(
            '{"end_device_ids":{"device_id":"ESP32-SF-001"},"correlation_ids":["as:up:01"],"received_at":"2025-01-16T10:30:00Z",'
            '"uplink_message":{"f_port":1,"decoded_payload":{"temperature":31.4,"humidity":48}}}'
        ),
        ["`uplink_message.decoded_payload` is an object", "temperature, humidity"],
    ),
    "an object of nothing that is known": (
        Request('{"site":"north","values":{"a":1}}'),
        ["`values` is an object one level down: map it; metrics are: temperature"],
    ),
    "collectd": (
        Request('[{"values":[14.77,13.5],"dsnames":["shortterm","midterm"],"time":1737023400.5,"plugin":"load"}]'),
        ["`values` is a list of values"],
    ),
    "JSON inside a form": (Request('data={"temperature":31}', FORM), ["`data` is JSON inside a field"]),
    "Node-RED, a text as a form": (Request("0=&1=", FORM), ["seen: 0, 1"]),
}


@pytest.fixture
def send(client, device, server_clock):
    def send(request):
        headers = {"header": device.key, "Api-Key": {"HTTP_API_KEY": device.key_text}}.get(request.key_in, {})
        query = [f"api_key={device.key_text}"] * (request.key_in == "url") + [request.query] * bool(request.query)
        body = request.body.replace("{key}", device.key_text)
        address = f"/ingest?{'&'.join(query)}" if query else "/ingest"
        return client.generic(request.method, address, body, content_type=request.content_type, **headers)

    return send


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_taken_with_the_right_values(send, device, now, name):
    request, values = TAKEN[name]
    answer = send(request)
    assert (answer.status_code, answer.json()["accepted"]) == (201, 1), answer.content
    assert len(answer.content) < 512
    reading = Reading.objects.get(device=device)
    assert {metric: getattr(reading, metric) for metric in values} == values
    assert abs((reading.at - now).total_seconds()) < 1
    assert device.key_text not in json.dumps(reading.extra)


@pytest.mark.parametrize("name", REFUSED)
def test_a_foreign_format_is_a_422_that_says_what_was_seen_and_is_kept(send, device, name):
    request, words = REFUSED[name]
    answer = send(request)
    assert answer.status_code == 422, answer.content
    assert len(answer.content) < 512
    said = json.dumps(answer.json()["errors"], ensure_ascii=False)
    assert [word for word in words if word not in said] == []
    assert answer.json()["quarantined"] >= 1
    assert not Reading.objects.exists()
    held = QuarantineItem.objects.first()
    assert (held.reason, held.device_id) == ("invalid", device.pk)
    assert device.key_text.encode() not in bytes(held.payload)


LINE_PROTOCOL = "modbus,device_id=ESP32-SF-001,host=gw1 power_consumption=32.5,temperature=850.5 1737023400000000000\n"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (LINE_PROTOCOL, "text/plain; charset=utf-8", "data_format"),
        ("2025-01-16T10:30:00Z,850.5,32.5\n", "text/csv", "first line"),
        ("<t>31</t>", "application/xml", "application/json"),
    ],
)
def test_what_is_no_json_says_what_to_send_and_its_text_is_kept(send, device, body, content_type, words):
    answer = send(Request(body, content_type))
    assert (answer.status_code, words in answer.json()["detail"]) == (415, True)
    assert bytes(QuarantineItem.objects.get(device=device).payload) == body.encode()


def test_what_is_not_even_text_is_only_counted(post, device):
    answer = post(b"\x0a\x9f\x02\x0a\xd7\x01", device.key, "application/x-protobuf")
    assert (answer.status_code, QuarantineItem.objects.count()) == (415, 0)


def test_shellys_own_id_is_no_device_id(send, device):
    answer = send(Request(method="GET", query="temp=31.5&id=shellyht-ABC123", key_in="url"))
    assert answer.json()["warnings"] == ["id: unknown field, kept"]
    assert Reading.objects.get().extra == {"id": "shellyht-ABC123"}


def test_a_reading_in_an_address_is_never_cached(send):
    answer = send(Request(method="GET", query="temperature=31", key_in="url"))
    assert answer["Cache-Control"] == "no-store"
    assert send(Request(method="GET", key_in="url"))["Cache-Control"] == "no-store"


def test_an_address_without_a_reading_is_told_how_one_looks(send):
    answer = send(Request(method="GET", query="format=json"))
    assert (answer.status_code, "?temperature=" in answer.json()["detail"]) == (405, True)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 405), ("DELETE", 405), ("PATCH", 405), ("OPTIONS", 204)])
def test_other_methods_store_nothing(client, device, method, status):
    answer = client.generic(method, "/ingest?temperature=31", **device.key)
    assert (answer.status_code, answer["Allow"]) == (status, "GET, POST, PUT, OPTIONS")
    assert not Reading.objects.exists()


def test_beside_a_body_the_address_fills_what_is_missing(post, device, steel_forge, now):
    from devices.key_issuing import issue_key

    gateway = {"HTTP_X_API_KEY": issue_key(steel_forge, now=now)[1]}
    address = f"/ingest?device_id={device.device_id}&humidity=40"
    assert post([{"temperature": 1}, {"temperature": 2}], gateway, url=address).json()["accepted"] == 2
    assert set(Reading.objects.values_list("device", "humidity")) == {(device.pk, None)}
    post({"temperature": 3, "timestamp": 1737000000}, gateway, url=address)
    assert Reading.objects.get(temperature=3).humidity == 40


def test_a_plus_that_was_not_escaped_is_still_an_offset(send, now):
    answer = send(Request(method="GET", query="temperature=31&timestamp=2025-01-16T16:00:00+05:30", key_in="url"))
    assert answer.status_code == 201
    assert (Reading.objects.get().at, Reading.objects.get().clock) == (now, Clock.DEVICE)


def test_a_csv_of_many_lines_keeps_the_good_ones(post, device):
    body = "timestamp;temp;kW\n2025-01-16T10:28:00Z;31,5;12\n2025-01-16T10:29:00Z;32\n2025-01-16T10:30:00Z;33,5;\n"
    answer = post(body, device.key, "text/csv")
    assert (answer.status_code, answer.json()["accepted"], answer.json()["quarantined"]) == (201, 2, 1)
    stored = list(Reading.objects.order_by("at").values_list("temperature", "power_consumption"))
    assert stored == [(31.5, 12), (33.5, None)]


@pytest.mark.parametrize("key", ["apikey", "api-key", "API_KEY", "X-API-Key"])
def test_the_key_in_the_address_may_be_spelled_otherwise(client, device, key):
    answer = client.post(f"/ingest?{key}={device.key_text}", '{"temperature":31}', content_type="application/json")
    assert (answer.status_code, answer.wsgi_request.META["QUERY_STRING"]) == (201, "")


def test_a_body_of_unknown_or_great_length_is_not_read_for_a_key(client, device):
    body = f"api_key={device.key_text}&temperature=31".encode()
    chunks = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert client.generic("POST", "/ingest", "", content_type=FORM, **chunks).status_code == 401
    assert client.post("/ingest", body + b"&note=" + b"x" * 5000, content_type=FORM).status_code == 401


def test_a_wrong_key_among_the_fields_is_a_401(client, device):
    body = f"api_key={device.key_text[:-4]}AAAA&temperature=31"
    assert client.post("/ingest", body, content_type=FORM).status_code == 401


def test_a_reading_in_an_address_waits_like_any_other(send, device, settings, ticks):
    settings.INGEST_DEVICE_RATE, settings.INGEST_DEVICE_BURST = 1.0, 2
    rate_limits.reset()
    get = Request(method="GET", query="temperature=31", key_in="url")
    statuses = [send(get._replace(query=f"temperature={n}")).status_code for n in range(3)]
    refused = send(get)
    assert (statuses[0], refused.status_code, int(refused["Retry-After"]) >= 1) == (201, 429, True)
    assert refused["Cache-Control"] == "no-store"
