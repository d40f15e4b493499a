"""Pulse shapes as tables over time in symbols.

A table has ``STEPS`` rows a symbol; row r holds, for a time r/STEPS into the current symbol, the
weight of each symbol from ``span`` before to ``span`` after it. A burst is then one matrix
product, and samples at any rate come from it by linear interpolation.
"""

from __future__ import annotations

from math import erf, exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

# Linear interpolation between 64 points a symbol is 65 dB below the signal at worst.
STEPS = 64

Table = NDArray[np.float64]


def root_raised_cosine(time: Table, excess_bandwidth: float) -> Table:
    """The root-raised-cosine pulse with unit energy per symbol; ``time`` in symbols.

    Source: Proakis, Digital Communications, eq. 9.2-27 in its time-domain form.
    """
    beta = excess_bandwidth
    if beta == 0.0:
        return np.sinc(time)
    steep = 4.0 * beta * time
    pole = np.isclose(np.abs(steep), 1.0, atol=1e-9)
    origin = np.isclose(time, 0.0, atol=1e-12)
    safe = np.where(pole | origin, 0.123, time)
    top = np.sin(pi * safe * (1 - beta)) + 4 * beta * safe * np.cos(pi * safe * (1 + beta))
    pulse = top / (pi * safe * (1 - (4 * beta * safe) ** 2))
    at_pole = (beta / sqrt(2)) * (
        (1 + 2 / pi) * np.sin(pi / (4 * beta)) + (1 - 2 / pi) * np.cos(pi / (4 * beta))
    )
    return np.where(origin, 1 - beta + 4 * beta / pi, np.where(pole, at_pole, pulse))


def gaussian_phase(time: Table, bt: float | None) -> Table:
    """Phase that one symbol has added by ``time``, as a fraction of its whole turn: 0 to 1.

    The integral of the frequency pulse of GMSK: a rectangle of one symbol, centred on zero,
    through a Gaussian filter of 3 dB bandwidth ``bt`` / T; None is unfiltered.
    Source: Murota and Hirade, IEEE Trans. Commun. COM-29 (1981).
    """
    if bt is None:
        return np.clip(time + 0.5, 0.0, 1.0)
    sigma = sqrt(log(2.0)) / (2 * pi * bt)

    def ramp(at: float) -> float:
        """Integral of the Gaussian distribution function."""
        unit = at / sigma
        return at * 0.5 * (1 + erf(unit / sqrt(2))) + sigma * exp(-unit * unit / 2) / sqrt(2 * pi)

    return np.array([ramp(at + 0.5) - ramp(at - 0.5) for at in time.ravel()]).reshape(time.shape)


def _offsets(span: int) -> tuple[Table, Table]:
    """Time into the symbol (column) and the symbols around it (row); symbol k has its middle at k."""
    into = np.arange(STEPS)[:, None] / STEPS
    return into, np.arange(-span, span + 1)[None, :].astype(np.float64)


def root_raised_cosine_table(excess_bandwidth: float, span: int) -> Table:
    """(STEPS, 2 span + 1) weights, scaled so that random symbols give unit mean power."""
    into, symbols = _offsets(span)
    table = root_raised_cosine(into - symbols, excess_bandwidth)
    return np.asarray(table / sqrt(float(np.mean(np.sum(table**2, axis=1)))))


def gaussian_phase_table(bt: float | None, span: int) -> Table:
    """(STEPS, 2 span + 1) weights: the part of each symbol's turn that lies behind."""
    into, symbols = _offsets(span)
    return gaussian_phase(into - symbols, bt)


def shape(levels: NDArray[np.float64], table: Table) -> Table:
    """Levels (n,) through a table: the waveform at STEPS points a symbol, ((n + 2 span) STEPS,).

    Point 0 lies ``span`` symbols before the middle of symbol 0; outside the burst the level is 0.
    """
    span = (table.shape[1] - 1) // 2
    padded = np.concatenate([np.zeros(2 * span), levels, np.zeros(2 * span)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * span + 1)
    return np.asarray((windows @ table.T).ravel())
