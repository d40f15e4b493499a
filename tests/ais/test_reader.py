"""Lines to messages: parts, times and stations, and hostile lines that cost nothing but a count."""

import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gsctl.ais.bits import AisBits
from gsctl.ais.messages import AisMessage
from gsctl.ais.nmea import MAX_LINE_BYTES, GatehouseTime, Refusal, Sentence, parse_line
from gsctl.ais.reader import NmeaReader
from gsctl.ais.sentences import build_sentences, checksum, tag_block, with_tag_blocks

NOON = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)
POSITION = b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"
FIRST = b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C"
SECOND = b"!AIVDM,2,2,1,A,88888888880,2*25"


def line(body: bytes) -> bytes:
    """A sentence with its checksum."""
    return b"!" + body + b"*%02X" % checksum(body)


def read(*lines: bytes, source: str = "") -> tuple[list[AisMessage], NmeaReader]:
    reader = NmeaReader(source=source)
    return list(reader.read(lines)), reader


def parts_of(mmsi: int, number: int, channel: str = "A") -> tuple[bytes, bytes]:
    bits = AisBits.from_armour(FIRST.split(b",")[5] + SECOND.split(b",")[5], 2)
    mask = ((1 << 30) - 1) << (bits.count - 38)
    changed = AisBits(bits.value & ~mask | mmsi << (bits.count - 38), bits.count)
    first, second = build_sentences(changed, channel=channel, sequence_number=number)
    return first.encode(), second.encode()


def test_parts_in_any_order_and_between_others() -> None:
    other_first, other_second = parts_of(200000001, 1, "B")
    messages, reader = read(SECOND, other_first, POSITION, FIRST, other_second)
    assert [message.mmsi for message in messages] == [371798000, 351759000, 200000001]
    assert messages[1].nmea == (FIRST.decode(), SECOND.decode())
    assert reader.counters.incomplete == 0


def test_a_new_first_part_gives_up_the_old_one() -> None:
    old_first, _ = parts_of(200000001, 1)
    messages, reader = read(old_first, FIRST, SECOND)
    assert [message.mmsi for message in messages] == [351759000]
    assert reader.counters.incomplete == 1


def test_parts_that_come_a_minute_apart_do_not_belong_together() -> None:
    def tagged(sentence: bytes, time: datetime) -> bytes:
        return tag_block(source="hut", received_at=time).encode() + sentence

    late = NOON + timedelta(seconds=61)
    messages, reader = read(tagged(FIRST, NOON), tagged(SECOND, late))
    assert messages == []
    assert reader.counters.incomplete == 2
    messages, _ = read(tagged(FIRST, NOON), tagged(SECOND, NOON + timedelta(seconds=59)))
    assert len(messages) == 1


def test_without_times_lines_age_unfinished_messages() -> None:
    messages, reader = read(FIRST, *[POSITION] * 7000, SECOND)
    assert {message.mmsi for message in messages} == {371798000}
    assert reader.counters.incomplete == 2


def test_parts_of_two_stations_stay_apart() -> None:
    def tagged(sentence: bytes, station: str) -> bytes:
        return tag_block(source=station).encode() + sentence

    own_first, own_second = parts_of(200000001, 1)
    messages, _ = read(
        tagged(FIRST, "a"), tagged(own_first, "b"), tagged(own_second, "b"), tagged(SECOND, "a")
    )
    assert [(message.mmsi, message.source) for message in messages] == [(200000001, "b"), (351759000, "a")]


def test_channel_in_the_first_part_only() -> None:
    bare = line(b"AIVDM,2,2,1,,88888888880,2")
    messages, _ = read(FIRST, bare)
    assert [message.mmsi for message in messages] == [351759000]
    assert messages[0].channel == "A"


def test_station_behind_one_part_only() -> None:
    messages, _ = read(FIRST, SECOND + b",b003660465")
    assert [message.mmsi for message in messages] == [351759000]


def test_tag_block_of_a_group_counts_for_all_parts() -> None:
    tagged = with_tag_blocks(
        [FIRST.decode(), SECOND.decode()], source="hut", received_at=NOON, group_number=7
    )
    (message,), _ = read(*(text.encode() for text in tagged))
    assert (message.received_at, message.time_source, message.source) == (NOON, "tag-block", "hut")


