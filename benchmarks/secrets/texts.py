"""The set of files with planted secrets and near misses, and the truth about them; all of it from one seed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import kinds_aws
import kinds_generic
import kinds_vendors
import near_misses
from filler import FILLERS, lines, noun, path
from making import LOWER, Maker, Planted
from surroundings import FORMS

SECRETS: Final[Mapping[str, Callable[[Maker], Planted]]] = {
    **kinds_aws.KINDS,
    **kinds_vendors.KINDS,
    **kinds_generic.KINDS,
}
TEST_SHARE: Final = 0.08
"""So many of the secrets lie below `tests/`, where real ones do lie too."""
_FOR_SECRETS_ONLY: Final = ("kubernetes", "kubernetes base64")
"""Whatever lies in a Secret of Kubernetes may be called secret."""
_ORDINARY: Final = tuple(name for name in FORMS if name not in _FOR_SECRETS_ONLY)
_FILLER_FILES: Final = {
    "python": "py", "javascript": "js", "java": "java", "go": "go", "yaml": "yaml", "env": "env", "log": "log",
    "lock": "lock.json", "csv": "csv", "terraform": "tf", "prose": "md", "japanese": "md", "json": "jsonl",
    "packed": "txt", "minified": "min.js",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One string in one file: a secret, or what only looks like one."""

    kind: str
    string: str
    file: str
    line: int
    form: str
    is_secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """All that was planted, and strings that may be reported and need not."""

    strings: tuple[Truth, ...]
    also: tuple[str, ...]

    @property
    def secrets(self) -> tuple[Truth, ...]:
        return tuple(each for each in self.strings if each.is_secret)

    @property
    def near_misses(self) -> tuple[Truth, ...]:
        return tuple(each for each in self.strings if not each.is_secret)


def write(root: Path, seed: str, times: int) -> Truths:
    """Write the set: each kind of secret so many times, as many near misses, as many files of nothing."""
    make = Maker(f"layout {seed}")
    strings: list[Truth] = []
    also: list[str] = []
    secrets = [(kind, at, SECRETS[kind], True) for kind in SECRETS for at in range(times)]
    rounds = -(-len(secrets) * 5 // (4 * len(near_misses.KINDS)))
    misses = [(kind, at, near_misses.KINDS[kind], False) for kind in near_misses.KINDS for at in range(rounds)]
    forms = [*_dealt(make, tuple(FORMS), len(secrets)), *_dealt(make, _ORDINARY, len(misses))]
    for (kind, at, planter, is_secret), form in zip((*secrets, *misses), forms, strict=True):
        planted = planter(Maker(f"{seed} {kind} {at}"))
        strings += _put(root, make, planted, form, is_secret=is_secret)
        also += planted.also
    for at in range(len(secrets) // 2):
        kind = make.one_of(tuple(FILLERS))
        _write(
            root / f"{path(make)}/{noun(make)}{at}.{_FILLER_FILES[kind]}", lines(make, kind, make.random.randint(5, 60))
        )
    return Truths(strings=tuple(strings), also=tuple(also))


def save(truths: Truths, target: Path) -> None:
    told = {"strings": [asdict(each) for each in truths.strings], "also": truths.also}
    target.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _dealt(make: Maker, names: Sequence[str], count: int) -> list[str]:
    """Forms in equal shares, in the order of the seed: no kind meets one form only."""
    dealt = [names[at % len(names)] for at in range(count)]
    make.random.shuffle(dealt)
    return dealt


def _put(root: Path, make: Maker, planted: Planted, form: str, *, is_secret: bool) -> list[Truth]:
    """Write one file. Block texts keep their own form and name; the rest get the form that was dealt."""
    if planted.block:
        form, name, text = "its own", f"{noun(make)}-{make.of(LOWER, 4)}/{planted.file}", planted.block
    else:
        name, text = FORMS[form](make, planted.pairs)
    if is_secret and make.random.random() < TEST_SHARE:
        name = f"tests/{name}"
    while (root / name).exists():
        name = f"{make.of(LOWER, 4)}/{name}"
    _write(root / name, text)
    return [
        Truth(kind=kind, string=string, file=name, line=_line(text, string), form=form, is_secret=is_secret)
        for kind, string in planted.secrets
    ]


def _line(text: str, string: str) -> int:
    """The line that it begins on; 0 where it is written in another coding."""
    at = text.find(string)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
