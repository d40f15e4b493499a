"""Real recordings: frames that gsctl finds beside the reference's, and how much noise they bear.

    python -m bench.recordings [--only NAME ...]            # make recordings
    python -m bench.recordings --noise [--only NAME ...]    # make recordings-noise

The first table runs the installed command, told what a user would tell it (the table of
tests/test_recordings.py), and compares the unique frames with index.csv and truth/. With
``--noise``, white noise is added to the audio of the AX.25 recordings, and for gsctl and for the
programs of others that are installed the level is found at which half of the frames that the program
gets out of the clean recording are lost. The level is the power of the recording, where it is
loudest, over that of the noise added, in the band of the file; a lower figure is a better receiver.
All hear the same files. It is audio noise, not radio noise: a discriminator's own is shaped otherwise.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench import peers
from bench.speed import COMMAND, DATA
from gsctl.framing import parse_framing
from gsctl.pipeline.chains import Chain, chains_for_waveform, default_domain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.radio.recording import open_recording
from gsctl.synth.audio import Audio
from gsctl.waveform import WAVEFORMS
from tests.test_recordings import CASES, Case

TIME_LIMIT_S = 300.0
SEEDS = (1, 2, 3)
# Levels between which half of the frames are lost, dB, and how fine.
QUIET_DB, LOUD_DB, STEP_DB = 32.0, -16.0, 1.0
# Rms level of the files; the peers' files are written four times as loud.
LEVEL = 0.04

Decoder = Callable[[Audio, int], set[bytes]]


def index() -> dict[str, Mapping[str, str]]:
    """The lines of index.csv by the recording's name."""
    with (DATA / "recordings" / "index.csv").open(newline="") as file:
        return {row["recording"].removesuffix(".wav"): row for row in csv.DictReader(file)}


def truth(case: Case) -> set[bytes]:
    """What the reference found in four runs together."""
    path = DATA / "recordings" / "truth" / f"{Path(case.name).name}.hex"
    return {bytes.fromhex(line) for line in path.read_text().split()} if path.is_file() else set()


