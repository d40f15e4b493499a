"""AIS messages from values, for what gsctl simulates. The bits are pyais' work."""

from __future__ import annotations

from gsctl.ais.bits import AisBits


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
    )
    return _bits(message)


def name_report(*, mmsi: int, name: str) -> AisBits:
    """A static data report, message type 24 part A: the name, 20 characters of AIS text at most."""
    from pyais.messages import MessageType24PartA

    return _bits(MessageType24PartA.create(mmsi=mmsi, partno=0, shipname=name))


def _bits(message: object) -> AisBits:
    armour, fill_bits = message.encode()  # type: ignore[attr-defined]  # pyais' messages have it
    return AisBits.from_armour(armour.encode("ascii"), fill_bits)
