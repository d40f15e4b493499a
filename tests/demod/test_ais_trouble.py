"""What must not deafen the AIS receiver: a full band, clipping, a pager beside it, endless interference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.ais import START, blocks_of, clipped, hear, pairs, share_heard, traffic, with_pager
from gsctl.demod import Effort
from gsctl.demod.ais_burst import BurstReceiver, ReceivedBurst
from gsctl.model import Domain, SampleBlock
from gsctl.pipeline.ais_reception import AisReceiver


@pytest.mark.parametrize(("effort", "duration_s"), [(Effort.FAST, 8.0), (Effort.NORMAL, 3.0)])
def test_a_band_without_a_free_slot(effort: Effort, duration_s: float) -> None:
    bursts = traffic(duration_s, 1.0, (8.0, 40.0))
    blocks = blocks_of(bursts, duration_s)
    heard = hear(blocks, effort)
    assert share_heard(bursts, heard) > 0.98
    # Stretches of a busy channel overlap, and yet no message comes twice.
    assert len(heard) == len({one.frame.payload for one in heard})
    assert all(one.frame.received_at is not None and one.frame.received_at > START for one in heard)


@pytest.mark.parametrize("bad", [np.nan, 1e30])
def test_one_sample_beyond_all_reason(bad: float) -> None:
    bursts = traffic(2.0, 0.3, (15.0, 30.0))
    blocks = blocks_of(bursts, 2.0)
    spoilt = blocks[0].samples.copy()
    spoilt[len(spoilt) // 2] = bad
    with np.errstate(all="ignore"):
        heard = hear([replace(blocks[0], samples=spoilt), *blocks[1:]], Effort.FAST)
    # What is in the window that it spoils may be lost, on both channels.
    assert share_heard(bursts, heard) > 0.75


def test_clipping_20_db_over_full_scale_of_8_bit() -> None:
    weak = traffic(2.0, 0.5, (10.0, 20.0), seed=5)
    strong = [replace(burst, ebn0_db=45.0) for burst in traffic(2.0, 0.1, (45.0, 45.0), seed=6)]
    busy = {(burst.frequency_hz > 162e6, round(burst.time_s * 37.5)) for burst in strong}
    weak = [one for one in weak if (one.frequency_hz > 162e6, round(one.time_s * 37.5)) not in busy]
    blocks = clipped(blocks_of([*weak, *strong], 2.0, 300e3), 20.0)
    heard = {one.frame.payload for one in hear(blocks, Effort.NORMAL)}
    assert len(heard & {one.payload for one in strong}) >= 0.95 * len(strong)
    # What lies in the same slot of the other channel is under the products of the clipping.
    assert len(heard & {one.payload for one in weak}) >= 0.8 * len(weak)
    assert heard <= {one.payload for one in (*weak, *strong)}


@pytest.mark.parametrize("away_hz", [25e3, 100e3])
def test_a_pager_60_db_stronger_beside_the_band(away_hz: float) -> None:
    bursts = traffic(1.5, 0.5, (10.0, 20.0))
    blocks = with_pager(blocks_of(bursts, 1.5, 300e3), 37.5e3 + away_hz, 60.0, 10.0)
    heard = hear(blocks, Effort.NORMAL)
    assert share_heard(bursts, heard) >= 0.97
    assert {one.frame.payload for one in heard} <= {burst.payload for burst in bursts}


def test_a_weak_burst_20_db_under_another() -> None:
    bursts = pairs(20, 35.0, 15.0, 0.5)
    heard = {one.frame.payload for one in hear(blocks_of(bursts, 2.0), Effort.NORMAL)}
    assert len(heard & {burst.payload for burst in bursts[::2]}) == 20
    assert len(heard & {burst.payload for burst in bursts[1::2]}) >= 8


def test_interference_costs_a_bounded_number_of_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []
    receive = BurstReceiver.receive

    def counted(receiver: BurstReceiver, *rest: Any) -> ReceivedBurst | None:
        attempts.append(1)
        return receive(receiver, *rest)

    monkeypatch.setattr(BurstReceiver, "receive", counted)
    random = np.random.default_rng(3)
    rate_hz, seconds = 96e3, 3.0
    count = int(rate_hz * seconds)
    # Noise in both channels that comes and goes a hundred times a second.
    noise = random.standard_normal(2 * count).astype(np.float32).view(np.complex64)
    noise *= np.where(np.arange(count) // 480 % 2, np.float32(0.1), np.float32(0.001))
    receiver = AisReceiver(Effort.NORMAL)
    block = SampleBlock(samples=noise, domain=Domain.IQ, sample_rate_hz=rate_hz)
    assert [*receiver.push(block), *receiver.finish()] == []
    assert 10 < len(attempts) <= 2 * 60 * (seconds + 1)
