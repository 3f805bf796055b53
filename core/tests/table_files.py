"""What tests of list tables share: reading exports, counting queries."""

import csv
from io import BytesIO, StringIO

import openpyxl
from django.db import connection
from django.test.utils import CaptureQueriesContext


def csv_rows(response) -> list[list[str]]:
    return list(csv.reader(StringIO(response.getvalue().decode("utf-8-sig"))))


def xlsx_rows(response) -> list[tuple]:
    return list(openpyxl.load_workbook(BytesIO(response.getvalue())).active.values)


def count_queries(client, address) -> int:
    """Queries of the page or the whole file."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code == 200
        assert b"".join(response)
    return len(queries)
