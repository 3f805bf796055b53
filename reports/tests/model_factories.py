"""Model factories of reports: valid rows by default, so that a test names only the fields it is about."""

from datetime import UTC, date, datetime

from factory import LazyAttribute, SubFactory
from factory.django import DjangoModelFactory

from factories.tests.cast import FactoryMaker
from reports.models import Document, Report, ReportType, WhatIf

AT = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)  # the suite's NOW


class ReportMaker(DjangoModelFactory):
    """A requested report of the week before AT; `lifecycle.run` freezes and prints it."""

    class Meta:
        model = Report

    factory = SubFactory(FactoryMaker)
    report_type = ReportType.WEEKLY
    period_start, period_end = date(2025, 1, 6), date(2025, 1, 12)


class DocumentMaker(DjangoModelFactory):
    """A printed document; its digest is made up, from the report's number."""

    class Meta:
        model = Document

    report = SubFactory(ReportMaker)
    is_final = False
    pdf = b"%PDF-1.7"
    pages = 1
    sha256 = LazyAttribute(lambda document: f"{document.report.pk * 2 + document.is_final:064x}")
    printed_at = AT


class WhatIfMaker(DjangoModelFactory):
    """A saved scenario, whose input has nothing to calculate."""

    class Meta:
        model = WhatIf

    factory = SubFactory(FactoryMaker)
    scheme = WhatIf.Scheme.PAT
    title = "Two shifts"
    text = '{"electricity": {}}'
