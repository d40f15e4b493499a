"""Signals are found wherever in the band of a recording they are, and noise is no signal."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from gsctl.demod import SEARCH_HZ, Effort
from gsctl.framing import Ax25
from gsctl.pipeline.band_survey import BandSurvey, beside
from gsctl.pipeline.chains import Chain
from gsctl.waveform import Bpsk, Fsk
from tests.warm import run_warm

RATE_HZ = 250_000.0
SPACING_HZ = 18_000.0


def noise(count: int, seed: int) -> NDArray[np.complex64]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, 2)).astype(np.float32).view(np.complex64)[:, 0]


def tone(count: int, turns: float) -> NDArray[np.complex64]:
    return np.asarray(np.exp(2j * np.pi * turns * np.arange(count)), np.complex64)


def burst(
    frequency_hz: float, length_s: float, snr_db: float, band_hz: float = 9600.0
) -> NDArray[np.complex64]:
    """Noise of ``band_hz`` about a frequency, ``snr_db`` above that of :func:`noise` in the same band."""
    count = round(length_s * RATE_HZ)
    spectrum = np.fft.fft(noise(count, 9))
    spectrum[np.abs(np.fft.fftfreq(count, 1 / RATE_HZ)) > band_hz / 2] = 0.0
    turned = np.fft.ifft(spectrum) * np.exp(2j * np.pi * frequency_hz / RATE_HZ * np.arange(count))
    return np.asarray(10 ** (snr_db / 20) * turned, np.complex64)


def surveyed(samples: NDArray[np.complex64], block: int = 65536) -> BandSurvey:
    found = BandSurvey(RATE_HZ)
    for start in range(0, samples.size, block):
        found.push(samples[start : start + block])
    found.finish()
    return found


def test_noise_is_no_signal() -> None:
    assert surveyed(noise(2_000_000, 1)).places_hz(SPACING_HZ, 10) == []


@pytest.mark.parametrize(("frequency_hz", "place_hz"), [(54e3, 54e3), (-105e3, -108e3), (20e3, 18e3)])
def test_a_burst_at_its_threshold_is_found(frequency_hz: float, place_hz: float) -> None:
    samples = noise(750_000, 2)
    samples[300_000:350_000] += burst(frequency_hz, 0.2, 7.0)
    assert surveyed(samples).places_hz(SPACING_HZ, 10) == [place_hz]


def test_the_strongest_come_first_and_the_middle_is_not_told() -> None:
    samples = noise(500_000, 3) + burst(1e3, 2.0, 30.0)
    samples += burst(54e3, 2.0, 12.0) + burst(-72e3, 2.0, 20.0)
    found = surveyed(samples)
    assert found.places_hz(SPACING_HZ, 10) == [-72e3, 54e3]
    assert found.places_hz(SPACING_HZ, 1) == [-72e3]
    chain = Chain(waveform=Fsk(symbol_rate_bd=9600.0), framings=(Ax25(),))
    assert [one.expected_offset_hz for one in beside(chain, found, Effort.NORMAL)] == [0.0, -72e3, 54e3]


@pytest.mark.parametrize("block", [1000, 4096, 500_000])
def test_any_cut_finds_the_same(block: int) -> None:
    samples = noise(500_000, 4) + burst(54e3, 2.0, 10.0)
    np.testing.assert_array_equal(surveyed(samples, block).most, surveyed(samples).most)


@pytest.mark.parametrize(
    "samples", [np.zeros(100_000), np.zeros(0), np.ones(100_000)], ids=["0", "none", "1"]
)
def test_silence_and_nothing(samples: NDArray[np.float64]) -> None:
    assert surveyed(samples.astype(np.complex64)).places_hz(SPACING_HZ, 10) == []


def test_a_recording_whose_signal_is_not_in_the_middle(data_dir: Path, tmp_path: Path) -> None:
    """Delfi-C3's frames at four times the rate, 30 kHz above the middle, which nothing tells."""
    folder = data_dir / "recordings"
    frames, rate_hz = soundfile.read(folder / "iq" / "delfi_c3_iq_22050.wav", dtype="float32")
    spectrum = np.fft.fft(frames[:, 0] + 1j * frames[:, 1])
    half = spectrum.size // 2
    wide = np.concatenate((spectrum[:half], np.zeros(3 * spectrum.size), spectrum[half:]))
    samples = 4 * np.fft.ifft(wide)
    samples *= np.exp(2j * np.pi * 30e3 / (4 * rate_hz) * np.arange(samples.size))
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.stack([samples.real, samples.imag], axis=1), 4 * rate_hz)
    words = [
        "--waveform",
        "bpsk",
        "--symbol-rate",
        "1200",
        "--framing",
        "ax25",
        "--no-log",
        "--format",
        "hex",
    ]
    done = run_warm(["decode", path, *words], cwd=tmp_path)
    truth = (folder / "truth" / "delfi_c3_iq_22050.hex").read_text().split()
    assert set(truth) <= set(done.stdout.decode().split())
    assert b"nothing tells the signal's place in the band; looked for about +36 kHz too" in done.stderr
    piped = run_warm(["decode", "-", *words], cwd=tmp_path, stdin=path.read_bytes())
    assert not piped.stdout
    assert b"looked for in the middle of the band; else give --center and --frequency" in piped.stderr


def test_what_a_receiver_searches_anyway_has_no_neighbours() -> None:
    chain = Chain(waveform=Bpsk(symbol_rate_bd=1200.0), framings=(Ax25(),))
    found = BandSurvey(2 * SEARCH_HZ)
    found.push(noise(20_000, 5) + 10 * tone(20_000, 0.47))
    found.finish()
    # It is heard near the edge of the band, beyond which the neighbour would stand.
    assert found.frequencies_hz[np.argmax(found.most)] == pytest.approx(9_400.0, abs=700.0)
    assert beside(chain, found, Effort.NORMAL) == (chain,)
