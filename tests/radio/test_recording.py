"""Files of every kind through open_recording, whole and cut, and everything that can be wrong with one."""

import gzip
import io
import json
import struct
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from gsctl.errors import RecordingError
from gsctl.model import Domain, SampleBlock, TimeSource
from gsctl.radio.recording import open_recording
from gsctl.radio.source import SampleSource

RATE_HZ = 48000
START = datetime(2026, 6, 17, 3, 4, 5, 678901, tzinfo=UTC)


def tone(count: int = 20000, frequency_hz: float = 1500.0) -> NDArray[np.float64]:
    samples: NDArray[np.float64] = 0.5 * np.cos(2 * np.pi * frequency_hz / RATE_HZ * np.arange(count))
    return samples


def iq_tone(count: int = 20000) -> NDArray[np.complex64]:
    samples = 0.5 * np.exp(-2j * np.pi * 2345.0 / RATE_HZ * np.arange(count))
    return np.asarray(samples, np.complex64)


def read(source: SampleSource) -> NDArray[Any]:
    """All samples; the numbering must be without a seam."""
    parts, expected = [], 0
    with source:
        for block in source:
            assert block.start_sample == expected + block.dropped_before
            expected = block.start_sample + block.samples.size
            parts.append(block.samples)
    return np.concatenate(parts) if parts else np.empty(0)


def write_sigmf(path: Path, samples: NDArray[Any], datatype: str, **extra: Any) -> Path:
    captures = extra.pop("captures", [{"core:sample_start": 0, "core:frequency": 437.365e6}])
    document = {
        "global": {"core:datatype": datatype, "core:sample_rate": RATE_HZ, "core:version": "1.2.0", **extra},
        "captures": captures,
        "annotations": [],
    }
    path.with_suffix(".sigmf-meta").write_text(json.dumps(document))
    samples.tofile(path.with_suffix(".sigmf-data"))
    return path.with_suffix(".sigmf-meta")


@pytest.mark.parametrize(
    ("container", "subtype", "tolerance"),
    [
        ("WAV", "PCM_U8", 1 / 128), ("WAV", "PCM_16", 1e-4), ("WAV", "PCM_24", 1e-6), ("WAV", "PCM_32", 1e-6),
        ("WAV", "FLOAT", 1e-6), ("WAV", "DOUBLE", 1e-6), ("WAV", "ULAW", 0.03), ("WAVEX", "PCM_24", 1e-6),
        ("RF64", "PCM_16", 1e-4), ("W64", "PCM_16", 1e-4), ("FLAC", "PCM_16", 1e-4), ("FLAC", "PCM_24", 1e-6),
        ("OGG", "VORBIS", 0.1),
    ],
)  # fmt: skip
def test_audio_file_gives_its_samples(tmp_path: Path, container: str, subtype: str, tolerance: float) -> None:
    path = tmp_path / "audio.wav"
    soundfile.write(path, tone(), RATE_HZ, format=container, subtype=subtype)
    source = open_recording(path)
    assert source.domain is Domain.FM_AUDIO
    assert source.sample_rate_hz == RATE_HZ
    assert source.duration_s == pytest.approx(20000 / RATE_HZ)
    assert source.start_time is None
    samples = read(source)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone(), atol=tolerance)
    assert source.warnings == []


@pytest.mark.parametrize(
    ("name", "scale", "dtype"),
    [("cu8", 127.5, "u1"), ("ci8", 128.0, "i1"), ("ci16", 32768.0, "<i2"), ("cf32", 1.0, "<f4")],
)
def test_raw_iq_gives_its_samples(tmp_path: Path, name: str, scale: float, dtype: str) -> None:
    parts = iq_tone().view(np.float32) * scale + (127.5 if name == "cu8" else 0.0)
    path = tmp_path / f"iq.{name}"
    (parts if name == "cf32" else np.round(parts)).astype(dtype).tofile(path)
    by_suffix = read(open_recording(path, sample_rate_hz=RATE_HZ))
    told = read(open_recording(path, sample_rate_hz=RATE_HZ, sample_format=name.upper()))
    assert by_suffix.dtype == np.complex64
    np.testing.assert_allclose(by_suffix, iq_tone(), atol=1.0 / scale if scale > 1 else 1e-6)
    np.testing.assert_array_equal(by_suffix, told)


