"""`manage.py calculate cbam|pat FILE`: the reports' calculations on a file, without a database."""

import sys
from decimal import Decimal
from pathlib import Path

import msgspec
from django.core.management.base import BaseCommand, CommandError

from calculations import strict_json
from calculations.cbam import json_input as cbam
from calculations.pat import json_input as pat
from calculations.validation import BLOCKS, Case, findings_of

SCHEMES = {"cbam": cbam, "pat": pat}
MAX_BYTES = 16 * 2**20
NOISE_T = Decimal("0.000001")  # binary representation of the file's numbers, not rounding
JSON = msgspec.json.Encoder(decimal_format="number")


class Command(BaseCommand):
    help = "Work out a CBAM or PAT input file (docs/calculations.md has its format) and print the figures as JSON."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("scheme", choices=sorted(SCHEMES))
        parser.add_argument("file", metavar="FILE", help="a JSON file; - is standard input")

    def handle(self, *, scheme, file, **options) -> None:
        try:
            data = strict_json.parse(read_file(file))
            result = SCHEMES[scheme].work_out(data)
        except strict_json.StructureError as error:
            raise CommandError(f"{file} cannot be calculated:\n{error}") from None
        if scheme == "cbam":
            self.warn_about_difference(result.reconciliation)
        self.print_findings(findings_of(scheme, Case(SCHEMES[scheme].completed(data, result), result)))
        figures = plain(SCHEMES[scheme].figures(result))
        self.stdout.write(msgspec.json.format(JSON.encode(figures)).decode())

    def print_findings(self, findings) -> None:
        """What the rules of the reports object to, on standard error."""
        for finding in findings:
            word = "a report with it cannot become final" if finding.severity == BLOCKS else "warning"
            self.stderr.write(f"{finding.rule} ({word}), {finding.place}: {finding.sentence}")

    def warn_about_difference(self, reconciliation) -> None:
        """Processes may differ from the installation's total by rounding; reports require at most 0.5 %."""
        if abs(reconciliation.difference_t) > NOISE_T:
            verdict = "within 0.5 %" if reconciliation.adds_up else "above 0.5 %: a report with it cannot become final"
            self.stderr.write(
                f"Installation and processes differ by {reconciliation.difference_t:.6g} t CO2e "
                f"({reconciliation.difference_pct:.3g} %), {verdict}."
            )


def plain(value):
    """Decimals without trailing zeros and exponents, recursively."""
    if isinstance(value, Decimal):
        return Decimal(format(value.normalize(), "f"))
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, list) else value


def read_file(file) -> bytes:
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise CommandError(f"{file} is larger than {MAX_BYTES // 2**20} MB.")
    return content
