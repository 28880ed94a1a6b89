"""What a detection file says of itself: Sigma's own keys, and the `sakimori` block beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sakimori.analysis.behaviour.dimensions import DIMENSIONS, OF
from sakimori.analysis.facts.address_ranges import range_in
from sakimori.analysis.log_forms.form import ROLES
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.rule import Example, FirstSeen, Head, Shape
from sakimori.rules.file_reader import MAX_LIST, FileReader, has_control
from sakimori.texts.sentences import text

ANY_MESSAGE: Final = frozenset({*ROLES, "outcome", "count"})
"""Names that every message may quote."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}\Z")
BLOCK_KEYS: Final = frozenset({
    "title", "description", "falsepositives", "message", "confidence", "respond", "examples", "resources", "subject",
    "first_seen", "shape", "alone", "aliases",
})  # fmt: skip
_EXAMPLE: Final = frozenset({"name", "match", "event", "events", "own_accounts", "listed", "countries"})
_FIRST_SEEN: Final = frozenset({"dimension", "of", "days", "learning_days"})
_SHAPE: Final = frozenset({"per", "within", "at_least"})
_TECHNIQUE: Final = re.compile(r"t\d{4}(\.\d{3})?\Z")
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([smhd])\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_EVENTS: Final = 100
_MAX_REPEATED: Final = 5_000
_MAX_LEAST: Final = 1e9
_NOT_A_TACTIC: Final = re.compile(r"[tgs]\d{4}")

PERS: Final = ("principal", "origin", "account", "access_key")
MEASURES: Final = (
    "events", "actions", "services", "regions", "origins", "user_agents", "principals", "access_keys", "denied",
    "denied_ratio", "failed", "failed_ratio", "resources", "distinct_errors", "countries", "asns", "networks",
)  # fmt: skip


def seconds_of(span: object) -> int | None:
    """`15m`, `1h`, `2d` in seconds; None for anything else."""
    found = _SPAN.match(str(span))
    return int(found[1]) * _SECONDS[found[2]] if found else None


