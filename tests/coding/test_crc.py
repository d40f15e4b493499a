import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.coding.crc import CRC_8, CRC_32C, CRCS, X25, Crc


def bitwise(crc: Crc, data: bytes) -> int:
    """The same model one bit at a time, straight from its description."""
    register = crc.init
    for octet in data:
        for place in range(8):
            bit = octet >> (place if crc.reflected else 7 - place) & 1
            top = register >> (crc.width - 1) & 1
            register = register << 1 & (1 << crc.width) - 1
            if top ^ bit:
                register ^= crc.poly
    if crc.reflected:
        register = int(f"{register:0{crc.width}b}"[::-1], 2)
    return register ^ crc.xorout


@pytest.mark.parametrize("name", CRCS)
def test_check_values(name: str) -> None:
    assert CRCS[name](b"123456789") == CRCS[name].check


@pytest.mark.parametrize("name", CRCS)
@given(data=st.binary(max_size=40))
def test_tables_agree_with_the_bitwise_model(name: str, data: bytes) -> None:
    assert CRCS[name](data) == bitwise(CRCS[name], data)


@given(data=st.binary(max_size=100))
def test_the_model_reaches_the_crc_of_zip(data: bytes) -> None:
    ethernet = Crc(
        width=32, poly=0x04C11DB7, init=0xFFFFFFFF, xorout=0xFFFFFFFF, reflected=True, check=0xCBF43926
    )
    assert ethernet(data) == zlib.crc32(data)


def test_ax25_frame_of_framings_section_1() -> None:
    frame = bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")
    assert X25.to_bytes(frame, little_endian=True) == bytes.fromhex("823C")


def test_holds_refuses_short_and_wrong_data() -> None:
    good = b"abc" + CRC_32C.to_bytes(b"abc")
    assert CRC_32C.holds(good)
    assert not CRC_32C.holds(good, little_endian=True)
    assert not CRC_32C.holds(b"abd" + good[3:])
    assert not CRC_32C.holds(b"abc")
    assert not X25.holds(b"")
    assert CRC_8.holds(b"a" + CRC_8.to_bytes(b"a"))
