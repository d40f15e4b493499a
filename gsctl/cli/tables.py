"""Rows of data on stdout: a table for people, JSON, JSON Lines or CSV for programs."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from gsctl.cli.console import on_terminal, safe
from gsctl.cli.options import choice

Row = Mapping[str, object]

TableFormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-F",
        metavar="table|json|jsonl|csv",
        parser=choice("table", "json", "jsonl", "csv"),
        help="How the result is written.",
    ),
]

ReportFormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-F",
        metavar="text|json",
        parser=choice("text", "json"),
        help="How the result is written.",
    ),
]


def print_rows(rows: Sequence[Row], columns: Mapping[str, str], form: str) -> None:
    """Print rows in a format.

    Args:
        rows: values by key; JSON prints all of them, the other formats those of ``columns``.
        columns: key to the heading of a table's column; CSV's headings are the keys.
        form: ``table``, ``json``, ``jsonl`` or ``csv``.
    """
    if form == "json":
        print(json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False))
    elif form == "jsonl":
        for row in rows:
            print(json.dumps(dict(row), ensure_ascii=False))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(key)) for key in columns] for row in rows)
    else:
        print_table([[_cell(row.get(key)) for key in columns] for row in rows], list(columns.values()))


def print_table(rows: Sequence[Sequence[str]], headings: Sequence[str], *, gap: int = 2) -> None:
    """Print a table whose columns line up, ``gap`` blanks apart; on a terminal, long lines are cut to fit."""
    shown = [list(headings), *([safe(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(headings))]
    limit = shutil.get_terminal_size().columns if on_terminal() else None
    for row in shown:
        line = (" " * gap).join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(line if limit is None or len(line) <= limit else line[: limit - 1] + "…")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return str(value)
