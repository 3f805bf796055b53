"""An input with the values that were worked out of other keys in their own places, where the rules look for them."""

from reports.calculations.cbam.installation import Emissions
from reports.calculations.cbam.processes import Process
from reports.calculations.trace import Derived


def completed(data: dict, found: Emissions) -> dict:
    """`data` is what `found` was read from: rows stand in the same order."""
    streams = zip(data["source_streams"], found.streams, strict=True)
    processes = zip(data["processes"], found.installation.processes, strict=True)
    return {
        **data,
        "source_streams": [row | values(entry.stream.derived) for row, entry in streams],
        "processes": [of_process(row, process) for row, process in processes],
    }


def of_process(row: dict, process: Process) -> dict:
    flows = {
        key: row[key] | values(flow.derived)
        for key, flow in (("electricity", process.electricity), ("heat", process.heat))
        if row.get(key)
    }
    return {**row, **values(process.derived), **flows}


def values(derived: Derived) -> dict:
    return {field: step.value for field, step in derived}
