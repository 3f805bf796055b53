"""Every figure is really measured, on a few thousand rows. Speed is not tested here."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks.databases import ROOT
from benchmarks.figures import BENCHMARKS


@pytest.mark.slow
def test_every_figure_is_measured(tmp_path):
    output = tmp_path / "figures.json"
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "--size", "smoke", "--json", str(output)]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    results = json.loads(output.read_text())
    assert list(results) == [figure.key for figure in BENCHMARKS]
    numbers = [number for one in results.values() for side in ("ours", "theirs") for number in one[side]]
    assert numbers and min(numbers) > 0
