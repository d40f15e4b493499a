"""Forks ``gsctl`` from a process that has loaded Python, its libraries and the kernels' compiler.

A test that runs a command pays for its work instead of a second of start-up, and still gets a process:
streams, exit code and clean end are those of the installed command. Read by ``tests.warm``: a JSON line
on stdin is a request, the answers on stdout are the process id and later the exit code.
"""

import atexit
import gc
import importlib
import json
import os
import sys
import threading
from typing import Any, NoReturn

MODULES = (
    "matplotlib.figure",
    "numba",
    "pyais",
    "scipy.fft",
    "scipy.special",
    "soundfile",
    "typer._adapters",
    "gsctl.cli.decode_run",
    "gsctl.demod.bpsk",
    "gsctl.demod.fsk_coherent",
    "gsctl.logbook.book",
    "gsctl.orbit.passes",
    "gsctl.pipeline.decoding",
    "gsctl.synth.framers",
)


def load() -> None:
    """Import what commands import, and let numba fill its tables by a kernel it has compiled before."""
    from gsctl.cli.app import COMMANDS
    from gsctl.cli.places import keep_compiled_kernels

    keep_compiled_kernels()
    for name in MODULES:
        importlib.import_module(name)
    for entry in COMMANDS:
        if entry.exists():
            importlib.import_module(entry.module)
    import numpy as np

    from gsctl.dsp.mixer_kernels import mix

    mix(np.zeros(8, np.complex64), 0.0, 0.0, 0.0)


def become(request: dict[str, Any]) -> NoReturn:
    """Turn this process into the command that is asked for."""
    ways = (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)
    for number, (path, way) in enumerate(zip(request["streams"], ways, strict=True)):
        opened = os.open(path, way)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["gsctl", *request["arguments"]]
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    from gsctl.cli.app import main

    code = main()
    # The end of a process, but for the taking down of all those libraries.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve() -> None:
    """Answer requests until stdin ends."""
    answers = os.dup(1)
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            become(json.loads(line))
        os.write(answers, b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        os.write(answers, b"%d\n" % os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    load()
    gc.freeze()
    serve()
