"""Reports with their documents and waivers, and calculator scenarios."""

from reports.models.reports import Document, Report, ReportType
from reports.models.scenarios import WhatIf
from reports.models.waivers import Waiver

__all__ = ["Document", "Report", "ReportType", "Waiver", "WhatIf"]
