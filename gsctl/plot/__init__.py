"""Room: pictures. The only user of matplotlib; import it inside the command that draws.

``spectrogram`` turns samples into power over time and frequency; ``waterfall``, ``pictures``
and ``telemetry`` save what is seen as png, svg or pdf.
"""
