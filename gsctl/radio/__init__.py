"""Sample sources and the recorder: files, streams, SDRs.

Every source gives the same thing, an iterable of :class:`gsctl.model.SampleBlock`
with what is known about it (:class:`gsctl.radio.source.SampleSource`).
:func:`gsctl.radio.recording.open_recording` opens files and streams.
"""
