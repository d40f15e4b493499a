"""Room: ais (see docs/DESIGN.md): AIS messages, NMEA sentences and relayed AIS records.

Bits become fields in ``messages`` (with the bit tables of pyais), bits become NMEA text and
back in ``sentences``. ``heard`` and ``relayed`` take what a radio and what a satellite give.
"""
