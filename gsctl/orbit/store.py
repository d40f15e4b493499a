"""The store of element sets: every set ever seen, in one SQLite file.

An old recording is decoded with the set nearest to its time, so nothing is thrown away unless
``prune`` is asked for. The store also remembers when each address was last asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gsctl.errors import ElementsError
from gsctl.model import ElementSet

STORE_VERSION = 1
BUSY_S = 20.0
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = (
    "norad_id", "name", "cospar_id", "epoch", "mean_motion_rev_day", "eccentricity", "inclination_deg",
    "raan_deg", "argument_of_perigee_deg", "mean_anomaly_deg", "bstar", "mean_motion_dot", "mean_motion_ddot",
    "classification", "ephemeris_type", "element_set_number", "revolution_number", "source", "retrieved_at",
)  # fmt: skip
_COLUMNS = ", ".join(_FIELDS)
_SCHEMA = """
CREATE TABLE element_set (
    norad_id INTEGER NOT NULL, name TEXT NOT NULL, cospar_id TEXT NOT NULL, epoch INTEGER NOT NULL,
    mean_motion_rev_day REAL NOT NULL, eccentricity REAL NOT NULL, inclination_deg REAL NOT NULL,
    raan_deg REAL NOT NULL, argument_of_perigee_deg REAL NOT NULL, mean_anomaly_deg REAL NOT NULL,
    bstar REAL NOT NULL, mean_motion_dot REAL NOT NULL, mean_motion_ddot REAL NOT NULL,
    classification TEXT NOT NULL, ephemeris_type INTEGER NOT NULL, element_set_number INTEGER NOT NULL,
    revolution_number INTEGER NOT NULL, source TEXT NOT NULL, retrieved_at INTEGER,
    preferred INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (norad_id, epoch, mean_motion_rev_day, mean_anomaly_deg, bstar)
) WITHOUT ROWID;
CREATE TABLE group_member (
    group_name TEXT NOT NULL, norad_id INTEGER NOT NULL, PRIMARY KEY (group_name, norad_id)
) WITHOUT ROWID;
CREATE TABLE request (
    url TEXT PRIMARY KEY, asked_at INTEGER NOT NULL, status INTEGER NOT NULL,
    etag TEXT NOT NULL, last_modified TEXT NOT NULL, group_name TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The last time an address was asked and what came of it; status 0 is no answer at all."""

    url: str
    asked_at: datetime
    status: int
    etag: str = ""
    last_modified: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The sets of some objects, oldest first; ``preferred`` where the user's own take precedence."""

    sets: tuple[ElementSet, ...]
    preferred: bool


def _microseconds(moment: datetime) -> int:
    return (moment - _ZERO) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _ZERO + timedelta(microseconds=microseconds)


class ElementStore:
    """One SQLite file of element sets; several processes may use it at once.

    Args:
        path: of the file; it and its folder are made where they are missing.

    Raises:
        ElementsError: the file cannot be opened or is no store of this version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guard():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ElementsError(f"cannot be made ({error.strerror})", where=str(path.parent)) from error
            self._connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
            self._prepare()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> ElementStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn SQLite's errors into one line."""
        try:
            yield
        except sqlite3.Error as error:
            raise ElementsError(
                f"the element store failed ({error})",
                where=str(self.path),
                advice="move the file away to begin a new store",
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._guard():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with self._transaction() as connection:
                # Another process may have made the tables between the look and the lock.
                if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
        elif version != STORE_VERSION:
            raise ElementsError(
                f"an element store of version {version}",
                where=str(self.path),
                advice=f"this gsctl reads version {STORE_VERSION}",
            )

    def add(self, sets: Iterable[ElementSet], *, group: str = "", preferred: bool = False) -> int:
        """Add sets that are not there yet; returns how many were new.

        Args:
            sets: any number of sets.
            group: replaces the members of this group, where one is named.
            preferred: the sets take precedence over all others of their objects.
        """
        rows = [
            (
                s.norad_id, s.name, s.cospar_id, _microseconds(s.epoch), s.mean_motion_rev_day,
                s.eccentricity, s.inclination_deg, s.raan_deg, s.argument_of_perigee_deg,
                s.mean_anomaly_deg, s.bstar, s.mean_motion_dot, s.mean_motion_ddot, s.classification,
                s.ephemeris_type, s.element_set_number, s.revolution_number, s.source,
                None if s.retrieved_at is None else _microseconds(s.retrieved_at), int(preferred),
            )
            for s in sets
        ]  # fmt: skip
        with self._transaction() as connection:
            before = connection.execute("SELECT count(*) FROM element_set").fetchone()[0]
            connection.executemany(
                f"INSERT INTO element_set ({_COLUMNS}, preferred) VALUES ({', '.join('?' * 20)}) "
                "ON CONFLICT DO UPDATE SET preferred = max(preferred, excluded.preferred)",
                rows,
            )
            if group:
                connection.execute("DELETE FROM group_member WHERE group_name = ?", (group,))
                connection.executemany(
                    "INSERT OR IGNORE INTO group_member VALUES (?, ?)", [(group, row[0]) for row in rows]
                )
            return int(connection.execute("SELECT count(*) FROM element_set").fetchone()[0] - before)

    def count(self) -> tuple[int, int]:
        """Number of objects and of sets."""
        with self._guard():
            row = self._connection.execute("SELECT count(DISTINCT norad_id), count(*) FROM element_set")
            objects, sets = row.fetchone()
        return int(objects), int(sets)

    def history(self, norad_ids: Sequence[int]) -> History:
        """All sets of the objects of these numbers; only the preferred ones where there are any."""
        marks = ", ".join("?" * len(norad_ids))
        rows = self._select(f"WHERE norad_id IN ({marks}) ORDER BY epoch", tuple(norad_ids))
        preferred = [elements for elements, is_preferred in rows if is_preferred]
        return History(sets=tuple(preferred or [r[0] for r in rows]), preferred=bool(preferred))

    def nearest(self, at: datetime, *, group: str = "") -> list[ElementSet]:
        """Of every object, or every member of a group, the set nearest to a time (preferred ones first)."""
        key = "SELECT norad_id, preferred"
        members = "AND norad_id IN (SELECT norad_id FROM group_member WHERE group_name = ?)" if group else ""
        where = f"""WHERE (norad_id, preferred, epoch) IN (
            {key}, max(epoch) FROM element_set WHERE epoch <= ? {members} GROUP BY 1, 2
            UNION ALL
            {key}, min(epoch) FROM element_set WHERE epoch > ? {members} GROUP BY 1, 2)"""
        moment = _microseconds(at)
        values = (moment, group) if group else (moment,)
        best: dict[int, tuple[tuple[bool, timedelta], ElementSet]] = {}
        for elements, preferred in self._select(where, values + values):
            rank = (not preferred, abs(elements.epoch - at))
            if elements.norad_id not in best or rank < best[elements.norad_id][0]:
                best[elements.norad_id] = (rank, elements)
        return [elements for _, elements in best.values()]

    def _select(self, where: str, values: tuple[object, ...]) -> list[tuple[ElementSet, bool]]:
        with self._guard():
            cursor = self._connection.execute(
                f"SELECT {_COLUMNS}, preferred FROM element_set {where}", values
            )
            return [(_as_set(row), bool(row[-1])) for row in cursor]

    def groups(self) -> list[tuple[str, int]]:
        """The groups by name with the number of their members."""
        with self._guard():
            rows = self._connection.execute(
                "SELECT group_name, count(*) FROM group_member GROUP BY 1 ORDER BY 1"
            )
            return [(str(name), int(count)) for name, count in rows]

    def unprefer(self, norad_ids: Sequence[int]) -> int:
        """Let the preferred sets of these objects count like all others; returns how many there were."""
        marks = ", ".join("?" * len(norad_ids))
        with self._transaction() as connection:
            cursor = connection.execute(
                f"UPDATE element_set SET preferred = 0 WHERE preferred AND norad_id IN ({marks})",
                tuple(norad_ids),
            )
            return cursor.rowcount

    def prune(self, before: datetime, *, dry_run: bool = False) -> int:
        """Delete sets with epochs before a time, but never the newest of an object; returns how many."""
        where = (
            "FROM element_set WHERE epoch < ? AND NOT preferred AND epoch < "
            "(SELECT max(epoch) FROM element_set AS other WHERE other.norad_id = element_set.norad_id)"
        )
        with self._transaction() as connection:
            count = connection.execute(f"SELECT count(*) {where}", (_microseconds(before),)).fetchone()[0]
            if not dry_run:
                connection.execute(f"DELETE {where}", (_microseconds(before),))
            return int(count)

    def last_request(self, url: str) -> Request | None:
        """When an address was last asked; None is never."""
        return next((request for request in self.requests() if request.url == url), None)

    def requests(self) -> list[Request]:
        """The last request of each address, by address."""
        with self._guard():
            rows = self._connection.execute(
                "SELECT url, asked_at, status, etag, last_modified, group_name FROM request ORDER BY url"
            ).fetchall()
        return [
            Request(url=u, asked_at=_moment(a), status=s, etag=e, last_modified=m, group=g)
            for u, a, s, e, m, g in rows
        ]

    def note_request(self, request: Request) -> None:
        """Remember a request, so that the address is not asked again too soon."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO request VALUES (?, ?, ?, ?, ?, ?)",
                (
                    request.url,
                    _microseconds(request.asked_at),
                    request.status,
                    request.etag,
                    request.last_modified,
                    request.group,
                ),
            )


def _as_set(row: Sequence[object]) -> ElementSet:
    values: dict[str, object] = dict(zip(_FIELDS, row, strict=False))
    retrieved = values["retrieved_at"]
    values["epoch"] = _moment(int(values["epoch"]))  # type: ignore[call-overload]
    values["retrieved_at"] = _moment(retrieved) if isinstance(retrieved, int) else None
    return ElementSet(**values)  # type: ignore[arg-type]
