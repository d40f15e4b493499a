"""AAUSAT-4: a beacon from orbit, coded again by the rules of the AAUSAT-3 page."""

from collections.abc import Callable

import numpy as np
import pytest

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.convolutional import CCSDS_K7
from gsctl.coding.reed_solomon import CCSDS_CONVENTIONAL
from gsctl.coding.scramblers import CCSDS
from gsctl.framing import Integrity
from gsctl.model import Frame, StageCounters

Deframe = Callable[..., list[Frame]]
# dernasherbrezon/jradio, AAUSAT4Beacon.json: received 2016-04-26.
BEACON = bytes.fromhex(
    "005600b1924827000300005414571f01266e0edbc7fef87f1011a30004003e0238ffa51800113b0343f71a0000000000"
    "00000000000000000000000000000000000000000000015700000000ffff0000000000000000000000003b00"
)
TRAINING = np.tile(np.array([0, 1], np.uint8), 240)


def line_bits(payload: bytes, size_byte: int, sync: bytes = b"OZ4CUB") -> np.ndarray:
    coded = CCSDS_K7.encode(bytes_to_bits(CCSDS.apply(CCSDS_CONVENTIONAL.encode(payload))), tail=True)
    head = bytes_to_bits(sync + bytes([size_byte]))
    return np.concatenate([TRAINING, head, coded, np.zeros(4, np.uint8)])


@pytest.mark.parametrize("cut", [None, 1, 500])
@pytest.mark.parametrize(
    ("payload", "size_byte"), [(BEACON, 0x59), (BEACON[:31], 0xA6)], ids=["long", "short"]
)
def test_long_and_short_blocks(payload: bytes, size_byte: int, cut: int | None, deframe: Deframe) -> None:
    bits = line_bits(payload, size_byte)
    (frame,) = deframe("aausat-4", bits, cut=cut)
    assert frame.payload == payload
    assert frame.integrity is Integrity.FEC
    assert frame.corrected_errors == 0
    assert frame.sample_index == 5 * (480 + 48)
    assert frame.end_sample_index == 5 * (len(bits) - 5)


def test_a_noisy_block_counts_its_errors(deframe: Deframe) -> None:
    bits = line_bits(BEACON, 0x59)
    found = [deframe("aausat-4", bits, noise=0.75, seed=seed) for seed in range(10)]
    frames = [frame for frames in found for frame in frames]
    assert len(frames) >= 9
    assert {frame.payload for frame in frames} == {BEACON}
    # One symbol in eleven is wrong at this noise.
    assert all(120 <= frame.corrected_errors <= 240 for frame in frames)


def test_the_older_satellite_has_its_own_call(deframe: Deframe) -> None:
    bits = line_bits(BEACON, 0x59, b"OZ3CUB")
    bits[480:489] ^= 1  # more wrong bits than are tolerated in the newer one's call
    assert deframe("aausat-4", bits) == []
    name = f"aausat-4:sync_word={int.from_bytes(b'OZ3CUB', 'big')},sync_tolerance=9"
    assert [frame.payload for frame in deframe(name, bits)] == [BEACON]


def test_noise_gives_nothing(deframe: Deframe) -> None:
    counters = StageCounters()
    bits = np.random.default_rng(3).integers(0, 2, 200_000, np.uint8)
    assert deframe("aausat-4", bits, noise=1.0, counters=counters) == []
    assert counters.sync_found == counters.uncorrectable
