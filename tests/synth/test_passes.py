import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.hdlc import fcs_holds, unstuff
from gsctl.coding.line_codes import nrzi_decode
from gsctl.errors import ConfigError
from gsctl.framing import Ax25
from gsctl.model import SampleBlock, Track, TuningPlan
from gsctl.synth.channel import Samples
from gsctl.synth.modulators import Shaping
from gsctl.synth.passes import Burst, PassScene, SimulatedPass, simulate_pass
from gsctl.waveform import Bpsk

START = datetime(2026, 6, 18, 3, 0, tzinfo=UTC)
NOMINAL_HZ = 437.365e6
LIGHT_M_S = 299792458.0


def a_pass(duration_s: float) -> tuple[Track, TuningPlan]:
    """A straight fly-by at 7.5 km/s, 600 km away at its nearest, in the middle of the time."""
    time_s = np.linspace(0, duration_s, 61)
    along_m = 7500.0 * (time_s - duration_s / 2)
    range_m = np.hypot(600e3, along_m)
    rate_m_s = 7500.0 * along_m / range_m
    flat = np.zeros(len(time_s))
    slope = -NOMINAL_HZ / LIGHT_M_S * 7500.0**2 * 600e3**2 / range_m**3
    track = Track(
        start=START,
        time_s=time_s,
        azimuth_deg=flat,
        elevation_deg=flat,
        range_m=range_m,
        range_rate_m_s=rate_m_s,
    )
    plan = TuningPlan(
        start=START,
        nominal_hz=NOMINAL_HZ,
        time_s=time_s,
        shift_hz=-NOMINAL_HZ * rate_m_s / LIGHT_M_S,
        slope_hz_s=slope,
    )
    return track, plan


def a_scene(duration_s: float = 60.0, **changes: object) -> PassScene:
    track, plan = a_pass(duration_s)
    scene = PassScene(
        start=START,
        duration_s=duration_s,
        sample_rate_hz=48000.0,
        plan=plan,
        track=track,
        waveform=Bpsk(symbol_rate_bd=1200),
        framing=Ax25(),
        ebn0_db=60.0,
        shaping=Shaping(excess_bandwidth=0.5),
    )
    return dataclasses.replace(scene, **changes)  # type: ignore[arg-type]


BURSTS = [
    Burst(start_s=10.0 + 4 * n + 0.1234567 * n, payloads=(bytes([n] * 20), bytes([n + 100] * 30)))
    for n in range(8)
]


def joined(blocks: list[SampleBlock]) -> Samples:
    return np.concatenate([block.samples for block in blocks]).astype(np.complex64)


def genie(simulated: SimulatedPass, samples: Samples) -> list[bytes]:
    """Read every frame where the truth says it is, knowing the carrier: no receiver in between."""
    scene, frames = simulated.scene, []
    for truth in simulated.truth:
        count = round((truth.end_sample_index - truth.sample_index) / 40)
        at = np.linspace(truth.sample_index, truth.end_sample_index, count + 1)
        time_s = np.arange(len(samples)) / scene.true_rate_hz
        low, high = int(at[0]) - 400, int(at[-1]) + 400
        drift_hz_s = (truth_frequency(simulated, at[-1]) - truth_frequency(simulated, at[0])) / (
            time_s[int(at[-1])] - time_s[int(at[0])]
        )
        since_s = time_s[low:high] - at[0] / scene.true_rate_hz
        mixed = samples[low:high] * np.exp(
            -2j * np.pi * (truth.frequency_hz * since_s + drift_hz_s / 2 * since_s**2)
        )
        soft = np.array([mixed[round(a) - low - 8 : round(a) - low + 9].mean() for a in at])
        phase = np.angle(np.sum(soft**2)) / 2
        bits = nrzi_decode((np.real(soft * np.exp(-1j * phase)) > 0).astype(np.uint8))
        previous = mixed[round(at[0] - 40) - low] * np.exp(-1j * phase)
        bits[0] = int((previous.real > 0) == (np.real(soft[0] * np.exp(-1j * phase)) > 0))
        frames.append(bits_to_bytes(unstuff(bits), lsb_first=True))
    return frames


