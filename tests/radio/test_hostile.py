"""Files and words that mean harm: samples or one line, never anything else, and never much memory."""

import contextlib
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsctl.errors import GsctlError
from gsctl.radio.network import split_address
from gsctl.radio.recording import open_recording
from gsctl.radio.sigmf import parse_datetime
from gsctl.radio.tuning import parse_device, parse_gain

QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def wav(channels: int, subtype: str) -> bytes:
    stream = io.BytesIO()
    frames = np.random.default_rng(1).standard_normal((200, channels)) * 0.1
    soundfile.write(stream, frames, 48000, format="WAV", subtype=subtype)
    return stream.getvalue()


WHOLE = [wav(1, "PCM_16"), wav(2, "PCM_24"), wav(1, "FLOAT"), wav(3, "PCM_U8")]
CHUNK = b"auxi" + struct.pack("<I", 44) + b"<x" + b"\0" * 42


def survives(path: Path, **options: Any) -> None:
    """Read everything, or fail with one line."""
    with contextlib.suppress(GsctlError):  # one line by its making
        for block in open_recording(path, **options):
            assert block.samples.size <= 65536
            assert np.all(np.isfinite(block.samples))


@QUICK
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 80), st.binary(min_size=1, max_size=8)), max_size=4),
    st.integers(0, 2000),
)
def test_damaged_wav_headers(
    tmp_path: Path, whole: bytes, damage: list[tuple[int, bytes]], size: int
) -> None:
    data = bytearray(whole)
    for place, words in damage:
        data[place : place + len(words)] = words
    path = tmp_path / "x.wav"
    path.write_bytes(data[:size] or b"\0")
    survives(path)
    survives(path, input="ssb-audio", block_samples=7)


@QUICK
@given(
    st.binary(min_size=1, max_size=300), st.sampled_from([b"", b"RIFF\0\0\0\0WAVE" + CHUNK, b"fLaC", b"OggS"])
)
def test_any_bytes(tmp_path: Path, content: bytes, magic: bytes) -> None:
    path = tmp_path / "x.cf32"
    path.write_bytes(magic + content)
    survives(path)
    survives(path, sample_rate_hz=1e6)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=9),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
CAPTURES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "core:sample_start": st.one_of(st.integers(0, 300), VALUES),
            "core:global_index": st.one_of(st.integers(0, 2**60), VALUES),
            "core:datetime": st.one_of(
                st.just("2026-06-17T01:02:03Z"), st.just("9999-12-31T23:59:59Z"), VALUES
            ),
            "core:frequency": VALUES,
            "core:header_bytes": st.one_of(st.integers(0, 100), VALUES),
            "gsctl:time_uncertainty_s": VALUES,
        },
    ),
    max_size=4,
)


@QUICK
@given(
    st.fixed_dictionaries(
        {"core:datatype": st.one_of(st.sampled_from(["cf32_le", "ci16_le", "rf32_be", "cu8"]), VALUES)},
        optional={
            "core:sample_rate": st.one_of(st.sampled_from([1, 48000.0, 1e10]), VALUES),
            "core:num_channels": st.one_of(st.just(1), VALUES),
            "core:trailing_bytes": st.one_of(st.integers(0, 9), VALUES),
            "core:dataset": VALUES,
            "gsctl:domain": VALUES,
        },
    ),
    st.one_of(CAPTURES, VALUES),
)
def test_sigmf_metadata_of_any_kind(tmp_path: Path, head: dict[str, Any], captures: Any) -> None:
    meta = tmp_path / "x.sigmf-meta"
    meta.write_text(json.dumps({"global": head, "captures": captures}))
    np.zeros(300, np.complex64).tofile(tmp_path / "x.sigmf-data")
    survives(meta)


@given(st.text(max_size=30))
def test_words_of_any_kind(text: str) -> None:
    for parse in (
        parse_gain,
        parse_device,
        lambda word: split_address(word, where="--device", default_port=1),
    ):
        with contextlib.suppress(GsctlError):
            parse(text)
    parse_datetime(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-17T03:04:05.678901234Z", "2026-06-17T03:04:05.678901+00:00"),
        ("2026-06-17T03:04:05Z", "2026-06-17T03:04:05+00:00"),
        ("2026-06-17T03:04:05.5", "2026-06-17T03:04:05.500000+00:00"),
        ("2026-06-17T03:04:05+02:00", None),
        ("yesterday", None),
    ],
)
def test_sigmf_datetimes(text: str, expected: str | None) -> None:
    found = parse_datetime(text)
    assert (found and found.isoformat()) == expected


def test_sigmf_with_numbers_and_lists_beyond_measure(tmp_path: Path) -> None:
    (tmp_path / "x.sigmf-data").write_bytes(bytes(800))
    head: dict[str, Any] = {"core:datatype": "cf32_le", "core:sample_rate": 10**400}
    meta = tmp_path / "x.sigmf-meta"
    meta.write_text(json.dumps({"global": head, "captures": []}))
    with pytest.raises(GsctlError, match="cannot be meant") as caught:
        open_recording(meta)
    assert len(str(caught.value)) < 300
    meta.write_text(json.dumps({"global": head | {"core:sample_rate": 48000}}) + "[" * 600_000)
    with pytest.raises(GsctlError, match="too many parts"):
        open_recording(meta)


def test_samples_that_no_sum_of_squares_could_hold_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.cf32"
    np.array([1.0, 2.0**31, 1e12, -9e14, 3e38, np.nan], np.complex64).tofile(path)
    with contextlib.closing(open_recording(path, sample_rate_hz=48e3)) as source:
        samples = np.concatenate([block.samples for block in source])
    assert samples.tolist() == [1.0, 2.0**31, 0.0, 0.0, 0.0, 0.0]
    assert source.nonfinite == 4
