import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsctl.coding.bit_order import Bits, bits_to_bytes
from gsctl.coding.hdlc import fcs_holds, unstuff
from gsctl.coding.line_codes import nrzi_decode
from gsctl.coding.morse import morse_text
from gsctl.coding.scramblers import g3ruh_descramble
from gsctl.framing import Ais, Ax25, Ax100AsmGolay, Ax100ReedSolomon, Ccsds, Framing, Text
from gsctl.synth.framers import FRAMERS, LineSymbols, line_symbols

FRAME = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")
framings = st.builds(Ax25, g3ruh=st.booleans(), nrzi_passes=st.integers(0, 2)) | st.just(Ais())


def undone(framing: Framing, symbols: Bits) -> Bits:
    if isinstance(framing, Ax25):
        bits = g3ruh_descramble(symbols) if framing.g3ruh else symbols
        for _ in range(framing.nrzi_passes):
            bits = nrzi_decode(bits)
        return bits
    return nrzi_decode(symbols)


def frames_of(framing: Framing, burst: LineSymbols) -> list[bytes]:
    bits = undone(framing, burst.values)
    return [
        bits_to_bytes(unstuff(bits[first : last + 1]), lsb_first=True)
        for first, last in zip(burst.first, burst.last, strict=True)
    ]


def test_published_g3ruh_flags_begin_the_burst() -> None:
    burst = line_symbols(Ax25(g3ruh=True), [FRAME], opening=6)
    assert bits_to_bytes(burst.values[:48]) == bytes.fromhex("FEF16E90A0BC")
    assert burst.first == (48,)


def test_ais_training_and_flag_as_itu_gives_them() -> None:
    burst = line_symbols(Ais(), [b"\x04" + bytes(20)])
    data = nrzi_decode(burst.values)
    assert data[:24].tolist() == [0, 1] * 12
    assert data[24:32].tolist() == [0, 1, 1, 1, 1, 1, 1, 0]
    assert burst.first == (32,)
    # 24 training, 8 flag, 168 data and 16 FCS plus stuffing, 8 flag
    assert len(burst.values) >= 224


@settings(max_examples=60)
@given(framing=framings, payloads=st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4))
def test_frames_stand_where_the_burst_says(framing: Framing, payloads: list[bytes]) -> None:
    burst = line_symbols(framing, payloads)
    got = frames_of(framing, burst)
    assert all(fcs_holds(frame) for frame in got)
    assert [frame[:-2] for frame in got] == payloads
    assert np.isin(burst.values, (0, 1)).all()


def test_every_framer_is_registered_by_its_class() -> None:
    assert set(FRAMERS) == {Ax25, Ais, Text, Ccsds, Ax100AsmGolay, Ax100ReedSolomon}


def test_morse_texts_stand_where_the_burst_says() -> None:
    burst = line_symbols(Text(), [b"JQ1YCZ", b"KOSEN 1"], opening=10)
    texts = [morse_text(burst.values[a : b + 1]) for a, b in zip(burst.first, burst.last, strict=True)]
    assert texts == ["JQ1YCZ", "KOSEN 1"]
    assert burst.first[0] == 10
    with pytest.raises(ValueError, match="Morse"):
        line_symbols(Text(), [b"~"])
