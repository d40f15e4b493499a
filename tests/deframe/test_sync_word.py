"""The search for sync words: places, tolerance, bounded memory, any cut."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gsctl.coding.bit_order import bytes_to_bits
from gsctl.coding.line_codes import nrzi_encode, nrzm_encode
from gsctl.coding.scramblers import g3ruh_scramble
from gsctl.deframe.sync_kernels import find_sync_words
from gsctl.deframe.sync_word import Block, LineCode, Refused, Soft, SyncLine, sync_word
from gsctl.model import SoftBits, StageCounters


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(1, 5), st.booleans())
def test_kernel_agrees_with_plain_counting(seed: int, tolerance: int, spacing: int, either: bool) -> None:
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, 400, np.uint8)
    pattern = rng.integers(0, 2, 12, np.uint8)
    starts, upside_down = find_sync_words(bits, 0, pattern, spacing, tolerance, either)
    wrong = [
        int(np.sum(bits[n : n + 12 * spacing : spacing][:12] != pattern)) for n in range(400 - 11 * spacing)
    ]
    expected = [n for n, w in enumerate(wrong) if w <= tolerance or (either and 12 - w <= tolerance)]
    assert starts.tolist() == expected
    assert upside_down.tolist() == [wrong[n] > tolerance for n in expected]


def _soft(bits: NDArray[np.uint8]) -> SoftBits:
    values = bits.astype(np.float32) * 2 - 1
    return SoftBits(values=values, position=np.arange(len(bits), dtype=np.float64), symbol_rate_bd=1.0)


class _Counting:
    """A body that wants 1000 symbols and remembers what it was shown."""

    line_code = LineCode.NRZ
    first_symbols = 10
    max_symbols = 1000

    def __init__(self, tolerance: int) -> None:
        self.syncs = (sync_word(0x930B51DE, 32, tolerance),)
        self.seen: list[int] = []

    def read(self, soft: Soft) -> int | Refused | Sequence[Block]:
        self.seen.append(len(soft))
        return 1000 if len(soft) < 1000 else 1001


def test_tolerance_and_polarity() -> None:
    word = bytes_to_bits(bytes.fromhex("930B51DE"))
    for wrong, found in [(0, 1), (3, 1), (4, 0), (28, 0), (29, 1), (32, 1)]:
        counters = StageCounters()
        bits = np.concatenate([np.zeros(50, np.uint8), word, np.zeros(50, np.uint8)])
        bits[50 : 50 + wrong] ^= 1
        list(SyncLine(_Counting(3), counters).push(_soft(bits)))
        assert counters.sync_found == found, wrong


def test_a_body_gets_what_it_asks_for_and_no_more_than_its_maximum() -> None:
    body = _Counting(0)
    bits = np.concatenate([bytes_to_bits(bytes.fromhex("930B51DE")), np.zeros(1500, np.uint8)])
    assert list(SyncLine(body, StageCounters()).push(_soft(bits))) == []
    assert body.seen == [10, 1000]


def test_memory_stays_bounded_under_sync_words_without_end() -> None:
    body = _Counting(0)
    line = SyncLine(body, StageCounters())
    word = np.tile(bytes_to_bits(bytes.fromhex("930B51DE")), 64)
    most = 0
    for _ in range(60):
        list(line.push(_soft(word)))
        most = max(most, len(line._values), len(line._position), len(line._waiting))
    assert most < 6000


def test_line_codes_are_undone() -> None:
    rng = np.random.default_rng(5)
    data = rng.integers(0, 2, 300, np.uint8)
    sent = {
        LineCode.NRZ: data,
        LineCode.NRZ_I: nrzi_encode(data),
        LineCode.NRZ_M: nrzm_encode(data),
        LineCode.G3RUH: g3ruh_scramble(data),
    }
    for code, bits in sent.items():
        body = _Counting(0)
        body.line_code = code
        line = SyncLine(body, StageCounters())
        values = _soft(bits).values
        decoded = np.concatenate([line._decode_line(values[:13]), line._decode_line(values[13:])])
        assert ((decoded > 0) == data)[17:].all(), code
