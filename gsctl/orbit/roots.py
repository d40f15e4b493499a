"""Roots of many functions at once, each in its own bracket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STEPS = 60


def bracketed_roots(
    function: Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    at_low: NDArray[np.float64],
    at_high: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.float64]:
    """Find one root in each bracket by the Illinois method, which never leaves the bracket.

    Args:
        function: takes abscissae (m,) and the indices (m,) of their brackets, gives values (m,).
        low: (n,) begin of each bracket.
        high: (n,) end of each bracket.
        at_low: (n,) function there.
        at_high: (n,) function there; its sign differs from that of ``at_low``, else the end that
            is nearer to zero is the answer.
        tolerance: a bracket, or a step, shorter than this is done.
    """
    root = np.where(np.abs(at_low) < np.abs(at_high), low, high)
    active = np.flatnonzero((at_low > 0.0) != (at_high > 0.0))
    a, b, fa, fb = low[active], high[active], at_low[active].copy(), at_high[active].copy()
    a, b = a.copy(), b.copy()
    for step in range(MAX_STEPS):
        if active.size == 0:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            x = b - fb * (b - a) / (fb - fa)
        # A bisection now and then bounds the number of steps where the function is lopsided.
        middle = 0.5 * (a + b)
        x = np.where(np.isfinite(x) & (step % 6 != 5), np.clip(x, np.minimum(a, b), np.maximum(a, b)), middle)
        fx = function(x, active)
        moved = np.abs(x - b)
        crosses = (fx > 0.0) != (fb > 0.0)
        a, fa = np.where(crosses, b, a), np.where(crosses, fb, 0.5 * fa)
        b, fb = x, fx
        root[active] = x
        going = (np.abs(b - a) > tolerance) & (fx != 0.0) & ((moved > 0.1 * tolerance) | ~crosses)
        active, a, b, fa, fb = active[going], a[going], b[going], fa[going], fb[going]
    return root


GOLDEN = 0.6180339887498949


def bracketed_maxima(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.float64]:
    """Where each of n functions is largest in its bracket (n,), by golden section: kinks do no harm.

    Args:
        function: takes abscissae (n,), one for each bracket, and gives values (n,).
        low: (n,) begin of each bracket, in which the function has one maximum.
        high: (n,) end of each bracket.
        tolerance: width at which to stop.
    """
    a, b = low.copy(), high.copy()
    width = float((b - a).max()) if a.size else 0.0
    left, right = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
    at_left, at_right = function(left), function(right)
    while width > tolerance:
        go_left = at_left > at_right
        b, a = np.where(go_left, right, b), np.where(go_left, a, left)
        new = np.where(go_left, b - GOLDEN * (b - a), a + GOLDEN * (b - a))
        at_new = function(new)
        left, at_left, right, at_right = (
            np.where(go_left, new, right),
            np.where(go_left, at_new, at_right),
            np.where(go_left, left, new),
            np.where(go_left, at_left, at_new),
        )
        width *= GOLDEN
    return np.where(at_left > at_right, left, right)
