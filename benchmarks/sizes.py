"""How much data a run works on."""

from typing import NamedTuple


class Size(NamedTuple):
    name: str
    shared_buffers: str  # of the scratch PostgreSQL
    devices: int  # of the small database's factory, one reading every five minutes
    days: int  # of history; 0: from the start of this month last year
    factories: int  # the large database holds so many factories like the small one's
    dense_interval_s: int  # of the one device that sends often
    export_rows: int
    xlsx_rows: int  # read for XLSX, which takes longer
    rounds: int  # of A and B in turn; medians are reported
    posts_s: float  # seconds of a round of single posts
    posts: int  # requests made ready for a round, more than can be sent
    batch_rows: int  # readings in a round of batches
    repeats: int  # of a query or a request in a round
    live_moments: int  # moments at which readings come and are digested at once, for the disk figure
    probes: int  # readings beyond a limit whose alerts are waited for, with and without load
    rule_machines: int  # machines with ten rules each
    worker_starts_s: float
    buffer_devices: int  # of another factory, which send what they buffered while alerts are waited for
    buffer_s: float


FULL = Size(
    "full", "1GB", 50, 0, 9, 10, 5_000_000, 500_000, 5, 8.0, 64_000, 400_000, 9, 288, 40, 1_000, 10.0, 2_000, 20.0
)
SMOKE = Size("smoke", "128MB", 3, 10, 2, 60, 4_000, 1_000, 1, 0.5, 2_000, 2_000, 1, 6, 2, 20, 4.0, 8, 0.5)
SIZES = {size.name: size for size in (FULL, SMOKE)}
