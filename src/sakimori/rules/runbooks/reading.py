"""Reads runbooks and playbooks from their files: `rulebook/runbooks` and `rulebook/playbooks`, one file each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sakimori.model.verdict import Text
from sakimori.model.words import Severity
from sakimori.rules.file_reader import MAX_LIST, FileReader, has_control, open_document
from sakimori.rules.rule import Fault
from sakimori.rules.runbooks.form import (
    VARIABLES,
    Approver,
    Family,
    FindingType,
    Move,
    Playbook,
    PlaybookStep,
    Reversible,
    Runbook,
)  # fmt: skip
from sakimori.texts.template import placeholders

_ID: Final = re.compile(r"[a-z][a-z0-9-]{2,40}\Z")
_STEP_ID: Final = re.compile(r"[A-Z]{1,2}[0-9]{2}\Z")
_TIME: Final = re.compile(r"[1-9][0-9]{0,2}[mhd]\Z")
_RUNBOOK: Final = (
    "id", "family", "title", "words", "within", "means", "danger", "types", "look", "contain", "benign", "close", "source",
)  # fmt: skip
_PLAYBOOK: Final = ("id", "title", "words", "clock", "means", "steps", "source")
_STEP: Final = ("id", "title", "why", "within", "approver", "reversible", "evidence")
_STEP_MORE: Final = frozenset({"action", "run", "console", "only_if"})
_BESIDE_MOVE: Final = frozenset({"run", "console"})
_BESIDE_TYPE: Final = frozenset({"severity", "seen_as", "retired"})
_Word = TypeVar("_Word", bound=StrEnum)


def read_runbook(path: Path) -> tuple[Runbook | None, tuple[Fault, ...]]:
    """The runbook of a file, or None with the faults that keep it from being one."""
    document = open_document(path)
    if isinstance(document, Fault):
        return None, (document,)
    reader = _Reader(document, path)
    found = reader.runbook()
    return (None if reader.faults else found), tuple(reader.faults)


def read_playbook(path: Path) -> tuple[Playbook | None, tuple[Fault, ...]]:
    """The playbook of a file, or None with the faults that keep it from being one."""
    document = open_document(path)
    if isinstance(document, Fault):
        return None, (document,)
    reader = _Reader(document, path)
    found = reader.playbook()
    return (None if reader.faults else found), tuple(reader.faults)


@dataclass(slots=True)
class _Reader(FileReader):
    def runbook(self) -> Runbook | None:
        data = self.mapping(frozenset({*_RUNBOOK, "playbook"}), _RUNBOOK)
        if data is None:
            return None
        return Runbook(
            id=self._id(data), family=self._word(Family, data["family"], "family"), title=self.text(data, "title"),
            words=self.names(data, "words"), within=self._time(data["within"], "within"),
            means=self.text(data, "means"), danger=self.text(data, "danger"), types=dict(self._types(data["types"])),
            look=self._moves(data, "look"), contain=self._moves(data, "contain"), benign=self._texts(data, "benign"),
            close=self._moves(data, "close"), playbook=str(data.get("playbook", "")),
            source="".join(self.references({"source": [data["source"]]}, "source")),
        )  # fmt: skip

    def playbook(self) -> Playbook | None:
        data = self.mapping(frozenset(_PLAYBOOK), _PLAYBOOK)
        if data is None:
            return None
        steps = tuple(step for step in self._steps(data))
        for place, step in enumerate(steps):
            if step.id in {each.id for each in steps[:place]}:
                self.fault("runbook.step_twice", "steps", place, id=step.id)
        return Playbook(
            id=self._id(data), title=self.text(data, "title"), words=self.names(data, "words"),
            clock=self._time(data["clock"], "clock"), means=self.text(data, "means"), steps=steps,
            source=self.references(data, "source"),
        )  # fmt: skip

    # -- the parts -----------------------------------------------------------------

    def _id(self, data: Mapping[str, Any]) -> str:
        found = str(data["id"])
        if not _ID.match(found) or found != self.path.stem.replace("_", "-"):
            self.fault("runbook.bad_id", "id", id=found, expected=self.path.stem.replace("_", "-"))
        return found

    def _time(self, value: object, *where: object) -> str:
        found = str(value)
        if not _TIME.match(found):
            self.fault("runbook.bad_time", *where, given=found)
        return found

    def _word(self, words: type[_Word], value: object, *where: object) -> _Word:
        try:
            return words(str(value))
        except ValueError:
            known = [str(word) for word in words]
            self.fault("rules.unknown_word", *where, key=where[-1], found=value, known=known)
            return next(iter(words))

    def _types(self, value: object) -> Iterator[tuple[str, FindingType]]:
        if not isinstance(value, dict) or not value:
            self.fault("rules.not_a_table", "types", key="types")
            return
        table = cast("dict[str, Any]", value)
        for name in table:
            means = self.text(table, name, "types", extra=_BESIDE_TYPE)
            more = cast("dict[str, Any]", table[name]) if isinstance(table[name], dict) else {}
            severity = self._word(Severity, more.get("severity", ""), "types", name, "severity")
            yield name, FindingType(
                name=name, severity=severity, means=means, seen_as=str(more.get("seen_as", "")),
                is_retired=more.get("retired") is True,
            )  # fmt: skip

    def _list(self, data: Mapping[str, Any], key: str) -> Sequence[object]:
        """What stands under a key: a list with something in it."""
        value: object = data[key]
        if not isinstance(value, list) or not value or len(cast("list[object]", value)) > MAX_LIST:
            self.fault("rules.not_a_list", key, key=key)
            return ()
        return cast("list[object]", value)

    def _texts(self, data: Mapping[str, Any], key: str) -> tuple[Text, ...]:
        items = self._list(data, key)
        return tuple(self.text({str(place): item}, str(place), key) for place, item in enumerate(items))

    def _moves(self, data: Mapping[str, Any], key: str) -> tuple[Move, ...]:
        return tuple(self._move(item, key, place) for place, item in enumerate(self._list(data, key)))

    def _move(self, item: object, key: str, place: int) -> Move:
        given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        text = self.text({str(place): item}, str(place), key, extra=_BESIDE_MOVE)
        console = self.text(given, "console", key, place) if "console" in given else None
        return Move(text=text, commands=self._commands(given, key, place), console=console)

    def _commands(self, given: Mapping[str, Any], *where: object) -> tuple[str, ...]:
        commands = self.names(given, "run", *where)
        for command in commands:
            try:
                unknown = placeholders(command) - VARIABLES.keys()
            except ValueError:
                unknown = frozenset({command})
            if unknown or has_control(command) or not command.startswith(("sakimori ", "aws ")):
                self.fault("runbook.bad_command", *where, "run", command=command, known=sorted(VARIABLES))
        return commands

    def _steps(self, data: Mapping[str, Any]) -> Iterator[PlaybookStep]:
        for place, item in enumerate(self._list(data, "steps")):
            given = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
            where = ("steps", place)
            if not self.has_keys(given, frozenset(_STEP) | _STEP_MORE, _STEP, *where):
                continue
            if not _STEP_ID.match(str(given["id"])):
                self.fault("runbook.bad_id", *where, "id", id=given["id"], expected="K10")
            yield self._step(given, where)

    def _step(self, given: Mapping[str, Any], where: tuple[object, ...]) -> PlaybookStep:
        optional = {key: self.text(given, key, *where) for key in ("console", "only_if") if key in given}
        return PlaybookStep(
            id=str(given["id"]), title=self.text(given, "title", *where), why=self.text(given, "why", *where),
            within=self._time(given["within"], *where, "within"),
            approver=self._word(Approver, given["approver"], *where, "approver"),
            reversible=self._word(Reversible, given["reversible"], *where, "reversible"),
            evidence=self.text(given, "evidence", *where), action=str(given.get("action", "")),
            commands=self._commands(given, *where), console=optional.get("console"), only_if=optional.get("only_if"),
        )  # fmt: skip
