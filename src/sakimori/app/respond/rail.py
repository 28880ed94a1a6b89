"""The rail: the steps of the playbook for a leaked key, in the order in which a person walks them, with their clock.

Their sentences are `respond_rail.<id>_title` and `_why` of the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sakimori.model.action import Approval


class Phase(StrEnum):
    """The parts of an incident; each has its heading `respond_rail.phase_<value>`."""

    CONTAIN = "contain"
    """The first hour."""
    REPLACE = "replace"
    INVESTIGATE = "investigate"
    ERADICATE = "eradicate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class RailStep:
    """One step. `minutes` after the opening it should be done, 0 where no clock runs; `approval` None where it only reads."""

    id: str
    phase: Phase
    minutes: int = 0
    approval: Approval | None = None
    command: str = ""
    """What a person types for it, with CASE in the place of the case's id; "" where `respond start` does it."""
    is_only_by_name: bool = False
    """Never proposed, expected or agreed to beside other steps: it stops what the owner's own business runs on."""

    @property
    def title(self) -> str:
        """The id of its title."""
        return f"respond_rail.{self.id.lower()}_title"

    @property
    def why(self) -> str:
        """The id of the sentence that says what it is for."""
        return f"respond_rail.{self.id.lower()}_why"


def _read(identifier: str, minutes: int, phase: Phase = Phase.CONTAIN, command: str = "") -> RailStep:
    return RailStep(id=identifier, phase=phase, minutes=minutes, command=command)


def _write(
    identifier: str, minutes: int, phase: Phase = Phase.CONTAIN, approval: Approval = Approval.SINGLE, command: str = ""
) -> RailStep:
    return RailStep(id=identifier, phase=phase, minutes=minutes, approval=approval, command=command)


RAIL: Final = (
    _read("R00", 0),
    _read("P1", 1),
    _read("R01", 1),
    _read("R02", 2),
    _read("R03", 2),
    _write("R10", 5),
    _write("R11", 6),
    _read("R04", 8),
    _read("R05", 8),
    _read("R06", 8),
    _write("R12", 8),
    _read("R13", 15),
    _write("R14", 20),
    RailStep(
        id="R15",
        phase=Phase.CONTAIN,
        minutes=30,
        approval=Approval.TWO_PERSON,
        command="sakimori respond do R15 --case CASE",
        is_only_by_name=True,
    ),
    _write("R16", 30, command="sakimori respond do R16 --case CASE"),
    _read("R17", 30, command="sakimori respond do R17 --case CASE"),
    _read("R18", 30, command="sakimori respond do R18 --case CASE"),
    _write("R30", 0, Phase.REPLACE, command="sakimori respond rotate --case CASE"),
    _write("R31", 0, Phase.REPLACE, command="sakimori respond rotate --case CASE"),
    _read("R40", 0, Phase.INVESTIGATE, "sakimori respond do R40 --case CASE"),
    _read("R4B", 0, Phase.INVESTIGATE, "sakimori respond cause --case CASE"),
    _read("R50", 0, Phase.ERADICATE, "sakimori respond eradicate --case CASE"),
    _write("R51", 0, Phase.ERADICATE, Approval.TWO_PERSON, "sakimori respond eradicate --case CASE --apply"),
    _read("R64", 0, Phase.ERADICATE, "sakimori respond do R64 --case CASE"),
    _write("R34", 0, Phase.CLOSE, Approval.TWO_PERSON, "sakimori respond rotate --case CASE"),
    _write("R70", 0, Phase.CLOSE, command="sakimori respond recover --case CASE"),
    _write("R71", 0, Phase.CLOSE, Approval.TWO_PERSON, "sakimori respond recover --case CASE --lift-quarantine"),
    _read("R73", 0, Phase.CLOSE, "sakimori respond do R73 --case CASE"),
    _read("R80", 0, Phase.CLOSE, "sakimori respond reply --case CASE"),
    _read("R81", 0, Phase.CLOSE, "sakimori respond note --case CASE --step R81 TEXT"),
    _read("R90", 0, Phase.CLOSE, "sakimori respond close --case CASE"),
)
"""R10 and R11 stand before the evidence and the blast radius: what is looked at for minutes never holds up what stops a thief."""

BY_ID: Final[Mapping[str, RailStep]] = MappingProxyType({each.id: each for each in RAIL})


_OF_KEYS: Final = frozenset({"R30", "R31", "R34"})


def concerns(step: RailStep, key_id: str) -> bool:
    """Whether a case has use for the step: what began with a user, a role or a session has no leaked key to replace."""
    return step.id not in _OF_KEYS or key_id.startswith("AKIA")


def command_of(step: str, case: str) -> str:
    """What is typed for a step: its own command, else the one that does it by name."""
    own = BY_ID[step].command if step in BY_ID else ""
    return (own or f"sakimori respond do {step} --case CASE").replace("CASE", case)
