"""Reads one place with scripted answers and a scanner that knows one word."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Record
from sakimori.collect.secret_places.catalogue import PLACES
from sakimori.collect.secret_places.place import Place
from sakimori.collect.secret_places.reading import Hit, PlaceReader, PlaceReading, Seen
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL, Confidence, GapKind, Scope, Severity

WORD = b"S3CRET-"
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def look(data: bytes, name: str) -> Seen:
    """A word in the place of a scanner; archives are opened as the scanner does."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"\n".join(archive.read(each) for each in archive.namelist())
    if data.startswith(b"BOMB"):
        return Seen(unread={"ratio": name})
    hits = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if WORD in line:
            word = line[line.index(WORD) :].split()[0].strip(b'",').decode()
            low = word.endswith("maybe")
            hits.append(
                Hit(kind="word", severity=Severity.CRITICAL, masked="S3…", sha256=word, line=number,
                    confidence=Confidence.LOW if low else Confidence.HIGH,
                    allowed="an example" if word.endswith("allowed") else "")
            )  # fmt: skip
    return Seen(hits=hits)


class Door:
    """Answers by operation: a mapping, a function of the parameters, or a refusal's code."""

    refusals: tuple[Refusal, ...] = ()

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.account = Account(
            id="123456789012", partition="aws", regions=("us-east-1",), selected=("us-east-1",), regions_are_known=True
        )
        self.answers = answers
        self.calls: list[tuple[str, Mapping[str, object]]] = []

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:  # noqa: ARG002 - a door's form
        self.calls.append((operation, parameters))
        answer: Any = self.answers.get(operation, "AccessDenied")
        answer = answer(parameters) if callable(answer) else answer
        if isinstance(answer, str):
            kind = GapKind.DENIED if answer == "AccessDenied" else GapKind.REFUSED
            raise Refusal(call=operation, kind=kind, code=answer, message="no")
        return answer

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)


def read(identifier: str, answers: Mapping[str, Any], **more: Any) -> PlaceReading:
    place = place_of(identifier)

    def spread(function: Callable[[Record], None], records: Sequence[Record]) -> None:
        for record in records:
            function(record)

    reader = PlaceReader(door=Door(answers), look=look, as_of=NOW, spread=spread, **more)  # type: ignore[arg-type]
    return reader.read(place, "us-east-1" if place.scope is Scope.REGION else GLOBAL)


def place_of(identifier: str) -> Place:
    return next(place for place in PLACES if place.id == identifier)


def zipped(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("index.py", text)
    return stream.getvalue()
