"""AIS messages from values, for what gsctl simulates. The bits are pyais' work."""

from __future__ import annotations

from gsctl.ais.bits import AisBits

# Communication state of a class B "CS" unit, which has no slots of its own (M.1371-5, annex 8, message 18).
CLASS_B_STATE = 0xE0006


def position_report(
    *,
    mmsi: int,
    latitude_deg: float,
    longitude_deg: float,
    speed_over_ground_kn: float,
    course_over_ground_deg: float,
    true_heading_deg: int,
    utc_second: int,
    navigation_status: int = 0,
    communication_state: int = 0,
) -> AisBits:
    """A class A position report, message type 1 (168 bits)."""
    from pyais.messages import MessageType1

    message = MessageType1.create(
        mmsi=mmsi,
        status=navigation_status,
        lat=latitude_deg,
        lon=longitude_deg,
        speed=speed_over_ground_kn,
        course=course_over_ground_deg,
        heading=true_heading_deg,
        second=utc_second,
        radio=communication_state,
    )
    return _bits(message)


def class_b_position_report(
    *,
    mmsi: int,
    latitude_deg: float,
    longitude_deg: float,
    speed_over_ground_kn: float,
    course_over_ground_deg: float,
    utc_second: int,
) -> AisBits:
    """A class B "CS" position report, message type 18 (168 bits), without heading."""
    from pyais.messages import MessageType18

    message = MessageType18.create(
        mmsi=mmsi,
        lat=latitude_deg,
        lon=longitude_deg,
        speed=speed_over_ground_kn,
        course=course_over_ground_deg,
        heading=511,
        second=utc_second,
        cs=True,
        band=True,
        msg22=True,
        radio=CLASS_B_STATE,
    )
    return _bits(message)


def static_report(
    *,
    mmsi: int,
    name: str,
    callsign: str,
    ship_type: int,
    destination: str,
    dimensions_m: tuple[int, int, int, int],
    draught_m: float,
) -> AisBits:
    """Static and voyage related data, message type 5 (424 bits).

    Args:
        dimensions_m: from the position's reference point to bow, stern, port and starboard.
    """
    from pyais.messages import MessageType5

    to_bow, to_stern, to_port, to_starboard = dimensions_m
    message = MessageType5.create(
        mmsi=mmsi,
        shipname=name,
        callsign=callsign,
        ship_type=ship_type,
        destination=destination,
        to_bow=to_bow,
        to_stern=to_stern,
        to_port=to_port,
        to_starboard=to_starboard,
        draught=draught_m,
        epfd=1,
        hour=24,
        minute=60,
    )
    return _bits(message)


def name_report(*, mmsi: int, name: str) -> AisBits:
    """A static data report, message type 24 part A: the name, 20 characters of AIS text at most."""
    from pyais.messages import MessageType24PartA

    return _bits(MessageType24PartA.create(mmsi=mmsi, partno=0, shipname=name))


def class_b_static_report(*, mmsi: int, callsign: str, ship_type: int) -> AisBits:
    """A static data report, message type 24 part B (168 bits)."""
    from pyais.messages import MessageType24PartB

    return _bits(MessageType24PartB.create(mmsi=mmsi, partno=1, callsign=callsign, ship_type=ship_type))


def long_range_report(
    *,
    mmsi: int,
    latitude_deg: float,
    longitude_deg: float,
    speed_over_ground_kn: float,
    course_over_ground_deg: float,
    navigation_status: int = 0,
) -> AisBits:
    """A long-range broadcast, message type 27 (96 bits), repeat indicator 3 as USCG NAVCEN says."""
    from pyais.messages import MessageType27

    message = MessageType27.create(
        mmsi=mmsi,
        repeat=3,
        status=navigation_status,
        lat=latitude_deg,
        lon=longitude_deg,
        speed=min(round(speed_over_ground_kn), 62),
        course=round(course_over_ground_deg) % 360,
    )
    return _bits(message)


def sotdma_state(*, slot_timeout: int, slot: int, utc_hour: int, utc_minute: int, stations: int = 0) -> int:
    """The communication state of self-organised access, with what its slot timeout calls for.

    Args:
        slot_timeout: frames left in which the slot stays reserved, 0 to 7.
        slot: the slot in use, 0 to 2249.
        utc_hour: sent when the timeout is 1, with ``utc_minute``.
        utc_minute: see above.
        stations: how many others are heard; sent when the timeout is 3, 5 or 7.
    """
    submessage = 0
    if slot_timeout in (2, 4, 6):
        submessage = slot
    elif slot_timeout == 1:
        submessage = utc_hour << 9 | utc_minute << 2
    elif slot_timeout > 0:
        submessage = min(stations, 0x3FFF)
    return slot_timeout << 14 | submessage


def _bits(message: object) -> AisBits:
    armour, fill_bits = message.encode()  # type: ignore[attr-defined]  # pyais' messages have it
    return AisBits.from_armour(armour.encode("ascii"), fill_bits)
