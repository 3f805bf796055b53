"""Filled databases of earlier releases, as rows, and what brings them back: see `snapshot` and `record`."""
