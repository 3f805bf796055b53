"""Worked examples to start from: published ones, and those made by hand for what they leave out."""

from functools import cache
from pathlib import Path

import calculations
from calculations import strict_json

FOLDER = Path(calculations.__file__).parent / "examples"


@cache
def available_examples() -> dict[str, tuple[str, str]]:
    """{name: (scheme, title)}, in the order they are listed."""
    examples = {}
    for path in sorted(FOLDER.glob("*.json")):
        scheme = path.stem.split("-")[0]
        examples[path.stem] = scheme, strict_json.parse(path.read_bytes())["title"]
    return examples


def text_of(name: str) -> str:
    """The example's JSON. Raises KeyError for a name that is not offered."""
    if name not in available_examples():
        raise KeyError(name)
    return (FOLDER / f"{name}.json").read_text()
