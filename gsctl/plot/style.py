"""How gsctl's pictures look, and how they are saved; no global state of matplotlib is changed."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gsctl.errors import LogbookError

# Okabe and Ito (2008): eight colours that people with any colour vision tell apart.
BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, "#555555", "#8c6d1f")
INK, SOFT_INK, RULE = "#22262b", "#5f6872", "#c9ced4"
POWER_MAP = "viridis"

# The fonts that matplotlib brings: the same picture on every machine.
_SETTINGS = {
    "text.parse_math": False,  # a name with a dollar sign is a name
    "text.usetex": False,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": SOFT_INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT_INK,
    "ytick.color": SOFT_INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "svg.hashsalt": "gsctl",  # the same data give the same file
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

# "building the font cache" is no news to somebody who decodes a satellite.
logging.getLogger("matplotlib").setLevel(logging.ERROR)


@contextmanager
def drawing(width_in: float, height_in: float) -> Iterator[Figure]:
    """A figure of its own, drawn with gsctl's settings.

    Characters that the font lacks become boxes, without a word on stderr.
    """
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(width_in, height_in))
        FigureCanvasAgg(figure)
        yield figure


def picture_kind(path: Path) -> str:
    """What a picture's name says it is: png, svg or pdf; png where it has no ending.

    Raises:
        LogbookError: something else.
    """
    kind = path.suffix.lower().removeprefix(".") or "png"
    if kind not in {"png", "svg", "pdf"}:
        raise LogbookError("a picture is png, svg or pdf", where=str(path), advice="change the name's ending")
    return kind


def save(figure: Figure, path: Path | str, *, dpi: int = 150) -> Path:
    """Save a figure as the name's ending says (png, svg or pdf); whole or not at all.

    Raises:
        LogbookError: the file cannot be written, or its ending is of another kind.
    """
    target = Path(path)
    kind = picture_kind(target)
    temporary = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            figure.savefig(stream, format=kind, dpi=dpi, metadata=_metadata(kind))
        temporary.replace(target)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise LogbookError(f"cannot write the picture: {reason}", where=str(target)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target


def _metadata(kind: str) -> dict[str, str | None]:
    # No date in it: the same data give the same file.
    if kind == "png":
        return {"Software": "gsctl"}
    return {"Creator": "gsctl", "CreationDate" if kind == "pdf" else "Date": None}


def clock(moment: datetime) -> str:
    """Time of day in UTC; the running second, as ``gsctl passes`` shows it."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def day(moment: datetime) -> str:
    """Date in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
