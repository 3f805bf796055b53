"""`python -m benchmarks.detectors`: print the table and write it into docs/detectors.md."""

import argparse
import os
import sys
from datetime import UTC, datetime

from benchmarks.databases import ROOT

MARK = "<!-- table: python -m benchmarks.detectors -->"


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detectors", description=__doc__)
    parser.add_argument("--machines", type=int, default=40, help="of each fault, and without any")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
    os.environ.setdefault("CARBONSEED_MODE", "development")
    import django

    django.setup()
    from benchmarks.detectors.scoring import table

    text = table(options.machines)
    sys.stdout.write(text)
    if not options.no_write:
        page = ROOT / "docs/detectors.md"
        before = page.read_text().split(MARK)[0]
        page.write_text(f"{before}{MARK}\n\nMeasured on {datetime.now(UTC):%d %B %Y}, seed 0.\n\n{text}")


main()
