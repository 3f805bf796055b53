"""List tables: sorted by `?sort=…`, shown by `_table.html`, exported by `?export=csv|xlsx` on the page's address."""

from collections.abc import Iterable, Iterator
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.db.models import F
from django.http import FileResponse, HttpRequest
from django.utils.timezone import get_current_timezone_name
from django_tables2.data import TableListData, TableQuerysetData
from django_tables2.utils import A, OrderBy

from core import table_export


class ListColumn(tables.Column):
    """A column of a list.

    Its cells are written by `cell` (a template with `value` and `record`), else the value is shown as it is.
    `css` are the classes of its cells and heading; `is_heading`: its cells name the row. `unit` goes into the heading
    of the export; for moments the time zone does. `is_exported=False`: buttons and links, which are never sorted.
    """

    empty_values = ()

    def __init__(
        self, verbose_name: str, *, cell: str = "", css: str = "", unit: str = "", is_heading: bool = False,
        is_exported: bool = True, is_label_hidden: bool = False, is_moment: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(verbose_name, **{"orderable": is_exported, **options})
        self.cell, self.css, self.unit = cell, css, unit
        self.is_heading, self.is_exported, self.is_moment = is_heading, is_exported, is_moment
        self.is_label_hidden = is_label_hidden

    def render(self, value: Any) -> Any:
        return "" if value is None else value

    @property
    def export_heading(self) -> str:
        unit = get_current_timezone_name() if self.is_moment else self.unit
        return f"{self.verbose_name} ({unit})" if unit else self.verbose_name

    @property
    def heading_css(self) -> str:
        return "num" if "num" in self.css.split() else ""


class MomentColumn(ListColumn):
    """A moment, written with its time of day."""

    def __init__(self, verbose_name: str, **options: Any) -> None:
        super().__init__(verbose_name, **{"cell": "cells/moment.html", "is_moment": True, **options})


class ExportColumn(ListColumn):
    """A column of the export only."""

    def __init__(self, verbose_name: str, **options: Any) -> None:
        super().__init__(verbose_name, **{"visible": False, "orderable": False, **options})


class ActionsColumn(ListColumn):
    """Buttons of a row."""

    def __init__(self, verbose_name: str = "Actions", *, css: str = "text-end", **options: Any) -> None:
        super().__init__(verbose_name, css=css, is_exported=False, is_label_hidden=True, accessor="pk", **options)


class SortedQuerysetData(TableQuerysetData):
    """Sorted by the database: empty values last in either direction, then by primary key, so that pages are stable."""

    data: Any

    def order_by(self, aliases: Iterable[str]) -> None:
        if not (paths := sort_paths(self.table, aliases)):
            return
        if is_descending(aliases):
            self.data = self.data.order_by(*(F(path).desc(nulls_last=True) for path in paths), "-pk")
        else:
            self.data = self.data.order_by(*(F(path).asc(nulls_last=True) for path in paths), "pk")


class SortedListData(TableListData):
    """The same for rows that are in memory."""

    data: Any

    def order_by(self, aliases: Iterable[str]) -> None:
        if not (paths := sort_paths(self.table, aliases)):
            return
        filled = [row for row in self.data if None not in sort_key(row, paths)]
        empty = [row for row in self.data if None in sort_key(row, paths)]
        filled.sort(key=lambda row: sort_key(row, paths), reverse=is_descending(aliases))
        self.data = filled + empty


def sort_paths(table: tables.Table, aliases: Iterable[str]) -> list[str]:
    """The fields of the column that is sorted by: one, the first."""
    return [OrderBy(path).bare for alias in list(aliases)[:1] for path in table.columns[OrderBy(alias).bare].order_by]


def is_descending(aliases: Iterable[str]) -> bool:
    return next(iter(aliases)).startswith("-")


def sort_key(row: Any, paths: list[str]) -> list[Any]:
    values = [A(path).resolve(row, quiet=True) for path in paths]
    return [value.casefold() if isinstance(value, str) else value for value in values]


class ListTable(tables.Table):
    """A list of rows for a page.

    `title` names the list in file names and for screen readers. `empty`: what `_empty.html` shows when there are no
    rows; `empty_text` instead is one quiet row. `export_<column>(record)` gives the value of an exported cell where
    the column's own attribute is not what a spreadsheet should hold. `row_attributes`: a template of the row's
    attributes, with `record`. Several tables of a page have a `prefix` each; `is_part`: one of several that are
    exported together, from links of the page. `address`: of the list, where the page is shown at another one.
    """

    title = "list"
    empty: dict[str, str] = {}
    css = "table table-cards"
    row_attributes = ""
    is_part = False
    per_page: int | None = None

    def __init__(self, data: Any, *, request: HttpRequest, address: str = "", **options: Any) -> None:
        kind = SortedQuerysetData if TableQuerysetData.validate(data) else SortedListData
        super().__init__(kind(data if kind is SortedQuerysetData else list(data)), **options)
        self.request, self.address = request, address
        if wanted := request.GET.get(self.prefixed_order_by_field):
            self.order_by = wanted
        if self.per_page:
            self.paginator = Paginator(self.rows, self.per_page)
            self.page = self.paginator.get_page(request.GET.get(self.prefixed_page_field))

    @property
    def prefixed_export_field(self) -> str:
        return f"{self.prefix}export"

    @property
    def column_count(self) -> int:
        return sum(1 for _ in self.columns)  # it iterates over the visible ones

    def export_response(self) -> FileResponse | None:
        """The whole list as a file where the address asks for one; a format that is unknown shows the page."""
        writer = table_export.WRITERS.get(self.request.GET.get(self.prefixed_export_field, ""))
        return writer(self.title, self.export_columns(), self.export_rows()) if writer else None

    def export_columns(self) -> list[str]:
        return [column.column.export_heading for column in self.columns.all() if column.column.is_exported]

    def export_rows(self) -> Iterator[list[Any]]:
        names = [(column.name, column.accessor) for column in self.columns.all() if column.column.is_exported]
        data = self.data.data
        records = data.iterator(chunk_size=table_export.CHUNK) if isinstance(self.data, SortedQuerysetData) else data
        for record in records:
            yield [self.export_value(name, accessor, record) for name, accessor in names]

    def export_value(self, name: str, accessor: A, record: Any) -> Any:
        if export := getattr(self, f"export_{name}", None):
            return export(record)
        label = getattr(record, f"get_{accessor}_display", None)  # of a choice
        return label() if label else A(accessor).resolve(record, quiet=True)


def first_export(*lists: ListTable) -> FileResponse | None:
    """The file of the table whose export the address asks for, on a page with several."""
    return next((response for table in lists if (response := table.export_response())), None)
