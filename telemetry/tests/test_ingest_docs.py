"""The examples at the beginning of docs/ingest.md, as the endpoint answers them."""

import json
import re

from django.conf import settings

PAGE = (settings.BASE_DIR / "docs" / "ingest.md").read_text()


def test_the_first_example_works_as_printed(post, device):
    body = re.search(r"-d '([^']+)'", PAGE)[1]
    printed = re.search(r"```json\n(.+)\n```", PAGE)[1]
    answer = post(body, device.key)
    assert answer.status_code == 201
    assert answer.json().keys() == json.loads(printed).keys()


def test_every_metric_and_status_stands_there():
    from telemetry.ingest.views import RESPONSES
    from telemetry.metrics import METRIC_NAMES

    assert not [name for name in METRIC_NAMES if name not in PAGE and name.replace("vibration", "") not in PAGE]
    assert not [code for code in RESPONSES if f"| {code} |" not in PAGE]


def test_every_other_name_stands_there():
    from telemetry.payloads.names import ALIASES_OF, KEY_FIELD, squeeze

    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    named = {squeeze(name) for row in rows for name in re.findall(r"`([a-z0-9_]+)`", row)}
    spellings = [spelling for field in ALIASES_OF if field != KEY_FIELD for spelling in ALIASES_OF[field]]
    aliases = {spelling.partition(" ")[0] for spelling in spellings}
    assert aliases - named == set()
