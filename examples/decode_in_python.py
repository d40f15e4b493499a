"""Use gsctl's receiver as a library: a recording in, frames and their telemetry out.

    python examples/decode_in_python.py RECORDING WAVEFORM [SYMBOL_RATE]

This is what ``gsctl decode`` does, without logs: open the recording, say what to listen for, push
its blocks through the receiver, and read each frame by the schemas that fit.
"""

import sys

from gsctl.catalog import load_catalog
from gsctl.pipeline.chains import chains_for_waveform, default_domain
from gsctl.pipeline.listening import Receiver, Settings, listen
from gsctl.radio.recording import open_recording
from gsctl.telemetry import parse_frame
from gsctl.waveform import WAVEFORMS


def main() -> None:
    """Print every frame of a recording with the fields of its telemetry."""
    path, name, *rate = sys.argv[1:]
    told = {"symbol_rate_bd": float(rate[0])} if rate else {}
    waveform = WAVEFORMS[name](**told)
    catalog = load_catalog()
    receiver = Receiver(chains_for_waveform(waveform), Settings())
    with open_recording(path, default_domain=default_domain(waveform)) as source:
        for heard in listen(receiver, source.blocks()):
            frame = heard.frame
            print(f"sample {frame.sample_index:.0f}, SNR {frame.snr_db:.1f} dB, {len(frame.payload)} bytes")
            for record in parse_frame(frame, catalog.schemas_for(None)):
                print(f"  {record.schema}: {dict(record.fields)}")


if __name__ == "__main__":
    main()
