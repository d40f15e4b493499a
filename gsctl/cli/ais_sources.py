"""What ``gsctl ais`` reads: a radio, recordings, or lines of NMEA text from files, ports and the network."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gsctl.cli.ais_device import RadioWords, open_heard_radio
from gsctl.cli.ais_radio import HeardMessages, SampleWords, is_recording, open_heard
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from gsctl.ais.lines import LineSource


class Ports(NamedTuple):
    """What the options say about live sources of lines.

    Attributes:
        rate_bd: of a serial port.
        clock: lines of a pipe have the time they come at.
        retry_for_s: how long a TCP server that is gone is looked for; None is without end.
    """

    rate_bd: int
    clock: bool
    retry_for_s: float | None


def open_sources(
    inputs: Sequence[str], radio: RadioWords, ports: Ports, words: SampleWords, opened: ExitStack
) -> list[LineSource | HeardMessages]:
    """Open the radio, where one is named, or every input; ``opened`` closes them.

    Raises:
        UsageError: a live input that is not the only one, or no kind of input.
        RadioError, RecordingError: one cannot be opened.
    """
    sources: list[LineSource | HeardMessages] = []
    if radio.device is not None:
        sources.append(open_heard_radio(radio, words))
        opened.callback(sources[0].close)
        return sources
    for name in inputs:
        heard = is_recording(name, words)
        source = open_heard(name, words) if heard else _open_lines(name, ports)
        opened.callback(source.close)
        sources.append(source)
    if len(sources) > 1 and any(source.live for source in sources):
        raise UsageError("a live input does not end, so it must be the only one")
    return sources


def _open_lines(name: str, ports: Ports) -> LineSource:
    from gsctl.ais.lines import DescriptorLines, FileLines, is_serial, open_serial
    from gsctl.ais.network import TcpLines, TcpServerLines, UdpLines, parse_endpoint

    listeners: dict[str, Callable[[str, int], LineSource]] = {
        "udp": UdpLines,
        "tcp": functools.partial(TcpLines, retry_for_s=ports.retry_for_s),
        "tcp-listen": TcpServerLines,
    }
    scheme, separator, rest = name.partition("://")
    if separator:
        if scheme.lower() not in listeners:
            raise UsageError(f"{name!r} is no kind of input", advice=f"there are {', '.join(listeners)}")
        return listeners[scheme.lower()](*parse_endpoint(rest))
    if name == "-":
        # A pipe whose lines are to have the time they come at is a receiver's, not a file's.
        return DescriptorLines(sys.stdin.fileno(), name="stdin", live=ports.clock)
    path = Path(name)
    return open_serial(path, ports.rate_bd) if is_serial(path) else FileLines(path)
