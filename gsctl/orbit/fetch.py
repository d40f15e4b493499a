"""Element sets over HTTP, politely.

CelesTrak's data change at most every two hours, and it shuts out clients that ask more often or go
on asking after an error (https://celestrak.org/NORAD/documentation/gp-data-formats.php and its usage
policy). So: ``FORMAT=`` is always stated, an address is asked no sooner than two hours after the
last time (the store remembers, across restarts), requests are conditional, and nothing is retried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from gsctl import __version__
from gsctl.errors import ElementsError
from gsctl.orbit.elements import ElementsFile, parse_elements
from gsctl.orbit.store import ElementStore, Request

if TYPE_CHECKING:
    import httpx

MIN_AGE = timedelta(hours=2)
TIMEOUT_S = 20.0  # for each step: connecting, and every silence while reading
DEADLINE_S = 120.0  # for the whole answer, however slowly it drips
MAX_BYTES = 64 << 20
POLICY = "services shut out clients that repeat after an error, so gsctl will not ask again before {after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one address.

    Attributes:
        outcome: ``updated``, ``unchanged`` (the service said so) or ``too soon`` (it was not asked).
        asked_at: when it was last asked.
        file: the sets of the answer; None unless updated.
        new_sets: how many of them the store did not have.
    """

    url: str
    outcome: str
    asked_at: datetime
    file: ElementsFile | None = None
    new_sets: int = 0


def celestrak_group_url(group: str) -> str:
    """CelesTrak's address of a group such as ``active`` or ``amateur``."""
    return f"https://celestrak.org/NORAD/elements/gp.php?GROUP={quote(group, safe='')}&FORMAT=csv"


def celestrak_number_url(norad_id: int) -> str:
    """CelesTrak's address of one object."""
    return f"https://celestrak.org/NORAD/elements/gp.php?CATNR={norad_id}&FORMAT=csv"


def satnogs_number_url(norad_id: int) -> str:
    """SatNOGS DB's address of one object's newest set; its temporary numbers are understood there."""
    return f"https://db.satnogs.org/api/tle/?format=json&norad_cat_id={norad_id}"


def fetch(
    url: str,
    store: ElementStore,
    *,
    now: datetime,
    group: str = "",
    timeout_s: float = TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
) -> Fetched:
    """Ask one address, unless it was asked less than two hours ago, and keep what it gives.

    Args:
        url: http or https.
        store: keeps the sets and remembers the request.
        now: the time, with its zone.
        group: name under which the objects are remembered together.
        timeout_s: for connecting and for each silence.
        deadline_s: for all of the answer.

    Raises:
        ElementsError: no answer, any status but 200 and 304, or an answer without element sets.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ElementsError("not an http address", where=url, advice="gsctl elements import reads files")
    last = store.last_request(url)
    if last is not None and timedelta(0) <= now - last.asked_at < MIN_AGE:
        if last.status not in (200, 304):
            raise _refused(url, last.status, last.asked_at)
        return Fetched(url=url, outcome="too soon", asked_at=last.asked_at)
    status, headers, body = _ask(url, last, store, now, timeout_s, deadline_s, group)
    request = Request(
        url=url,
        asked_at=now,
        status=status,
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
        group=group,
    )
    if status == 304 and last is not None:
        store.note_request(replace(last, asked_at=now, status=304))
        return Fetched(url=url, outcome="unchanged", asked_at=now)
    if status != 200:
        store.note_request(request)
        raise _refused(url, status, now)
    return _keep(body, request, store)


def _keep(body: bytes, request: Request, store: ElementStore) -> Fetched:
    """Read an answer into the store; an incomplete one is not remembered as the newest."""
    # Without its marks the address will be asked for everything next time.
    forgetful = Request(url=request.url, asked_at=request.asked_at, status=200, group=request.group)
    text = body.decode("utf-8-sig", errors="replace")
    try:
        file = parse_elements(text, source=request.url, retrieved_at=request.asked_at)
    except ElementsError as error:
        store.note_request(forgetful)
        said = " ".join(text[:80].split())
        raise ElementsError(
            f"the answer holds no element sets ({error.what}): {said!r}",
            where=request.url,
            advice="the sets in the store are kept",
        ) from error
    new_sets = store.add(file.sets, group=request.group)
    store.note_request(forgetful if file.problem_count else request)
    return Fetched(
        url=request.url, outcome="updated", asked_at=request.asked_at, file=file, new_sets=new_sets
    )


def _refused(url: str, status: int, asked_at: datetime) -> ElementsError:
    answer = f"answered {status}" if status else "gave no whole answer in time"
    after = asked_at + MIN_AGE
    return ElementsError(
        f"{urlsplit(url).hostname} {answer} at {asked_at:%Y-%m-%d %H:%M} UTC",
        where=url,
        advice=POLICY.format(after=f"{after:%H:%M} UTC") + "; the sets in the store are kept",
    )


def _ask(
    url: str,
    last: Request | None,
    store: ElementStore,
    now: datetime,
    timeout_s: float,
    deadline_s: float,
    group: str,
) -> tuple[int, httpx.Headers, bytes]:
    """One GET: status, headers and the whole body of a 200."""
    import httpx

    conditions = {
        "User-Agent": f"gsctl/{__version__}",
        "Accept": "text/csv, application/json, */*",
    }
    if last is not None and last.etag:
        conditions["If-None-Match"] = last.etag
    if last is not None and last.last_modified:
        conditions["If-Modified-Since"] = last.last_modified
    end = time.monotonic() + deadline_s
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=True, max_redirects=3) as client,
            client.stream("GET", url, headers=conditions) as response,
        ):
            body = bytearray()
            if response.status_code == 200:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MAX_BYTES:
                        raise httpx.ReadError(f"the answer is longer than {MAX_BYTES >> 20} MiB")
                    if time.monotonic() > end:
                        raise httpx.ReadTimeout("the answer takes too long")
            return response.status_code, response.headers, bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # A client that was shut out sees silence, so silence and half answers count as asked; only
        # where nobody was reached may it be tried again at once.
        if not isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.InvalidURL):
            store.note_request(Request(url=url, asked_at=now, status=0, group=group))
        if isinstance(error, httpx.TimeoutException):
            raise _refused(url, 0, now) from error
        raise ElementsError(
            f"cannot be fetched ({str(error) or type(error).__name__})",
            where=url,
            advice="the sets in the store are kept",
        ) from error
