"""Coding: checksums, line codes, scramblers, HDLC, convolutional, Reed-Solomon and Golay codes.

Bits travel as ``uint8`` arrays of zeros and ones in the order of the air; bytes as ``bytes``.
Nothing here does I/O, and nothing here knows of samples.
"""
