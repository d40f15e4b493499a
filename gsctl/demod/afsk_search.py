"""Where the symbols of AFSK over FM begin: timing, audio phase, deviation and carrier of a stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsctl.demod import Effort
from gsctl.demod.patience import Patience
from gsctl.dsp import afsk_fm_kernels as kernels
from gsctl.dsp.afsk_fm_model import (
    FINE,
    POINTS,
    AfskFmModel,
    afsk_fm_model,
    audio_states,
    carrier_in,
    has_lines,
    middle_of,
    spectrum_of,
)
from gsctl.waveform import Afsk

STRETCH, BEFORE, BEHIND = 96, 24, 24  # symbols given, and looked at before and behind
SYMBOLS = BEFORE + STRETCH + BEHIND
TIMINGS = 10  # begin of symbol tried, a symbol
PHASE_GAIN, FREQUENCY_GAIN = 0.15, 0.006
# Peak deviations tried where none is told: narrow, usual, wide.
DEVIATIONS_HZ = {
    Effort.FAST: (3000.0,),
    Effort.NORMAL: (3000.0, 2000.0, 4500.0),
    Effort.DEEP: (3000.0, 2000.0, 2500.0, 3500.0, 4500.0),
}
# Share of the power that must look like a signal before a stretch is worked on.
LEAST_SHARE = 0.1
# A deviation whose spectrum explains so much less of the power than another's is not tried. Of a signal of
# 3 kHz those of 2 and 4.5 kHz explain 0.4 and 0.8 times as much as its own.
LEAST_OF_BEST_SHARE = 0.8
# Of a signal weaker than this only one deviation is tried, that which was right before if one was.
CLEAR_SHARE = 0.3
GOOD_FIT = 0.85
# No wrong scale of audio fits so well.
CLEAR_FIT = 0.8
# For so many searches the version of the signal that was right is the only one tried: 20 s at 1200 Bd.
REMEMBERED = 250
# Searches that may be in vain, at once and a second, where a stretch looks like those that were looked at in
# vain before and where it looks more like a signal. One takes 0.35 ms of processor time.
SEARCHES_IN_VAIN = 18
VAIN_PER_S = {Effort.FAST: (4.0, 6.0), Effort.NORMAL: (4.0, 6.0), Effort.DEEP: (20.0, 30.0)}
# So much more of the power must look like a signal; what was is forgotten by a tenth in four stretches.
MORE_SHARE, MORE_SHARE_AT_LEAST = 1.3, 0.03
VAIN_SHARE_KEPT = 0.97
# Guesses of the carrier that are worth trying both.
APART_HZ = 150.0
# What a coarse search finds is at least this much of what a fine one does.
COARSE_LOSS = 0.8


@dataclass(frozen=True, slots=True)
class Lock:
    """What was found in a stretch."""

    metric: float
    timing: float  # begin of the first symbol, in symbols from the expected place
    offset: int  # audio phase on the fine grid
    model: AfskFmModel
    carrier: float  # radians a sample
    version: int = 0  # which of the signals offered


@dataclass(frozen=True, slots=True)
class _Piece:
    """The samples of a stretch, and what is asked of them."""

    held: NDArray[np.complex64]
    start: float
    spectrum: NDArray[np.float64]
    everything: float  # metric of a sequence that explains all of the amplitude


@dataclass(frozen=True, slots=True)
class _Guess:
    """A deviation's model, the carrier (radians a sample) and the share of the power that it explains."""

    model: AfskFmModel
    carrier: float
    share: float


