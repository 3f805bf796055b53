"""Every figure of the table, in its order. A module for each kind of work."""

from benchmarks.figures import batches, charts, digest, posts, resources, sums

BENCHMARKS = [
    *posts.BENCHMARKS,
    *batches.BENCHMARKS,
    *digest.BENCHMARKS,
    *charts.BENCHMARKS,
    *sums.BENCHMARKS,
    *resources.BENCHMARKS,
]
