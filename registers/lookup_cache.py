"""Per-request cache of the rows that register rows refer to: products, fuels and machines of one factory."""

from devices.models import Device


class LookupCache:
    """`lines[Fuel]` is {id as text: row} of the factory's fuels, sorted by name, retired ones last."""

    def __init__(self, factory) -> None:
        self.factory = factory
        self._cached = {}

    def __getitem__(self, model):
        if model not in self._cached:
            rows = model.objects.for_factory(self.factory)
            rows = rows.prefetch_related("profiles", "hardware") if model is Device else rows.with_related()
            rows = rows.select_related("factory")
            ordered = sorted(rows, key=lambda row: (is_retired(row), label_of(row).casefold(), row.pk))
            self._cached[model] = {str(row.pk): row for row in ordered}
        return self._cached[model]

    def choices(self, model) -> list:
        return [
            (pk, f"{label_of(row)} (not in use)" if is_retired(row) else label_of(row))
            for pk, row in self[model].items()
        ]

    def in_use(self, model, first, last) -> list:
        """Rows in use on any day from `first` to `last`; machines archived before `first` are left out."""
        return [row for row in self[model].values() if in_use(row, first, last)]

    def by_name(self, model):
        """{case-folded name: [rows]}, for names typed in a spreadsheet."""
        rows_by_name = {}
        for row in self[model].values():
            for name in {label_of(row).casefold(), str(row).casefold()}:
                rows_by_name.setdefault(name, []).append(row)
        return rows_by_name


def label_of(row) -> str:
    """The display name of a referenced row."""
    return row.label


def is_retired(row) -> bool:
    return bool(getattr(row, "archived_at", None) or getattr(row, "used_until", None))


def in_use(row, first, last):
    if isinstance(row, Device):
        fitted_at = min((unit.fitted_at for unit in row.hardware.all()), default=row.created_at)
        return fitted_at.date() <= last and (row.archived_at is None or row.archived_at.date() >= first)
    return row.in_use(first, last) if hasattr(row, "in_use") else True
