"""How frames reach stdout: a table for people, JSON Lines, CSV, hex, KISS or text for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from gsctl.cli.console import on_terminal, safe
from gsctl.cli.exits import write_bytes

if TYPE_CHECKING:
    from gsctl.pipeline.reception import Reception

FORMATS = ("table", "none", "jsonl", "csv", "hex", "kiss", "text")


class FrameOutput(Protocol):
    """Takes receptions as they come."""

    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        """Write one reception; ``row`` is its line of frames.csv."""
        ...


def frame_output(form: str | None) -> FrameOutput:
    """The output for ``--format``; without it a table on a terminal and JSON Lines in a pipe."""
    chosen = form or ("table" if on_terminal() else "jsonl")
    outputs: dict[str, Callable[[], FrameOutput]] = {
        "table": _Table,
        "none": _Silence,
        "jsonl": _JsonLines,
        "csv": _Csv,
        "hex": _Hex,
        "kiss": _Kiss,
        "text": _Text,
    }
    return outputs[chosen]()


class _Silence:
    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        pass


class _JsonLines:
    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        from gsctl.logbook.jsonl import frame_object, json_line, record_object

        name = str(row["frame_id"])
        lines = [json_line(frame_object(row))]
        lines += [json_line(record_object(record, frame_id=name)) for record in reception.records]
        sys.stdout.write("".join(lines))
        sys.stdout.flush()


class _Csv:
    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._begun = False

    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        from gsctl.logbook.csvtext import cell
        from gsctl.logbook.frames import FRAME_DECIMALS

        if not self._begun:
            self._writer.writerow(row)
            self._begun = True
        self._writer.writerow(cell(value, FRAME_DECIMALS.get(name)) for name, value in row.items())
        sys.stdout.flush()


class _Hex:
    """One unique frame a line and nothing else."""

    def __init__(self) -> None:
        self._shown: set[bytes] = set()

    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        payload = reception.frame.payload
        if payload not in self._shown:
            self._shown.add(payload)
            print(payload.hex(), flush=True)


class _Kiss:
    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        from gsctl.framing import Integrity
        from gsctl.logbook.kiss import encode_kiss_timed

        frame = reception.frame
        # Others take KISS frames for checked ones.
        if frame.integrity in (Integrity.CRC, Integrity.FEC):
            write_bytes(encode_kiss_timed(frame.payload, frame.received_at))


class _Table:
    """A line a frame: when, from whom, how well, and the beginning of what it says."""

    def __init__(self) -> None:
        self._begun = False

    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        if not self._begun:
            print(f"{'TIME':15} {'SNR':>5} {'OFFSET':>7} {'BYTES':>5} {'CHECK':13} FRAME")
            self._begun = True
        frame = reception.frame
        when = f"{frame.received_at:%H:%M:%S.%f}" if frame.received_at else f"#{frame.sample_index:.0f}"
        snr = "" if frame.snr_db is None else f"{frame.snr_db:.1f}"
        offset = "" if frame.frequency_offset_hz is None else f"{frame.frequency_offset_hz:+.0f}"
        head = f"{when:15} {snr:>5} {offset:>7} {len(frame.payload):5} {frame.integrity.value:13} "
        print(head + safe(_gist(reception))[: max(20, _width() - len(head))], flush=True)


class _Text:
    """Each frame with all fields of its records."""

    def show(self, reception: Reception, row: Mapping[str, object]) -> None:
        frame = reception.frame
        when = f"{frame.received_at:%Y-%m-%dT%H:%M:%S.%fZ}" if frame.received_at else "time unknown"
        print(f"{when}  {len(frame.payload)} bytes  {frame.integrity.value}  {frame.payload.hex()}")
        for record in reception.records:
            print(f"  {record.schema}")
            for name, value in record.fields.items():
                print(f"    {name}: {'' if value is None else safe(value)}")
        sys.stdout.flush()


def _gist(reception: Reception) -> str:
    """Who sends what to whom, in one line."""
    for record in reception.records:
        fields = record.fields
        if "source" in fields and "destination" in fields:
            names = [r.schema for r in reception.records if r is not record]
            what = ", ".join(names) if names else str(fields.get("info_text") or fields.get("info_hex") or "")
            return f"{fields['source']}>{fields['destination']}  {what}"
    return reception.frame.payload.hex()


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns
