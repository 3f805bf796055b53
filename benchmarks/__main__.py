"""`python -m benchmarks`: measure every figure, print the table, write docs/performance.md."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.databases import ROOT, Databases
from benchmarks.sizes import SIZES


def log(text):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="some figures, by their short names; see --list")
    parser.add_argument("--list", action="store_true", help="the short names")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the filled server there for the next run")
    parser.add_argument("--output", type=Path, help="where to write; default: docs/performance.md for a whole full run")
    parser.add_argument("--json", type=Path, help="write the numbers there too")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="carbonseed-bench-"))
    databases = Databases(folder, SIZES[options.size])
    try:
        with databases.running():
            return measure(options, databases)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def measure(options, databases):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
    os.environ |= {"CARBONSEED_MODE": "development", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    from benchmarks import report
    from benchmarks.figures import BENCHMARKS
    from benchmarks.questions import QUESTIONS
    from benchmarks.run import Run

    known_keys = {one.key for one in [*BENCHMARKS, *QUESTIONS]}
    if unknown := set(options.only or []) - known_keys:
        sys.exit(f"error: there is no figure {', '.join(sorted(unknown))}; known are {', '.join(sorted(known_keys))}")

    if options.list:
        sys.stdout.write("\n".join(one.key for one in [*BENCHMARKS, *QUESTIONS]) + "\n")
        return 0
    run = Run(databases, SIZES[options.size], log)
    results, answers = [], []
    for benchmark in select(BENCHMARKS, options.only):
        log(f"measuring {benchmark.key}")
        results.append((benchmark, benchmark.measure(run)))
        log(report.summary_line(*results[-1]))
    for question in select(QUESTIONS, options.only):
        log(f"asking {question.key}")
        answers.append((question, question.measure(run)))
    text = report.document(results, answers, run)
    sys.stdout.write(text)
    output = options.output or (ROOT / "docs/performance.md" if options.size == "full" and not options.only else None)
    if output:
        output.write_text(text)
    if options.json:
        options.json.write_text(
            json.dumps({f.key: {"ours": m.ours.values, "theirs": m.theirs.values} for f, m in results})
        )
    return 0


def select(benchmarks, only):
    return [one for one in benchmarks if not only or one.key in only]


if __name__ == "__main__":
    sys.exit(main())
