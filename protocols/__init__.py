"""The protocol files that come with gsctl; one file per satellite family or service.

Installed as ``gsctl_protocols``. Files here import nothing of gsctl but the
nouns (``model``, ``waveform``, ``framing``, ``errors``) and ``telemetry``,
and never one another.
"""
