"""Power over time and frequency from a stream of sample blocks, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gsctl.model import Domain, SampleBlock

DEFAULT_BINS = 1024
DEFAULT_ROWS = 512
_BATCH_WINDOWS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrogram:
    """Mean power spectral densities.

    Attributes:
        time_s: (t,) float64, the middle of each row, seconds since ``start_time``.
        frequency_hz: (f,) float64, rising, from the centre of the stream (or audio frequency).
        power_db: (t, f) float32, dB relative to full scale squared per hertz; NaN where no samples are.
        row_s: duration of a row.
        start_time: of sample 0; None is unknown.
        center_frequency_hz: None is unknown, or audio.
        domain: of the samples.
    """

    time_s: NDArray[np.float64]
    frequency_hz: NDArray[np.float64]
    power_db: NDArray[np.float32]
    row_s: float
    start_time: datetime | None
    center_frequency_hz: float | None
    domain: Domain = Domain.IQ

    def band(self, low_hz: float, high_hz: float) -> Spectrogram:
        """The part between two frequencies; at least one bin."""
        first = int(np.searchsorted(self.frequency_hz, low_hz))
        last = int(np.searchsorted(self.frequency_hz, high_hz, side="right"))
        first = min(first, len(self.frequency_hz) - 1)
        part = slice(first, max(last, first + 1))
        return Spectrogram(
            time_s=self.time_s,
            frequency_hz=self.frequency_hz[part],
            power_db=self.power_db[:, part],
            row_s=self.row_s,
            start_time=self.start_time,
            center_frequency_hz=self.center_frequency_hz,
            domain=self.domain,
        )


class SpectrogramBuilder:
    """Averages Hann-windowed periodograms of a stream into rows of equal duration.

    The length of the stream need not be known: when there would be more than ``2 * rows`` rows,
    neighbours are joined and each row lasts twice as long. Rows are placed by
    ``SampleBlock.start_sample``, so gaps and dropped samples keep their place and stay empty.

    Args:
        bins: points of the Fourier transform.
        rows: the spectrogram has between this and twice as many rows, if the stream is long enough.
    """

    def __init__(self, *, bins: int = DEFAULT_BINS, rows: int = DEFAULT_ROWS) -> None:
        if bins < 8 or rows < 1:
            raise ValueError("a spectrogram needs at least 8 bins and 1 row")
        self._bins, self._rows = bins, 2 * rows
        self._window = np.hanning(bins + 1)[:-1].astype(np.float32)
        self._first: SampleBlock | None = None
        self._samples_per_row = bins
        self._sum: NDArray[np.float64] = np.zeros((0, 0))
        self._count: NDArray[np.int64] = np.zeros(self._rows, dtype=np.int64)
        self._rest: NDArray[np.complex64] | NDArray[np.float32] = np.zeros(0, dtype=np.complex64)
        self._rest_at = 0

    def add(self, block: SampleBlock) -> None:
        """Take in the next block.

        Raises:
            ValueError: its domain or rate differs from that of the blocks before.
        """
        if self._first is None:
            self._begin(block)
        first = self._first
        assert first is not None
        if (block.domain, block.sample_rate_hz) != (first.domain, first.sample_rate_hz):
            raise ValueError("the blocks of a spectrogram have one domain and one sample rate")
        at = block.start_sample - first.start_sample
        if at < self._rest_at + len(self._rest):
            raise ValueError("the blocks of a spectrogram follow one another")
        samples = block.samples
        if len(self._rest) and self._rest_at + len(self._rest) == at:
            samples = np.concatenate([self._rest, samples])
            at = self._rest_at
        used = len(samples) // self._bins * self._bins
        step = _BATCH_WINDOWS * self._bins
        for start in range(0, used, step):
            self._add_windows(samples[start : min(start + step, used)], at + start)
        self._rest, self._rest_at = samples[used:].copy(), at + used

    def finish(self) -> Spectrogram:
        """The spectrogram of what was added.

        Raises:
            ValueError: nothing was added, or less than one window.
        """
        first = self._first
        filled = np.flatnonzero(self._count)
        if first is None or not len(filled):
            raise ValueError("too few samples for a spectrogram")
        rows = int(filled[-1]) + 1
        scale = first.sample_rate_hz * float(np.sum(self._window.astype(np.float64) ** 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            density = self._sum[:rows] / (self._count[:rows, None] * scale)
            # A digital silence of zeros would be -inf: 300 dB down is as far as it needs to go.
            power_db = np.where(np.isnan(density), np.nan, 10.0 * np.log10(np.maximum(density, 1e-30)))
        bin_hz = first.sample_rate_hz / self._bins
        frequency_hz = np.arange(self._sum.shape[1], dtype=np.float64) * bin_hz
        if first.domain is not Domain.FM_AUDIO:
            frequency_hz -= first.sample_rate_hz / 2.0
        row_s = self._samples_per_row / first.sample_rate_hz
        return Spectrogram(
            time_s=(np.arange(rows, dtype=np.float64) + 0.5) * row_s,
            frequency_hz=frequency_hz,
            power_db=power_db.astype(np.float32),
            row_s=row_s,
            start_time=first.start_time,
            center_frequency_hz=first.center_frequency_hz,
            domain=first.domain,
        )

    def _begin(self, block: SampleBlock) -> None:
        self._first = block
        width = self._bins // 2 + 1 if block.domain is Domain.FM_AUDIO else self._bins
        self._sum = np.zeros((self._rows, width))

    def _add_windows(self, samples: NDArray[np.complex64] | NDArray[np.float32], at: int) -> None:
        """Add whole windows whose first sample is the ``at``-th of the stream."""
        import scipy.fft

        windows = np.nan_to_num(samples, posinf=0.0, neginf=0.0).reshape(-1, self._bins) * self._window
        if np.iscomplexobj(windows):
            spectra = scipy.fft.fftshift(scipy.fft.fft(windows, axis=1), axes=1)
            power = spectra.real**2 + spectra.imag**2
        else:
            spectra = scipy.fft.rfft(windows, axis=1)
            power = 2.0 * (spectra.real**2 + spectra.imag**2)  # both halves of a real spectrum
        starts = at + np.arange(len(windows)) * self._bins
        while starts[-1] // self._samples_per_row >= self._rows:
            self._join_rows()
        rows = starts // self._samples_per_row
        edges = np.flatnonzero(np.diff(rows, prepend=-1))
        self._sum[rows[edges]] += np.add.reduceat(power, edges, axis=0)
        np.add.at(self._count, rows, 1)

    def _join_rows(self) -> None:
        half = self._rows // 2
        for values in (self._sum, self._count):
            values[:half] = values[0::2] + values[1::2]
            values[half:] = 0
        self._samples_per_row *= 2


def spectrogram(
    blocks: Iterable[SampleBlock], *, bins: int = DEFAULT_BINS, rows: int = DEFAULT_ROWS
) -> Spectrogram:
    """The spectrogram of a whole stream; see ``SpectrogramBuilder``."""
    builder = SpectrogramBuilder(bins=bins, rows=rows)
    for block in blocks:
        builder.add(block)
    return builder.finish()
