"""Reports with their documents, and calculator scenarios."""

from reports.models.reports import Document, Report, ReportType
from reports.models.scenarios import WhatIf

__all__ = ["Document", "Report", "ReportType", "WhatIf"]
