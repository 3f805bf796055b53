"""Every figure of the table, in its order. A module for each kind of work."""

from benchmarks.figures import posts, writing

FIGURES = [*posts.FIGURES, *writing.FIGURES]
