#!/usr/bin/python3
"""A GNU Radio flowgraph with gsctl as its decoder: a recording in, frames on the terminal.

Run it with the Python that has GNU Radio, which on Debian is the system's::

    gsctl simulate pass nanodragon --at 21.0,105.5 -T 10s --every 1s --sample-format cf32 -w pass
    /usr/bin/python3 examples/gnuradio_decoder.py pass.sigmf-data 48000 --satellite nanodragon

In place of the file source stands whatever gives complex samples: ``soapy.source``, ``uhd.usrp_source``. All
words after the sample rate are options of ``gsctl decode``.
"""

import os
import sys
from pathlib import Path

# The block's file alone: it needs nothing else of gsctl in this Python.
sys.path.append(str(Path(__file__).resolve().parents[1] / "gsctl" / "flowgraph"))

import pmt
from decoder import Decoder
from gnuradio import blocks, gr


class Printer(gr.basic_block):
    """Prints each frame that comes as a message."""

    def __init__(self) -> None:
        gr.basic_block.__init__(self, "printer", [], [])
        self.message_port_register_in(pmt.intern("pdus"))
        self.set_msg_handler(pmt.intern("pdus"), self.show)

    def show(self, message: object) -> None:
        """Print one frame: how it was checked, how well it was heard, its bytes."""
        facts = pmt.to_python(pmt.car(message))
        payload = bytes(pmt.u8vector_elements(pmt.cdr(message)))
        print(f"{facts['integrity']} {facts['snr_db']:.1f} dB {payload.hex()}", flush=True)


def main() -> None:
    """Build the flowgraph, run it to the end of the file."""
    file, rate_hz, *options = sys.argv[1:]
    top = gr.top_block("gsctl as a decoder")
    decoder = Decoder(float(rate_hz), [*options, "--no-log"], command=os.environ.get("GSCTL", "gsctl"))
    printer = Printer()
    top.connect(blocks.file_source(gr.sizeof_gr_complex, file, False), decoder)
    top.msg_connect(decoder, "frames", printer, "pdus")
    top.run()


if __name__ == "__main__":
    main()
