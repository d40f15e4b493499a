"""How a run of gsctl ends: one line for each failure, its exit code, and never a stray traceback.

Codes (docs/CONTRACT.md): 0 done, 1 a bug, 2 usage, 3 bad input or configuration, 4 radio, rotator
or rig, 5 nothing found though ``--require`` asked for it, 130 interrupted. A reader of stdout that
goes away (``| head``) has had enough: that is 0.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import platform
import select
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gsctl import __version__
from gsctl.cli import console
from gsctl.cli.places import state_dir
from gsctl.cli.usage import explain_usage
from gsctl.errors import GsctlError

if TYPE_CHECKING:
    from types import FrameType

DONE = 0
BUG = 1
USAGE = 2
BAD_INPUT = 3
NOTHING_FOUND = 5
INTERRUPTED = 130
STANDARD_OUTPUT = "standard output"

# What a machine does to a program rather than the program to itself.
_ENVIRONMENT = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.EIO}


def run(body: Callable[[], object]) -> int:
    """Call ``body`` and turn however it ends into an exit code, saying why on stderr."""
    if sys.stdout is None:  # closed by whoever started us (``>&-``): nobody wants the data
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    _obey_signals()
    _name_stdout()
    _forgive_encodings()
    try:
        body()
        code = DONE
    except typer.Exit as request:
        code = request.exit_code
    except BaseException as error:
        code = _explain(error)
    return _close_stdout(code)


def _explain(error: BaseException) -> int:
    """Say in one line why the run ended; return its exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else DONE if error.code is None else BUG
    if isinstance(error, BrokenPipeError) and _reader_is_gone():
        return DONE
    if isinstance(error, typer.TyperException):
        explained = explain_usage(error)
        if explained is error:  # called without arguments: its message is the whole help
            if sys.stderr is not None:
                print(error, file=sys.stderr)
            return USAGE
        error = explained
    if console.loudness.debug:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return INTERRUPTED
    if isinstance(error, GsctlError):
        console.complain(str(error))
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _ENVIRONMENT:
        place = f"{error.filename}: " if error.filename else ""
        console.complain(f"{place}{error.strerror}")
        if error.filename == STANDARD_OUTPUT:
            _discard_stdout()
        return BAD_INPUT
    _report_bug(error)
    return BUG


def _report_bug(error: BaseException) -> None:
    kind = type(error).__name__
    message = f"unexpected error, a bug in gsctl: {kind}: {error}"
    try:
        where = f"details are in {_write_crash_file(error)}"
    except OSError as problem:
        where = f"run it again with --debug for details (no crash file: {problem.strerror})"
    console.complain(" ".join(f"{message}; {where}".split()))


def _write_crash_file(error: BaseException) -> Path:
    folder = state_dir() / "crashes"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="crash-", suffix=".txt", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"gsctl {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        file.write(f"arguments: {sys.argv[1:]!r}\n\n")
        file.writelines(traceback.format_exception(error))
    return Path(name)


def _obey_signals() -> None:
    """Make SIGTERM and SIGHUP end a run as Ctrl-C does, so that every ``finally`` is reached."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup asks for SIGHUP to be ignored. A script's background job has SIGINT ignored by its
        # shell, but receivers are stopped with it, so there it is taken back.
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue
        with contextlib.suppress(ValueError):  # not the main thread: the caller minds the signals
            signal.signal(number, _interrupt)
    sys.unraisablehook = _interrupt_again


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _interrupt_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Repeat an interrupt that fell into a finaliser or an import lock, where Python drops it."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        main = threading.main_thread().ident or 0
        threading.Timer(0.02, signal.pthread_kill, (main, signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(unraisable)


class _NamedOutput(io.TextIOWrapper):
    """A text stream whose errors say that it is standard output; a gone reader's stay as they are.

    Below the buffer it would be simpler, but an interrupt that falls into Python code there makes the
    buffer believe that nothing was written, and it writes again.
    """

    def write(self, text: str, /) -> int:
        """See ``io.TextIOBase.write``."""
        with _naming_stdout():
            return super().write(text)

    def flush(self) -> None:
        """See ``io.TextIOBase.flush``."""
        with _naming_stdout():
            super().flush()


@contextlib.contextmanager
def _naming_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, STANDARD_OUTPUT) from error


def write_bytes(data: bytes) -> None:
    """Write bytes to standard output, whole, behind whatever text was printed before.

    With ``PYTHONUNBUFFERED`` there is no buffer between, so each write can fail or stop short.

    Raises:
        OSError: the disk is full and the like; its file name says that it is standard output.
    """
    with _naming_stdout():
        sys.stdout.flush()
        left = memoryview(data)
        while left:
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()


def _name_stdout() -> None:
    """Write standard output through ``_NamedOutput``, where it is what Python opened at its start."""
    stream = sys.stdout
    if stream is sys.__stdout__ and isinstance(stream, io.TextIOWrapper):
        stream.flush()
        sys.stdout = _NamedOutput(
            stream.buffer,
            stream.encoding,
            stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )


def _forgive_encodings() -> None:
    """Let no odd character in a name end a run on a terminal that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _reader_is_gone() -> bool:
    """Whether stdout is a pipe without a reader; a socket's EPIPE is another matter."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), select.POLLOUT)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
    except (OSError, ValueError, AttributeError):
        return False


def _close_stdout(code: int) -> int:
    """Flush what is left; a full disk behind ``>`` is told, a closed pipe is not."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
    except OSError as error:
        _discard_stdout()
        console.complain(f"{STANDARD_OUTPUT}: {error.strerror}")
        return code or BAD_INPUT
    except ValueError:  # it was closed already
        pass
    return code


def _discard_stdout() -> None:
    # Python flushes once more at shutdown and would complain there.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
