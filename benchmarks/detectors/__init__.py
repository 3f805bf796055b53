"""How good the detectors are: precision, recall and delay on made-up machines with known faults.

`python -m benchmarks.detectors` prints the table and writes it into docs/detectors.md. The generator knows nothing of
the detectors: it draws a machine's weeks from its own shifts, loads and noise, and puts one fault into the last day.
"""
