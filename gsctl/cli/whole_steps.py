"""Steps that Ctrl-C does not tear apart: logged, printed and counted, or none of it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def whole_step() -> Iterator[None]:
    """Hold back what would end the run until the step is done; only in the main thread.

    Raises:
        KeyboardInterrupt: at the end of the step, where one came meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _ENDINGS}
    minded = [number for number, handler in before.items() if callable(handler)]
    for number in minded:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number in minded:
            signal.signal(number, before[number])
    if came:
        raise KeyboardInterrupt
