"""Where the rooms are joined: from samples to frames, records and logs.

``chains`` says what to listen for, ``listening`` runs it over a source, ``frames_in`` takes frames
that another program received, ``reception`` adds time, place and telemetry to a frame, ``logging``
writes it down.
"""
