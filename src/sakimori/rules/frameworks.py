"""All frameworks, the questions of attestations, and which requirements ask for a rule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from sakimori.model.errors import UsageError
from sakimori.rules.framework import Framework, Question
from sakimori.rules.load_framework import Ground, load_framework, load_questions
from sakimori.rules.rule import Fault
from sakimori.rules.rulebook import Rulebook
from sakimori.texts.nearest import nearest

OWN_DIRECTORY: Final = "frameworks"
"""Under a directory of a user's own rules: what lies in here are frameworks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frameworks:
    """Frameworks and questions by id, and the faults of files that hold none."""

    by_id: Mapping[str, Framework]
    questions: Mapping[str, Question]
    faults: tuple[Fault, ...] = ()

    def find(self, identifier: str) -> Framework:
        """One framework; UsageError with the nearest one if there is none of that id."""
        if identifier not in self.by_id:
            faulty = next((fault for fault in self.faults if Path(fault.file).stem == identifier), None)
            if faulty:
                raise UsageError("rules.framework_faulty", name=identifier, file=faulty.file, line=faulty.line)
            raise UsageError("rules.no_such_framework", name=identifier, near=nearest(identifier, self.by_id))
        return self.by_id[identifier]

    def question(self, identifier: str) -> Question:
        """One question; UsageError with the nearest one if there is none of that id."""
        if identifier not in self.questions:
            raise UsageError("rules.no_such_question", name=identifier, near=nearest(identifier, self.questions))
        return self.questions[identifier]

    def asking_for(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By rule id: every framework and requirement that asks for it."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for framework in self.by_id.values():
            for requirement in framework.requirements:
                for rule in dict.fromkeys(use.rule for use in requirement.uses):
                    found[rule].append((framework.id, requirement.id))
        return {rule: tuple(places) for rule, places in found.items()}


def load_frameworks(book: Rulebook, own_directory: Path | None = None) -> Frameworks:
    """The built-in frameworks, and those of a user under `own_directory`/frameworks."""
    questions_path, *paths = framework_files(own_directory)
    questions, faults = load_questions(questions_path, book.rules)
    ground = Ground(rules=book.rules, questions=frozenset(questions))
    return _assemble(paths, ground, questions, faults)


def framework_files(own_directory: Path | None = None) -> tuple[Path, ...]:
    """The file of the questions, then those of the frameworks."""
    with as_file(files("sakimori") / "rulebook") as directory:
        paths = [directory / "attestations.yaml", *sorted((directory / "frameworks").glob("*.yaml"))]
    if own_directory is not None:
        paths += sorted(path for path in (own_directory / OWN_DIRECTORY).glob("*.yaml") if path.is_file())
    return tuple(paths)


def _assemble(
    paths: Sequence[Path], ground: Ground, questions: Mapping[str, Question], faults: tuple[Fault, ...]
) -> Frameworks:
    found: dict[str, Framework] = {}
    told = list(faults)
    for path in paths:
        framework, own_faults = load_framework(path, ground)
        told.extend(own_faults)
        if framework is None:
            continue
        if framework.id in found:
            told.append(Fault(file=str(path), line=1, text="rules.framework_twice", values={"id": framework.id}))
            continue
        found[framework.id] = framework
    return Frameworks(by_id=found, questions=questions, faults=tuple(told))
