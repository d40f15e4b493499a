"""What a satellite hears of the ships below it, by their number: the picture docs/ais-traffic.png.

    python -m bench.ais_traffic [--ships 100 200 ...] [--bursts 1300] [--folder docs]

Traffic is that of ``gsctl simulate ais --satellite NanoDragon`` (ships evenly over the footprint, a third of
them class B), heard by ``gsctl ais`` at ``fast`` and ``normal``; what is there to be heard is the truth
that the simulator writes. About a minute of processor time.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import fmean

SHIPS = (100, 200, 350, 600, 1000, 1500, 2200, 3200, 4500, 6500)
EFFORTS = ("fast", "normal")
START = "2026-06-17T03:00:00Z"  # the day of the bundled elements
# What these ships put on the air: bursts a second for each ship. It sets the length of a stretch.
_BURSTS_PER_SHIP_S = 0.083
_LEAST_S, _MOST_S = 4.0, 30.0
OBSERVED_S = 600.0
# A class A ship under way at up to 14 knots reports every 10 s, a class B one every 30 s.
INTERVALS_S = {1: 10.0, 18: 30.0}
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One burst that reached the satellite.

    Attributes:
        alone: no other burst on its channel overlaps it.
        heard: for each of ``EFFORTS``, whether its message came out.
    """

    message_type: int
    ebn0_db: float
    alone: bool
    heard: Mapping[str, bool]


def message_key(channel: str, nmea: Sequence[str]) -> tuple[str, str]:
    """Channel and armoured payload: what truth and reception agree on (numbers of parts may differ)."""
    return channel, "".join(sentence.split(",")[5] for sentence in nmea)


def matched(
    truth: Sequence[Mapping[str, object]], received: Mapping[str, Sequence[Mapping[str, object]]]
) -> list[Sent]:
    """The truth of a stretch, with what was heard of it; each message received counts for one burst.

    Args:
        truth: lines of BASE.truth.jsonl.
        received: JSON objects of ``gsctl ais``, by effort.
    """
    left = {effort: Counter(map(_key, messages)) for effort, messages in received.items()}
    sent = []
    for one in truth:
        key = _key(one)
        heard = {effort: counts[key] > 0 for effort, counts in left.items()}
        for effort in heard:
            left[effort][key] -= heard[effort]
        sent.append(
            Sent(
                message_type=int(str(one["message_type"])),
                ebn0_db=float(str(one["ebn0_db"])),
                alone=one["overlaps"] == 0,
                heard=heard,
            )
        )
    return sent


def _key(message: Mapping[str, object]) -> tuple[str, str]:
    nmea = message["nmea"]
    assert isinstance(nmea, list)
    return message_key(str(message["channel"]), nmea)


def ship_probability(bursts: Sequence[tuple[float, bool]], reports: float) -> float:
    """Probability that a ship is heard at least once.

    A strong ship is heard more often than a weak one, so the bursts are first parted by strength; within
    a part each report is taken to be heard or lost by itself: 1 - (1 - p) ** reports.

    Args:
        bursts: strength and whether it was heard.
        reports: how many reports a ship makes while it is in view.
    """
    ordered = [heard for _, heard in sorted(bursts, key=itemgetter(0))]
    size = len(ordered) / _PARTS
    parts = [ordered[round(k * size) : round((k + 1) * size)] for k in range(_PARTS)]
    shares = [sum(part) / len(part) for part in parts if part]
    return fmean(1.0 - float((1.0 - share) ** reports) for share in shares) if shares else 0.0


def run(arguments: Sequence[str]) -> str:
    """What a gsctl command prints on stdout.

    Raises:
        RuntimeError: it failed.
    """
    from gsctl.cli.app import main as gsctl

    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as messages,
    ):
        code = gsctl(arguments)
    if code:
        raise RuntimeError(f"gsctl {' '.join(arguments)}: {messages.getvalue().strip()}")
    return out.getvalue()