@pytest.mark.parametrize("block_samples", [1, 7, 4096])
def test_any_cut_gives_the_same_samples(tmp_path: Path, block_samples: int) -> None:
    path = tmp_path / "audio.wav"
    soundfile.write(path, tone(5000), RATE_HZ)
    for kind in ("fm-audio", "ssb-audio"):
        whole = read(open_recording(path, input=kind))
        cut = read(open_recording(path, input=kind, block_samples=block_samples))
        np.testing.assert_array_equal(whole, cut)


@pytest.mark.parametrize("frequency_hz", [500.0, 1500.0, 12000.0, 20000.0, 23500.0])
def test_ssb_audio_is_analytic_and_not_delayed(tmp_path: Path, frequency_hz: float) -> None:
    path = tmp_path / "ssb.wav"
    soundfile.write(path, tone(frequency_hz=frequency_hz), RATE_HZ, subtype="FLOAT")
    source = open_recording(path, default_domain=Domain.SSB_AUDIO)
    assert source.domain is Domain.SSB_AUDIO
    samples = read(source)
    assert samples.size == 20000
    expected = 0.5 * np.exp(2j * np.pi * frequency_hz / RATE_HZ * np.arange(20000))
    inner = slice(300, -300)
    assert np.max(np.abs(samples[inner] - expected[inner])) < 0.5e-3  # the image is 60 dB down


