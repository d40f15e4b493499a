"""What every AIS burst begins with, as samples (ITU-R M.1371-5, annex 2)."""

from __future__ import annotations

from functools import lru_cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from gsctl.dsp.cpm_waveform import phase_pulse

MODULATION_INDEX = 0.5
BT = 0.4
# Of the 24 training bits the first few go by while a transmitter's power rises.
TRAINING_SYMBOLS = 20
_FLAG = (0, 1, 1, 1, 1, 1, 1, 0)
TEMPLATE_SYMBOLS = TRAINING_SYMBOLS + len(_FLAG)
_BEFORE = 4
_PULSE_STEPS = 64


def _training_symbols() -> NDArray[np.int8]:
    """Line symbols of training sequence and flag, +1 and -1; four that come before are among them."""
    bits = [(TRAINING_SYMBOLS - i) & 1 for i in range(-_BEFORE, TRAINING_SYMBOLS)] + list(_FLAG)
    level, levels = 0, []
    for bit in bits:
        level ^= 1 - bit
        levels.append(level)
    return np.array(levels, np.int8) * 2 - 1


def training_template(sps: float) -> NDArray[np.complex64]:
    """(2, n) training sequence and flag in both polarities, from the beginning of the first symbol.

    It ends in the middle of the last one: what comes behind depends on the message.
    """
    signs = _training_symbols().astype(np.float64)
    count = int((TEMPLATE_SYMBOLS - 0.5) * sps)
    times = np.arange(count) / sps - 0.5
    turns = np.zeros(count)
    pulse = phase_pulse_table(BT)
    known = np.linspace(-2.0, 2.0, pulse.size)
    for number, sign in enumerate(signs, start=-_BEFORE):
        turns += sign * np.interp(times - number, known, pulse)
    phasor = np.exp(2j * pi * MODULATION_INDEX * turns)
    return np.ascontiguousarray(np.stack((phasor, phasor.conj())).astype(np.complex64))


@lru_cache(maxsize=4)
def phase_pulse_table(bt: float) -> NDArray[np.float32]:
    """``phase_pulse`` from two symbols before the middle of a symbol to two after."""
    times = np.linspace(-2.0, 2.0, 4 * _PULSE_STEPS + 1)
    return np.array([phase_pulse(float(t), bt) for t in times], np.float32)
