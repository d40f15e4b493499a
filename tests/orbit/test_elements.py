"""Element set files of every format, whole and broken."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsctl.errors import ElementsError
from gsctl.orbit import elements as elements_module
from gsctl.orbit import omm
from gsctl.orbit.elements import (
    find_sets,
    format_elements,
    nearest_sets,
    parse_elements,
    read_elements,
)

LINE1 = "1 49398U 21102D   26168.05377890  .00009402  00000-0  31989-3 0  9999"
LINE2 = "2 49398  97.3189 210.2672 0008635 193.2732 166.8284 15.30608614254001"
TLE = f"NANODRAGON\n{LINE1}\n{LINE2}\n"
KVN = """CCSDS_OMM_VERS = 2.0
CREATION_DATE = 2026-06-17T02:00:00
ORIGINATOR = NOBODY
OBJECT_NAME = NANODRAGON
OBJECT_ID = 2021-102D
CENTER_NAME = EARTH
REF_FRAME = TEME
TIME_SYSTEM = UTC
MEAN_ELEMENT_THEORY = SGP4
COMMENT EPOCH = 1999-01-01T00:00:00
EPOCH = 2026-06-17T01:17:26.496960
MEAN_MOTION = 15.30608614 [rev/day]
ECCENTRICITY = .0008635
INCLINATION = 97.3189 [deg]
RA_OF_ASC_NODE = 210.2672 [deg]
ARG_OF_PERICENTER = 193.2732 [deg]
MEAN_ANOMALY = 166.8284 [deg]
EPHEMERIS_TYPE = 0
CLASSIFICATION_TYPE = U
NORAD_CAT_ID = 123456789
ELEMENT_SET_NO = 999
REV_AT_EPOCH = 25400
BSTAR = .31989E-3 [1/ER]
MEAN_MOTION_DOT = .9402E-4
MEAN_MOTION_DDOT = 0
"""
_TAGS = {
    line.split(" = ")[0]: line.split(" = ")[1].split(" [")[0] for line in KVN.splitlines() if " = " in line
}
XML = (
    '<?xml version="1.0"?>\n<ndm xmlns:x="urn:x">\n<omm id="CCSDS_OMM_VERS" version="2.0"><header/><body>\n'
    "<segment><metadata>"
    + "".join(f"<{k}>{v}</{k}>" for k, v in _TAGS.items() if k.startswith("OBJECT"))
    + "</metadata><data><meanElements>"
    + "".join(
        f"<{k}>{v}</{k}>" for k, v in _TAGS.items() if k not in ("OBJECT_NAME", "OBJECT_ID", "COMMENT EPOCH")
    )
    + "</meanElements></data></segment></body></omm>\n</ndm>\n"
)


def test_all_formats_give_the_same_set() -> None:
    kvn, xml = parse_elements(KVN).sets[0], parse_elements(XML).sets[0]
    as_json = parse_elements(format_elements([kvn], "json")).sets[0]
    as_csv = parse_elements(format_elements([kvn], "csv")).sets[0]
    strings = json.dumps([{k: str(v) for k, v in json.loads(format_elements([kvn], "json"))[0].items()}])
    as_strings = parse_elements(strings).sets[0]
    assert kvn.norad_id == 123_456_789
    assert kvn.epoch == datetime(2026, 6, 17, 1, 17, 26, 496960, UTC)
    assert kvn.bstar == pytest.approx(3.1989e-4)
    for other in (xml, as_json, as_csv, as_strings):
        assert replace(other, source="") == replace(kvn, source="")
    tle = parse_elements(TLE).sets[0]
    for field in ("inclination_deg", "raan_deg", "eccentricity", "mean_motion_rev_day", "bstar"):
        assert getattr(tle, field) == pytest.approx(getattr(kvn, field))


@pytest.mark.parametrize(
    "text",
    [
        TLE,
        "\ufeff" + TLE,
        TLE.replace("\n", "\r\n"),
        f"0 NANODRAGON\n{LINE1}\n{LINE2}",
        f"# a comment\n\n  \nNANODRAGON          \n{LINE1}  \n{LINE2}\n",
        json.dumps([{"tle0": "0 NANODRAGON", "tle1": LINE1, "tle2": LINE2, "norad_cat_id": 99515}]),
    ],
)
def test_tle_in_its_usual_dresses(text: str) -> None:
    (got,) = parse_elements(text).sets
    assert (got.name, got.norad_id) == ("NANODRAGON", 49398)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join(f"  \t{line} " for line in text.splitlines()),
        str.lower,
        lambda text: json.dumps({"member": [{"name": "NANODRAGON", "line1": LINE1, "line2": LINE2}]}),
        lambda text: json.dumps([{"TLE_LINE0": "0 NANODRAGON", "TLE_LINE1": LINE1, "TLE_LINE2": LINE2}]),
    ],
    ids=["indented", "lower case", "a service's page", "Space-Track's lines"],
)
def test_tle_as_other_people_hand_it_on(change: Callable[[str], str]) -> None:
    (found,) = parse_elements(change(TLE)).sets
    (plain,) = parse_elements(TLE).sets
    assert replace(found, name=found.name.upper()) == plain


@pytest.mark.parametrize("form", ["csv", "json", "xml", "kvn"])
@pytest.mark.parametrize("change", ["lower case", "page", "semicolons", "comment", "UTF-16"])
def test_omm_as_other_people_hand_it_on(form: str, change: str, tmp_path: Path) -> None:
    (plain,) = parse_elements(KVN).sets
    text = KVN if form == "kvn" else XML if form == "xml" else format_elements([plain], form)
    if change == "lower case":
        text = text.lower()
    elif change == "page" and form == "json":
        text = json.dumps({"count": 1, "data": json.loads(text)}, indent=1)
    elif change == "semicolons" and form == "csv":
        text = text.replace(",", ";")
    elif change == "comment" and form == "csv":
        text = f"# of today\n\n{text}"
    file = tmp_path / "elements"
    file.write_text(text, encoding="utf-16" if change == "UTF-16" and form != "xml" else "utf-8")
    (found,) = read_elements(file).sets
    same = ("name", "cospar_id", "classification")
    upper = replace(found, **{field: getattr(found, field).upper() for field in same})
    assert upper == replace(plain, source=found.source)


def test_a_number_too_long_for_a_tle_is_told_as_that() -> None:
    with pytest.raises(ElementsError, match="catalogue number of 6 digits; a TLE has room for five"):
        parse_elements(TLE.replace("49398", "149398"))


def test_two_line_sets_without_names() -> None:
    sets = parse_elements(f"{LINE1}\n{LINE2}\n{LINE1}\n{LINE2}\n").sets
    assert [s.name for s in sets] == ["", ""]


@pytest.mark.parametrize("name", ["1 KUNS-PF", "2 MAN ARMY", "1KUNS-PF", "[+] BOTTLE"])
def test_a_name_may_begin_like_a_line(name: str) -> None:
    (got,) = parse_elements(f"{name}\n{LINE1}\n{LINE2}\n").sets
    assert got.name == name


def test_a_broken_set_is_reported_with_its_line_and_the_good_ones_are_read() -> None:
    wrong = LINE1[:-1] + "0"
    text = TLE + f"BROKEN\n{wrong}\n{LINE2}\nLONELY\n{LINE1}\nNEXT\n{LINE1}\n{LINE2}\nTWO\n{LINE2}\n"
    got = parse_elements(text, source="file")
    assert [s.name for s in got.sets] == ["NANODRAGON", "NEXT"]
    assert [p.line for p in got.problems] == [5, 8, 13]
    assert str(got.problems[0]) == f"file:5: checksum of line 1 of the set is '0', should be {LINE1[-1]}"
    assert "without its line 2" in got.problems[1].what
    assert "without its line 1" in got.problems[2].what


def test_broken_rows_of_csv_and_json() -> None:
    good = parse_elements(KVN).sets[0]
    lines = format_elements([good, good, good], "csv").splitlines()
    lines[2] = lines[2].replace("15.30608614", "fast")
    got = parse_elements("\n".join(lines))
    assert len(got.sets) == 2
    assert [(p.line, p.what) for p in got.problems] == [(3, "MEAN_MOTION 'fast' is not a number")]
    lines = format_elements([good, good, good], "json").splitlines()
    lines[2] = lines[2].replace('"BSTAR": ', '"BSTAR": !')
    got = parse_elements("\n".join(lines))
    assert len(got.sets) == 2
    assert [p.line for p in got.problems] == [3]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("ECCENTRICITY", 1.0, "closed orbit"),
        ("ECCENTRICITY", "nan", "nan"),
        ("BSTAR", "inf", "inf"),
        ("NORAD_CAT_ID", 1_000_000_000, "1 to 9 digits"),
        ("NORAD_CAT_ID", 5.5, "1 to 9 digits"),
        ("NORAD_CAT_ID", "T0001", "not a number"),
        ("EPOCH", "yesterday", "not a time"),
        ("MEAN_MOTION", 0, "between 0 and 20"),
        ("EPHEMERIS_TYPE", 4, "SGP4 elements"),
        ("MEAN_ELEMENT_THEORY", "DSST", "DSST"),
        ("INCLINATION", [], "not a number"),
        ("INCLINATION", None, "missing"),
    ],
)
def test_a_value_that_cannot_be_is_refused(key: str, value: object, words: str) -> None:
    good = json.loads(format_elements(parse_elements(KVN).sets, "json"))
    with pytest.raises(ElementsError, match=words):
        parse_elements(json.dumps([{**good[0], key: value}]))


@pytest.mark.parametrize(
    "epoch",
    ["2026-06-17T01:17:26.496960", "2026-06-17T01:17:26.496960Z", "2026-06-17T01:17:26.49696",
     "2026-168T01:17:26.49696", "2026-06-17T01:17:26.4969600", "2026-06-17T03:17:26.496960+02:00"],
)  # fmt: skip
def test_epochs_as_people_write_them(epoch: str) -> None:
    fields = json.loads(format_elements(parse_elements(KVN).sets, "json"))[0]
    got = parse_elements(json.dumps({**fields, "EPOCH": epoch})).sets[0]
    assert got.epoch == datetime(2026, 6, 17, 1, 17, 26, 496960, UTC)


def test_omm_may_give_the_semi_major_axis() -> None:
    text = KVN.replace("MEAN_MOTION = 15.30608614 [rev/day]", "SEMI_MAJOR_AXIS = 6852.0 [km]")
    assert parse_elements(text).sets[0].mean_motion_rev_day == pytest.approx(15.306, abs=0.005)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("hello\nworld\n", "text:1: no element set in it"),
        ("<html><body>403</body></html>", "markup, but no OMM"),
        ("\0\1\2", "not text"),
        ("[" * 100_000, "no element set"),
        ('[{"a":' + "[" * 100_000, "nested too deeply"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><ndm>&b;</ndm>', "document type"),
        ("<ndm><omm><segment></omm></ndm>", "not XML"),
        (f"NANODRAGON\n{LINE1}\n", "without its line 2"),
    ],
)
def test_text_without_a_set_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ElementsError, match=words) as error:
        parse_elements(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


def test_a_long_file_of_noise_is_given_up_early(tmp_path: Path) -> None:
    noise = tmp_path / "noise.txt"
    with noise.open("w") as file:
        for _ in range(200):
            file.write(("word " * 2000 + "\n") * 5)  # 10 MB; lines longer than any bound
    with pytest.raises(ElementsError, match=r"no element set in the first 1 MiB"):
        read_elements(noise)


def test_a_file_too_large_for_elements_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements_module, "MAX_DOCUMENT_BYTES", 1000)
    file = tmp_path / "big.json"
    file.write_text(format_elements(parse_elements(KVN).sets * 10, "json"))
    with pytest.raises(ElementsError, match="too large"):
        read_elements(file)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ElementsError, match=r"gone\.tle: cannot be read \(No such file"):
        read_elements(tmp_path / "gone.tle")


def test_the_number_of_problems_is_bounded() -> None:
    got = parse_elements(TLE + f"{LINE1}\nX\n" * 500)
    assert len(got.sets) == 1
    assert got.problem_count == 500
    assert len(got.problems) == elements_module.MAX_PROBLEMS


@pytest.mark.parametrize(
    ("begin", "again", "words"),
    [
        ("<ndm>\n", "<omm><body>", "text:2: nested too deeply"),
        ("<ndm>\n", "<segment/>\n", "text:2: NORAD_CAT_ID is missing"),
        ("", "CCSDS_OMM_VERS = 2.0\nNORAD_CAT_ID = 3\n", "text:1: ECCENTRICITY is missing"),
        ("[", '{"NORAD_CAT_ID": 3},\n', "text:1: ECCENTRICITY is missing"),
    ],
)
def test_endless_broken_sets_are_given_up(
    monkeypatch: pytest.MonkeyPatch, begin: str, again: str, words: str
) -> None:
    """A good set behind more broken ones than anybody has is not waited for, and memory stays bounded."""
    good = {"<": XML.partition("?>")[2], "C": KVN, "[": format_elements(parse_elements(TLE).sets, "json")}
    end = good[(begin + again)[0]]
    assert parse_elements(end).sets
    monkeypatch.setattr(elements_module, "GIVE_UP_PROBLEMS", 50)
    with pytest.raises(ElementsError, match=words):
        parse_elements(begin + again * 100 + end)


def test_more_sets_than_fit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements_module, "MAX_SETS", 2)
    assert parse_elements(TLE * 2).problem_count == 0
    file = parse_elements(TLE * 5)
    assert len(file.sets) == 2
    assert str(file.problems[0]) == "text:8: more than 2 sets, the rest is left out; split the file"


def test_xml_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """For any cut of the text, and a broken end does not lose the sets before it."""
    whole = parse_elements(XML).sets
    for size in (1, 7, len(XML)):
        monkeypatch.setattr(omm, "_XML_PIECE", size)
        assert parse_elements(XML).sets == whole
    file = parse_elements(XML.replace("</ndm>", "<omm>"))
    assert file.sets == whole
    assert "not XML" in file.problems[0].what


def test_names_and_numbers_find_sets() -> None:
    iss = replace(parse_elements(TLE).sets[0], name="ISS (ZARYA)", norad_id=25544, cospar_id="1998-067A")
    for name in ("iss", "Zarya", "ISS (ZARYA)", "25544", "1998-067a", "1998067A"):
        assert find_sets([iss], name) == [iss]
    for name in ("is", "2554", "", "()"):
        assert find_sets([iss], name) == []
    assert (
        find_sets(parse_elements(TLE).sets, "0049398") == find_sets(parse_elements(TLE).sets, "49398") != []
    )


def test_nearest_set_of_each_object() -> None:
    first = parse_elements(TLE).sets[0]
    later = replace(first, epoch=first.epoch.replace(month=8))
    assert nearest_sets([first, later], datetime(2026, 6, 1, tzinfo=UTC))[49398] is first
    assert nearest_sets([first, later], datetime(2026, 9, 1, tzinfo=UTC))[49398] is later


def test_the_whole_active_catalogue(data_dir: Path) -> None:
    got = read_elements(data_dir / "orbit" / "active_omm_2026-08-22.csv")
    assert len(got.sets) == 16_400
    assert not got.problems
    again = parse_elements(format_elements(got.sets, "json"))
    assert [replace(s, source="") for s in again.sets] == [replace(s, source="") for s in got.sets]


def test_samples_of_one_list_in_three_formats(data_dir: Path) -> None:
    folder = data_dir / "orbit" / "omm_samples"
    tle, csv, js = (read_elements(folder / f"stations.{end}").sets for end in ("tle", "csv", "json"))
    assert len(tle) == len(csv) == len(js) == 27
    for a, b, c in zip(tle, csv, js, strict=True):
        assert a.norad_id == b.norad_id == c.norad_id
        assert a.name == b.name == c.name
        assert replace(b, source="") == replace(c, source="")
        assert abs((a.epoch - b.epoch).total_seconds()) < 5e-4  # a TLE's epoch has eight decimals of a day


PREFIXES = ("", "[{", '{"', "<ndm>", "CCSDS_OMM_VERS = 2.0\n", "NORAD_CAT_ID,EPOCH\n", LINE1 + "\n")


@given(st.sampled_from(PREFIXES), st.text(max_size=400))
@settings(max_examples=300)
def test_no_text_makes_it_crash(prefix: str, text: str) -> None:
    with pytest.raises(ElementsError) as error:  # no random text holds a whole set
        parse_elements(prefix + text)
    assert "\n" not in str(error.value)


@given(st.integers(0, len(TLE) - 1), st.sampled_from("0123456789"))
def test_one_changed_digit_is_noticed(place: int, digit: str) -> None:
    if place < len("NANODRAGON\n") or not TLE[place].isdigit() or TLE[place] == digit:
        return
    with pytest.raises(ElementsError):
        parse_elements(TLE[:place] + digit + TLE[place + 1 :])


def test_one_broken_message_costs_no_other() -> None:
    sets = parse_elements(TLE).sets
    good = omm.format_json(sets).strip().strip("[]")
    for bad in ('{"NORAD_CAT_ID": ' + "1" * 5000 + "}", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"):
        file = parse_elements(f"[{good},\n{bad},\n{good}]")
        assert (len(file.sets), file.problem_count) == (2, 1)
    header, row, _ = omm.format_csv(sets).split("\n")
    file = parse_elements("\n".join([header, row, '"x' + row, row, "a" * 5000, row, ""]))
    assert len(file.sets) == 3


def test_a_tag_without_an_end_is_given_up() -> None:
    with pytest.raises(ElementsError, match="a tag without an end"):
        parse_elements("<omm " + "a" * 1_500_000)
