"""The store of element sets."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gsctl.errors import ElementsError
from gsctl.model import ElementSet
from gsctl.orbit.elements import read_elements
from gsctl.orbit.store import ElementStore, Request

EPOCH = datetime(2026, 6, 17, 1, 17, 26, 496960, tzinfo=UTC)
ONE = ElementSet(
    norad_id=123_456_789,
    name="ONE",
    cospar_id="2026-001A",
    epoch=EPOCH,
    mean_motion_rev_day=15.3,
    eccentricity=0.0008635,
    inclination_deg=97.3189,
    raan_deg=210.2672,
    argument_of_perigee_deg=193.2732,
    mean_anomaly_deg=166.8284,
    bstar=0.00031989,
    mean_motion_dot=1e-5,
    mean_motion_ddot=1e-9,
    classification="U",
    element_set_number=7,
    revolution_number=25400,
    source="a test",
    retrieved_at=EPOCH + timedelta(hours=1),
)
DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "elements.sqlite"


def test_gives_back_what_it_was_given(path: Path) -> None:
    with ElementStore(path) as store:
        assert store.add([ONE, replace(ONE, norad_id=5, retrieved_at=None)]) == 2
    with ElementStore(path) as store:
        assert store.history([ONE.norad_id]).sets == (ONE,)
        assert store.history([5]).sets == (replace(ONE, norad_id=5, retrieved_at=None),)
        assert store.count() == (2, 2)


def test_every_set_is_kept_once(path: Path) -> None:
    later = replace(ONE, epoch=EPOCH + DAY)
    with ElementStore(path) as store:
        assert store.add([ONE]) == 1
        assert store.add([ONE, later]) == 1
        assert store.add([replace(ONE, source="another")]) == 0
        assert store.history([ONE.norad_id]).sets == (ONE, later)


def test_an_old_time_gets_the_set_of_its_time(path: Path) -> None:
    sets = [replace(ONE, epoch=EPOCH + i * 10 * DAY) for i in range(5)]
    with ElementStore(path) as store:
        store.add(sets)
        for days, index in ((-100, 0), (4, 0), (6, 1), (24, 2), (1000, 4)):
            assert store.nearest(EPOCH + days * DAY) == [sets[index]]


def test_preferred_sets_take_precedence_until_forgotten(path: Path) -> None:
    own = replace(ONE, epoch=EPOCH - 30 * DAY, source="own")
    with ElementStore(path) as store:
        store.add([ONE])
        store.add([own], preferred=True)
        assert store.nearest(EPOCH) == [own]
        history = store.history([ONE.norad_id])
        assert history.preferred
        assert history.sets == (own,)
        assert store.unprefer([ONE.norad_id]) == 1
        assert store.nearest(EPOCH) == [ONE]


def test_a_group_is_replaced_as_a_whole(path: Path) -> None:
    two = replace(ONE, norad_id=2)
    with ElementStore(path) as store:
        store.add([ONE, two], group="amateur")
        assert {s.norad_id for s in store.nearest(EPOCH, group="amateur")} == {2, ONE.norad_id}
        store.add([two], group="amateur")
        assert store.groups() == [("amateur", 1)]
        assert store.nearest(EPOCH, group="amateur") == [two]
        assert len(store.nearest(EPOCH)) == 2
        assert store.nearest(EPOCH, group="nobody") == []


def test_prune_leaves_the_newest_and_the_preferred(path: Path) -> None:
    sets = [replace(ONE, epoch=EPOCH + i * DAY) for i in range(4)]
    with ElementStore(path) as store:
        store.add(sets)
        store.add([replace(ONE, norad_id=2)])
        store.add([replace(ONE, epoch=EPOCH - 50 * DAY)], preferred=True)
        assert store.prune(EPOCH + 100 * DAY, dry_run=True) == 3
        assert store.count() == (2, 6)
        assert store.prune(EPOCH + 100 * DAY) == 3
        store.unprefer([ONE.norad_id])
        assert [s.epoch for s in store.history([ONE.norad_id]).sets] == [EPOCH - 50 * DAY, sets[3].epoch]
        assert len(store.history([2]).sets) == 1


def test_requests_are_remembered(path: Path) -> None:
    first = Request(url="http://a", asked_at=EPOCH, status=200, etag='"x"', last_modified="y", group="g")
    with ElementStore(path) as store:
        assert store.last_request("http://a") is None
        store.note_request(first)
    with ElementStore(path) as store:
        assert store.last_request("http://a") == first
        store.note_request(replace(first, status=403))
        assert [r.status for r in store.requests()] == [403]


def test_two_at_once(path: Path) -> None:
    with ElementStore(path) as one, ElementStore(path) as other:
        one.add([ONE])
        other.add([replace(ONE, norad_id=2)])
        assert one.count() == other.count() == (2, 2)


def test_a_file_that_is_no_store(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("hello " * 1000)
    with pytest.raises(ElementsError, match="move the file away"):
        ElementStore(path)


def test_a_store_of_another_version(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ElementsError, match="version 99"):
        ElementStore(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ElementsError, match="cannot be made"):
        ElementStore(tmp_path / "file" / "elements.sqlite")


def test_the_whole_catalogue_goes_in_quickly(path: Path, data_dir: Path) -> None:
    import time

    began = time.process_time()
    file = read_elements(data_dir / "orbit" / "active_omm_2026-08-22.csv")
    with ElementStore(path) as store:
        assert store.add(file.sets) == 16_400
        assert time.process_time() - began < 3.0
        assert len(store.nearest(EPOCH)) == 16_400
