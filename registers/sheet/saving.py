"""Saving the submitted rows of a sheet, and copying the lines of last month."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import transaction

from calculations.periods import months_later
from registers.sheet.cells import BLANK, line_key
from registers.sheet.optimistic_lock import check_form_version


def submitted_rows(sheet, keys) -> Iterator:
    """The sheet's rows with these keys; a blank row may have any number."""
    known = {grid_row.key: grid_row for grid_row in sheet.rows}
    for key in keys:
        if key in known:
            yield known[key]
        elif re.fullmatch(rf"{BLANK}\d{{1,4}}", key) and sheet.blank_rows():
            yield sheet.blank_row(key)


def save_rows(sheet, data, keys) -> tuple:
    """Save the changed rows independently of each other → (saved, faulty)."""
    saved, faulty = [], []
    for grid_row in submitted_rows(sheet, keys):
        form = grid_row.bind_form(data)
        if not form.has_changed():
            grid_row.form = None
        elif save_form(form):
            grid_row.saved = True
            saved.append(grid_row)
        else:
            faulty.append(grid_row)
    return saved, faulty


def save_form(form) -> bool:
    """Save the form's row → whether it worked; otherwise the form has the errors, also of a lock or a newer version."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            check_form_version(form)
            form.save()
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


def is_line_in_use(sheet, row):
    """Whether the line of last month's row is still in use in the sheet's month."""
    line = getattr(row, sheet.register.expected_per, None) if sheet.register.expected_per else None
    return line is None or line in sheet.lines.in_use(type(line), sheet.period.start, sheet.period.end)


def copy_last_month(sheet) -> int:
    """Create rows for the lines of last month that are missing in this one → their number.

    Carries over the fields in `carry_forward` (calorific values, closing stocks as opening stocks); quantities made,
    bought or used stay blank. Raises ValidationError, and then copies nothing.
    """
    register, month = sheet.register, sheet.period.start
    last_month_rows = (
        register.model.objects.for_factory(sheet.factory).with_related().filter(month=months_later(month, -1))
    )
    existing_keys = {line_key(row) for row in sheet.stored}
    count = 0
    with transaction.atomic():
        for row in last_month_rows:
            if line_key(row) in existing_keys or not is_line_in_use(sheet, row):
                continue
            carried_values = {into: getattr(row, name) for into, name in register.carry_forward.items()}
            line = {name: getattr(row, name) for name in register.identity}
            new = register.new_row(sheet.factory, month=month, **line, **carried_values)
            new.full_clean()
            new.save()
            count += 1
    return count