@dataclass(slots=True)
class HeadReader(FileReader):
    """Reads one document of a detection file; its faults stay with it."""

    data: Mapping[str, Any] = field(kw_only=True)
    is_own: bool = field(kw_only=True)

    @property
    def block(self) -> Mapping[str, Any]:
        """The `sakimori` block, empty where there is none."""
        found = self.data.get("sakimori")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    def head(self, *, number: int) -> Head:
        """The head of the `number`th document of its file."""
        block, data = self.block, self.data
        if "sakimori" in data:
            self.has_keys(block, BLOCK_KEYS, (), "sakimori")
        title = self._said("title", data.get("title"))
        tactics, techniques = _attack(data.get("tags"))
        return Head(
            name=self._name(number),
            uuid=str(data.get("id", "")),
            path=self.path,
            line=self.document.line_of(),
            title=title,
            description=self._said("description", data.get("description")),
            falsepositives=tuple(self._innocent(data.get("falsepositives"), block.get("falsepositives"))),
            message=self.text(block, "message", "sakimori") if "message" in block else _usual_message(title),
            severity=self._severity(data.get("level")),
            confidence=self._confidence(block, str(data.get("status", ""))),
            tactics=tactics,
            techniques=techniques,
            references=self._references(data.get("references")),
            author=str(data.get("author", ""))[:200],
            respond=str(block.get("respond", ""))[:100],
            is_own=self.is_own,
            is_alone=block.get("alone", True) is not False,
            aliases=tuple(self._aliases()),
            examples=tuple(self._examples(block.get("examples", []))),
        )

    def first_seen(self) -> FirstSeen | None:
        """The `first_seen` of the block."""
        given = self.block.get("first_seen")
        if given is None:
            return None
        where = ("sakimori", "first_seen")
        if not isinstance(given, dict) or not self.has_keys(cast("dict[str, Any]", given), _FIRST_SEEN, ("dimension", "of"), *where):  # fmt: skip
            return None
        found = cast("dict[str, Any]", given)
        days, learning = found.get("days", 90), found.get("learning_days", 7)
        if found["dimension"] not in DIMENSIONS or found["of"] not in OF:
            self.fault("detect.bad_first_seen", *where, dimensions=DIMENSIONS)
        if not all(isinstance(each, int) and 1 <= each <= 400 for each in (days, learning)):  # noqa: PLR2004
            self.fault("detect.bad_days", *where)
            return None
        return FirstSeen(dimension=str(found["dimension"]), of=str(found["of"]), days=days, learning_days=learning)

    def shape(self) -> Shape | None:
        """The `shape` of the block."""
        given = self.block.get("shape")
        if given is None:
            return None
        where = ("sakimori", "shape")
        if not isinstance(given, dict) or not self.has_keys(cast("dict[str, Any]", given), _SHAPE, ("per", "within", "at_least"), *where):  # fmt: skip
            return None
        found = cast("dict[str, Any]", given)
        seconds, least = seconds_of(found["within"]), found["at_least"]
        if found["per"] not in PERS or seconds is None or not isinstance(least, dict) or not least:
            self.fault("detect.bad_shape", *where, pers=PERS)
            return None
        measures = cast("dict[str, Any]", least)
        for name, value in measures.items():
            if (
                name not in MEASURES
                or isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 < value < _MAX_LEAST
            ):
                self.fault("detect.bad_measure", *where, "at_least", name, name=name, known=MEASURES)
                return None
        return Shape(per=str(found["per"]), seconds=seconds, at_least={str(name): float(value) for name, value in measures.items()})  # fmt: skip

    # -- the parts ---------------------------------------------------------

    def _name(self, number: int) -> str:
        given = self.data.get("name")
        stem = self.path.stem.replace("_", "-").lower()
        name = str(given) if given is not None else stem if number == 0 else f"{stem}-{number + 1}"
        if not NAME.match(name):
            self.fault("detect.bad_name", "name", name=name)
        return name

    def _aliases(self) -> Iterable[str]:
        for index, former in enumerate(self.names(self.block, "aliases", "sakimori")):
            if NAME.match(former):
                yield former
            else:
                self.fault("detect.bad_name", "sakimori", "aliases", index, name=former)

    def _said(self, key: str, english: object) -> Text:
        """Sigma's own English, and the Japanese of the block; English for both where there is none."""
        en = str(english or "").strip()
        if not en and key == "title":
            self.fault("rules.missing_key", key=key)
        if has_control(en):
            self.fault("rules.text_has_control", key, key=key)
        given = self.block.get(key)
        if given is None:
            if self.is_own:
                self.fault("rules.missing_language", "sakimori", key=key, language="ja")
            return Text(en=en, ja=en)
        found = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        ja = found.get("ja")
        if not isinstance(ja, str) or not ja.strip() or has_control(ja):
            self.fault("rules.missing_language", "sakimori", key, key=key, language="ja")
            return Text(en=en, ja=en)
        return Text(en=str(found.get("en", en)).strip(), ja=ja.strip())

    def _innocent(self, english: object, block: object) -> Iterable[Text]:
        en = [str(each) for each in cast("list[object]", english)] if isinstance(english, list) else []
        given = cast("dict[str, Any]", block).get("ja") if isinstance(block, dict) else None
        ja = [str(each) for each in cast("list[object]", given)] if isinstance(given, list) else []
        if (self.is_own or ja) and len(en) != len(ja):
            self.fault("detect.innocent_differ", "sakimori", "falsepositives", en=len(en), ja=len(ja))
        for index, each in enumerate(en[:MAX_LIST]):
            yield Text(en=each, ja=ja[index] if index < len(ja) else each)

    def _severity(self, level: object) -> Severity:
        try:
            return Severity(str(level)) if level is not None else Severity.MEDIUM
        except ValueError:
            self.fault("rules.unknown_word", "level", key="level", found=level, known=[str(word) for word in Severity])
            return Severity.MEDIUM

    def _confidence(self, block: Mapping[str, Any], status: str) -> Confidence:
        usual = Confidence.HIGH if status == "stable" else Confidence.MEDIUM
        if "confidence" not in block:
            return usual
        try:
            return Confidence(block["confidence"])
        except ValueError:
            known = [str(word) for word in Confidence]
            self.fault("rules.unknown_word", "sakimori", "confidence", key="confidence", found=block["confidence"], known=known)  # fmt: skip
            return usual

    def _references(self, given: object) -> tuple[str, ...]:
        found = [str(each) for each in cast("list[object]", given)] if isinstance(given, list) else []
        return tuple(each for each in found[:MAX_LIST] if not has_control(each) and len(each) < 1000)  # noqa: PLR2004

    def _examples(self, given: object) -> Iterable[Example]:
        if not isinstance(given, list):
            self.fault("rules.not_a_list", "sakimori", "examples", key="examples")
            return
        for index, each in enumerate(cast("list[object]", given)[:MAX_LIST]):
            where = ("sakimori", "examples", index)
            found = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
            if not self.has_keys(found, _EXAMPLE, ("name", "match"), *where):
                continue
            given_events = found.get("events", [found["event"]] if "event" in found else [])
            events = cast("list[object]", given_events) if isinstance(given_events, list) else []
            if not 0 < len(events) <= _MAX_EVENTS or not _is_repeated_well(events):
                self.fault("detect.bad_example", *where, most=_MAX_EVENTS, repeated=_MAX_REPEATED)
                continue
            listed, countries = _texts(found.get("listed")), _countries(found.get("countries"))
            if not all(map(range_in, (*listed, *countries))) or not all(map(_COUNTRY.match, countries.values())):
                self.fault("detect.bad_example_address", *where)
                continue
            yield Example(
                name=str(found["name"]),
                line=self.document.line_of(*where),
                events=tuple(cast("list[dict[str, object]]", events)),
                match=found["match"] is True,
                own_accounts=_texts(found.get("own_accounts")),
                listed=listed,
                countries=countries,
            )

    def field_line(self, name: str) -> tuple[object, ...]:
        """Where in `detection` a field of that name stands."""
        detection = self.data.get("detection")
        found = _path_to(cast("object", detection), name, ("detection",))
        return found or ("detection",)


