"""Quantiles that are one of the values."""

import numpy as np
import pytest

from gsctl.dsp.quantiles import quantile


@pytest.mark.parametrize(("count", "share", "rank"), [(1, 0.5, 0), (7, 0.5, 3), (8, 0.5, 4), (100, 0.25, 25)])
def test_the_value_below_which_a_share_lies(count: int, share: float, rank: int) -> None:
    values = np.random.default_rng(1).permutation(count).astype(np.float32)
    assert quantile(values, share) == rank
