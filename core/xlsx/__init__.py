"""The XLSX workbooks of the service: one streaming writer (`writer`, `pages`) and one bounded reader (`reader`)."""

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
