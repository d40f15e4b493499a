"""A channel out of a band: what it passes, where its samples come from, what it follows."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gsctl.dsp.channel import Channel
from gsctl.dsp.filters import lowpass_taps
from gsctl.model import Domain, SampleBlock

RATE_HZ = 240_000.0


def blocks_of(samples: NDArray[np.complex64], size: int, first: int = 0) -> list[SampleBlock]:
    return [
        SampleBlock(
            samples=samples[i : i + size], domain=Domain.IQ, sample_rate_hz=RATE_HZ, start_sample=first + i
        )
        for i in range(0, len(samples), size)
    ]


def run(channel: Channel, blocks: list[SampleBlock]) -> list[SampleBlock]:
    return [out for block in blocks for out in channel.push(block)] + list(channel.finish())


def tone(
    hz: float | Callable[[NDArray[np.float64]], NDArray[np.float64]], seconds: float
) -> NDArray[np.complex64]:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    cycles = hz(t) if callable(hz) else hz * t
    return np.asarray(np.exp(2j * np.pi * cycles), np.complex64)


def joined(blocks: list[SampleBlock]) -> NDArray[np.complex64]:
    return np.asarray(np.concatenate([block.samples for block in blocks]), np.complex64)


def test_rate_is_the_lowest_whole_fraction() -> None:
    channel = Channel(RATE_HZ, 20_000.0, 24_000.0, lambda _: 0.0)
    assert channel.step == 9
    assert channel.sample_rate_hz == pytest.approx(26_666.67, abs=0.01)
    assert Channel(22_050.0, 20_000.0, 24_000.0, lambda _: 0.0).step == 1


def test_offset_is_taken_out_and_neighbours_are_kept_out() -> None:
    channel = Channel(RATE_HZ, 20_000.0, 24_000.0, lambda _: 50_000.0)
    inside = joined(run(channel, blocks_of(tone(53_000.0, 0.4), 4096)))[500:10_000]
    turn = np.angle(np.mean(inside[1:] * np.conj(inside[:-1]))) / (2 * np.pi) * channel.sample_rate_hz
    assert turn == pytest.approx(3000.0, abs=0.1)
    assert np.abs(inside) == pytest.approx(1.0, abs=0.002)
    # Its alias would fall on the same 3 kHz.
    beside = Channel(RATE_HZ, 20_000.0, 24_000.0, lambda _: 50_000.0)
    alias = joined(run(beside, blocks_of(tone(53_000.0 + beside.sample_rate_hz, 0.4), 4096)))[500:10_000]
    assert 20 * np.log10(np.max(np.abs(alias))) < -60


@pytest.mark.parametrize(("rate_hz", "bandwidth_hz"), [(240e3, 20e3), (2.4e6, 30e3), (96e3, 38e3)])
def test_pass_band_is_flat_and_what_folds_into_it_is_kept_out(rate_hz: float, bandwidth_hz: float) -> None:
    middle_hz = 0.13 * rate_hz
    n = np.arange(round(0.25 * rate_hz))

    def level_db(offset_hz: float) -> float:
        """Of a tone so far from the channel's middle, once the filter has filled."""
        channel = Channel(rate_hz, bandwidth_hz, 38e3, lambda _: middle_hz)
        samples = np.exp(2j * np.pi * (middle_hz + offset_hz) / rate_hz * n).astype(np.complex64)
        block = SampleBlock(samples=samples, domain=Domain.IQ, sample_rate_hz=rate_hz)
        out = joined(list(channel.push(block)))
        return float(20 * np.log10(np.max(np.abs(out[100:]))))

    edge_hz = bandwidth_hz / 2
    inside_hz = np.linspace(-edge_hz, edge_hz, 5)
    assert max(abs(level_db(hz)) for hz in inside_hz) < 0.02
    step_hz = Channel(rate_hz, bandwidth_hz, 38e3, lambda _: 0.0).sample_rate_hz
    folded_hz = [*(step_hz + inside_hz[:3]), *(-step_hz + inside_hz[2:]), 1.4 * step_hz]
    assert max(level_db(hz) for hz in folded_hz if abs(hz) < rate_hz / 2) < -60


