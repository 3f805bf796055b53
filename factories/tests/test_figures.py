"""How shares are written: 100 means all of it."""

import pytest

from factories.figures import share


@pytest.mark.parametrize(
    ("percent", "written"),
    [(None, "–"), (0, "0.0"), (92, "92.0"), (99.6, "99.6"), (99.96, "99.9"), (99.99999999999, "100.0"), (100, "100.0")],
)
def test_a_share_is_cut_so_that_only_the_whole_reads_as_the_whole(percent, written):
    assert share(percent) == written
