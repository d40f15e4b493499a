"""Sample sources and the recorder: files, streams, SDRs.

Every source gives the same thing, an iterable of :class:`gsctl.model.SampleBlock` with what is known about
it (:class:`gsctl.radio.source.SampleSource`). The doors:

- :func:`gsctl.radio.recording.open_recording` opens files, pipes and network streams;
- :func:`gsctl.radio.radios.open_radio` opens a radio: any that SoapySDR drives, or rtl_tcp;
- :class:`gsctl.radio.recorder.SigmfWriter` writes the blocks of either to SigMF.
"""
