"""One BPSK carrier, window by window and without loops: all that is estimated looks both ways.

A loop knows nothing where a burst begins and forgets a carrier that jumps. Here each window is
worked on with context on both sides: ``demod.bpsk_tone`` follows the frequency,
``demod.bpsk_symbols`` finds the symbols. Nothing is carried from window to window but which symbol
comes next and the sign of the last ones, so a symbol depends on the samples around it only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gsctl.demod.bpsk_symbols import FilterChoice, Symbols, find_symbols
from gsctl.demod.bpsk_tone import find_tone
from gsctl.dsp.bpsk_report_kernels import carrier_track, summarize, track_edges
from gsctl.dsp.carrier_extraction import extract_carrier
from gsctl.model import ErrorEvent, SoftBits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gsctl.demod.bpsk_effort import BpskEffort

SAMPLES_PER_SYMBOL = 3.0
HISTORY_SYMBOLS = 480  # that the reported ratio and frequency are taken over
# The estimates are renewed so often.
CHUNK_SYMBOLS = 48
SIGN_SYMBOLS = 64  # given already, that must come out again with the same sign
EDGE_SYMBOLS = 48  # over which the frequency at a window's ends is taken
# A change of the frequency that is no drift, in symbol rates.
JUMP = 0.02
# Two windows agree to so many symbols where the carrier jumped.
BREAK_MARGIN = 8
# Where only the frequency tells the place, the sign may turn over so many symbols beside it, at such
# costs; the symbols next to it are doubtful anyway.
BREAK_DOUBTS = {d: 2.5 + 0.2 * d for d in range(2, 9)}
# Mean log-likelihood of a tone, a block, above which there is one: noise gives 1.0 to 1.3,
# BPSK at -1.4 dB 2.8.
PRESENT = 1.6


@dataclass(slots=True)
class _Line:
    """What one stream carries from window to window."""

    stream: int
    last: float = -np.inf  # input sample of the last symbol given
    values: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    position: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    history: NDArray[np.float64] = field(default_factory=lambda: np.zeros((3, 0)))
    fresh: bool = True
    broken: float = -np.inf  # input sample of the last jump of the carrier that was told

    def sign_of(self, given: _Given) -> np.float32:
        """The sign that makes the symbols given already come out as they did."""
        if not self.values.size:
            return np.float32(1.0)
        first = int(np.argmin(np.abs(given.position - self.position[0])))
        end = min(first + self.values.size, given.values.size)
        # What was before a jump tells nothing about the sign behind it.
        begin = max([first, *(int(k) for k in given.breaks if k < end)])
        known = self.values[begin - first : end - first]
        return np.float32(-1.0 if np.dot(given.values[begin:end], known) < 0 else 1.0)

    def new_breaks(self, whole: _Given, first: int, last: int) -> list[tuple[float, int]]:
        """Costs and indices, counted from ``first``, at which the sign may turn over.

        These are the jumps of the carrier among symbols ``first`` to ``last`` (exclusive). Seen from
        the window before, one beside a window's edge may have been beyond it.
        """
        found = []
        for k, is_sharp in zip(whole.breaks.tolist(), whole.is_sharp.tolist(), strict=True):
            if first - BREAK_MARGIN <= k < last and whole.position[k] > self.broken:
                found.append((0.0, max(k - first, 0)))
                if not is_sharp:
                    near = [
                        (cost, k + d * side - first) for d, cost in BREAK_DOUBTS.items() for side in (-1, 1)
                    ]
                    found += [(cost, i) for cost, i in near if 0 <= i < last - first]
                margin = min(k + 2 * BREAK_MARGIN, whole.position.size - 1)
                self.broken = float(whole.position[margin])
        return found


@dataclass(frozen=True, slots=True)
class _Given:
    """Symbols as they are given: ratios, input samples, and what the estimates are made of.

    Attributes:
        track: (3, n) power around each symbol, its squared imaginary part, and the frequency between
            the symbol before and it in Hz.
        breaks: indices of the first symbols behind jumps of the carrier.
        is_sharp: whether these are known to a symbol or so.
    """

    values: NDArray[np.float32]
    position: NDArray[np.float64]
    track: NDArray[np.float64]
    breaks: NDArray[np.int64]
    is_sharp: NDArray[np.bool_]


class BpskReceiver:
    """Several windows of one carrier to soft bits.

    Args:
        symbol_rate_bd: nominal.
        sample_rate_hz: of the input.
        effort: how much is tried.
        filters: which to use.
        slot: tells this receiver's streams from those of others.
        nominal_hz: frequency that offsets are counted from; None is unknown.

    Attributes:
        end_hz: frequency at the end of the last window.
        mean_hz: mean over the signal in the last window.
        strength: power of the signal where it was strong.
        since: input sample from which on this signal has been followed.
        present: there was a signal in the last window.
    """

    def __init__(
        self,
        symbol_rate_bd: float,
        sample_rate_hz: float,
        effort: BpskEffort,
        filters: FilterChoice,
        slot: int,
        nominal_hz: float | None,
    ) -> None:
        self.slot = slot
        self.end_hz = self.mean_hz = self.strength = self.since = 0.0
        self.present = False
        self._symbol_rate_bd = symbol_rate_bd
        self._sample_rate_hz = sample_rate_hz
        self._nominal_hz = nominal_hz
        self._effort = effort
        self._filters = filters
        self._lines = [_Line(stream=slot * filters.streams + i) for i in range(filters.streams)]
        self._chunk = max(CHUNK_SYMBOLS, round(effort.chunk_s * symbol_rate_bd))

    @property
    def context_samples(self) -> int:
        """Input samples wanted before and behind a window."""
        return int(np.ceil(self._effort.context_symbols * self._sample_rate_hz / self._symbol_rate_bd))

    def __call__(
        self,
        samples: NDArray[np.complex64],
        start_sample: int,
        begin: int,
        end: int,
        frequency_hz: float,
    ) -> Iterator[SoftBits]:
        """Give the symbols from input sample ``begin`` to ``end`` that were not given yet.

        Args:
            samples: (n,) of the input, with context on both sides.
            start_sample: index of the first one in the input stream.
            frequency_hz: of the carrier, to a fifth of the symbol rate.
        """
        rate_bd = self._symbol_rate_bd
        wide = extract_carrier(
            samples,
            self._sample_rate_hz,
            frequency_hz,
            pass_hz=1.0 * rate_bd,
            stop_hz=1.25 * rate_bd,
            output_rate_hz=SAMPLES_PER_SYMBOL * rate_bd,
        )
        step = wide.input_per_sample
        count = int(len(samples) / step)
        period = self._sample_rate_hz / rate_bd / step
        tone = find_tone(wide.samples[:count], period, self._effort.block_hop)
        was_present, self.present = self.present, float(tone.gain.sum()) > PRESENT * tone.gain.size
        turned, phases = tone.taken_out(wide.samples[:count])
        jumps = tone.frequency_jumps()
        found = [find_symbols(turned, shape, period, jumps, self._effort) for shape in self._filters.tried()]
        since = start_sample + step * tone.last_jump((end - start_sample) / step)
        if not was_present:
            since = max(since, start_sample + step * tone.rise())
        for line, seen in zip(self._lines, self._filters.choose(found, count=self.present), strict=True):
            hz_per_turn = self._sample_rate_hz / (2 * np.pi * step)
            track = _track(seen, phases, wide.frequency_hz, hz_per_turn)
            whole = _Given(seen.ratios, start_sample + seen.times * step, track, seen.breaks, seen.is_sharp)
            yield from self._give(line, whole, begin, end, since)

    def _give(self, line: _Line, whole: _Given, begin: int, end: int, since: float) -> Iterator[SoftBits]:
        symbol = self._sample_rate_hz / self._symbol_rate_bd
        after = max(line.last + 0.5 * symbol, begin - 0.5 * symbol)
        first, last = (int(i) for i in np.searchsorted(whole.position, [after, end]))
        if last <= first:
            return
        position, track = whole.position[first:last], whole.track[:, first:last]
        self._note(float(position[0]), track, since)
        values = whole.values[first:last] * line.sign_of(whole)
        breaks = line.new_breaks(whole, first, last)
        kept = line.history.shape[1]
        history = np.concatenate([line.history, track], axis=1)
        step = (position[-1] - position[0]) / (last - first - 1) if last - first > 1 else symbol
        parts = max(1, round((last - first) / self._chunk))
        borders = [(last - first) * part // parts for part in range(parts + 1)]
        for i, j in pairwise(borders):
            power, noise, hz = summarize(*history[:, max(0, kept + j - HISTORY_SYMBOLS) : kept + j])
            yield SoftBits(
                values=values[i:j],
                position=position[i:j],
                symbol_rate_bd=float(self._sample_rate_hz / step),
                stream=line.stream,
                restart=line.fresh,
                frequency_offset_hz=None if self._nominal_hz is None else hz - self._nominal_hz,
                snr_db=float(10 * np.log10(max(power / (noise + 1e-30), 1e-9))),
                events=tuple(
                    ErrorEvent(cost=cost, symbols=(k - i,), inverts=True) for cost, k in breaks if i <= k < j
                ),
            )
            line.fresh = False
        line.last = float(position[-1])
        line.values, line.position = values[-SIGN_SYMBOLS:], position[-SIGN_SYMBOLS:]
        line.history = history[:, -HISTORY_SYMBOLS:]

    def _note(self, first_sample: float, track: NDArray[np.float64], since: float) -> None:
        """Keep what the search is told; the signal cannot be followed for longer than ``since``."""
        before_hz = self.end_hz
        start_hz, self.end_hz, self.mean_hz, self.strength = track_edges(track[0], track[2], EDGE_SYMBOLS)
        if abs(start_hz - before_hz) > JUMP * self._symbol_rate_bd:
            self.since = first_sample
        self.since = max(self.since, since)


def _track(
    seen: Symbols, turned_by: NDArray[np.float64], zero_hz: float, hz_per_turn: float
) -> NDArray[np.float64]:
    """(3, n), see ``_Given``.

    Args:
        seen: the symbols.
        turned_by: (samples,) phase that was taken out before, radians.
        zero_hz: where that was counted from.
        hz_per_turn: for one radian a sample.
    """
    track = np.empty((3, seen.times.size))
    carrier_track(seen.values, seen.level, seen.phases, seen.times, turned_by, zero_hz, hz_per_turn, track)
    if seen.breaks.size:
        # Where the phase jumps it tells no frequency; the stronger side does.
        behind = seen.breaks[(seen.breaks > 0) & (seen.breaks < seen.times.size - 1)]
        stronger = np.where(seen.level[behind - 1] > seen.level[behind + 1], behind - 1, behind + 1)
        track[2, behind] = track[2, stronger]
    return track