def test_stereo_is_iq_unless_it_is_audio(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = 0.1 * rng.standard_normal((3 * RATE_HZ, 2))
    audio = tone(3 * RATE_HZ)
    cases = {
        "iq": (noise, Domain.IQ),
        "same": (np.stack([audio, audio], axis=1), Domain.FM_AUDIO),
        "left": (np.stack([audio, 0 * audio], axis=1), Domain.FM_AUDIO),
        "right": (np.stack([0 * audio, audio], axis=1), Domain.FM_AUDIO),
        "silent": (np.zeros((RATE_HZ, 2)), Domain.FM_AUDIO),
    }
    for container in ("WAV", "FLAC"):
        for name, (frames, domain) in cases.items():
            path = tmp_path / f"{name}.{container.lower()}"
            soundfile.write(path, frames, RATE_HZ, format=container, subtype="PCM_16")
            source = open_recording(path)
            assert source.domain is domain, name
            samples = read(source)
            if name == "iq":
                np.testing.assert_allclose(samples, noise[:, 0] + 1j * noise[:, 1], atol=1e-4)
            elif name != "silent":
                np.testing.assert_allclose(samples, audio, atol=1e-4)
    forced = open_recording(tmp_path / "same.wav", input="iq")
    assert forced.domain is Domain.IQ
    two = open_recording(tmp_path / "iq.wav", input="fm-audio")
    assert two.domain is Domain.FM_AUDIO
    assert "two different channels" in two.warnings[0]


@pytest.mark.parametrize(
    ("left", "right", "hiss"),
    [(1.0, 0.7, 0.0), (1.0, -1.0, 0.0), (0.8, 0.8, 1e-3), (1.0, 0.0, 2e-3), (0.003, 1.0, 0.0)],
    ids=["volumes", "inverted", "hiss", "only hiss on the right", "leaks to the left"],
)
def test_one_sound_on_both_channels_is_audio_however_a_sound_card_gave_it(
    tmp_path: Path, left: float, right: float, hiss: float
) -> None:
    rng = np.random.default_rng(2)
    sound = 0.3 * rng.standard_normal(2 * RATE_HZ)
    frames = np.stack([left * sound + 0.02, right * sound - 0.05], axis=1)
    frames += hiss * rng.standard_normal(frames.shape)
    soundfile.write(tmp_path / "a.wav", frames.clip(-1, 1), RATE_HZ)
    source = open_recording(tmp_path / "a.wav")
    assert source.domain is Domain.FM_AUDIO
    louder = 0 if abs(left) >= abs(right) else 1
    np.testing.assert_allclose(read(source), frames[:, louder].clip(-1, 1), atol=1e-4)


def test_a_carrier_at_rest_is_iq_though_both_parts_are_one_signal(tmp_path: Path) -> None:
    """BPSK at 0 Hz whose phase stays at 20 degrees: two volumes of one signal, 9 dB apart, and noise."""
    rng = np.random.default_rng(3)
    bits = np.repeat(rng.choice([-1.0, 1.0], 2 * RATE_HZ // 40), 40)
    frames = 0.3 * np.outer(bits, [np.cos(0.35), np.sin(0.35)]) + 0.01 * rng.standard_normal((bits.size, 2))
    soundfile.write(tmp_path / "a.wav", frames, RATE_HZ)
    assert open_recording(tmp_path / "a.wav").domain is Domain.IQ


def test_stereo_that_begins_with_silence_is_still_iq(tmp_path: Path) -> None:
    frames = 0.1 * np.random.default_rng(1).standard_normal((4 * RATE_HZ, 2))
    frames[: 3 * RATE_HZ] = 0.0
    soundfile.write(tmp_path / "late.wav", frames, RATE_HZ)
    assert open_recording(tmp_path / "late.wav").domain is Domain.IQ


def test_real_recordings_open(data_dir: Path) -> None:
    # The channels of the Delfi-C3 file differ by a millionth of their energy only: it is real audio in fact.
    cases = [("delfi_c3_iq_22050", 81681, Domain.SSB_AUDIO), ("aausat_4_iq_12800", 21213, Domain.IQ)]
    for name, count, domain in cases:
        source = open_recording(
            data_dir / "recordings" / "iq" / f"{name}.wav",
            default_domain=Domain.SSB_AUDIO,
            block_samples=10000,
        )
        assert source.domain is domain
        assert read(source).size == count
        assert source.warnings == []
    source = open_recording(data_dir / "recordings" / "picsat.wav", default_domain=Domain.SSB_AUDIO)
    theirs, _ = soundfile.read(data_dir / "recordings" / "picsat.wav", dtype="float32")
    np.testing.assert_array_equal(read(source).real, theirs)


def test_identity_is_the_sha256_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), RATE_HZ)
    source = open_recording(path)
    assert source.identity == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF - 36])
def test_header_sizes_of_streaming_writers_are_not_believed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), RATE_HZ)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    source = open_recording(path)
    assert source.duration_s == pytest.approx(20000 / RATE_HZ)
    assert read(source).size == 20000
    assert source.warnings == []


def test_samples_behind_the_size_of_a_killed_recorder_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), RATE_HZ)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 20000)
    path.write_bytes(data)
    assert read(open_recording(path)).size == 20000
    more = data[: at + 4 + 20000] + b"LIST" + struct.pack("<I", 500) + bytes(500)
    path.write_bytes(more)
    assert read(open_recording(path)).size == 10000


