"""Loads factor data files. A version is loaded once; a changed file under a loaded version is an error."""

import csv
import hashlib
import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.db import transaction

from registers.models.factors import Factor, FactorSet

DATA = Path(__file__).parent / "data"
COLUMNS = ["key", "name", "value", "unit", "place", "valid_from", "valid_to", "is_verified", "note"]
TEXTS = ["slug", "version", "title", "act", "licence", "note"]


class FactorFileError(ValueError):
    """An invalid data file; the message names file and line."""


def load(folder: Path = DATA) -> list[FactorSet]:
    """Load all sets of `folder/sets.toml` not loaded yet → the new sets. Raises FactorFileError."""
    known = {(factor_set.slug, factor_set.version): factor_set.sha256 for factor_set in FactorSet.objects.all()}
    loaded = []
    with transaction.atomic():
        for entry in tomllib.loads((folder / "sets.toml").read_text())["set"]:
            content = (folder / entry["file"]).read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            loaded_sha256 = known.get((entry["slug"], entry["version"]))
            if loaded_sha256 is None:
                loaded.append(load_set(entry, content.decode(), sha256))
            elif loaded_sha256 != sha256:
                raise FactorFileError(
                    f"{entry['file']} changed, but {entry['slug']} {entry['version']} is loaded already: "
                    "give what is new a version and a file of its own."
                )
    return loaded


def load_set(entry, content, sha256) -> FactorSet:
    factor_set = FactorSet.objects.create(
        **{name: entry.get(name, "") for name in TEXTS}, published_on=entry["published_on"], sha256=sha256
    )
    reader = csv.DictReader(content.splitlines())
    if reader.fieldnames != COLUMNS:
        raise FactorFileError(f"{entry['file']}: the columns must be {', '.join(COLUMNS)}.")
    rows = [parse_factor(factor_set, entry, line, row) for line, row in enumerate(reader, start=2)]
    Factor.objects.bulk_create(rows)
    return factor_set


def parse_factor(factor_set, entry, line, row) -> Factor:
    try:
        value = Decimal(row["value"])
        factor = Factor(
            factor_set=factor_set,
            value=value,
            decimals=max(0, -value.as_tuple().exponent),
            valid_from=parse_day(row["valid_from"]) or entry.get("valid_from"),
            valid_to=parse_day(row["valid_to"]) or entry.get("valid_to"),
            is_verified={"yes": True, "no": False}[row["is_verified"]],
            **{name: row[name] for name in ("key", "name", "unit", "place", "note")},
        )
        if not (factor.key and factor.name and factor.unit and factor.place):
            raise ValueError("key, name, unit and place are needed")
    except (InvalidOperation, KeyError, ValueError, TypeError) as error:
        raise FactorFileError(f"{entry['file']}, line {line}: {error}.") from None
    return factor


def parse_day(text):
    return date.fromisoformat(text) if text else None
