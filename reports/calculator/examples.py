"""Worked examples as calculator input: published ones, and further ones for what those do not cover."""

from functools import cache
from pathlib import Path

import calculations
from calculations import strict_json

FOLDER = Path(calculations.__file__).parent / "examples"


@cache
def available_examples() -> dict[str, tuple[str, str]]:
    """{name: (scheme, title)}, in display order."""
    examples = {}
    for path in sorted(FOLDER.glob("*.json")):
        scheme = path.stem.split("-")[0]
        examples[path.stem] = scheme, strict_json.parse(path.read_bytes())["title"]
    return examples


def text_of(name: str) -> str:
    """The example's JSON. Raises KeyError for an unknown name."""
    if name not in available_examples():
        raise KeyError(name)
    return (FOLDER / f"{name}.json").read_text()
