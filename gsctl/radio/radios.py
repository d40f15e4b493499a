"""Opens the radio that ``--device`` names, whatever its kind."""

from __future__ import annotations

from gsctl.radio.live import DEFAULT_RETRY_FOR_S, Listener, RadioSource, SoapySource
from gsctl.radio.rtl_tcp import SCHEME, RtlTcpSource
from gsctl.radio.source import BLOCK_SAMPLES
from gsctl.radio.tuning import RadioSettings


def open_radio(
    settings: RadioSettings,
    *,
    retry_for_s: float = DEFAULT_RETRY_FOR_S,
    block_samples: int = BLOCK_SAMPLES,
    listener: Listener = lambda line: None,
) -> RadioSource:
    """Open a radio and set it; ``rtl_tcp://HOST[:PORT]`` or SoapySDR's arguments.

    Args:
        settings: what is asked of it.
        retry_for_s: how long a radio that vanished is looked for.
        block_samples: the largest block.
        listener: told, one line each, of gaps and of the radio going and coming.

    Returns:
        A source that is set but not yet running; iterate it. ``state`` is what the radio took.

    Raises:
        RadioError: no such radio, busy, no permission, or it failed.
        UsageError: a setting that cannot be meant or that the radio does not have.
    """
    kind = RtlTcpSource if settings.device.startswith(SCHEME) else SoapySource
    return kind(settings, retry_for_s=retry_for_s, block_samples=block_samples, listener=listener)
