"""Start times and centre frequencies from file names and from the chunks that radio programs add."""

import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from gsctl.model import TimeSource
from gsctl.radio.naming import facts_from_name
from gsctl.radio.recording import open_recording

# name, start time, centre frequency, rate, format, audio
NAMES = [
    ("SDRSharp_20130414_135932Z_437525000Hz_IQ.wav", "2013-04-14T13:59:32", 437.525e6, None, None, False),
    ("SDRSharp_20130414_135932Z_437525kHz_AF.wav", "2013-04-14T13:59:32", 437.525e6, None, None, True),
    ("HDSDR_20130414_135932Z_145950kHz_RF.wav", "2013-04-14T13:59:32", 145.95e6, None, None, False),
    ("HDSDR_20130414_135932_145950kHz_RF.wav", None, 145.95e6, None, None, False),
    ("SDRuno_20200907_184033Z_88110kHz.wav", "2020-09-07T18:40:33", 88.11e6, None, None, False),
    ("gqrx_20230806_151838_428000000_200000_fc.raw", "2023-08-06T15:18:38", 428e6, 200e3, "cf32", False),
    ("gqrx_20230806_151838_428000000.wav", "2023-08-06T15:18:38", 428e6, None, None, True),
    ("satnogs_1234567_2020-01-01T12-34-56.ogg", "2020-01-01T12:34:56", None, None, None, False),
    ("2023-08-05_08-02-00_16000000SPS_2274000000Hz.s8", None, 2.274e9, 16e6, "ci8", False),
    ("2023-08-17_11-41-14-373_1000000SPS_100000000Hz.f32", None, 100e6, 1e6, "cf32", False),
    ("07-Aug-2023 181711.798 401.774MHz.wav", None, 401.774e6, None, None, False),
    ("SDRSharp_20131414_135932Z_437525000Hz_IQ.wav", None, 437.525e6, None, None, False),
    ("baseband_437525000Hz_12-34-56_31-12-2023.wav", None, 437.525e6, None, None, False),
    ("audio_437525000Hz_12-34-56_31-12-2023.wav", None, 437.525e6, None, None, True),
    ("12-34-56_437525000Hz.wav", None, 437.525e6, None, None, False),
    ("my pass 437.525 MHz.wav", None, 437.525e6, None, None, False),
    ("from 145.8MHz to 437.5MHz.wav", None, None, None, None, False),
    ("a tone of 1200Hz, 48kHz.wav", None, None, None, None, False),
    ("picsat.wav", None, None, None, None, False),
]


@pytest.mark.parametrize(("name", "start", "center_hz", "rate_hz", "form", "audio"), NAMES)
def test_names_of_recording_programs(
    name: str,
    start: str | None,
    center_hz: float | None,
    rate_hz: float | None,
    form: str | None,
    audio: bool,
) -> None:
    facts = facts_from_name(name)
    assert facts.start_time == (start and datetime.fromisoformat(start).replace(tzinfo=UTC))
    assert (facts.center_frequency_hz, facts.sample_rate_hz) == (center_hz, rate_hz)
    assert (facts.sample_format, facts.is_audio) == (form, audio)


@given(st.text(max_size=80))
def test_any_name_is_survived(name: str) -> None:
    facts_from_name(name)


def test_a_time_without_zone_is_said_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "07-Aug-2023 181711.798 401.774MHz.wav"
    soundfile.write(path, np.random.default_rng(1).standard_normal((48000, 2)) * 0.1, 48000)
    source = open_recording(path)
    assert source.start_time is None
    assert source.center_frequency_hz == 401.774e6
    assert "states no zone and is not used; give --start-time" in source.warnings[0]
    told = open_recording(path, start_time=datetime(2023, 8, 7, 16, 17, 11, tzinfo=UTC))
    assert told.warnings == []
    assert told.time_source is TimeSource.GIVEN


def test_gqrx_raw_needs_no_option(tmp_path: Path) -> None:
    path = tmp_path / "gqrx_20230806_151838_428000000_200000_fc.raw"
    np.ones(1000, np.complex64).tofile(path)
    source = open_recording(path)
    block = next(iter(source))
    assert (block.sample_rate_hz, block.center_frequency_hz) == (200e3, 428e6)
    assert block.start_time == datetime(2023, 8, 6, 15, 18, 38, tzinfo=UTC)
    assert (block.time_source, block.time_uncertainty_s) == (TimeSource.FILE, 0.5)


def wav_with_chunk(path: Path, name: bytes, body: bytes) -> Path:
    """A WAV file with one more chunk before its samples."""
    soundfile.write(path, np.random.default_rng(1).standard_normal((48000, 2)) * 0.1, 48000)
    data = path.read_bytes()
    at = data.index(b"data")
    chunk = name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    path.write_bytes(data[:at] + chunk + data[at:])
    return path


def test_sdr_console_chunk_gives_utc(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><SDR-XML-Root><Definition RadioCenterFreq="401774000" UTCSeconds="1691425031"/>'
    )
    path = tmp_path / "07-Aug-2023 181711.798 401.774MHz.wav"
    source = open_recording(wav_with_chunk(path, b"auxi", text.encode("utf-16-le")))
    assert source.start_time == datetime(2023, 8, 7, 16, 17, 11, tzinfo=UTC)
    assert source.time_source is TimeSource.FILE
    assert source.center_frequency_hz == 401.774e6
    assert source.warnings == []
    assert sum(block.samples.size for block in source) == 48000


def auxi(second: int) -> bytes:
    times = struct.pack("<8H", 2013, 4, 0, 14, 13, 59, second, 250) * 2
    return times + struct.pack("<9I", 145_950_000, 2048000, 0, 48000, 0, 0, 0, 0, 0)


def test_binary_auxi_chunk_makes_a_name_finer(tmp_path: Path) -> None:
    named = tmp_path / "HDSDR_20130414_135932Z_145950kHz_RF.wav"
    source = open_recording(wav_with_chunk(named, b"auxi", auxi(32)))
    assert source.start_time == datetime(2013, 4, 14, 13, 59, 32, 250000, tzinfo=UTC)
    assert source.center_frequency_hz == 145.95e6
    source = open_recording(wav_with_chunk(named, b"auxi", auxi(50)))
    assert source.start_time == datetime(2013, 4, 14, 13, 59, 32, tzinfo=UTC)
    # Alone it states no zone, so its time is not used; its frequency is.
    source = open_recording(wav_with_chunk(tmp_path / "x.wav", b"auxi", auxi(32)))
    assert (source.start_time, source.center_frequency_hz) == (None, 145.95e6)


def test_perseus_chunk_gives_utc(tmp_path: Path) -> None:
    body = struct.pack("<IIIHBBBB16x", 7_050_000, 0, 1691425031, 0, 0, 0, 0, 0)
    source = open_recording(wav_with_chunk(tmp_path / "x.wav", b"rcvr", body))
    assert source.start_time == datetime(2023, 8, 7, 16, 17, 11, tzinfo=UTC)
    assert source.center_frequency_hz == 7.05e6


@pytest.mark.parametrize(
    "body", [b"", b"\xff" * 10, b"\xff" * 68, b"<" + b"\xff" * 100, b'<x UTCSeconds="99999999999"']
)
def test_damaged_chunks_are_survived(tmp_path: Path, body: bytes) -> None:
    for name in (b"auxi", b"rcvr", b"junk"):
        source = open_recording(wav_with_chunk(tmp_path / "x.wav", name, body))
        assert sum(block.samples.size for block in source) == 48000
