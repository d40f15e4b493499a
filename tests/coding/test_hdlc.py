import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
from gsctl.coding.hdlc import FLAG_BITS, fcs_holds, frame_bits, stuff, unstuff, with_fcs

FRAME = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")


def test_fcs_of_the_framings_vector() -> None:
    assert with_fcs(FRAME)[-2:] == bytes.fromhex("823C")
    assert fcs_holds(with_fcs(FRAME))
    assert not fcs_holds(with_fcs(FRAME)[:-1] + b"\x00")


def test_stuffing_by_hand() -> None:
    ones = np.ones(11, np.uint8)
    assert stuff(ones).tolist() == [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1]
    assert FLAG_BITS.tolist() == [0, 1, 1, 1, 1, 1, 1, 0]


@given(
    payload=st.binary(max_size=60)
    | st.lists(st.sampled_from(b"\xff\xfe\x7e\x3f\x1f"), max_size=40).map(bytes)
)
def test_no_flag_within_a_frame_and_back(payload: bytes) -> None:
    line = frame_bits(payload)
    assert b"\x01" * 6 not in line.tobytes()
    assert bits_to_bytes(unstuff(line), lsb_first=True) == with_fcs(payload)


def test_unstuff_leaves_bits_without_runs_alone() -> None:
    bits = bytes_to_bits(b"\xaa\x55\x7c")
    assert unstuff(bits).tolist() == bits[:-1].tolist()  # 7C is 01111100: the bit after its five ones goes