def test_times_in_their_order_of_rank() -> None:
    own_time = NOON + timedelta(hours=1)
    appended = POSITION + b",d-093,S0000,r003669946,1325394060"
    tagged = tag_block(received_at=NOON).encode() + appended
    seen = []
    for text in (tagged, appended, POSITION):
        reader = NmeaReader(source="udp")
        message = reader.feed(text, own_time, "192.0.2.1")
        assert message is not None
        seen.append((message.received_at, message.time_source, message.source))
    at_station = datetime.fromtimestamp(1325394060, UTC)
    assert seen == [
        (NOON, "tag-block", "r003669946"),
        (at_station, "station", "r003669946"),
        (own_time, "host", "192.0.2.1"),
    ]
    assert NmeaReader(source="file.nmea").feed(POSITION) is not None
    (message,), _ = read(POSITION, source="file.nmea")
    assert (message.received_at, message.time_source, message.source) == (None, "", "file.nmea")


@pytest.mark.parametrize("digits", [b"1418172113", b"1418172113000", b"1418172113000000"])
def test_tag_block_times_in_seconds_milliseconds_and_microseconds(digits: bytes) -> None:
    body = b"c:" + digits
    (message,), _ = read(b"\\%s*%02X\\" % (body, checksum(body)) + POSITION)
    assert message.received_at == datetime(2014, 12, 10, 0, 41, 53, tzinfo=UTC)


@pytest.mark.parametrize("digits", [b"", b"x", b"1", b"9" * 20, b"12415440354", b"-5"])
def test_tag_block_times_that_are_none(digits: bytes) -> None:
    body = b"s:hut,c:" + digits
    (message,), _ = read(b"\\%s*%02X\\" % (body, checksum(body)) + POSITION)
    assert (message.received_at, message.source) == (None, "hut")


def test_tag_block_with_a_wrong_checksum_says_nothing() -> None:
    (message,), _ = read(b"\\s:hut,c:1418172113*00\\" + POSITION)
    assert (message.received_at, message.source) == (None, "")