class StretchSearch:
    """Finds the symbols of one stretch after the other, and remembers which deviation was right.

    Args:
        waveform: tones, symbol rate, and the deviation if it is known.
        effort: how many deviations are tried.
    """

    def __init__(self, waveform: Afsk, effort: Effort) -> None:
        self._waveform = waveform
        self._rate_bd = waveform.symbol_rate_bd or 1200.0
        told = waveform.fm_deviation_hz
        self._deviations_hz = DEVIATIONS_HZ[effort] if told is None else (told,)
        self._known = False  # the first deviation was right before
        self._version = 0  # that which was right last, and how many searches ago
        self._since_good = REMEMBERED
        self.states, steps = audio_states(waveform)
        self.steps = np.array(steps, np.int64)
        self._rate_hz = 0.0
        self._period = 0.0
        self._least_fit = 0.0
        self._patience = [Patience(SEARCHES_IN_VAIN, per_s) for per_s in VAIN_PER_S[effort]]
        self._vain_share = 0.0  # of the power, that looked like a signal and was none
        self._in_vain = 0  # searches since the last good one

    def set_up(self, rate_hz: float, least_fit: float) -> None:
        """Sample rate, and the share of the amplitude that a sequence explains where it is no chance."""
        self._rate_hz = rate_hz
        self._period = rate_hz / self._rate_bd
        self._least_fit = least_fit

    def find(self, versions: Sequence[NDArray[np.complex64]], start: float, last: Lock | None) -> Lock | None:
        """The best timing, audio phase, deviation and carrier for the symbols around a stretch.

        Args:
            versions: (n,) samples each, of the same signal; later ones count only where they clearly fit.
            start: expected begin of the first of ``SYMBOLS`` symbols, in samples.
            last: what was found in the stretch before.
        """
        for patience in self._patience:
            patience.rest(STRETCH / self._rate_bd)
        self._vain_share *= VAIN_SHARE_KEPT
        best: Lock | None = None
        if last is not None and (piece := self._piece(versions[last.version], start)) is not None:
            carrier, share = carrier_in(piece.spectrum, last.model, self._rate_hz)
            best = self._beside(piece, last, carrier)
            # A signal that goes on well is not searched for anew.
            if best.metric > self._expected(share) * piece.everything and best.metric > 0.8 * last.metric:
                return best
        found, good = self._among(versions, start)
        if found is not None and (best is None or found.metric > best.metric or good):
            best = found
        return best

    def _among(self, versions: Sequence[NDArray[np.complex64]], start: float) -> tuple[Lock | None, bool]:
        """The best that a new search finds, of that version which was right before or of all."""
        self._since_good += 1
        remembered = self._since_good < REMEMBERED
        order = sorted(range(len(versions)), key=lambda version: remembered and version != self._version)
        best: Lock | None = None
        best_good, best_fit = False, 0.0
        for version in order:
            if version and self._since_good % 2 and not self._patience[0].lasts:
                continue  # nothing was right for long: every other time will do
            piece = self._piece(versions[version], start)
            if piece is None:
                continue
            lock, good = self._anew(piece, version)
            fit = 0.0 if lock is None else lock.metric / piece.everything
            # A wrong scale may fit by half; a later version must be clearly right.
            if version == 0 or (good and (not best_good or fit > CLEAR_FIT)):
                best, best_good, best_fit = lock, good, fit
            if (best_good and best_fit > CLEAR_FIT) or (remembered and version == self._version):
                break
        if best_good and best is not None:
            self._version, self._since_good = best.version, 0
        return best, best_good

    def _piece(self, held: NDArray[np.complex64], start: float) -> _Piece | None:
        samples = held[int(start) : int(start) + int(SYMBOLS * self._period)]
        power = float(np.mean(np.abs(samples) ** 2))
        if power <= 1e-20:
            return None
        spectrum = spectrum_of(samples)
        if not np.sum(spectrum) > 0.0:
            return None  # all of the power lies at the very end, where no spectrum reaches
        return _Piece(held, start, spectrum, SYMBOLS * POINTS * float(np.sqrt(power)))

    def _anew(self, piece: _Piece, version: int) -> tuple[Lock | None, bool]:
        """The best of all deviations, and whether it fits as a signal of this strength would."""
        best: Lock | None = None
        tried = self._worth_trying(piece)
        most_share = min(max((one.share for one in tried), default=0.0), 1.0)
        stands_out = most_share > MORE_SHARE * self._vain_share + MORE_SHARE_AT_LEAST
        patience = self._patience[stands_out]
        for guess in tried:
            if version and guess.share < CLEAR_SHARE:
                continue  # audio is clear where its scale cannot be learned; noise need not cost twice
            if not patience.lasts:
                break
            lock, good = self._about(piece, guess, version, patience)
            if best is None or lock.metric > best.metric:
                best = lock
            if good:
                self._found(guess.model)
                return lock, True
        if best is not None:
            self._vain_share = max(self._vain_share, most_share)
        return best, False

    def _about(self, piece: _Piece, guess: _Guess, version: int, patience: Patience) -> tuple[Lock, bool]:
        """Search about a guess and, where flags may have misled it, about the middle of the spectrum."""
        wanted = self._expected(guess.share) * piece.everything
        lock = self._everywhere(piece, guess.model, guess.carrier, wanted, version)
        if lock.metric > wanted:
            return lock, True
        patience.fail()
        self._in_vain += 1
        if patience.lasts and has_lines(piece.spectrum, guess.model, guess.share):
            middle = middle_of(piece.spectrum, self._rate_hz)
            if abs(middle - guess.carrier) > APART_HZ * 2 * np.pi / self._rate_hz:
                patience.fail()
                other = self._everywhere(piece, guess.model, middle, max(wanted, lock.metric), version)
                lock = max(lock, other, key=lambda one: one.metric)
        return lock, lock.metric > wanted

    def _found(self, model: AfskFmModel) -> None:
        """The deviation of this signal is known now, and is tried first from here on."""
        for patience in self._patience:
            patience.renew()
        self._in_vain = 0
        self._vain_share = 0.0
        others = (one for one in self._deviations_hz if one != model.deviation_hz)
        self._deviations_hz = (model.deviation_hz, *others)
        self._known = True

    def _worth_trying(self, piece: _Piece) -> list[_Guess]:
        """The deviations whose spectra explain the power."""
        tried = []
        for deviation_hz in self._deviations_hz:
            model = afsk_fm_model(self._waveform, deviation_hz, self._rate_hz, self.states)
            tried.append(_Guess(model, *carrier_in(piece.spectrum, model, self._rate_hz)))
        best = max(tried, key=lambda one: one.share)
        if best.share < CLEAR_SHARE:
            tried = tried[:1] if self._known else [best]
        worth = [one for one in tried if one.share >= max(LEAST_SHARE, LEAST_OF_BEST_SHARE * best.share)]
        # Where patience lasts for one only, it is another one's turn each time.
        turn = self._in_vain % max(len(worth), 1) if self._in_vain >= SEARCHES_IN_VAIN else 0
        return worth[turn:] + worth[:turn]

    def _expected(self, share: float) -> float:
        """The share of the amplitude that the right sequence explains, of a signal of this strength."""
        return max(self._least_fit, GOOD_FIT * float(np.sqrt(np.clip(share, 0.0, 1.0))))

    def _beside(self, piece: _Piece, last: Lock, carrier: float) -> Lock:
        """Only beside what held before."""
        here = last.offset
        beside = [(-1, (here,)), (0, (here - 1, here, here + 1)), (1, (here,))]
        tries = [(k / TIMINGS, offsets) for k, offsets in beside]
        return self._best(piece, last.model, carrier, tries, last.version)

    def _everywhere(
        self, piece: _Piece, model: AfskFmModel, carrier: float, wanted: float, version: int
    ) -> Lock:
        """Coarse, then fine where that may reach ``wanted``."""
        everywhere = tuple(range(0, FINE, 2))
        coarse = [(k / TIMINGS - 0.5, everywhere) for k in range(0, TIMINGS, 2)]
        found = self._best(piece, model, carrier, coarse, version)
        if found.metric < COARSE_LOSS * wanted:
            return found
        near_it = (found.offset - 1, found.offset, found.offset + 1)
        fine = [(found.timing + k / TIMINGS, near_it) for k in (-1, 0, 1)]
        return self._best(piece, model, carrier, fine, version)

    def _best(
        self,
        piece: _Piece,
        model: AfskFmModel,
        carrier: float,
        tries: Sequence[tuple[float, tuple[int, ...]]],
        version: int,
    ) -> Lock:
        """The best of some timings, in symbols from the start, and of the audio phases told with each."""
        offsets = np.zeros((len(tries), max(len(tried) for _, tried in tries)), np.int64)
        for row, (_, tried) in zip(offsets, tries, strict=True):
            row[: len(tried)] = tried
        metric, timing, offset = kernels.search(
            piece.held,
            piece.start,
            self._period,
            carrier,
            model.templates,
            model.ends,
            self.steps,
            self.states,
            SYMBOLS,
            (PHASE_GAIN, FREQUENCY_GAIN),
            np.array([timing for timing, _ in tries]),
            np.array([len(tried) for _, tried in tries]),
            offsets,
        )
        return Lock(metric, timing, offset, model, carrier, version)
