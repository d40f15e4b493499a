"""Messages by type, from one radio frame and from what satellites relay."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais.bits import MAX_BITS, AisBits
from gsctl.ais.heard import heard_message
from gsctl.ais.messages import AIS_COLUMNS, AisMessage, decode_message
from gsctl.ais.mmsi import MmsiKind
from gsctl.ais.relayed import relayed_messages
from gsctl.errors import RecordingError
from gsctl.framing import Ais, Integrity
from gsctl.model import Frame, RelayedAis, StageCounters, TimeSource

TIME = datetime(2026, 6, 17, 3, 4, 5, 678900, tzinfo=UTC)
TYPE_1 = b"15RTgt0PAso;90TKcjM8h6g208CQ"  # gpsd, sample.aivdm
TYPE_5 = b"55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp888888888880"


def decoded(payload: bytes, fill_bits: int = 0) -> AisMessage:
    return decode_message(AisBits.from_armour(payload, fill_bits))


def with_field(payload: bytes, offset: int, width: int, raw: int) -> AisMessage:
    """The message with one field changed."""
    bits = AisBits.from_armour(payload)
    shift = bits.count - offset - width
    mask = ((1 << width) - 1) << shift
    return decode_message(AisBits(bits.value & ~mask | (raw & ((1 << width) - 1)) << shift, bits.count))


def test_the_columns_of_the_contract_come_first() -> None:
    promised = (
        "received_at,time_source,channel,mmsi,message_type,latitude_deg,longitude_deg,speed_over_ground_kn,"
        "course_over_ground_deg,true_heading_deg,navigation_status,name,callsign,ship_type,destination,level_dbfs,"
        "snr_db,frequency_offset_hz,integrity,source,satellite,frame_id,nmea,session"
    )
    contract = promised.split(",")
    assert list(AIS_COLUMNS[: len(contract)]) == contract
    assert tuple(decoded(TYPE_1).row()) == AIS_COLUMNS


def test_a_position_report() -> None:
    row = decoded(TYPE_1).row()
    assert row["mmsi"] == 371798000
    assert row["message_type"] == 1
    assert row["latitude_deg"] == pytest.approx(48.3816333, abs=5e-7)
    assert row["longitude_deg"] == pytest.approx(-123.3953833, abs=5e-7)
    assert row["speed_over_ground_kn"] == 12.3
    assert row["course_over_ground_deg"] == 224.0
    assert row["true_heading_deg"] == 215
    assert row["navigation_status"] == "under way using engine"
    assert row["mmsi_kind"] == MmsiKind.SHIP
    assert row["name"] is None
    assert decoded(TYPE_1).fields()["turning"] == "to port"
    assert decoded(TYPE_1).fields()["rate_of_turn_deg_min"] is None


def test_static_data() -> None:
    row = decoded(TYPE_5, 2).row()
    assert (row["name"], row["callsign"], row["destination"]) == ("EVER DIADEM", "3FOF8", "NEW YORK")
    assert (row["ship_type"], row["ship_type_code"]) == ("cargo", 70)
    assert (row["imo_number"], row["length_m"], row["beam_m"], row["draught_m"]) == (9134270, 295, 32, 12.2)
    assert row["eta"] == "05-15T14:00Z"
    assert row["latitude_deg"] is None


# Offsets and widths: M.1371-5, annex 8, message 1; value, and what it means.
@pytest.mark.parametrize(
    ("name", "offset", "width", "raw", "expected"),
    [
        ("navigation_status", 38, 4, 15, None),
        ("rate_of_turn_deg_min", 42, 8, -128, None),
        ("rate_of_turn_deg_min", 42, 8, -14, -8.7),
        ("turning", 42, 8, 127, "to starboard"),
        ("speed_over_ground_kn", 50, 10, 1023, None),
        ("speed_over_ground_kn", 50, 10, 1022, 102.2),
        ("longitude_deg", 61, 28, 181 * 600_000, None),
        ("longitude_deg", 61, 28, -181 * 600_000, None),
        ("longitude_deg", 61, 28, 180 * 600_000, 180.0),
        ("latitude_deg", 89, 27, 91 * 600_000, None),
        ("latitude_deg", 89, 27, -90 * 600_000, -90.0),
        ("latitude_deg", 89, 27, -100 * 600_000, None),
        ("course_over_ground_deg", 116, 12, 3600, None),
        ("course_over_ground_deg", 116, 12, 4095, None),
        ("course_over_ground_deg", 116, 12, 3599, 359.9),
        ("true_heading_deg", 128, 9, 511, None),
        ("true_heading_deg", 128, 9, 400, None),
        ("utc_second_s", 137, 6, 60, None),
        ("positioning", 137, 6, 62, "dead reckoning"),
        ("special_manoeuvre", 143, 2, 0, None),
        ("special_manoeuvre", 143, 2, 2, True),
    ],
)
def test_not_available_is_none(name: str, offset: int, width: int, raw: int, expected: object) -> None:
    assert with_field(TYPE_1, offset, width, raw).fields()[name] == expected


def long_range(**raw: int) -> AisBits:
    """A type 27 by the table of USCG NAVCEN, "AIS long range broadcast message 27"."""
    table = {"type": 6, "repeat": 2, "mmsi": 30, "accuracy": 1, "raim": 1, "status": 4, "longitude": 18}
    table |= {"latitude": 17, "speed": 6, "course": 9, "latency": 1, "spare": 1}
    value, count = 0, 0
    for name, width in table.items():
        value = value << width | raw.get(name, 0) & ((1 << width) - 1)
        count += width
    return AisBits(value, count)


def test_long_range_report_in_96_and_in_168_bits() -> None:
    bits = long_range(
        type=27, mmsi=574001234, status=7, longitude=105 * 600 + 300, latitude=-600, speed=12, course=77
    )
    assert bits.count == 96
    for message in (decode_message(bits), decode_message(AisBits(bits.value << 72, 168))):
        row = message.row()
        assert (row["longitude_deg"], row["latitude_deg"]) == (105.5, -1.0)
        assert (row["speed_over_ground_kn"], row["course_over_ground_deg"]) == (12, 77)
        assert row["navigation_status"] == "engaged in fishing"


def test_long_range_report_that_knows_nothing() -> None:
    bits = long_range(type=27, mmsi=1, status=15, longitude=0x1A838, latitude=0xD548, speed=63, course=511)
    row = decode_message(bits).row()
    unknown = (
        "longitude_deg",
        "latitude_deg",
        "speed_over_ground_kn",
        "course_over_ground_deg",
        "navigation_status",
    )
    assert {name: row[name] for name in unknown} == dict.fromkeys(unknown)


def test_a_field_that_the_end_cuts_is_unknown_not_small() -> None:
    whole = AisBits.from_armour(TYPE_1)
    cut = AisBits(whole.value >> 60, whole.count - 60)  # in the middle of the latitude
    fields = decode_message(cut).fields()
    assert fields["speed_over_ground_kn"] == 12.3
    assert fields["latitude_deg"] is None
    assert fields["longitude_deg"] is None, "half a position is none"
    assert fields["true_heading_deg"] is None


@pytest.mark.parametrize("message_type", [0, 28, 40, 63])
def test_unknown_types_are_refused(message_type: int) -> None:
    with pytest.raises(RecordingError, match=f"type {message_type} is unknown"):
        decode_message(AisBits(message_type << 162, 168))


def test_a_message_without_whole_mmsi_is_refused() -> None:
    with pytest.raises(RecordingError, match="too short"):
        decode_message(AisBits(1 << 31, 37))


@given(st.integers(38, MAX_BITS).flatmap(lambda n: st.tuples(st.integers(0, (1 << n) - 1), st.just(n))))
def test_any_bits_decode_or_are_refused(drawn: tuple[int, int]) -> None:
    bits = AisBits(*drawn)
    try:
        message = decode_message(bits)
    except RecordingError:
        assert not 1 <= bits.unsigned(0, 6) <= 27
        return
    fields = message.fields()
    latitude, longitude = fields.get("latitude_deg"), fields.get("longitude_deg")
    assert latitude is None or (isinstance(latitude, float) and abs(latitude) <= 90)
    assert longitude is None or (isinstance(longitude, float) and abs(longitude) <= 180)
    for name, value in message.columns.items():
        assert fields[name] == value, "the columns are the same values as the fields"
    assert tuple(message.row()) == AIS_COLUMNS


def test_a_frame_from_the_radio() -> None:
    bits = AisBits.from_armour(TYPE_1)
    frame = Frame(
        payload=bits.to_bytes(),
        framing=Ais(),
        integrity=Integrity.CRC,
        sample_index=0.0,
        end_sample_index=1.0,
        symbol_rate_bd=9600.0,
        received_at=TIME,
        time_source=TimeSource.HOST,
        frequency_offset_hz=-321.0,
        snr_db=12.5,
    )
    message = heard_message(frame, channel="B", level_dbfs=-40.0, source="hut")
    row = message.row("s1")
    assert message.nmea == (f"!AIVDM,1,1,,B,{TYPE_1.decode()},0*49",)
    assert (row["received_at"], row["time_source"], row["channel"]) == (TIME, "host", "B")
    assert (row["level_dbfs"], row["snr_db"], row["frequency_offset_hz"]) == (-40.0, 12.5, -321.0)
    assert (row["integrity"], row["source"], row["session"], row["satellite"]) == ("crc", "hut", "s1", None)


def test_relayed_bytes_carry_the_satellites_time_and_name() -> None:
    bits = AisBits.from_armour(TYPE_1)
    item = RelayedAis(
        message=bits.to_bytes(), bit_count=168, received_at=TIME, channel="C", level_dbm=-97.0, fcs_ok=True
    )
    (message,) = relayed_messages([item], satellite="NANODRAGON", source="Hoa Lac", frame_id="ab")
    row = message.row()
    assert (row["received_at"], row["time_source"], row["satellite"]) == (TIME, "satellite", "NANODRAGON")
    assert (row["level_dbm"], row["level_dbfs"], row["integrity"]) == (-97.0, None, "crc")
    assert (row["source"], row["frame_id"]) == ("Hoa Lac", "ab-0")
    assert str(row["nmea"]).startswith("!AIVDM,1,1,,C,")


def test_relayed_text_is_joined_and_rubbish_is_counted() -> None:
    lines = (
        "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
        "!AIVDM,2,2,1,A,88888888880,2*25",
    )
    counters = StageCounters()
    items = [
        RelayedAis(nmea=lines, channel="A"),
        RelayedAis(nmea=("!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*00",)),
        RelayedAis(message=b"\xff\xff\xff\xff\xff\xff"),
        RelayedAis(message=b"\x04"),
        RelayedAis(),
    ]
    messages = list(relayed_messages(items, satellite="AAUSAT-4", counters=counters))
    assert [message.row()["name"] for message in messages] == ["EVER DIADEM"]
    assert messages[0].nmea == lines
    assert messages[0].time_source == ""
    assert counters.errors == {"relayed_ais": 3}


@pytest.mark.parametrize(
    "noise",
    [
        "29a0c19b7086685d56abd256c7b0ac912bbeb6a8d6",  # type 10, which has 72 bits
        "06f67bf593a752eb6f2309f8eef7fede0f312ff0bb",  # an MMSI of ten digits
        "0d84b644c9f3a0f83f6c0bb9992de247dc787570f0",  # off the globe
        "a94e00ed4c6179777726a5b0c54b0a48b2f144ad95",  # type 42
    ],
)
def test_noise_whose_fcs_is_right_is_no_message(noise: str) -> None:
    """Records 32, 40, 16 and 26 of AISat's store, as received in 2016 (protocols/aisat.py)."""
    counters = StageCounters()
    item = RelayedAis(message=bytes.fromhex(noise), bit_count=168, fcs_ok=True)
    assert list(relayed_messages([item], satellite="AISat", counters=counters)) == []
    assert counters.errors == {"relayed_ais": 1}
