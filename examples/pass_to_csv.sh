#!/bin/sh
# From a prediction to a CSV log, with no radio: predict a pass, simulate it, decode it, read the log.
#
#     sh examples/pass_to_csv.sh
#
# With a radio, "gsctl receive NanoDragon --wait" takes the place of the two middle steps.
set -eu
place=21.0,105.5
from=2026-06-17T02:00:00Z

echo "The passes above 30 degrees, for a calendar program and for people:"
gsctl passes NanoDragon --at $place --start $from --hours 24 --min-elevation 30 --format ics >pass.ics
gsctl passes NanoDragon --at $place --start $from --hours 24 --min-elevation 30

echo "Thirty seconds around the culmination of the first, as a station would record them:"
gsctl simulate pass NanoDragon --at $place --start $from --min-elevation 30 --duration 30s --write pass

echo "What the recording holds:"
gsctl decode pass.sigmf-meta --satellite NanoDragon --at $place --format table

echo "When each frame came, how strong it was, and where the satellite stood:"
python3 - <<'PYTHON'
import csv

with open("gsctl-logs/frames.csv", newline="") as log:
    for frame in csv.DictReader(log):
        print(frame["received_at"], frame["snr_db"], "dB at", frame["elevation_deg"], "degrees")
PYTHON
