from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gsctl.model import Domain, SampleBlock
from gsctl.plot.spectrogram import Spectrogram, SpectrogramBuilder, spectrogram

RATE_HZ = 8000.0
START = datetime(2026, 1, 1, tzinfo=UTC)


def tone(frequency_hz: float, count: int, amplitude: float = 1.0) -> NDArray[np.complex64]:
    cycles = np.arange(count) * frequency_hz / RATE_HZ
    return np.asarray(amplitude * np.exp(2j * np.pi * cycles), dtype=np.complex64)


def iq(samples: NDArray[Any], start_sample: int = 0) -> SampleBlock:
    return SampleBlock(
        samples=samples,
        domain=Domain.IQ,
        sample_rate_hz=RATE_HZ,
        start_time=START,
        start_sample=start_sample,
        center_frequency_hz=437e6,
    )


def cut(samples: NDArray[Any], size: int) -> Iterator[SampleBlock]:
    for start in range(0, len(samples), size):
        yield iq(samples[start : start + size], start)


def test_a_tone_is_where_and_as_strong_as_it_is() -> None:
    found = spectrogram([iq(tone(1000.0, 64_000, amplitude=0.1))], bins=256, rows=16)
    peak = np.argmax(found.power_db, axis=1)
    assert np.all(found.frequency_hz[peak] == 1000.0)
    # The power of the whole line: densities summed over bins, -20 dB of full scale.
    bin_hz = RATE_HZ / 256
    total = (10 ** (found.power_db.astype(float) / 10)).sum(axis=1) * bin_hz
    assert 10 * np.log10(total) == pytest.approx(np.full(len(total), -20.0), abs=0.01)
    assert found.start_time == START
    assert found.center_frequency_hz == 437e6


def test_white_noise_has_the_density_it_has() -> None:
    random = np.random.default_rng(1)
    samples = random.normal(0, np.sqrt(0.5), (200_000, 2)).astype(np.float32).view(np.complex64)[:, 0]
    found = spectrogram([iq(samples)], bins=128, rows=8)
    assert np.mean(10 ** (found.power_db / 10)) == pytest.approx(1.0 / RATE_HZ, rel=0.02)


def test_real_audio_has_one_side() -> None:
    samples = tone(1000.0, 32_000).real.astype(np.float32)
    block = replace(iq(samples), domain=Domain.FM_AUDIO, center_frequency_hz=None)
    found = spectrogram([block], bins=256, rows=4)
    assert found.frequency_hz[0] == 0.0
    assert found.frequency_hz[-1] == RATE_HZ / 2
    assert np.all(found.frequency_hz[np.argmax(found.power_db, axis=1)] == 1000.0)
    total = (10 ** (found.power_db[0].astype(float) / 10)).sum() * RATE_HZ / 256
    assert total == pytest.approx(0.5, rel=0.01)


@given(st.integers(1, 5000))
def test_any_cut_gives_the_same(size: int) -> None:
    samples = np.concatenate([tone(500.0, 2500), tone(-2000.0, 2500)])
    whole = spectrogram([iq(samples)], bins=64, rows=16)
    parts = spectrogram(cut(samples, size), bins=64, rows=16)
    assert parts.row_s == whole.row_s
    np.testing.assert_allclose(parts.power_db, whole.power_db, atol=1e-3)


@pytest.mark.parametrize("count", [64 * 31, 64 * 32, 64 * 33, 64 * 1000, 64 * 1024, 64 * 1025])
def test_rows_stay_bounded_and_cover_the_stream(count: int) -> None:
    found = spectrogram(cut(tone(0.0, count), 999), bins=64, rows=16)
    assert len(found.time_s) == len(found.power_db) <= 32
    assert count / RATE_HZ <= len(found.time_s) * found.row_s < count / RATE_HZ + found.row_s
    if count > 64 * 32:
        assert len(found.time_s) >= 16
    assert not np.isnan(found.power_db).any()


def test_a_gap_keeps_its_place_and_stays_empty() -> None:
    second = replace(iq(tone(1000.0, 6400), 64 * 300), dropped_before=64 * 200)
    found = spectrogram([iq(tone(-1000.0, 6400)), second], bins=64, rows=256)
    assert len(found.time_s) == 400
    assert np.isnan(found.power_db[100:300]).all()
    assert found.frequency_hz[np.argmax(found.power_db[99])] == -1000.0
    assert found.frequency_hz[np.argmax(found.power_db[300])] == 1000.0


def test_hostile_samples_do_no_harm() -> None:
    samples = tone(0.0, 6400)
    samples[100:200] = np.nan
    samples[300] = np.inf
    assert np.isfinite(spectrogram([iq(samples)], bins=64, rows=8).power_db).all()
    silent = spectrogram([iq(np.zeros(6400, dtype=np.complex64))], bins=64, rows=8)
    assert np.isfinite(silent.power_db).all()


def test_what_cannot_be_a_spectrogram_is_refused() -> None:
    builder = SpectrogramBuilder(bins=64, rows=4)
    with pytest.raises(ValueError, match="too few"):
        builder.finish()
    builder.add(iq(tone(0.0, 63)))
    with pytest.raises(ValueError, match="too few"):
        builder.finish()
    with pytest.raises(ValueError, match="one sample rate"):
        builder.add(replace(iq(tone(0.0, 63), 63), sample_rate_hz=1.0))
    with pytest.raises(ValueError, match="follow one another"):
        builder.add(iq(tone(0.0, 63), 10))
    with pytest.raises(ValueError, match="at least 8"):
        SpectrogramBuilder(bins=1)


def test_a_band_is_cut_out() -> None:
    found: Spectrogram = spectrogram([iq(tone(0.0, 6400))], bins=64, rows=4)
    part = found.band(-1000.0, 1000.0)
    assert (part.frequency_hz[0], part.frequency_hz[-1]) == (-1000.0, 1000.0)
    assert part.power_db.shape == (len(found.time_s), 17)
    assert len(found.band(1e9, 2e9).frequency_hz) == 1
