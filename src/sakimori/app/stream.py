"""Events from a pipe through the rules, each told as it comes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.reading import decoded
from sakimori.app.detect import chosen_rules
from sakimori.model.detection import Detection
from sakimori.model.extras import DETECT, ensure_libraries
from sakimori.rules.detections.load import load_detections
from sakimori.rules.detections.single import SingleEvents, events_in
from sakimori.rules.rule import Fault

MAX_LINE: Final = 32_000_000
"""Bytes of a line: a whole trail file fits."""


@dataclass(slots=True)
class Stream:
    """Rules that wait for events. `odd_lines` are numbers of lines that hold no event, the first hundred."""

    rules: tuple[str, ...] = ()
    rules_dir: Path | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    event_count: int = 0
    odd_count: int = 0
    odd_lines: list[int] = field(default_factory=list[int])
    faults: tuple[Fault, ...] = ()
    left_out_count: int = 0
    _events: SingleEvents = field(init=False)

    def __post_init__(self) -> None:
        ensure_libraries(*DETECT)
        loaded = load_detections(self.rules_dir)
        self.faults = loaded.faults
        chosen = chosen_rules(loaded, self.rules, ("cloudtrail",))
        self._events = SingleEvents(chosen, FactAnswers(self.surroundings))
        self.left_out_count = len(chosen.rules) + len(chosen.correlations) - self._events.rule_count

    @property
    def rule_count(self) -> int:
        """Rules that run."""
        return self._events.rule_count

    def over(self, lines: Iterable[bytes]) -> Iterator[Detection]:
        """What is found in lines of JSON; a line that holds no event is counted and loses nothing else."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            document = decoded(line.decode("utf-8", "replace")) if len(line) <= MAX_LINE else None
            before = self.event_count
            for event in events_in(document):
                self.event_count += 1
                yield from self._events.judge(event)
            if self.event_count == before:
                self.odd_count += 1
                self.odd_lines += [number] if len(self.odd_lines) < 100 else []  # noqa: PLR2004 - as its sentence says