def truth_frequency(simulated: SimulatedPass, sample: float) -> float:
    plan, scene = simulated.scene.plan, simulated.scene
    shift_hz = np.interp(sample / scene.true_rate_hz, plan.time_s, plan.shift_hz)
    return float(
        plan.nominal_hz * (1 - (1 + scene.clock_error_ppm * 1e-6)) + scene.carrier_offset_hz + shift_hz
    )


@pytest.mark.parametrize("changes", [{}, {"clock_error_ppm": 8.0, "carrier_offset_hz": -700.0}])
def test_the_frames_are_where_the_truth_says(changes: dict[str, float]) -> None:
    simulated = simulate_pass(a_scene(**changes), BURSTS)
    frames = genie(simulated, joined(list(simulated.blocks())))
    assert len(frames) == 16
    assert all(fcs_holds(frame) for frame in frames)
    assert [frame[:-2] for frame in frames] == [payload for burst in BURSTS for payload in burst.payloads]


def test_truth_times_and_shift_follow_the_pass() -> None:
    simulated = simulate_pass(a_scene(clock_error_ppm=20.0), BURSTS)
    first = simulated.truth[0]
    flags_s = 24 * 8 / 1200
    assert (first.received_at - START).total_seconds() == pytest.approx(10.0 + flags_s, abs=1e-4)
    assert first.sample_index == pytest.approx((10.0 + flags_s) * 48000 * (1 + 20e-6), abs=2)
    shifts = [truth.shift_hz for truth in simulated.truth]
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[0] > 0 > shifts[-1]
    assert first.ebn0_db < simulated.truth[8].ebn0_db <= 60.0


def test_any_block_size_gives_the_same_samples() -> None:
    whole = joined(list(simulate_pass(a_scene(12.0, block_samples=1 << 20), BURSTS[:1]).blocks()))
    cut = list(simulate_pass(a_scene(12.0, block_samples=4099), BURSTS[:1]).blocks())
    assert np.array_equal(whole, joined(cut))
    for block in cut:
        expected = START + timedelta(seconds=block.start_sample / 48000)
        assert block.start_time is not None
        assert abs((block.start_time - expected).total_seconds()) < 1e-6
    assert np.abs(whole).max() < 1.0


def test_only_the_surroundings_of_bursts() -> None:
    simulated = simulate_pass(a_scene(only_bursts_margin_s=0.2), BURSTS)
    blocks = list(simulated.blocks())
    assert sum(len(block.samples) for block in blocks) < 0.5 * simulated.sample_count
    expected = blocks[0].start_sample
    for block in blocks:
        assert block.start_sample == expected + block.dropped_before
        expected = block.start_sample + len(block.samples)
    stream = np.zeros(simulated.sample_count, np.complex64)
    for block in blocks:
        stream[block.start_sample : block.start_sample + len(block.samples)] = block.samples
    assert all(fcs_holds(frame) for frame in genie(simulated, stream))


def test_noise_is_as_strong_as_asked_and_grows_relatively_with_range() -> None:
    quiet = simulate_pass(a_scene(ebn0_db=10.0), BURSTS[5:6])
    samples = joined(list(quiet.blocks()))
    at = quiet.truth[0]
    noise = float(np.mean(np.abs(samples[: 48000 * 5]) ** 2))
    burst = samples[int(at.sample_index) : int(at.end_sample_index)]
    signal = float(np.mean(np.abs(burst) ** 2)) - noise
    measured_db = 10 * np.log10(signal / 1200 / (noise / 48000))
    # 12 000 samples of noise tell a power within about one per cent, its difference to the sum less well.
    assert measured_db == pytest.approx(at.ebn0_db, abs=0.5)


def test_overlapping_bursts_are_noticed() -> None:
    assert not simulate_pass(a_scene(), BURSTS).overlaps
    assert simulate_pass(a_scene(), [*BURSTS, Burst(start_s=10.2, payloads=(b"late",))]).overlaps


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ConfigError, match="Eb/N0"):
        simulate_pass(a_scene(ebn0_db=float("nan")), BURSTS)
    with pytest.raises(ConfigError, match="outside the scene"):
        simulate_pass(a_scene(), [Burst(start_s=60.0, payloads=(b"a",))])
    with pytest.raises(ConfigError, match="beyond"):
        simulate_pass(a_scene(center_frequency_hz=NOMINAL_HZ + 20000), BURSTS)
