"""``make sensitivity``: the Eb/N0 at which half and nine tenths of the frames come out.

Definitions: docs/CONTRACT.md, "Numbers". Signals come from ``bench.signals`` with fixed seeds, 200
frames a point and 1000 at the two points beside each threshold (``--quick``: 40 and 100). The
decoders of others hear the very same files where they are installed. CPU seconds are per second of
signal: warm and in process for gsctl, with the program's start for the others.

    python -m bench.sensitivity [--quick] [--all] [--only NAME ...] [--no-peers] [--effort E ...] [--jobs 2]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context

from bench import cases, ideal, peers
from bench.cases import Case
from bench.signals import Signal
from gsctl.demod import Effort
from gsctl.framing import Ais, Integrity

BATCH_FRAMES = 100
STEP_DB = 0.5
SEARCH_DB = (-4.0, 30.0)

# Frames heard of a signal, frames that nobody sent, how many of these were repaired, CPU seconds.
Score = tuple[int, int, int, float]
Decoder = Callable[[Signal], Score]


@dataclass(slots=True)
class Tally:
    """What a decoder did at one Eb/N0, batch by batch."""

    sent: int = 0
    heard: int = 0
    false: int = 0
    false_repaired: int = 0
    cpu_s: float = 0.0
    signal_s: float = 0.0

    @property
    def fraction(self) -> float:
        return self.heard / self.sent


@dataclass(slots=True)
class Curve:
    """Frames over Eb/N0 of one decoder on one case; points are measured when asked for."""

    case: Case
    decoder: Decoder
    points: dict[float, Tally] = field(default_factory=dict)

    def at(self, ebn0_db: float, frames: int) -> Tally:
        """Measure until ``frames`` have been sent at this Eb/N0."""
        tally = self.points.setdefault(ebn0_db, Tally())
        while tally.sent < frames:
            count = min(BATCH_FRAMES, frames - tally.sent)
            signal = batch(self.case.name, ebn0_db, tally.sent, count)
            heard, false, repaired, cpu_s = self.decoder(signal)
            tally.sent += count
            tally.heard += heard
            tally.false += false
            tally.false_repaired += repaired
            tally.cpu_s += cpu_s
            tally.signal_s += signal.duration_s
        return tally

    def bracket(self, share: float, frames: int) -> tuple[float, float] | None:
        """The two neighbouring points on either side of ``share``; None where it is never reached."""
        at = round(self.case.guess_db / STEP_DB) * STEP_DB
        step = 2.0 if self.at(at, frames).fraction < share else -2.0
        while (self.at(at, frames).fraction < share) == (step > 0):
            at += step
            if not SEARCH_DB[0] <= at <= SEARCH_DB[1]:
                return None
        low, high = min(at, at - step), max(at, at - step)
        while high - low > STEP_DB:
            middle = round((low + high) / 2 / STEP_DB) * STEP_DB
            low, high = (middle, high) if self.at(middle, frames).fraction < share else (low, middle)
        return low, high

    def threshold_db(self, share: float, frames: int, fine: int) -> float | None:
        """Eb/N0 for ``share`` of the frames, linear between points of ``fine`` frames."""
        around = self.bracket(share, frames)
        if around is None:
            return None
        # More frames may move the crossing to the next interval.
        for _ in range(6):
            low, high = (self.at(place, fine).fraction for place in around)
            if low >= share:
                around = (around[0] - STEP_DB, around[0])
            elif high < share:
                around = (around[1], around[1] + STEP_DB)
            else:
                return around[0] + STEP_DB * (share - low) / (high - low)
        return None

    def totals(self) -> Tally:
        whole = Tally()
        for tally in self.points.values():
            whole.sent += tally.sent
            whole.heard += tally.heard
            whole.false += tally.false
            whole.false_repaired += tally.false_repaired
            whole.cpu_s += tally.cpu_s
            whole.signal_s += tally.signal_s
        return whole


@lru_cache(maxsize=2)
def batch(name: str, ebn0_db: float, first: int, count: int) -> Signal:
    """The same samples for every decoder: the seed is made of the place in the measurement."""
    seed = 1_000_003 * round(ebn0_db * 10 + 1000) + first
    return cases.by_name(name).make(ebn0_db, count, seed)


def gsctl_decoder(case: Case, effort: Effort) -> Decoder:
    """gsctl's own chain, in this process and warm."""

    def decode(signal: Signal) -> Score:
        from gsctl.pipeline.chains import Chain
        from gsctl.pipeline.listening import Receiver, Settings, listen

        blocks = list(signal.audio_blocks() if case.audio else signal.blocks())
        started = time.process_time()
        if isinstance(signal.framing, Ais):
            from gsctl.pipeline.ais_reception import AisReceiver

            ais = AisReceiver(effort)
            frames = [heard.frame for block in blocks for heard in ais.push(block)]
            frames += [heard.frame for heard in ais.finish()]
        else:
            chain = Chain(waveform=case.told, framings=(signal.framing,))
            frames = [found.frame for found in listen(Receiver([chain], Settings(effort=effort)), blocks)]
        cpu_s = time.process_time() - started
        known, false = score(signal, [frame.payload for frame in frames])
        sent = set(signal.payloads)
        repaired = sum(f.payload not in sent and f.integrity is Integrity.CRC_CORRECTED for f in frames)
        return known, false, repaired, cpu_s

    return decode


