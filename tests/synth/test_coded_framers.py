"""What the coded framers send, read by deframers that others wrote and real recordings vouch for."""

import numpy as np
import pytest

from gsctl.coding.bit_order import bits_to_bytes
from gsctl.deframe import DEFRAMERS, DeframeOptions
from gsctl.framing import Ax100AsmGolay, Ax100ReedSolomon, Ccsds, Framing
from gsctl.model import Frame, SoftBits, StageCounters
from gsctl.synth.framers import line_symbols

RANDOM = np.random.default_rng(9)
FRAMINGS = [
    (Ccsds(), 223),
    (Ccsds(convolutional="ccsds"), 223),
    (Ccsds(convolutional="nasa-dsn", differential=True, basis="conventional", size_bytes=114), 114),
    (Ccsds(convolutional="ccsds-uninverted", depth=4, size_bytes=892), 892),
    (Ccsds(reed_solomon=False, fecf=True, size_bytes=100, scrambler=False), 98),
    (Ax100AsmGolay(), 90),
    (Ax100AsmGolay(sync_word=0x1ACFFC1D, scrambler=False), 223),
    (Ax100ReedSolomon(), 61),
]


def heard(framing: Framing, values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[Frame]:
    deframer = DEFRAMERS[type(framing)](framing, DeframeOptions(), StageCounters())
    soft = SoftBits(values=values, position=np.arange(len(values), dtype=np.float64), symbol_rate_bd=9600.0)
    return list(deframer.push(soft))


@pytest.mark.parametrize(("framing", "size"), FRAMINGS)
def test_deframers_read_what_is_sent(framing: Framing, size: int) -> None:
    payloads = [RANDOM.bytes(size) for _ in range(3)]
    burst = line_symbols(framing, payloads)
    # Six sigma: an uncoded frame must survive too.
    values = np.where(burst.values == 1, 6.0, -6.0).astype(np.float32)
    values += RANDOM.standard_normal(len(values), dtype=np.float32)
    frames = heard(framing, values)
    assert [frame.payload for frame in frames] == payloads
    # Sample n is symbol n here. A deframer may count from the sync word's end or from its last symbol.
    assert np.abs(np.array([f.sample_index for f in frames]) - np.array(burst.first)).max() <= 1


def test_bytes_of_an_ax100_frame_by_hand() -> None:
    burst = line_symbols(Ax100AsmGolay(), [b"\x00"], opening=8)
    line = bits_to_bytes(burst.values)
    assert line[:5] == bytes.fromhex("55930B51DE")
    assert burst.first == (40,)
    # 33 bytes follow the length; the first byte 00 under the scrambler's FF.
    assert int.from_bytes(line[5:8], "big") & 0xFFF == 33
    assert line[8] == 0xFF


def test_a_frame_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="223"):
        line_symbols(Ccsds(), [b"short"])