@pytest.mark.parametrize("chirp_hz_s", [0.0, 300.0, 20_000.0])
def test_same_as_mixing_before_the_filter(chirp_hz_s: float) -> None:
    """The plain way, at the full rate: turn every sample, filter, keep every step-th."""
    random = np.random.default_rng(5)
    samples = random.standard_normal(2 * 100_000).astype(np.float32).view(np.complex64)
    channel = Channel(RATE_HZ, 20e3, 24e3, lambda n: 40e3 + chirp_hz_s * n / RATE_HZ)
    out = joined(list(channel.push(blocks_of(samples, samples.size)[0])))
    taps = lowpass_taps(channel.sample_rate_hz / 2, channel.sample_rate_hz - 20e3, RATE_HZ, 61.5)
    n = np.arange(samples.size)
    turned = samples * np.exp(-2j * np.pi * (40e3 * n + chirp_hz_s * (n * (n - 1.0) / 2) / RATE_HZ) / RATE_HZ)
    plain = np.convolve(turned, taps)[:: channel.step][: out.size]
    plain = plain * np.exp(1j * np.angle(np.vdot(plain, out)))  # either may begin at any phase
    noise = float(np.sqrt(np.mean(np.abs(plain - out) ** 2) / np.mean(np.abs(plain) ** 2)))
    # While the channel moves the filter stands in the middle of a window's way: some 1 kHz off at most here.
    assert noise < (3e-6 if chirp_hz_s == 0 else 2e-3 if chirp_hz_s < 1000 else 0.12)


@pytest.mark.parametrize("size", [997, 4096, 50_000])
def test_any_cut_gives_the_same_samples(size: int) -> None:
    random = np.random.default_rng(3)
    samples = random.standard_normal(2 * 50_000).astype(np.float32).view(np.complex64)
    whole = run(Channel(RATE_HZ, 20e3, 24e3, lambda n: 1e3 + n * 0.01), blocks_of(samples, len(samples)))
    cut = run(Channel(RATE_HZ, 20e3, 24e3, lambda n: 1e3 + n * 0.01), blocks_of(samples, size))
    np.testing.assert_array_equal(joined(whole), joined(cut))
    assert [block.start_sample for block in whole] == [block.start_sample for block in cut]


def test_places_lead_back_to_the_input_and_over_gaps() -> None:
    channel = Channel(RATE_HZ, 20e3, 24e3, lambda _: 0.0)
    pulse = np.exp(-0.5 * ((np.arange(60_000) - 30_000) / 40.0) ** 2).astype(np.complex64)
    out = run(channel, blocks_of(pulse, 7000, first=1000) + blocks_of(pulse, 7000, first=100_003))
    gaps = [block.start_sample for block in out if block.dropped_before]
    assert len(gaps) == 1
    positions = np.concatenate([block.start_sample + np.arange(block.samples.size) for block in out])
    power = np.abs(joined(out)) ** 2
    for begin, end, expected in ((0, gaps[0], 31_000), (gaps[0], 10**9, 130_003)):
        inside = (positions >= begin) & (positions < end)
        centre = float(np.sum(positions[inside] * power[inside]) / np.sum(power[inside]))
        assert channel.input_position(centre) == pytest.approx(expected, abs=0.05)


def test_a_gap_shows_in_the_count_of_the_output() -> None:
    channel = Channel(RATE_HZ, 20e3, 24e3, lambda _: 0.0)
    ones = np.ones(30_000, np.complex64)
    out = run(channel, blocks_of(ones, 4096) + blocks_of(ones, 4096, first=31_000))
    expected = 0
    for block in out:
        assert block.start_sample == expected + block.dropped_before
        expected = block.start_sample + block.samples.size


def test_doppler_is_followed_without_a_step_in_phase() -> None:
    """A chirp of 5 kHz/s, told to the channel, comes out as a standing carrier."""
    chirp_hz_s, length_s = 5000.0, 1.0
    samples = tone(lambda t: 20_000.0 * t + chirp_hz_s * t * t / 2, length_s)
    channel = Channel(RATE_HZ, 20e3, 24e3, lambda n: 20_000.0 + chirp_hz_s * n / RATE_HZ)
    out = joined(run(channel, blocks_of(samples, 5000)))[200 : int(0.95 * channel.sample_rate_hz)]
    assert np.abs(out) == pytest.approx(1.0, abs=0.002)
    # The oscillator steps once a sample, half a step late: chirp times half a sample time is 0.01 Hz.
    phase = np.unwrap(np.angle(out))
    assert np.max(np.abs(np.diff(phase))) / (2 * np.pi) * channel.sample_rate_hz < 0.3
    assert (phase[-1] - phase[0]) / (2 * np.pi) / length_s == pytest.approx(0.0, abs=0.02)


def test_a_place_before_any_output_is_an_error() -> None:
    with pytest.raises(ValueError, match="given nothing"):
        Channel(RATE_HZ, 20e3, 24e3, lambda _: 0.0).input_position(0.0)
