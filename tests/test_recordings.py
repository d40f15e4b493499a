"""Real recordings: every known frame, byte for byte, and nothing made up."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.warm import run_warm


@dataclass(frozen=True)
class Case:
    """A recording, what a user would say of it, and how many unique frames may come out.

    ``not_there`` is how many frames of the reference are not in the recording.
    """

    name: str
    options: str
    floor: int
    ceiling: int
    not_there: int = 0


FSK_9600 = "--waveform fsk --symbol-rate 9600"
SMOG = (
    "--waveform fsk --symbol-rate 1250 --framing ao40-fec --framing ao40-fec-short "
    "--framing smog-ra --framing smog-signalling --unchecked"
)
U482C = "--waveform afsk --symbol-rate 4800 --mark 2400 --space 4800 --framing u482c"

# The ceiling is what gsctl finds today; more would be welcome, and should be looked at first.
CASES = [
    Case("az02", "--waveform fsk --framing ax25-g3ruh", 1, 1),
    Case("irazu", "--waveform fsk --framing ax25-g3ruh", 1, 1),
    Case("ubakusat", "--waveform fsk --framing ax25-g3ruh", 1, 1),
    Case("us01", "--waveform fsk --framing ax25-g3ruh", 1, 1),
    Case("aalto1", "--waveform fsk --framing ax25-g3ruh", 1, 1),
    Case("upmsat_2", "--waveform fsk --framing ax25", 1, 1),
    Case("tanusha3_pm", "--waveform afsk", 1, 1),
    Case("swiatowid-ax25", "--waveform afsk", 2, 2),
    Case("duchifat_3", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("entrysat", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("gr01", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("il01", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("itasat1", "--waveform bpsk --framing ax25", 1, 1),
    Case("mysat1", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("picsat", "--waveform bpsk --framing ax25-g3ruh", 1, 1),
    Case("picsat_9k6", "--waveform bpsk --framing ax25-g3ruh", 57, 57),
    Case("sat_3cat_2", "--waveform bpsk --framing ax25", 1, 1),
    Case("shaonian_xing", "--waveform bpsk --framing ax25-g3ruh", 2, 2),
    Case("ua01", "--waveform bpsk --symbol-rate 9600 --framing ua01", 1, 1),
    Case("1kuns_pf", "--waveform fsk --symbol-rate 1200,9600 --framing ax100-asm-golay", 2, 2),
    Case("facsat_1", "--waveform fsk --symbol-rate 9600 --framing ax100-asm-golay", 8, 8),
    Case("innosat_2", "--waveform fsk --symbol-rate 4800 --framing ax100-asm-golay", 7, 7),
    Case("luojia-1", "--waveform fsk --symbol-rate 4800 --framing ax100-asm-golay", 8, 8),
    Case("ty_2", "--waveform fsk --symbol-rate 9600 --framing ax100-asm-golay", 3, 3),
    Case("ty_4", "--waveform fsk --symbol-rate 9600 --framing ax100-asm-golay", 3, 3),
    Case("ca03", "--waveform fsk --symbol-rate 4800 --framing ax100-rs", 1, 1),
    Case("ca03_9k6", "--waveform fsk --symbol-rate 9600 --framing ax100-rs", 9, 9),
    Case("gomx_3", "--waveform fsk --symbol-rate 19200 --framing ax100-rs", 2, 11),
    Case("tw_1b", "--waveform fsk --symbol-rate 4800 --framing ax100-rs", 1, 1),
    Case("aisat", U482C, 22, 22),
    Case("athenoxat_1", U482C, 2, 2),
    Case("au02", U482C, 1, 1),
    Case("cz02", U482C, 1, 14),
    Case("dsat", U482C, 3, 3),
    Case("gomx_1", U482C, 1, 1),
    Case("aausat_4", "--waveform fsk --symbol-rate 2400 --framing aausat-4", 1, 1),
    Case("astrocast_9k6", f"{FSK_9600} --framing ccsds-rs:depth=5,size_bytes=1115", 3, 3),
    Case(
        "by701",
        "--waveform bpsk --symbol-rate 9600 "
        "--framing ccsds-concatenated:size_bytes=114,basis=conventional,differential=true",
        23,
        27,
    ),
    Case("ks_1q", "--waveform fsk --symbol-rate 20000 --framing ccsds-concatenated", 4, 4),
    # Five of the reference's 34 chunks are not in the recording: gsctl's 99 follow one another without
    # a gap and without a wrong symbol. Nothing checks a chunk.
    Case("lilacsat1", "--waveform bpsk --symbol-rate 9600 --framing lilacsat-1 --unchecked", 29, 29, 5),
    Case("reaktor_hello_world", f"{FSK_9600} --framing reaktor-hello-world", 4, 4),
    Case("sat_3cat_1", f"{FSK_9600} --framing 3cat-1", 8, 8),
    Case("fossasat2", f"{FSK_9600} --framing fossasat", 1, 1),
    Case("lucky_7", "--waveform fsk --symbol-rate 4800 --framing lucky-7", 9, 9),
    Case("at03", f"{FSK_9600} --framing tt-64", 1, 1),
    Case("sanosat1", "--waveform fsk --symbol-rate 500 --framing sanosat", 2, 2),
    Case("swiatowid", f"{FSK_9600} --framing swiatowid", 282, 282),
    Case("ao73", "--waveform bpsk --symbol-rate 1200 --framing funcube", 1, 1),
    Case("smog_p", SMOG, 3, 3),
    Case("smog_p_long", SMOG, 3, 3),
    # One is a weak signalling block at the end, which nothing checks; it is the reference's byte for byte.
    Case("atl_1", SMOG, 6, 7),
    Case("floripasat_1", "--waveform fsk --symbol-rate 1200 --framing ngham", 1, 1),
    Case("astrocast", "--waveform fsk --symbol-rate 1200 --framing astrocast-fx25", 2, 2),
    Case("astrocast_old", "--waveform fsk --symbol-rate 1200 --framing astrocast-fx25-nrz", 0, 1),
    Case("beesat_9", "--waveform fsk --symbol-rate 4800 --framing beesat-9", 1, 1),
    Case("snet_a", "--waveform afsk --symbol-rate 1200 --mark 1200 --space 1800 --framing s-net", 3, 3),
    Case("ideassat", f"{FSK_9600} --framing ideassat", 1, 1),
    Case("ops_sat", f"{FSK_9600} --framing ops-sat", 1, 1),
    Case("cape3", "--waveform fsk --symbol-rate 1200 --framing ax5043", 1, 1),
    Case("eseo", f"{FSK_9600} --framing eseo --effort deep", 0, 1),
    Case("iq/delfi_c3_iq_22050", "--waveform bpsk --symbol-rate 1200 --framing ax25", 1, 3),
]


def _decode(recording: Path, options: str, tmp_path: Path) -> list[str]:
    """Unique frames by the command."""
    words: list[str | Path] = ["decode", recording, *options.split(), "--no-log", "--format", "hex"]
    done = run_warm(words, cwd=tmp_path, timeout_s=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().splitlines()[-1].startswith("frames=")
    return done.stdout.decode().split()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_frames_come_out(case: Case, data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "recordings"
    truth = set((folder / "truth" / f"{Path(case.name).name}.hex").read_text().split())
    recording = folder / f"{case.name}.wav"
    frames = _decode(recording, case.options, tmp_path)
    assert len(frames) == len(set(frames)), "hex prints each frame once"
    assert len(truth - set(frames)) == case.not_there
    assert case.floor <= len(frames) <= case.ceiling


def test_nothing_told_but_the_waveform(data_dir: Path, tmp_path: Path) -> None:
    """Rate and framing are found; the carrier of SSB audio always is."""
    folder = data_dir / "recordings"
    frames = _decode(folder / "il01.wav", "--waveform bpsk", tmp_path)
    assert frames == (folder / "truth" / "il01.hex").read_text().split()


def test_a_beacon_off_frequency_and_of_wide_deviation(data_dir: Path, tmp_path: Path) -> None:
    """AAUSAT-4 in IQ, where the reference finds nothing; Reed-Solomon vouches, and its clock is right."""
    recording = data_dir / "recordings" / "iq" / "aausat_4_iq_12800.wav"
    (frame,) = _decode(recording, "--satellite aausat-4", tmp_path)
    beacon = bytes.fromhex(frame)
    assert len(beacon) == 92
    assert int.from_bytes(beacon[:2], "big") == 86
    rt_clock = datetime.fromtimestamp(int.from_bytes(beacon[13:17], "big"), UTC)
    assert rt_clock.date().isoformat() == "2018-11-07"
