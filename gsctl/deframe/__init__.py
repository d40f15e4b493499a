"""Deframers: soft bits to frames, one file per framing.

``DEFRAMERS`` maps each framing class to the function that builds its deframer. A deframer
takes soft bits of many streams in any order and yields frames whose check holds (or, with
``unchecked``, says in ``Frame.integrity`` that none did).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    """

    repair: tuple[int, int, int] = (0, 0, 0)
    unchecked: bool = False


class Deframer(Protocol):
    """Turns the soft bits of one channel into frames."""

    def push(self, soft: SoftBits) -> Iterator[Frame]:
        """Take soft bits and give the frames that they complete; streams may alternate."""
        ...


def _ax25(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ax25 import Ax25Deframer

    assert isinstance(framing, Ax25)
    return Ax25Deframer(framing, options, counters)


def _ais(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ais import AisDeframer

    assert isinstance(framing, Ais)
    return AisDeframer(framing, options, counters)


def _gomspace(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe import gomspace
    from gsctl.deframe.sync_word import SyncDeframer

    body: gomspace.Ax100AsmGolayBody | gomspace.Ax100ReedSolomonBody | gomspace.U482cBody
    if isinstance(framing, Ax100AsmGolay):
        body = gomspace.Ax100AsmGolayBody(framing)
    elif isinstance(framing, Ax100ReedSolomon):
        body = gomspace.Ax100ReedSolomonBody(framing)
    else:
        assert isinstance(framing, U482c)
        body = gomspace.U482cBody(framing)
    return SyncDeframer(framing, body, options, counters)


def _aausat4(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.aausat4 import Aausat4Body
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Aausat4)
    return SyncDeframer(framing, Aausat4Body(framing), options, counters)


def _ccsds(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ccsds import CcsdsBody, LilacSat1Body
    from gsctl.deframe.sync_word import SyncDeframer

    if isinstance(framing, LilacSat1):
        return SyncDeframer(framing, LilacSat1Body(framing), options, counters)
    assert isinstance(framing, Ccsds)
    return SyncDeframer(framing, CcsdsBody(framing), options, counters)


def _chip_packet(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.chip_packets import ChipPacketBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, ChipPacket)
    return SyncDeframer(framing, ChipPacketBody(framing), options, counters)


def _satellite_layout(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.satellite_layouts import SatelliteLayoutBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, SatelliteLayout)
    return SyncDeframer(framing, SatelliteLayoutBody(framing), options, counters)


def _ao40(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ao40 import Ao40FecBody, Ao40UncodedBody
    from gsctl.deframe.sync_word import SyncDeframer

    if isinstance(framing, Ao40Uncoded):
        return SyncDeframer(framing, Ao40UncodedBody(framing), options, counters)
    assert isinstance(framing, Ao40Fec)
    return SyncDeframer(framing, Ao40FecBody(framing), options, counters)


def _smog(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.smog import SmogRaBody, SmogSignallingBody
    from gsctl.deframe.sync_word import SyncDeframer

    if isinstance(framing, SmogSignalling):
        return SyncDeframer(framing, SmogSignallingBody(framing), options, counters)
    assert isinstance(framing, SmogRa)
    return SyncDeframer(framing, SmogRaBody(framing), options, counters)


def _fx25(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.fx25 import AstrocastFx25Body, Fx25Body
    from gsctl.deframe.sync_word import SyncDeframer

    if isinstance(framing, AstrocastFx25):
        return SyncDeframer(framing, AstrocastFx25Body(framing), options, counters)
    assert isinstance(framing, Fx25)
    return SyncDeframer(framing, Fx25Body(framing), options, counters)


def _ngham(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ngham import NghamBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Ngham)
    return SyncDeframer(framing, NghamBody(framing), options, counters)


def _usp(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.sync_word import SyncDeframer
    from gsctl.deframe.usp import UspBody

    assert isinstance(framing, Usp)
    return SyncDeframer(framing, UspBody(framing), options, counters)


def _mobitex(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.mobitex import MobitexBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Mobitex)
    return SyncDeframer(framing, MobitexBody(framing), options, counters)


def _snet(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.snet import SnetBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Snet)
    return SyncDeframer(framing, SnetBody(framing), options, counters)


def _ideassat(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ideassat import IdeassatBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Ideassat)
    return SyncDeframer(framing, IdeassatBody(framing), options, counters)


def _ops_sat(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ops_sat import OpsSatBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, OpsSat)
    return SyncDeframer(framing, OpsSatBody(framing), options, counters)


def _ax5043(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.ax5043 import Ax5043Body
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Ax5043)
    return SyncDeframer(framing, Ax5043Body(framing), options, counters)


def _il2p(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.il2p import Il2pBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Il2p)
    return SyncDeframer(framing, Il2pBody(framing), options, counters)


def _eseo(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.eseo import EseoBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Eseo)
    return SyncDeframer(framing, EseoBody(framing), options, counters)


def _openlst(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.openlst import OpenLstBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, OpenLst)
    return SyncDeframer(framing, OpenLstBody(framing), options, counters)


def _hades(framing: Framing, options: DeframeOptions, counters: StageCounters) -> Deframer:
    from gsctl.deframe.hades import HadesBody
    from gsctl.deframe.sync_word import SyncDeframer

    assert isinstance(framing, Hades)
    return SyncDeframer(framing, HadesBody(framing), options, counters)


DEFRAMERS: dict[type[Any], Callable[[Framing, DeframeOptions, StageCounters], Deframer]] = {
    Ax25: _ax25,
    Ais: _ais,
    Ax100AsmGolay: _gomspace,
    Ax100ReedSolomon: _gomspace,
    U482c: _gomspace,
    Aausat4: _aausat4,
    Ccsds: _ccsds,
    LilacSat1: _ccsds,
    ChipPacket: _chip_packet,
    SatelliteLayout: _satellite_layout,
    Ao40Fec: _ao40,
    Ao40Uncoded: _ao40,
    SmogRa: _smog,
    SmogSignalling: _smog,
    Ngham: _ngham,
    Usp: _usp,
    Fx25: _fx25,
    AstrocastFx25: _fx25,
    Mobitex: _mobitex,
    Snet: _snet,
    Ideassat: _ideassat,
    OpsSat: _ops_sat,
    Ax5043: _ax5043,
    Il2p: _il2p,
    Eseo: _eseo,
    OpenLst: _openlst,
    Hades: _hades,
}