def decode(path: Path, options: str) -> set[bytes]:
    """Unique frames of the installed command.

    Raises:
        RuntimeError: it failed.
    """
    command = [COMMAND, "decode", str(path), *options.split(), "--no-log", "--format", "hex"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return {bytes.fromhex(line) for line in done.stdout.split()}


def compare(case: Case) -> str:
    """One line of the first table."""
    known = truth(case)
    try:
        found = decode(DATA / "recordings" / f"{case.name}.wav", case.options)
    except RuntimeError as error:
        return f"{case.name:24} {error}"
    row = index().get(case.name, {})
    reference = row.get("reference_union_unique", str(len(known)))
    missing = len(known - found)
    verdict = "" if not missing else f"  {missing} of the reference's are not found"
    counts = f"{len(found):6d} {reference:>9} {len(found - known):5d}"
    return f"{case.name:24} {counts}  {row.get('framing', '')}{verdict}"


def noisy(audio: Audio, level_db: float, seed: int) -> Audio:
    """The recording with white noise, at one rms level in all.

    The recording's power is that of its loudest tenth of a second in ten, so that pauses do not count.
    """
    piece = max(len(audio) // 100, 1)
    powers = [float(np.mean(audio[i : i + piece] ** 2)) for i in range(0, len(audio), piece)]
    sigma = np.sqrt(np.quantile(powers, 0.9) * 10 ** (-level_db / 10))
    mixed = audio + sigma * np.random.default_rng([seed, 0x4EC]).standard_normal(len(audio))
    return np.asarray(mixed * (LEVEL / max(float(np.sqrt(np.mean(mixed**2))), 1e-12)), np.float32)


def chains_of(options: str) -> tuple[Chain, ...]:
    """The chains that a command line's options name."""
    words = options.split()
    told = dict(zip(words[::2], words[1::2], strict=False))
    framings = [parse_framing(v) for k, v in zip(words[::2], words[1::2], strict=False) if k == "--framing"]
    rates = [float(rate) for rate in told.get("--symbol-rate", "").split(",") if rate]
    waveform = WAVEFORMS[told["--waveform"]]()
    waveforms = [dataclasses.replace(waveform, symbol_rate_bd=rate) for rate in rates] or [waveform]
    return tuple(chain for each in waveforms for chain in chains_for_waveform(each, framings))


def by_gsctl(options: str) -> Decoder:
    """gsctl on a file of the audio, in this process and warm."""
    chains = chains_of(options)

    def run(audio: Audio, rate_hz: int) -> set[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "noisy.wav"
            peers.write_wav(path, audio, rate_hz)
            with open_recording(path, default_domain=default_domain(chains[0].waveform)) as source:
                return {heard.frame.payload for heard in listen(Receiver(chains, Settings()), source)}

    return run


# Which mode of Dire Wolf and of multimon-ng hears what a case is told.
_PACKET_MODES = {"afsk": ("1200", "AFSK1200"), "fsk --framing ax25-g3ruh": ("9600", "FSK9600")}


def decoders(case: Case) -> Iterator[tuple[str, Decoder]]:
    """gsctl, and the programs of others that know this modulation and framing, each told all it takes."""
    yield "gsctl", by_gsctl(case.options)
    modes = _PACKET_MODES.get(case.options.removeprefix("--waveform "))
    if modes and peers.installed("atest"):
        options = ("-B", modes[0], "-F", "1")
        yield "Dire Wolf, +1 bit", lambda audio, rate_hz: set(peers.direwolf(audio, rate_hz, options).frames)
    if modes and peers.installed("multimon-ng"):
        mode = modes[1]
        # It prints the info field alone; that tells frames apart as well.
        yield "multimon-ng", lambda audio, rate_hz: set(peers.multimon(audio, rate_hz, mode).frames)
    row = index().get(case.name)
    if row is not None and peers.installed("gr_satellites"):
        name, note = row["satellite"], row["note"]
        extra = note.split() if note.startswith("--") else []
        yield (
            "gr-satellites",
            lambda audio, rate_hz: set(peers.gr_satellites_by_name(audio, rate_hz, name, extra).frames),
        )


def half_lost_db(audio: Audio, rate_hz: int, decoder: Decoder) -> tuple[int, float | None]:
    """Frames of the clean recording, and the level that costs half of them; None where there are none."""
    clean = decoder(noisy(audio, 80.0, 0), rate_hz)
    if not clean:
        return 0, None

    def share(level_db: float) -> float:
        heard = [len(clean & decoder(noisy(audio, level_db, seed), rate_hz)) for seed in SEEDS]
        return sum(heard) / (len(clean) * len(SEEDS))

    low, high = LOUD_DB, QUIET_DB
    while high - low > STEP_DB:
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < 0.5 else (low, middle)
    return len(clean), (low + high) / 2


def endure(case: Case) -> Iterator[str]:
    """The lines of the second table for one recording."""
    import soundfile

    audio, rate_hz = soundfile.read(DATA / "recordings" / f"{case.name}.wav", dtype="float32", always_2d=True)
    for label, decoder in decoders(case):
        count, level_db = half_lost_db(audio[:, 0], rate_hz, decoder)
        level = f"{level_db:6.1f}" if level_db is not None else "  none"
        yield f"{case.name:24} {label:17} {count:6d} {level}"


def is_ax25(case: Case) -> bool:
    """Whether this is a mono recording told as AX.25, in whatever dress."""
    framings = [word for word in case.options.split() if word.startswith(("ax25", "ua01"))]
    return not case.name.startswith("iq/") and (bool(framings) or "--framing" not in case.options)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, line by line."""
    parser = argparse.ArgumentParser(description="Frames in real recordings, clean or with noise added.")
    parser.add_argument("--noise", action="store_true", help="find the noise that costs half of the frames")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="recordings of these names")
    chosen = parser.parse_args(arguments)
    if not (DATA / "recordings").is_dir():
        raise SystemExit(f"no recordings at {DATA}; set GSCTL_TEST_DATA")
    cases = [case for case in CASES if not chosen.only or case.name in chosen.only]
    if chosen.noise:
        print(f"{'recording':24} {'decoder':17} {'frames':>6} {'half lost at dB':>6}")
        for case in filter(is_ax25, cases):
            for line in endure(case):
                print(line, flush=True)
        return
    print(f"{'recording':24} {'gsctl':>6} {'reference':>9} {'more':>5}  framings of the reference")
    for case in cases:
        print(compare(case), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