def stretch(ships: int, length_s: float, folder: Path) -> list[Sent]:
    """Simulate a stretch of traffic and hear it.

    Raises:
        RuntimeError: a command failed.
    """
    base = folder / f"orbit-{ships}"
    simulation = ("--satellite", "NanoDragon", "--start", START, "--ships", str(ships), "-T", str(length_s))
    run(("simulate", "ais", *simulation, "-w", str(base)))
    truth = [json.loads(line) for line in Path(f"{base}.truth.jsonl").read_text().splitlines()]
    hearing = ("ais", f"{base}.sigmf-meta", "--no-log", "-F", "jsonl", "--effort")
    received = {
        effort: [json.loads(line) for line in run((*hearing, effort)).splitlines()] for effort in EFFORTS
    }
    return matched(truth, received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Shares and probabilities (0 to 1) at one number of ships; ``alone`` stands for bursts nothing overlaps.

    Attributes:
        messages: share of the bursts, by effort or ``alone``.
        detection: probability that a ship under way is heard in ``OBSERVED_S``, by message type and that.
    """

    ships: int
    bursts: int
    messages: Mapping[str, float]
    detection: Mapping[tuple[int, str], float]


def point(ships: int, sent: Sequence[Sent]) -> Point:
    """What a stretch says."""
    outcomes = {
        "alone": [one.alone for one in sent],
        **{effort: [one.heard[effort] for one in sent] for effort in EFFORTS},
    }
    detection = {
        (kind, name): ship_probability(
            [(one.ebn0_db, ok) for one, ok in zip(sent, found, strict=True) if one.message_type == kind],
            OBSERVED_S / interval_s,
        )
        for kind, interval_s in INTERVALS_S.items()
        for name, found in outcomes.items()
    }
    messages = {name: sum(found) / len(sent) for name, found in outcomes.items()}
    return Point(ships=ships, bursts=len(sent), messages=messages, detection=detection)


def line_of(one: Point) -> str:
    """One line of the table."""
    shares = " ".join(f"{100 * share:6.1f}" for share in one.messages.values())
    ships = " ".join(f"{100 * probability:6.1f}" for probability in one.detection.values())
    return f"{one.ships:6} {one.bursts:6}   {shares}   {ships}"


_STYLES = {"alone": ("k", "--", "not overlapped by another"), "fast": ("C1", "-", "gsctl, fast")}
_STYLES["normal"] = ("C0", "-", "gsctl, normal")


def draw(points: Sequence[Point], path: Path) -> None:
    """Draw both pictures side by side; the star is the figure of FFI's report (docs/AIS.md).

    Raises:
        OSError: the picture cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10.0, 4.4), dpi=110)
    ships = [one.ships for one in points]
    for name, (color, dashes, label) in _STYLES.items():
        marker = "" if name == "alone" else "o"
        left.plot(
            ships, [100 * p.messages[name] for p in points], dashes, c=color, marker=marker, ms=4, label=label
        )
        right.plot(
            ships,
            [100 * p.detection[1, name] for p in points],
            dashes,
            c=color,
            marker=marker,
            ms=4,
            label=f"class A, {label}",
        )
    of_b = [100 * p.detection[18, "normal"] for p in points]
    right.plot(ships, of_b, c="C0", marker="^", ms=4, alpha=0.5, label="class B, gsctl, normal")
    right.plot([900], [99], "r*", ms=11, label="FFI's model: 900 ships, 99 %")
    left.set_title("messages that come out")
    left.set_ylabel("of all that reach the satellite, %")
    right.set_title(f"ships under way heard within {OBSERVED_S / 60:.0f} minutes")
    right.set_ylabel("at least once, %")
    for axes, columns in ((left, 1), (right, 2)):
        axes.set_xscale("log")
        axes.set_xticks([100, 200, 500, 1000, 2000, 5000], ["100", "200", "500", "1000", "2000", "5000"])
        axes.minorticks_off()
        axes.set_xlabel("ships below the satellite")
        axes.set_ylim(-3, 103)
        axes.grid(alpha=0.3)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=columns, fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table and draw it."""
    parser = argparse.ArgumentParser(description="Detection of ships from orbit over their number.")
    parser.add_argument("--ships", type=int, nargs="+", default=SHIPS, help="numbers of ships")
    parser.add_argument("--bursts", type=int, default=1300, help="bursts a point, about")
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    chosen = parser.parse_args(arguments)
    print(
        "  ships bursts   messages: alone fast normal %   ships: A alone fast normal, B alone fast normal %"
    )
    points = []
    with tempfile.TemporaryDirectory(prefix="gsctl-bench-") as folder:
        for ships in sorted(chosen.ships):
            length_s = min(max(chosen.bursts / (_BURSTS_PER_SHIP_S * ships), _LEAST_S), _MOST_S)
            points.append(point(ships, stretch(ships, round(length_s, 1), Path(folder))))
            print(line_of(points[-1]), flush=True)
    path = chosen.folder / "ais-traffic.png"
    draw(points, path)
    print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
