"""The model of a binary CPM signal: frequency pulse, phase pulse, symbol templates.

Continuous phase modulation (Anderson, Aulin and Sundberg, *Digital Phase
Modulation*, 1986, chapter 2): the phase is ``2 pi h sum a_i q(t - i T)`` with
``a_i`` of +1 or -1, modulation index ``h`` (twice the deviation divided by the
symbol rate) and a phase pulse ``q`` that rises from 0 to 1/2. GFSK, GMSK, MSK
and unfiltered FSK differ in ``h`` and ``q`` only.
"""

from __future__ import annotations

from functools import lru_cache
from math import erf, exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

SAMPLES_PER_SYMBOL = 4  # the bandwidth of these signals is well inside +-2 symbol rates
PATTERNS = 8  # three bits: the symbol before, this one, the one after

# Every filter met on the air, from AIS and GSM through G3RUH modems to none at all.
BT_CHOICES: tuple[float | None, ...] = (0.3, 0.5, 1.0, None)


def modulation_index(deviation_hz: float, symbol_rate_bd: float) -> float:
    """``h``: how many half turns one symbol adds to the phase."""
    return 2.0 * abs(deviation_hz) / symbol_rate_bd


def _ramp(x: float) -> float:
    """Integral of the normal distribution function."""
    return 0.5 * x * (1.0 + erf(x / sqrt(2.0))) + exp(-0.5 * x * x) / sqrt(2.0 * pi)


def phase_pulse(time_symbols: float, bt: float | None) -> float:
    """``q(t)`` of one symbol, 0 before it and 1/2 after it.

    Args:
        time_symbols: time from the middle of the symbol, in symbols.
        bt: bandwidth-time product of the Gaussian filter; None for a rectangular pulse.
    """
    if bt is None:
        return 0.5 * min(1.0, max(0.0, time_symbols + 0.5))
    sigma = sqrt(log(2.0)) / (2.0 * pi * bt)
    return 0.5 * sigma * (_ramp((time_symbols + 0.5) / sigma) - _ramp((time_symbols - 0.5) / sigma))


@lru_cache(maxsize=512)
def _template_cache(h_milli: int, bt: float | None) -> NDArray[np.complex64]:
    h = h_milli * 1e-3
    times = [(i + 0.5) / SAMPLES_PER_SYMBOL - 0.5 for i in range(SAMPLES_PER_SYMBOL)]
    pulse = np.array([[phase_pulse(t - shift, bt) for t in times] for shift in (-1, 0, 1)])
    signs = np.array([[1 if pattern >> (2 - i) & 1 else -1 for i in range(3)] for pattern in range(PATTERNS)])
    templates: NDArray[np.complex64] = np.exp(2j * pi * h * (signs @ pulse)).astype(np.complex64)
    templates.setflags(write=False)
    return templates


def symbol_templates(modulation_index: float, bt: float | None) -> NDArray[np.complex64]:
    """What one symbol interval looks like for each three-bit pattern.

    Args:
        modulation_index: ``h``, used to three decimals (templates are kept).
        bt: as in ``phase_pulse``.

    Returns:
        (8, 4) complex64 of magnitude 1. The index is 4 * bit before + 2 * bit + bit after.
        The phase counts from that which all symbols older than the three have left, each
        of which has added ``pi h`` or taken it away. Samples lie at 1/8, 3/8, 5/8 and 7/8
        of the symbol. Tails beyond three symbols are left out (under 0.1 % for BT 0.3).
    """
    return _template_cache(round(1000 * modulation_index), bt)