def peer_decoder(run: cases.Peer) -> Decoder:
    """A program of others on the same samples."""

    def decode(signal: Signal) -> Score:
        result = run.run(signal)
        if run.counts_only:
            return min(len(result.frames), len(signal.payloads)), 0, 0, result.cpu_s
        return (*score(signal, result.frames), 0, result.cpu_s)

    return decode


def score(signal: Signal, heard: Sequence[bytes]) -> tuple[int, int]:
    """How many of the sent frames came out at least once, and how many that nobody sent."""
    sent = set(signal.payloads)
    return len(sent & set(heard)), sum(1 for payload in heard if payload not in sent)


def decoders(case: Case, efforts: Sequence[Effort], with_peers: bool) -> Iterator[tuple[str, Decoder]]:
    for effort in efforts:
        yield f"gsctl {effort}", gsctl_decoder(case, effort)
    for peer in case.peers if with_peers else ():
        if peers.installed(peer.program):
            yield peer.label, peer_decoder(peer)


def measure(name: str, label: str, frames: int, fine: int) -> str:
    """One line of the table."""
    case = cases.by_name(name)
    decoder = dict(decoders(case, list(Effort), True))[label]
    if label.startswith("gsctl"):
        decoder(batch(name, 30.0, 0, 2))  # compiles
    curve = Curve(case, decoder)
    half, most = (curve.threshold_db(share, frames, fine) for share in (0.5, 0.9))
    whole = curve.totals()
    target = f"{case.target_db[0]:5.1f} /{case.target_db[1]:5.1f}" if case.target_db else " " * 12
    cells = (f"{value:6.2f}" if value is not None else " never" for value in (half, most))
    cpu = whole.cpu_s / max(whole.signal_s, 1e-9)
    return (
        f"{name:26} {label:20} {' / '.join(cells)}   {target} {whole.false:5d} {whole.false_repaired:8d} "
        f"{whole.sent:7d} {cpu:8.4f}"
    )


HEADING = (
    f"{'signal':26} {'decoder':20} {'50 %':>6} / {'90 %':>6}   {'wanted':>12} {'false':>5} {'repaired':>8} "
    f"{'sent':>7} {'CPU s/s':>8}"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, line by line as it is measured."""
    parser = argparse.ArgumentParser(
        description="Eb/N0 at which half and nine tenths of the frames come out."
    )
    parser.add_argument("--quick", action="store_true", help="40 and 100 frames a point")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="this case, or those whose name begins so"
    )
    parser.add_argument(
        "--all", action="store_true", help="stepping radios, nulls and receivers of all kinds too"
    )
    parser.add_argument("--no-peers", action="store_true", help="gsctl only")
    parser.add_argument("--effort", nargs="+", default=["normal", "deep"], choices=[e.value for e in Effort])
    parser.add_argument("--jobs", type=int, default=1, help="lines measured at the same time")
    parser.add_argument("--list", action="store_true", help="name the cases")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(case.name for case in cases.CASES))
        return
    frames, fine = (40, 100) if chosen.quick else (200, 1000)
    print(HEADING, flush=True)
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool:
        lines = []
        beginnings = {name for name in chosen.only if name not in {case.name for case in cases.CASES}}
        for case in cases.CASES:
            named = case.name in chosen.only or case.name.startswith(tuple(beginnings))
            if not (named if chosen.only else chosen.all or not case.extra):
                continue
            if not case.possible():
                print(f"{case.name:26} gsctl has no receiver for it yet", flush=True)
                continue
            for label, _ in decoders(case, [Effort(e) for e in chosen.effort], not chosen.no_peers):
                lines.append(pool.submit(measure, case.name, label, frames, fine))
            if case.name in ideal.LINES:
                lines.append(pool.submit(ideal.threshold_line, case.name, frames))
        for line in lines:
            print(line.result(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
