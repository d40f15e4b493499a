"""Roots of many functions at once, each in its own bracket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_STEPS = 80


def bracketed_roots(
    function: Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    at_low: NDArray[np.float64],
    at_high: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.float64]:
    """Find one root (n,) in each bracket by Chandrupatla's method.

    T. R. Chandrupatla, Advances in Engineering Software 28 (1997) 145: inverse quadratic
    interpolation where it is safe, bisection elsewhere; also quick beside an extremum, where a
    grazing pass has both of its roots.

    Args:
        function: takes abscissae (m,) and the indices (m,) of their brackets, gives values (m,).
        low: (n,) begin of each bracket.
        high: (n,) end of each bracket.
        at_low: (n,) function there.
        at_high: (n,) function there; its sign differs from that of ``at_low``, else the end that
            is nearer to zero is the answer.
        tolerance: a bracket shorter than twice this is done.
    """
    root = np.where(np.abs(at_low) < np.abs(at_high), low, high)
    active = np.flatnonzero((at_low > 0.0) != (at_high > 0.0))
    x1, x2, f1, f2 = high[active], low[active], at_high[active], at_low[active]
    part = np.full(len(active), 0.5)
    for _ in range(MAX_STEPS):
        if active.size == 0:
            break
        x = x1 + part * (x2 - x1)
        f = function(x, active)
        same = (f > 0.0) == (f1 > 0.0)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        root[active] = np.where(np.abs(f1) < np.abs(f2), x1, x2)
        limit = tolerance / np.maximum(np.abs(x2 - x1), 1e-300)
        going = (limit <= 0.5) & (f1 != 0.0) & (f2 != 0.0)
        active, x1, x2, x3, f1, f2, f3, limit = (
            array[going] for array in (active, x1, x2, x3, f1, f2, f3, limit)
        )
        part = np.clip(_next_part(x1, x2, x3, f1, f2, f3), limit, 1.0 - limit)
    return root


def _next_part(
    x1: NDArray[np.float64],
    x2: NDArray[np.float64],
    x3: NDArray[np.float64],
    f1: NDArray[np.float64],
    f2: NDArray[np.float64],
    f3: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How far to go from x1 to x2: by inverse quadratic interpolation where it is safe, else half."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
        safe = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
        quadratic = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
    return np.where(safe & np.isfinite(quadratic), quadratic, 0.5)


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
