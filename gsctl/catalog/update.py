"""Fetches SatNOGS DB, politely: no sooner than two hours after the last time, and nothing is retried."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gsctl import __version__
from gsctl.catalog.satnogs import Rows, parse_rows, retrieved_at, write_store
from gsctl.errors import CatalogError

SATNOGS_DB = "https://db.satnogs.org"
MIN_AGE = timedelta(hours=2)
TIMEOUT_S = 30.0  # for each step: connecting, and every silence while reading
DEADLINE_S = 180.0  # for one whole answer, however slowly it drips
MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """What became of an update; ``asked`` is false where the copy was new enough."""

    asked: bool
    satellites: int = 0
    transmitters: int = 0


def update_from_network(
    store: Path,
    *,
    now: datetime,
    address: str = SATNOGS_DB,
    timeout_s: float = TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
) -> Updated:
    """Fetch satellites and transmitters into the store, unless it is younger than two hours.

    Args:
        store: the file that ``satnogs.store_path`` names.
        now: the time, in UTC.
        address: of the service, without ``/api/...``.
        timeout_s: for each step of a request.
        deadline_s: for each whole answer.

    Raises:
        CatalogError: the service cannot be reached, answers with another status than 200, or with
            something else than its JSON. The store then stays as it was.
    """
    last = retrieved_at(store)
    if last and now - datetime.fromisoformat(last) < MIN_AGE:
        return Updated(asked=False)
    base = address.rstrip("/")
    documents = [
        _rows(f"{base}/api/{kind}/?format=json", timeout_s, deadline_s)
        for kind in ("satellites", "transmitters")
    ]
    return _keep(store, *documents, now=now)


def update_from_files(store: Path, satellites: Path, transmitters: Path, *, now: datetime) -> Updated:
    """Import both JSON documents from files.

    Raises:
        CatalogError: a file cannot be read or is not what it should be.
    """
    return _keep(store, _file_rows(satellites), _file_rows(transmitters), now=now)


def _keep(store: Path, satellites: Rows, transmitters: Rows, *, now: datetime) -> Updated:
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    write_store(store, satellites, transmitters, retrieved_at=moment)
    return Updated(asked=True, satellites=len(satellites), transmitters=len(transmitters))


def _file_rows(path: Path) -> Rows:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CatalogError(f"more than {MAX_BYTES >> 20} MiB", where=str(path))
        return parse_rows(path.read_bytes(), where=str(path))
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _rows(url: str, timeout_s: float, deadline_s: float) -> Rows:
    status, body = _get(url, timeout_s, deadline_s)
    if status != 200:
        raise CatalogError(
            f"the service answers {status}",
            where=url,
            advice="the copy is kept; ask again in some hours, or import files with --satellites",
        )
    return parse_rows(body, where=url)


def _get(url: str, timeout_s: float, deadline_s: float) -> tuple[int, bytes]:
    """One GET: status and the whole body of a 200."""
    import httpx

    headers = {"User-Agent": f"gsctl/{__version__}", "Accept": "application/json"}
    end = time.monotonic() + deadline_s
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=True, max_redirects=3) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            body = bytearray()
            if response.status_code == 200:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        raise CatalogError(f"an answer of more than {MAX_BYTES >> 20} MiB", where=url)
                    if time.monotonic() > end:
                        raise httpx.ReadTimeout("the answer takes too long")
            return response.status_code, bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CatalogError(
            f"cannot be fetched ({str(error) or type(error).__name__})",
            where=url,
            advice="the copy is kept; files can be imported with --satellites and --transmitters",
        ) from error
