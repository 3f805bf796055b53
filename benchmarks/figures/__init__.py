"""Every figure of the table, in its order. A module for each kind of work."""

from benchmarks.figures import charts, digesting, posts, room, sums, writing

FIGURES = [*posts.FIGURES, *writing.FIGURES, *digesting.FIGURES, *charts.FIGURES, *sums.FIGURES, *room.FIGURES]
