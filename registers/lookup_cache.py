"""Rows that rows of registers name: products, fuels, machines of one factory, each read once a request."""

from devices.models import Device


class LookupCache:
    """`lines[Fuel]` is {text of the id: row} of the factory's fuels, by name; those no longer in use come last."""

    def __init__(self, factory):
        self.factory = factory
        self._read = {}

    def __getitem__(self, model):
        if model not in self._read:
            rows = model.objects.for_factory(self.factory)
            rows = rows.prefetch_related("profiles", "hardware") if model is Device else rows.with_related()
            rows = rows.select_related("factory")
            ordered = sorted(rows, key=lambda row: (is_retired(row), label_of(row).casefold(), row.pk))
            self._read[model] = {str(row.pk): row for row in ordered}
        return self._read[model]

    def choices(self, model):
        return [
            (pk, f"{label_of(row)} (not in use)" if is_retired(row) else label_of(row))
            for pk, row in self[model].items()
        ]

    def in_use(self, model, first, last):
        """Rows in use on some day from `first` to `last`; of machines, those not archived before."""
        return [row for row in self[model].values() if in_use(row, first, last)]

    def by_name(self, model):
        """{name in small letters: [rows]}: what people write in a spreadsheet."""
        found = {}
        for row in self[model].values():
            for name in {label_of(row).casefold(), str(row).casefold()}:
                found.setdefault(name, []).append(row)
        return found


def label_of(row) -> str:
    """What people call the line."""
    return row.label


def is_retired(row):
    return bool(getattr(row, "archived_at", None) or getattr(row, "used_until", None))


def in_use(row, first, last):
    if isinstance(row, Device):
        fitted_at = min((unit.fitted_at for unit in row.hardware.all()), default=row.created_at)
        return fitted_at.date() <= last and (row.archived_at is None or row.archived_at.date() >= first)
    return row.in_use(first, last) if hasattr(row, "in_use") else True
