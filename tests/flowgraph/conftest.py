"""Whether the system's Python has GNU Radio."""

import functools
import os
import subprocess

import pytest


@functools.cache
def has_gnuradio() -> bool:
    """Ask the system's Python."""
    command = ["/usr/bin/python3", "-c", "from gnuradio import gr, soapy, filter"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# Where CI demands everything, a missing GNU Radio fails the test instead of skipping it.
needs_gnuradio = pytest.mark.skipif(
    os.environ.get("GSCTL_REQUIRE_DATA") != "1" and not has_gnuradio(), reason="apt install gnuradio"
)
