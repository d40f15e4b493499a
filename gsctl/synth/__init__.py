"""The other direction: frames to the samples that a station would receive.

``framers`` make line symbols, ``modulators`` make baseband of them, ``channel`` does to it what
space, the air and a receiver do, and ``passes`` puts bursts into a whole pass.
"""