@pytest.mark.parametrize(
    ("container", "subtype"), [("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16"), ("RIFX", "")]
)
def test_other_containers_give_their_samples(tmp_path: Path, container: str, subtype: str) -> None:
    path = tmp_path / f"a.{container.lower()}"
    if container == "RIFX":  # WAV of big-endian machines
        form = struct.pack(">HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
        body = (tone() * 32767).astype(">i2").tobytes()
        chunks = b"fmt " + struct.pack(">I", 16) + form + b"data" + struct.pack(">I", len(body)) + body
        path.write_bytes(b"RIFX" + struct.pack(">I", 4 + len(chunks)) + b"WAVE" + chunks)
    else:
        soundfile.write(path, tone(), RATE_HZ, format=container, subtype=subtype)
    samples = read(open_recording(path))
    assert samples.size >= 20000
    for part in np.split(samples[1000:19000], 18):
        assert np.std(part) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("name", ["s16le", "ci16_le", "CF32_LE", "float32"])
def test_formats_go_by_the_names_of_other_programs(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.raw").write_bytes(bytes(4800))
    source = open_recording(tmp_path / "a.raw", sample_rate_hz=RATE_HZ, sample_format=name)
    assert read(source).size in (600, 1200, 2400)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.wav.gz",
            gzip.compress(bytes(9999), mtime=0),
            r"is packed \(gzip\); unpack it first, with gunzip",
        ),
        ("a.zip", b"PK\3\4" + bytes(99), r"is packed \(ZIP\); unpack it first, with unzip"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "is a PNG file"),
        ("a.log", b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n", "holds AIS sentences; gsctl ais"),
        ("a.txt", b"NORAD_CAT_ID,EPOCH\n1,2\n", "holds element sets; give it with --elements"),
        ("a.txt", b"This is a file.\nOf words.\n", "text without frames"),
    ],
)
def test_what_is_no_recording_is_told_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingError, match=message):
        open_recording(tmp_path / name)
    told = open_recording(tmp_path / name, sample_format="i8", sample_rate_hz=RATE_HZ)
    assert read(told).size == len(content), "who says what it is, is believed"


def test_truncated_wav_is_decoded_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), RATE_HZ)
    path.write_bytes(path.read_bytes()[:-20001])
    source = open_recording(path)
    assert read(source).size == 20000 - 10001
    assert len(source.warnings) == 1
    assert "cut short; 0.208 s are missing" in source.warnings[0]


def test_truncated_flac_gives_what_is_there_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    noise = 0.1 * np.random.default_rng(1).standard_normal(100000)
    soundfile.write(path, noise, RATE_HZ)
    path.write_bytes(path.read_bytes()[:80000])
    source = open_recording(path)
    samples = read(source)
    assert 10000 < samples.size < 100000
    np.testing.assert_allclose(samples[:10000], noise[:10000], atol=1e-4)
    assert "cut short" in source.warnings[-1] or "damaged" in source.warnings[-1]


def test_nonfinite_samples_are_zeroed_and_counted(tmp_path: Path) -> None:
    parts = np.tile(np.array([0.25, -0.25], np.float32), 1000)
    parts[[10, 501, 900]] = [np.nan, np.inf, -np.inf]
    parts[1200] = 3e38
    path = tmp_path / "bad.cf32"
    parts.tofile(path)
    source = open_recording(path, sample_rate_hz=RATE_HZ)
    samples = read(source)
    assert source.nonfinite == 4
    assert np.all(np.isfinite(samples.view(np.float32)))
    assert samples[5] == -0.25j
    soundfile.write(tmp_path / "bad.wav", parts, RATE_HZ, subtype="FLOAT")
    source = open_recording(tmp_path / "bad.wav", input="ssb-audio")
    assert np.all(np.isfinite(read(source)))
    assert source.nonfinite == 4


def test_given_start_time_numbers_every_block(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(), RATE_HZ)
    source = open_recording(path, start_time=START, block_samples=1000)
    assert source.time_source is TimeSource.GIVEN
    for block in source:
        assert block.start_time == START + timedelta(microseconds=round(block.start_sample / RATE_HZ * 1e6))
        assert block.time_source is TimeSource.GIVEN


def test_sigmf_pair_by_either_name(tmp_path: Path) -> None:
    samples = np.round(iq_tone().view(np.float32) * 32768).astype("<i2")
    captures = [
        {
            "core:sample_start": 0,
            "core:frequency": 437.365e6,
            "core:datetime": "2026-06-17T03:04:05.678901234Z",
        }
    ]
    meta = write_sigmf(tmp_path / "pass.one", samples, "ci16_le", captures=captures)
    for path in (meta, meta.with_suffix(".sigmf-data"), tmp_path / "pass"):
        source = open_recording(path)
        assert source.domain is Domain.IQ
        assert source.time_source is TimeSource.FILE
        assert source.start_time == START
        assert source.center_frequency_hz == 437.365e6
        assert source.metadata["global"]["core:version"] == "1.2.0"
        np.testing.assert_allclose(read(source), iq_tone(), atol=1e-4)
    source = open_recording(meta, start_time=START + timedelta(hours=1), center_hz=1e6)
    block = next(iter(source))
    assert (block.start_time, block.time_source) == (START + timedelta(hours=1), TimeSource.GIVEN)
    assert block.center_frequency_hz == 1e6


