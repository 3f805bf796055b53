"""Worked examples to start from: published ones, and those made by hand for what they leave out."""

from functools import cache
from pathlib import Path

from reports.calculations import structure

FOLDER = Path(__file__).resolve().parent.parent / "examples"


@cache
def offered() -> dict[str, tuple[str, str]]:
    """{name: (scheme, title)}, in the order they are listed."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        scheme = path.stem.split("-")[0]
        found[path.stem] = scheme, structure.parse(path.read_bytes())["title"]
    return found


def text_of(name: str) -> str:
    """The example's JSON. Raises KeyError for a name that is not offered."""
    if name not in offered():
        raise KeyError(name)
    return (FOLDER / f"{name}.json").read_text()
