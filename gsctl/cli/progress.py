"""A progress bar on stderr while signal is processed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gsctl.model import Progress


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Show how much of the signal is done; the bar goes away at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} s of signal"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=0.0)

        def report(done_s: float, total_s: float | None) -> None:
            bar.update(task, completed=done_s, total=total_s or done_s)

        yield report
