"""The published worked examples, to start from."""

from functools import cache
from pathlib import Path

import calculations
from calculations import strict_json

FOLDER = Path(calculations.__file__).parent / "examples"


@cache
def offered() -> dict[str, tuple[str, str]]:
    """{name: (scheme, title)}, in the order they are listed."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        scheme = path.stem.split("-")[0]
        found[path.stem] = scheme, strict_json.parse(path.read_bytes())["title"]
    return found


def text_of(name: str) -> str:
    """The example's JSON. Raises KeyError for a name that is not offered."""
    if name not in offered():
        raise KeyError(name)
    return (FOLDER / f"{name}.json").read_text()
