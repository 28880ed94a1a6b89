"""Many ARNs as few patterns that cover them all, and as little else as can be."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

FEW: Final = 3
"""So many objects under one folder of a bucket are named each; of more the folder is."""
MOST: Final = 12
"""Patterns for one action; with more, they are cut shorter."""
_PARTS: Final = 6
_SIGNS: Final = {"$": "${$}", "*": "${*}", "?": "${?}"}


def generalised(arns: Iterable[str], stems: Iterable[str] = ()) -> tuple[str, ...]:
    """Patterns of a policy with variables (signs in an ARN are written as `${*}`), sorted; `stems` stand for all that begins so."""
    every, begun = sorted(set(arns)), sorted(set(stems))
    depth = max((each.count("/") + each.count(":") for each in (*every, *begun)), default=0)
    found = _under_stems(every, begun, depth, _is_object)
    while len(found) > MOST and depth >= _PARTS - 1:
        found = _under_stems(every, begun, depth, lambda _: True)
        depth -= 1
    return found if len(found) <= MOST else tuple(sorted({_of_service(each) for each in (*every, *begun)}))


def _is_object(arn: str) -> bool:
    """Objects of a bucket come and go: which will be next is not told by those that were."""
    return arn.split(":", 3)[2:3] == ["s3"] and "/" in arn


def literally(text: str) -> str:
    """The text as a pattern that stands for itself alone."""
    return "".join(_SIGNS.get(each, each) for each in text)


def _under_stems(
    arns: Sequence[str], begun: Sequence[str], depth: int, may_join: Callable[[str], bool]
) -> tuple[str, ...]:
    """Several ARNs of one stem as that stem; stems have at most so many separators, those of an ARN's first five parts kept."""
    groups = dict[str, list[str]]()
    for arn in arns:
        groups.setdefault(_stem(arn, depth) if may_join(arn) else "", []).append(arn)
    wide = {_stem(each, depth) or each for each in begun}
    wide |= {stem for stem, members in groups.items() if stem and len(members) > FEW}
    # What begins with a stem needs no stem of its own.
    kept = tuple(stem for stem in wide if not any(stem != other and stem.startswith(other) for other in wide))
    found = {f"{literally(stem)}*" for stem in kept}
    return tuple(sorted(found | {literally(arn) for arn in arns if not arn.startswith(kept)}))


def _stem(arn: str, depth: int) -> str:
    """Its first parts and what follows them up to a separator, at most so many separators in all; "" where none is left."""
    parts = arn.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return ""
    head, rest = ":".join(parts[:-1]) + ":", parts[-1]
    places = [place + 1 for place, each in enumerate(rest) if each in "/:"]
    kept = places[: max(0, depth - (_PARTS - 1))]
    return head + rest[: kept[-1]] if kept else head


def _of_service(arn: str) -> str:
    parts = arn.split(":", _PARTS - 1)
    return ":".join(map(literally, parts[:3])) + ":*" if len(parts) == _PARTS else literally(arn)
