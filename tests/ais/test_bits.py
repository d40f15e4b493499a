"""Bits, armour and sentences: known lines, and there and back for any bits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais.bits import MAX_BITS, AisBits
from gsctl.ais.nmea import Sentence, parse_line
from gsctl.ais.sentences import build_sentences, checksum, tag_block, with_tag_blocks
from gsctl.errors import RecordingError, UsageError

any_bits = st.integers(1, MAX_BITS).flatmap(
    lambda count: st.builds(AisBits, st.integers(0, (1 << count) - 1), st.just(count))
)


@given(any_bits)
def test_bits_survive_armour_and_bytes(bits: AisBits) -> None:
    payload, fill = bits.armour()
    assert AisBits.from_armour(payload.encode(), fill) == bits
    assert AisBits.from_bytes(bits.to_bytes(), bits.count) == bits


@given(any_bits, st.sampled_from(["A", "B", "C", "D", ""]), st.integers(0, 30))
def test_sentences_are_read_back(bits: AisBits, channel: str, number: int) -> None:
    lines = build_sentences(bits, channel=channel, sequence_number=number)
    read = [parse_line(line.encode()) for line in lines]
    assert all(isinstance(sentence, Sentence) for sentence in read)
    sentences = [sentence for sentence in read if isinstance(sentence, Sentence)]
    assert [sentence.part for sentence in sentences] == list(range(1, len(lines) + 1))
    assert {sentence.channel for sentence in sentences} == {channel}
    payload = b"".join(sentence.payload for sentence in sentences)
    assert AisBits.from_armour(payload, sentences[-1].fill_bits) == bits
    assert all(len(line) + 2 <= 82 for line in lines), "IEC 61162-1 allows 82 characters with CR and LF"


def test_a_published_line_is_rebuilt_to_the_character() -> None:
    # The Type 5 example of gpsd's AIVDM page.
    payload = b"55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880"
    bits = AisBits.from_armour(payload, 2)
    assert bits.count == 424
    assert build_sentences(bits, channel="A", sequence_number=1) == (
        "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
        "!AIVDM,2,2,1,A,88888888880,2*25",
    )


@pytest.mark.parametrize("payload", [b"", b"15R\xff", b"15RX", b"a" * 179, b"1 2"])
def test_what_is_no_payload_is_refused(payload: bytes) -> None:
    with pytest.raises(RecordingError):
        AisBits.from_armour(payload)


def test_bytes_shorter_than_the_bits_asked_for_are_refused() -> None:
    with pytest.raises(RecordingError, match="17 bits in 2 bytes"):
        AisBits.from_bytes(b"\x00\x01", 17)


@given(st.binary(max_size=200))
def test_checksum_is_the_exclusive_or(data: bytes) -> None:
    expected = 0
    for byte in data:
        expected ^= byte
    assert checksum(data) == expected


def test_tag_block_has_source_and_seconds() -> None:
    time = datetime(2014, 12, 10, 0, 41, 53, tzinfo=UTC)
    block = tag_block(source="rORBCOMM104", received_at=time)
    assert block.startswith("\\s:rORBCOMM104,c:1418172113*")
    assert int(block[-3:-1], 16) == checksum(block[1:-4].encode())
    assert ",c:1418172113250*" in tag_block(source="x", received_at=time + timedelta(milliseconds=250))


def test_tag_block_cannot_be_broken_by_the_name_of_a_source() -> None:
    assert tag_block(source="a\\*,\n!AIVDMé").startswith("\\s:aAIVDM*")
    assert tag_block() == ""


def test_tag_block_refuses_a_time_without_zone() -> None:
    with pytest.raises(UsageError, match="no zone"):
        tag_block(received_at=datetime(2020, 1, 1))  # noqa: DTZ001


def test_parts_share_a_group_and_the_first_names_time_and_source() -> None:
    time = datetime(2020, 1, 1, tzinfo=UTC)
    first, second = with_tag_blocks(["!A", "!B"], source="hut", received_at=time, group_number=12345)
    assert first.startswith("\\g:1-2-2345,s:hut,c:1577836800*")
    assert second.startswith("\\g:2-2-2345*")