@pytest.mark.parametrize(
    ("datatype", "dtype", "domain"),
    [("cf32_le", "<c8", Domain.IQ), ("cf32_be", ">c8", Domain.IQ), ("cf64_le", "<c16", Domain.IQ),
     ("rf32_le", "<f4", Domain.SSB_AUDIO), ("ri16_be", ">i2", Domain.SSB_AUDIO)],
)  # fmt: skip
def test_sigmf_datatypes(tmp_path: Path, datatype: str, dtype: str, domain: Domain) -> None:
    values: NDArray[Any] = iq_tone() if datatype[0] == "c" else tone()
    stored = np.round(values * 32768) if datatype == "ri16_be" else values
    meta = write_sigmf(tmp_path / "a", stored.astype(dtype), datatype)
    source = open_recording(meta, default_domain=Domain.SSB_AUDIO)
    assert source.domain is domain
    samples = read(source)
    np.testing.assert_allclose(samples if datatype[0] == "c" else samples.real, values, atol=1e-4)


def test_sigmf_with_numbers_in_quotes_and_the_centre_in_the_wrong_place(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"core:sample_rate": "48000", "captures": [{"core:sample_start": 0}]}
    meta = write_sigmf(tmp_path / "a", iq_tone(), "cf32", **changes, **{"core:frequency": "437365000"})
    source = open_recording(meta)
    assert (source.sample_rate_hz, source.center_frequency_hz) == (48000.0, 437.365e6)
    assert source.warnings == []
    np.testing.assert_array_equal(read(source), iq_tone())


@pytest.mark.parametrize("rate", ["fast", [1], {}, None])
def test_a_told_rate_replaces_one_that_is_none(tmp_path: Path, rate: Any) -> None:
    meta = write_sigmf(tmp_path / "a", iq_tone(), "cf32_le", **{"core:sample_rate": rate})
    assert read(open_recording(meta, sample_rate_hz=RATE_HZ)).size == 20000


def test_sigmf_captures_are_gaps(tmp_path: Path) -> None:
    samples = iq_tone(3000)
    later = START + timedelta(seconds=1)
    captures = [
        {
            "core:sample_start": 0,
            "core:datetime": START.isoformat(),
            "core:global_index": 500,
            "core:frequency": 1e8,
        },
        {"core:sample_start": 1000, "core:global_index": 1700, "core:frequency": 2e8},
        {"core:sample_start": 2000, "core:datetime": later.isoformat().replace("+00:00", "Z")},
    ]
    meta = write_sigmf(tmp_path / "gaps", samples, "cf32_le", captures=captures)
    source = open_recording(meta, block_samples=900)
    blocks = list(source)
    starts = {block.start_sample: block for block in blocks if block.dropped_before}
    assert sorted(starts) == [1200, RATE_HZ]
    assert [starts[1200].dropped_before, starts[RATE_HZ].dropped_before] == [200, RATE_HZ - 2200]
    assert starts[1200].start_time == START + timedelta(microseconds=25000)
    assert starts[1200].center_frequency_hz == 2e8
    assert starts[RATE_HZ].start_time == later
    assert source.dropped == 200 + RATE_HZ - 2200
    np.testing.assert_array_equal(np.concatenate([block.samples for block in blocks]), samples)


