"""Statements written by hand: fetch all rows, and turn rows into the lists `unnest` takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection


def fetch_all(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def unnest_columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into the lists `unnest` takes; as many empty ones when there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
