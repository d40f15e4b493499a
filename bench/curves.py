"""Frames heard over Eb/N0, drawn beside what an ideal receiver would hear: the pictures of docs/RECEIVER.md.

    python -m bench.curves [--frames 60] [--only bpsk fsk afsk ccsds] [--no-peers] [--folder docs]

The signals, their seeds and the programs of others are those of ``bench.sensitivity``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from bench import cases, peers
from bench import ideal as coded
from bench.sensitivity import Curve, Decoder, gsctl_decoder, peer_decoder
from gsctl.coding.hdlc import frame_bits
from gsctl.demod import Effort

# Bits between the flags of the frames that bench.signals sends, stuffing included, on average.
LINE_BITS = len(frame_bits(bytes(range(219))))


@dataclass(frozen=True, slots=True)
class Picture:
    """One set of axes: which cases, between which Eb/N0, and the title.

    Attributes:
        labels: of the cases, where it is not their input that tells them apart.
        step_db: from point to point.
        coded: the bound is not that of uncoded bits but the case's line of ``bench.ideal``.
    """

    name: str
    title: str
    cases: tuple[str, ...]
    from_db: float
    to_db: float
    efforts: tuple[Effort, ...] = (Effort.NORMAL,)
    peer_case: str = ""
    labels: tuple[str, ...] = ()
    step_db: float = 1.0
    coded: bool = False


PICTURES = (
    Picture("bpsk", "BPSK 1200 Bd, AX.25", ("bpsk-1200",), 4.0, 11.0, (Effort.FAST, Effort.NORMAL)),
    Picture(
        "fsk",
        "GMSK 9600 Bd, AX.25 G3RUH",
        ("fsk-9600", "fsk-9600-audio"),
        4.0,
        17.0,
        peer_case="fsk-9600-audio",
    ),
    Picture(
        "afsk",
        "AFSK 1200 Bd, AX.25",
        ("afsk-1200", "afsk-1200-audio"),
        4.0,
        18.0,
        peer_case="afsk-1200-audio",
    ),
    Picture(
        "ccsds",
        "CCSDS K = 7 and (255,223) Reed-Solomon, 9600 Bd",
        ("ccsds-bpsk-9600", "ccsds-gmsk-9600"),
        -3.0,
        4.0,
        labels=("gsctl, BPSK", "gsctl, GMSK"),
        step_db=0.5,
        coded=True,
    ),
)


def ideal(ebn0_db: float) -> float:
    """Share of frames without a wrong bit at an ideal coherent receiver of antipodal bits.

    Each of N bits is wrong with probability Q(sqrt(2 Eb/N0)) (Proakis, Digital Communications, 5.2-5).
    """
    wrong = 0.5 * erfc(sqrt(10 ** (ebn0_db / 10)))
    return float((1 - wrong) ** LINE_BITS)


def lines(picture: Picture, with_peers: bool) -> list[tuple[str, str, Decoder]]:
    """Label, case and decoder of each measured curve."""
    several = len(picture.efforts) > 1
    labels = dict(zip(picture.cases, picture.labels, strict=False))
    found = [
        (
            labels.get(
                name,
                f"gsctl{f' {effort}' if several else ''}, {'audio' if cases.by_name(name).audio else 'IQ'}",
            ),
            name,
            gsctl_decoder(cases.by_name(name), effort),
        )
        for name in picture.cases
        for effort in picture.efforts
    ]
    if picture.peer_case and with_peers:
        for peer in cases.by_name(picture.peer_case).peers[:1]:
            if peers.installed(peer.program):
                found.append((f"{peer.label}, audio", picture.peer_case, peer_decoder(peer)))
    return found


def measure(case: str, decoder: Decoder, picture: Picture, frames: int) -> list[tuple[float, float]]:
    """Eb/N0 and share of the frames, a decibel apart, until nine tenths and a half come out twice."""
    curve = Curve(cases.by_name(case), decoder)
    points: list[tuple[float, float]] = []
    for ebn0_db in np.arange(picture.from_db, picture.to_db + picture.step_db / 2, picture.step_db):
        points.append((float(ebn0_db), curve.at(float(ebn0_db), frames).fraction))
        if len(points) > 1 and min(share for _, share in points[-2:]) > 0.97:
            break
    return points


def draw_bounds(axes: Any, picture: Picture, frames: int) -> None:
    """What ideal synchronisation gives, dashed."""
    if not picture.coded:
        smooth = np.linspace(picture.from_db, picture.to_db, 200)
        label = f"no wrong bit among {LINE_BITS}, ideal"
        axes.plot(smooth, [100 * ideal(x) for x in smooth], "k--", lw=1.2, label=label)
        return
    for name, label, style in zip(picture.cases, picture.labels, ("k--", "k:"), strict=True):
        line, levels_db = coded.LINES[name]
        shares = [100 * coded.concatenated_share(line, level_db, frames) for level_db in levels_db]
        waveform = label.removeprefix("gsctl, ")
        axes.plot(levels_db, shares, style, lw=1.2, label=f"{waveform}, ideal synchronisation")


def draw(picture: Picture, frames: int, with_peers: bool, folder: Path) -> Path:
    """Measure and draw one picture.

    Raises:
        OSError: the picture cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.2, 4.6), dpi=110)
    draw_bounds(axes, picture, frames)
    for (label, case, decoder), marker in zip(lines(picture, with_peers), "osv^D", strict=False):
        points = measure(case, decoder, picture, frames)
        print(label, " ".join(f"{db:g}:{share:.2f}" for db, share in points), flush=True)
        points += [(picture.to_db, points[-1][1])] if points[-1][1] > 0.97 else []
        axes.plot(
            [db for db, _ in points], [100 * share for _, share in points], marker=marker, ms=4, label=label
        )
    axes.set_title(picture.title)
    axes.set_xlabel("Es/N0 of a channel symbol, dB" if picture.coded else "Eb/N0 of the radio signal, dB")
    axes.set_ylabel(f"frames heard of {frames}, %")
    axes.set_xlim(picture.from_db, picture.to_db)
    axes.set_ylim(-3, 103)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2, fontsize=9, frameon=False)
    figure.tight_layout()
    path = folder / f"receiver-{picture.name}.png"
    figure.savefig(path)
    pyplot.close(figure)
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw what is asked for and say where it is."""
    parser = argparse.ArgumentParser(description="Curves of frames heard over Eb/N0, as pictures.")
    parser.add_argument("--frames", type=int, default=60, help="frames a point")
    parser.add_argument("--only", nargs="+", choices=[p.name for p in PICTURES], default=[])
    parser.add_argument("--no-peers", action="store_true", help="gsctl only")
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    chosen = parser.parse_args(arguments)
    for picture in PICTURES:
        if not chosen.only or picture.name in chosen.only:
            print(draw(picture, chosen.frames, not chosen.no_peers, chosen.folder), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