def test_sigmf_audio_gap_restarts_the_analytic_filter(tmp_path: Path) -> None:
    captures = [{"core:sample_start": 0}, {"core:sample_start": 5000, "core:global_index": 50000}]
    meta = write_sigmf(tmp_path / "gap", tone(10000).astype("<f4"), "rf32_le", captures=captures)
    source = open_recording(meta, default_domain=Domain.SSB_AUDIO)
    blocks = list(source)
    assert sum(block.samples.size for block in blocks) == 10000
    assert [(b.start_sample, b.dropped_before) for b in blocks if b.dropped_before] == [(50000, 45000)]
    np.testing.assert_allclose(np.concatenate([b.samples for b in blocks]).real, tone(10000), atol=1e-6)


def test_sigmf_archive(tmp_path: Path) -> None:
    meta = write_sigmf(tmp_path / "a", iq_tone(), "cf32_le")
    archive = tmp_path / "a.sigmf"
    with tarfile.open(archive, "w") as tar:
        tar.add(meta, "a/a.sigmf-meta")
        tar.add(meta.with_suffix(".sigmf-data"), "a/a.sigmf-data")
    np.testing.assert_array_equal(read(open_recording(archive)), iq_tone())
    archive.write_bytes(b"no tar at all")
    with pytest.raises(RecordingError, match="not a SigMF archive"):
        open_recording(archive)


def test_sigmf_with_header_and_trailing_bytes(tmp_path: Path) -> None:
    meta = write_sigmf(
        tmp_path / "a", iq_tone(), "cf32_le",
        captures=[{"core:sample_start": 0, "core:header_bytes": 13}], **{"core:trailing_bytes": 7},
    )  # fmt: skip
    data = meta.with_suffix(".sigmf-data")
    data.write_bytes(b"h" * 13 + data.read_bytes() + b"t" * 7)
    source = open_recording(meta)
    np.testing.assert_array_equal(read(source), iq_tone())
    assert source.warnings == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"core:datatype": "ci12_le"}, "core:datatype 'ci12_le' is not one gsctl reads"),
        ({"core:datatype": None}, "core:datatype None"),
        ({"core:sample_rate": -5}, "sample rate -5 cannot be meant"),
        ({"core:sample_rate": "fast"}, "sample rate 'fast' cannot be meant"),
        ({"core:num_channels": 2}, "it has 2 channels"),
        ({"core:trailing_bytes": -1}, "core:trailing_bytes is -1, not a count"),
        ({"captures": [{"core:sample_start": 1e99}]}, "core:sample_start is 1e\\+99, not a count"),
        ({"captures": [{"core:sample_start": 9}, {"core:sample_start": 3}]}, "captures are not in order"),
    ],
)
def test_bad_sigmf_metadata_is_one_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    merged = {"core:datatype": "cf32_le", **change}
    meta = write_sigmf(tmp_path / "a", iq_tone(100), merged.pop("core:datatype"), **merged)
    with pytest.raises(RecordingError, match=message) as caught:
        read(open_recording(meta))
    assert "\n" not in str(caught.value)
    assert "a.sigmf-meta" in str(caught.value)


def make_wav(path: Path) -> bytes:
    soundfile.write(path, tone(100), RATE_HZ)
    return path.read_bytes()


