"""Angles by a polynomial, against the C library's."""

import numpy as np

from gsctl.dsp.angle_kernels import angle


def test_angles_all_around_and_at_the_edges() -> None:
    turns = np.linspace(-np.pi, np.pi, 4001)
    points = [(np.sin(t) * r, np.cos(t) * r) for t in turns for r in (1e-20, 1.0, 3e7)]
    points += [(0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (-1.0, -1.0)]
    # Just below the negative axis and just above it the sign differs.
    points += [(1e-30, -1.0), (-1e-30, -1.0)]
    for y, x in points:
        assert abs(angle(y, x) - np.arctan2(y, x)) < 3e-8, (y, x)
    assert angle(0.0, 0.0) == 0.0