def test_gatehouse_line_gives_time_to_its_own_message_only() -> None:
    body = b"PGHP,1,2010,6,11,11,46,11,390,231,45,992190934,1,4A"
    noted = b"$%s*%02X" % (body, checksum(body))
    assert isinstance(parse_line(noted), GatehouseTime)
    (first, second), _ = read(noted, POSITION, POSITION)
    assert first.received_at == datetime(2010, 6, 11, 11, 46, 11, 390000, tzinfo=UTC)
    assert (first.time_source, first.source) == ("station", "992190934")
    assert second.received_at is None


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (b"", Refusal.OTHER),
        (b"# " + POSITION, Refusal.OTHER),
        (b"$GPRMC,213950.00,A,5250.53669,N,00542.34920,E,0.020,,070420,,,A*7D", Refusal.OTHER),
        (b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4B", Refusal.CHECKSUM_BAD),
        (b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0", Refusal.CHECKSUM_MISSING),
        (b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*zz", Refusal.CHECKSUM_MISSING),
        (b"AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A", Refusal.MALFORMED),
        (line(b"AIVDM,1,1,,A,,0"), Refusal.EMPTY),
        (line(b"AIVDM,1,1,,A,15RT"), Refusal.MALFORMED),
        (line(b"AIVDM,0,1,,A,15RT,0"), Refusal.MALFORMED),
        (line(b"AIVDM,2,3,,A,15RT,0"), Refusal.MALFORMED),
        (line(b"AIVDM,10,1,,A,15RT,0"), Refusal.MALFORMED),
        (line(b"AIVDM,1,1,,A,15RT,6"), Refusal.MALFORMED),
        (line(b"AIVDM,\xb2,1,,A,15RT,0"), Refusal.MALFORMED),
        (line(b"AIVDM,1,1,,A,15\xffRT,0"), Refusal.MALFORMED),
        (line(b"AIVDM,1,1,,A," + b"1" * 201 + b",0"), Refusal.MALFORMED),
        (b"!AIVDM" + b"," * MAX_LINE_BYTES, Refusal.TOO_LONG),
        (b"$PGHP,1,2010,13,11,11,46,11,390,231,45,992190934,1,2B*00", Refusal.CHECKSUM_BAD),
        (b"$PGHP,1*00", Refusal.MALFORMED),
    ],
)
def test_lines_that_carry_nothing(text: bytes, refusal: Refusal) -> None:
    assert parse_line(text) is refusal
    messages, reader = read(text)
    assert messages == []
    assert reader.counters.as_dict()[refusal.value] == 1


@pytest.mark.parametrize(
    ("payload", "counter"),
    [
        (b"15RT[", "bad_payload"),
        (b"1", "too_short"),
        (b"w5RTgt0PAso;90TKcjM8h6g208CQ", "unknown_type"),
        (b"05RTgt0PAso;90TKcjM8h6g208CQ", "unknown_type"),
    ],
)
def test_payloads_that_are_no_message(payload: bytes, counter: str) -> None:
    messages, reader = read(line(b"AIVDM,1,1,,A," + payload + b",0"))
    assert messages == []
    assert reader.counters.as_dict()[counter] == 1


def test_odd_lengths_and_impossible_positions_are_counted_and_read() -> None:
    (message,), reader = read(line(b"AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208,0"))
    assert message.columns["speed_over_ground_kn"] == 12.3
    assert reader.counters.odd_length == 1
    bits = AisBits.from_armour(POSITION.split(b",")[5])
    shift = bits.count - 89 - 27
    far = AisBits(bits.value & ~(((1 << 27) - 1) << shift) | (95 * 600_000) << shift, bits.count)
    (message,), reader = read(build_sentences(far)[0].encode())
    assert message.columns["latitude_deg"] is None
    assert message.columns["longitude_deg"] is None
    assert reader.counters.impossible_position == 1
    assert reader.counters.odd_length == 0


def test_the_same_lines_give_the_same_ids_and_more_lines_keep_them() -> None:
    short = [message.frame_id for message in read(POSITION, POSITION, FIRST, SECOND)[0]]
    grown = [message.frame_id for message in read(POSITION, POSITION, FIRST, SECOND, POSITION)[0]]
    assert len(set(grown)) == 4, "the same sentence again is another message"
    assert grown[:3] == short
    live = NmeaReader(identity="session-1").feed(POSITION)
    assert live is not None
    assert live.frame_id != short[0]


@given(st.lists(st.binary(max_size=300), max_size=20))
@example([b"\\" * 300 + POSITION])
@example([b"\\s:" + b"!" * 200 + b"*00\\" + POSITION])
@example([b"!AIVDM,1,1,,A,1" + b"\x00" * 30 + b",0*00"])
def test_any_bytes_are_read_without_complaint(lines: list[bytes]) -> None:
    messages, reader = read(*lines)
    counts = reader.counters.as_dict()
    assert counts.pop("lines") == len(lines)
    assert counts["messages"] == len(messages)


fields = st.sampled_from(
    [b"", b"1", b"2", b"3", b"9", b"A", b"B", b"15RTgt0PAso;90TKcjM8h6g208CQ", b"0", b"\xff", b"!", b"*"]
)


@given(st.lists(st.lists(fields, min_size=5, max_size=8), max_size=30))
def test_any_fields_with_a_right_checksum(rows: list[list[bytes]]) -> None:
    lines = [line(b",".join([b"AIVDM", *row])) for row in rows]
    messages, reader = read(*lines)
    assert reader.counters.lines == len(lines)
    for message in messages:
        assert message.fields()
        assert message.row()


def unfinished(count: int) -> Iterator[bytes]:
    """First parts that never get their second: all sequence numbers, channels and stations."""
    payload = b"5" * 60
    for number in range(count):
        body = b"AIVDM,2,1,%d,%s,%s,0" % (number % 10, b"AB"[number % 2 :][:1], payload)
        yield tag_block(source=f"s{number % 100_000}").encode() + line(body)


def test_unfinished_messages_take_bounded_memory() -> None:
    """10 million such lines are in make test-long; the memory is the same."""
    lines = list(unfinished(5000))
    reader = NmeaReader()
    for text in lines:
        reader.feed(text)
    tracemalloc.start()
    for _ in range(4):
        for text in lines:
            reader.feed(text)
    grown, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000
    assert grown < 1_500_000
    reader.finish()
    assert reader.counters.incomplete == 25_000


def test_200_000_unfinished_messages_are_all_counted() -> None:
    reader = NmeaReader()
    for text in unfinished(200_000):
        assert reader.feed(text) is None
    reader.finish()
    assert reader.counters.incomplete == reader.counters.lines == 200_000


@pytest.mark.long
def test_ten_million_unfinished_messages_stay_under_200_megabytes() -> None:
    """The whole command, in a process of its own: ``VmHWM`` is that program's, not the test run's."""
    program = (
        "import sys\n"
        "from gsctl.cli.app import main\n"
        "code = main(['ais', '-', '--format', 'none', '--no-log'])\n"
        "print(code, open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    )
    with (
        tempfile.TemporaryFile() as messages,
        subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=messages
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        for text in unfinished(10_000_000):
            process.stdin.write(text + b"\n")
        process.stdin.close()
        code, peak_kib = (int(word) for word in process.stdout.read().split())
        messages.seek(0)
        assert b" incomplete=10000000 " in messages.read()
    assert code == 0
    assert peak_kib < 200_000


def test_sentence_type() -> None:
    assert isinstance(parse_line(POSITION + b"\r\n"), Sentence)