BAD_INPUTS = [
    ("nowhere.wav", None, {}, "no such file"),
    ("nowhere.sigmf-meta", None, {}, "no such file"),
    ("empty.wav", b"", {}, "is empty"),
    ("folder", "folder", {}, "is a directory"),
    ("x.cf32", b"12345678", {}, "raw cf32 samples without a rate"),
    ("x.xyz", b"12345678", {}, "not a kind of recording gsctl knows"),
    ("noname", b"12345678", {}, "not a kind of recording gsctl knows"),
    ("x.cf32", b"1234", {"sample_rate_hz": 48e3}, "shorter than one cf32 sample"),
    ("x.raw", b"12345678", {"sample_rate_hz": 48e3, "sample_format": "cx9"}, "unknown sample format 'cx9'"),
    ("x.raw", b"12345678", {"sample_rate_hz": 0.0, "sample_format": "cf32"}, "rate 0.0 cannot be meant"),
    ("x.i16", b"12345678", {"sample_rate_hz": 48e3, "input": "iq"}, "one channel, no IQ"),
    ("x.cf32", b"12345678", {"sample_rate_hz": 48e3, "input": "fm-audio"}, "are IQ, not audio"),
    ("x.wav", b"RIFF\0\0\0\0WAVEfm", {}, "cut short within its WAV header"),
    ("x.wav", b"RIFF\0\0\0\0WAVEdata\0\0\0\0", {}, "WAV header without format"),
    ("x.wav", b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd", {}, "format chunk is too short"),
    ("x.flac", b"fLaC" + b"\0" * 50, {}, "not readable as audio"),
    ("x.sigmf-data", b"12345678", {}, "SigMF data without its metadata"),
    ("x.sigmf-meta", b'{"global": {"core:datatype": "cf32_le"}}', {}, "SigMF metadata without its data"),
    ("x.sigmf-meta", b'{"global": {', {}, "SigMF metadata is not JSON"),
    ("x.sigmf-meta", b"[" * 100000, {}, "SigMF metadata is not JSON"),
    ("x.sigmf-meta", b"\xff\xfe{", {}, "SigMF metadata is not JSON"),
    ("x.sigmf-meta", b"[]", {}, "not SigMF metadata"),
    ("x.sigmf-meta", b'{"global": {"core:dataset": "../../etc/passwd"}}', {}, "points out of its folder"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "options", "message"), BAD_INPUTS)
def test_bad_input_is_one_line(
    tmp_path: Path, name: str, content: bytes | str | None, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as caught:
        open_recording(path, **options)
    assert "\n" not in str(caught.value)


def test_wav_header_without_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(make_wav(path)[:44])
    with pytest.raises(RecordingError, match="WAV header without samples"):
        open_recording(path)


def test_every_cut_of_a_wav_gives_samples_or_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    whole = make_wav(path)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        if size < 46:
            with pytest.raises(RecordingError):
                open_recording(path)
        else:
            assert read(open_recording(path)).size == (size - 44) // 2


def test_one_channel_wav_is_no_iq(tmp_path: Path) -> None:
    make_wav(tmp_path / "a.wav")
    with pytest.raises(RecordingError, match="one channel is no IQ"):
        open_recording(tmp_path / "a.wav", input="iq")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    make_wav(path)

    def refuse(*_: Any, **__: Any) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RecordingError, match="cannot be read: Permission denied"):
        open_recording(path)


def test_header_wins_over_a_told_format_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    make_wav(path)
    source = open_recording(path, sample_format="cu8", sample_rate_hz=44100)
    assert source.sample_rate_hz == 44100
    assert read(source).size == 100
    assert [warning.partition(": ")[2] for warning in source.warnings] == [
        "its header says 48000 S/s; taking 44100 as told",
        "has a header; --sample-format cu8 is not used",
    ]


def test_blocks_are_typed_for_their_domain(tmp_path: Path) -> None:
    make_wav(tmp_path / "a.wav")
    block: SampleBlock = next(iter(open_recording(tmp_path / "a.wav", input="ssb-audio")))
    assert block.samples.dtype == np.complex64
    assert block.sample_rate_hz == RATE_HZ


def test_a_riff_above_4_gb_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "big.wav"
    data = bytearray(make_wav(path))
    at = data.index(b"data") + 4
    size = (1 << 32) + 1000
    data[at : at + 4] = struct.pack("<I", size & 0xFFFFFFFF)  # as writers do that do not know RF64
    path.write_bytes(data)
    with path.open("r+b") as stream:
        stream.truncate(at + 4 + size)  # sparse
    assert open_recording(path).duration_s == pytest.approx(size / 2 / RATE_HZ)


def test_a_name_that_says_audio_makes_stereo_audio(tmp_path: Path) -> None:
    path = tmp_path / "SDRSharp_20130414_135932Z_437525kHz_AF.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(1).standard_normal((RATE_HZ, 2)), RATE_HZ)
    source = open_recording(path)
    assert source.domain is Domain.FM_AUDIO
    assert "two different channels" in source.warnings[0]
