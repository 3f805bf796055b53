"""What the run ran on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil


def describe(databases) -> str:
    [[version]] = databases.admin("SHOW server_version")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory_gb = psutil.virtual_memory().total / 1e9
    return (
        f"{datetime.now(UTC):%d %B %Y} on {processor()}, {cores} cores, {memory_gb:.0f} GB of memory; "
        f"PostgreSQL {version}, Python {platform.python_version()}, {platform.system()} {platform.release()}."
    )


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
