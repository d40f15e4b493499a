import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsctl.coding import reed_solomon as rs
from gsctl.coding.dual_basis import CONVENTIONAL_TO_DUAL
from gsctl.coding.reed_solomon import ReedSolomon, decode_interleaved, encode_interleaved, il2p_code

# Message bytes 00 01 02 ... of this length give this parity; computed without this code, by the generator
# polynomials (of the first two CCSDS 131.0-B, section 4; of the others as they stand in the room).
VECTORS = [
    (rs.CCSDS_CONVENTIONAL, 223, "2FBD4FB4748494B9ACD55462721 2EEB3EBED41191DE1D36320EA49290B25ABCF"),
    (rs.CCSDS_DUAL, 223, "4FFB92DD557EC67F27FB8982CF58F8FD028AD117FCEF6B2793D0418826578651"),
    (rs.NGHAM_SMALL, 31, "DB2F59ABE00E041E71E01664982DA020"),
    (rs.RS_11D_32, 223, "66D474A49F3DE52711F4F543FD129CD973491FAE1B8C459F68DBFEBBADA90A74"),
    (rs.RS_11D_16, 48, "63CC50C443ED5970C97B240C53DED6AF"),
    (rs.RS_11D_10, 48, "A152C25A4982E7C543C1"),
    (rs.RS_11D_4, 60, "3B1E41B4"),
]
CODES = [vector[0] for vector in VECTORS] + [rs.CCSDS_E8, il2p_code(2), rs.fx25_code(64)]


@pytest.mark.parametrize(("code", "length", "parity"), VECTORS)
def test_parity_of_counting_bytes(code: ReedSolomon, length: int, parity: str) -> None:
    message = bytes(range(length))
    assert code.encode(message) == message + bytes.fromhex(parity.replace(" ", ""))


def test_il2p_header_of_its_specification() -> None:
    message = bytes.fromhex("26574D57F196CC8542E724F72E")
    assert il2p_code(2).encode(message)[-2:] == bytes.fromhex("8A97")


def test_dual_basis_table_of_the_blue_book() -> None:
    assert CONVENTIONAL_TO_DUAL[:9] == bytes.fromhex("007BAFD499E2364DFA")
    assert sorted(CONVENTIONAL_TO_DUAL) == list(range(256))


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=15)
@given(data=st.data())
def test_errors_and_erasures_up_to_the_bound(code: ReedSolomon, data: st.DataObject) -> None:
    message = data.draw(st.binary(min_size=1, max_size=code.max_message_bytes))
    erased = data.draw(st.integers(0, min(code.parity_bytes, len(message))))
    wrong = data.draw(st.integers(0, min((code.parity_bytes - erased) // 2, len(message))))
    chance = random.Random(data.draw(st.integers(0, 10**6)))
    codeword = bytearray(code.encode(message))
    places = chance.sample(range(len(codeword)), min(erased + wrong, len(codeword)))
    for place in places:
        codeword[place] ^= chance.randrange(1, 256)
    decoded = code.decode(bytes(codeword), places[:erased])
    assert decoded is not None
    assert decoded.message == message
    assert decoded.corrected_symbols == len(places)


@pytest.mark.parametrize("code", [rs.CCSDS_CONVENTIONAL, rs.CCSDS_DUAL, rs.RS_11D_16])
def test_beyond_the_bound_it_says_so(code: ReedSolomon) -> None:
    chance = random.Random(5)
    message = bytes(chance.randrange(256) for _ in range(100))
    refused = 0
    for _ in range(40):
        codeword = bytearray(code.encode(message))
        for place in chance.sample(range(len(codeword)), code.parity_bytes // 2 + 1):
            codeword[place] ^= chance.randrange(1, 256)
        decoded = code.decode(bytes(codeword))
        refused += decoded is None
        # What is accepted after all must be another codeword, never a half-corrected one.
        assert decoded is None or code.encode(decoded.message) != code.encode(message)
    assert refused >= 39


def test_hopeless_input_is_refused() -> None:
    assert rs.CCSDS_CONVENTIONAL.decode(bytes(32)) is None
    assert rs.CCSDS_CONVENTIONAL.decode(bytes(256)) is None
    assert rs.RS_11D_4.decode(bytes(60), erasures=[0, 1, 2, 3, 4]) is None
    with pytest.raises(ValueError, match="223"):
        rs.CCSDS_CONVENTIONAL.encode(bytes(224))


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 8])
def test_interleaving_spreads_a_burst_of_errors(depth: int) -> None:
    message = bytes(random.Random(depth).randrange(256) for _ in range(100 * depth))
    block = bytearray(encode_interleaved(rs.CCSDS_DUAL, message, depth))
    assert bytes(block[: len(message)]) == message
    assert len(block) == 132 * depth
    for place in range(10, 10 + 16 * depth):
        block[place] ^= 0x55
    decoded = decode_interleaved(rs.CCSDS_DUAL, bytes(block), depth)
    assert decoded is not None
    assert decoded.message == message
    assert decoded.corrected_symbols == 16 * depth
    block[10 + 16 * depth] ^= 0x55
    assert decode_interleaved(rs.CCSDS_DUAL, bytes(block), depth) is None


def test_a_block_that_is_no_multiple_is_refused() -> None:
    assert decode_interleaved(rs.CCSDS_DUAL, bytes(133), 2) is None
    with pytest.raises(ValueError, match="evenly"):
        encode_interleaved(rs.CCSDS_DUAL, bytes(3), 2)
