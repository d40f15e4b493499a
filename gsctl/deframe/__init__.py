"""Deframers: soft bits to frames, one file per framing.

``DEFRAMERS`` maps each framing class to the function that builds its deframer. A deframer
takes soft bits of many streams in any order and yields frames whose check holds (or, with
``unchecked``, says in ``Frame.integrity`` that none did).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from gsctl.framing import (
    Aausat4,
    Ais,
    Ao40Fec,
    Ao40Uncoded,
    AstrocastFx25,
    Ax25,
    Ax100AsmGolay,
    Ax100ReedSolomon,
    Ax5043,
    Ccsds,
    ChipPacket,
    Eseo,
    Framing,
    Fx25,
    Hades,
    Ideassat,
    Il2p,
    LilacSat1,
    Mobitex,
    Ngham,
    OpenLst,
    OpsSat,
    SatelliteLayout,
    SmogRa,
    SmogSignalling,
    Snet,
    U482c,
    Usp,
)

if TYPE_CHECKING:
    from gsctl.model import Frame, SoftBits, StageCounters


@dataclass(frozen=True, slots=True, kw_only=True)
class DeframeOptions:
    """What a user may ask of any deframer.

    Attributes:
        repair: how many of the likeliest error events are tried alone, in pairs and in
            threes where a check fails; zeros switch repair off.
        unchecked: give frames that no check vouches for as well.
        phase_slips: the soft bits are a carrier's phase, which a receiver may lose by half a turn, so that
            the line is upside down from there on; frequencies keep their sign.
    """

    repair: tuple[int, int, int] = (0, 0, 0)
    unchecked: bool = False
    phase_slips: bool = True


class Deframer(Protocol):
    """Turns the soft bits of one channel into frames."""

    def push(self, soft: SoftBits) -> Iterator[Frame]:
        """Take soft bits and give the frames that they complete; streams may alternate."""
        ...


Builder = Callable[["Framing", DeframeOptions, "StageCounters"], Deframer]


def _ax25(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ax25 import Ax25Deframer

    assert isinstance(framing, Ax25)
    return Ax25Deframer(framing, options, counters)


def _ais(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ais import AisDeframer

    assert isinstance(framing, Ais)
    return AisDeframer(framing, options, counters)


def _behind_sync_word(module: str, body: str) -> Builder:
    """Build the deframer of frames behind a sync word; loads the file of its ``body`` when it is wanted."""

    def build(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
        from gsctl.deframe.sync_word import SyncDeframer

        body_of = getattr(import_module(f"gsctl.deframe.{module}"), body)
        return SyncDeframer(framing, body_of(framing), options, counters)

    return build


def _ccsds(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ccsds import CcsdsBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Ccsds)
    body = CcsdsBody(framing, phase_slips=options.phase_slips)
    return SyncDeframer(framing, body, options, counters)


DEFRAMERS: dict[type[Any], Builder] = {
    Ax25: _ax25,
    Ais: _ais,
    Ax100AsmGolay: _behind_sync_word("gomspace", "Ax100AsmGolayBody"),
    Ax100ReedSolomon: _behind_sync_word("gomspace", "Ax100ReedSolomonBody"),
    U482c: _behind_sync_word("gomspace", "U482cBody"),
    Aausat4: _behind_sync_word("aausat4", "Aausat4Body"),
    Ccsds: _ccsds,
    LilacSat1: _behind_sync_word("ccsds", "LilacSat1Body"),
    ChipPacket: _behind_sync_word("chip_packets", "ChipPacketBody"),
    SatelliteLayout: _behind_sync_word("satellite_layouts", "SatelliteLayoutBody"),
    Ao40Fec: _behind_sync_word("ao40", "Ao40FecBody"),
    Ao40Uncoded: _behind_sync_word("ao40", "Ao40UncodedBody"),
    SmogRa: _behind_sync_word("smog", "SmogRaBody"),
    SmogSignalling: _behind_sync_word("smog", "SmogSignallingBody"),
    Ngham: _behind_sync_word("ngham", "NghamBody"),
    Usp: _behind_sync_word("usp", "UspBody"),
    Fx25: _behind_sync_word("fx25", "Fx25Body"),
    AstrocastFx25: _behind_sync_word("fx25", "AstrocastFx25Body"),
    Mobitex: _behind_sync_word("mobitex", "MobitexBody"),
    Snet: _behind_sync_word("snet", "SnetBody"),
    Ideassat: _behind_sync_word("ideassat", "IdeassatBody"),
    OpsSat: _behind_sync_word("ops_sat", "OpsSatBody"),
    Ax5043: _behind_sync_word("ax5043", "Ax5043Body"),
    Il2p: _behind_sync_word("il2p", "Il2pBody"),
    Eseo: _behind_sync_word("eseo", "EseoBody"),
    OpenLst: _behind_sync_word("openlst", "OpenLstBody"),
    Hades: _behind_sync_word("hades", "HadesBody"),
}