def _texts(given: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", given)) if isinstance(given, list) else ()


def _countries(given: object) -> dict[str, str]:
    pairs = cast("dict[object, object]", given).items() if isinstance(given, dict) else ()
    return {str(address): str(country) for address, country in pairs}


def _is_repeated_well(events: list[object]) -> bool:
    """Whether all are mappings that stand, with their `repeat`, for no more events than an example may have."""
    times: list[object] = [
        cast("dict[str, object]", event).get("repeat", 1) for event in events if isinstance(event, dict)
    ]
    counts = [each for each in times if isinstance(each, int) and not isinstance(each, bool) and each > 0]
    return len(counts) == len(events) and sum(counts) <= _MAX_REPEATED


def _path_to(value: object, name: str, path: tuple[object, ...]) -> tuple[object, ...] | None:
    if isinstance(value, dict):
        for key, each in cast("dict[object, object]", value).items():
            if str(key).split("|")[0] == name:
                return (*path, key)
            found = _path_to(each, name, (*path, key))
            if found:
                return found
    if isinstance(value, list):
        for index, each in enumerate(cast("list[object]", value)):
            found = _path_to(each, name, (*path, index))
            if found:
                return found
    return None


def _usual_message(title: Text) -> Text:
    pattern = text("detect.usual_message")
    return Text(en=pattern.en.replace("{title}", _braced(title.en)), ja=pattern.ja.replace("{title}", _braced(title.ja)))  # fmt: skip


def _braced(words: str) -> str:
    """Words in which braces stand for themselves."""
    return words.replace("{", "{{").replace("}", "}}")


def _attack(tags: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tactics and techniques of ATT&CK in the tags."""
    words = [str(tag).lower() for tag in cast("list[object]", tags)] if isinstance(tags, list) else []
    after = [word.removeprefix("attack.") for word in words if word.startswith("attack.")]
    tactics = tuple(word.replace("_", "-") for word in after if not _NOT_A_TACTIC.match(word))
    return tactics, tuple(word.upper() for word in after if _TECHNIQUE.match(word))
