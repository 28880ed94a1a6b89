"""From places to secrets: Python's own pattern in a window around each place, and what speaks against it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sakimori.analysis.secrets.engines import Hit
from sakimori.analysis.secrets.found import Found
from sakimori.analysis.secrets.kinds import Kind
from sakimori.analysis.secrets.lines import Lines
from sakimori.analysis.secrets.noise import (
    OF_SURROUNDINGS,
    entropy_of,
    is_plausible,
    lowered,
    reasons_against,
    reasons_around,
)
from sakimori.analysis.secrets.patience import PATIENCE_SECONDS, GivenUpError, patience
from sakimori.aws.key_ids import account_of_key

_WIDEST: Final = 65_536
_WIDER: Final = 8
_CROWD: Final = 32
_LONGEST_KEPT: Final = 1_024
_MOST_KEPT: Final = 16_384
"""Windows that are known by their bytes, and how long one is at most: together no more than some twenty megabytes."""
_PAIR_REACH: Final = 1_000
_PAIR_NEIGHBOURS: Final = 8
_CONTEXT: Final = 240
_LINE: Final = 4_096
_ALLOWED: Final = re.compile(rb"sakimori:allow(?![\w.])[ \t:=(-]{0,40}([^\n]{0,200})")
_COMMENT_END: Final = re.compile(r"\s*(?:-->|\*/|[%?]>)\s*$")
_SAYS: Final = re.compile(r"\w")
_KEY_ID: Final = re.compile(r"A[A-Z0-9]{19}")
_PASSWORD: Final = re.compile(
    rb"(?i)pass|pwd|\bpw\b|--?u(?:ser)?[ =]|\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89"
)

Within = tuple[tuple[tuple[int, int], ...], bool]
"""The secrets in a window by their first byte and the one behind them, and whether a wider window is needed."""
_KEPT: Final[dict[tuple[str, bytes, tuple[int, ...], bool], Within]] = {}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a secret of a kind stands in the bytes."""

    rank: int
    start: int
    end: int


def found_in(  # noqa: PLR0913 - what is looked at, for what, and how far
    lines: Lines, hits: Iterable[Hit], kinds: Sequence[Kind], name: str, *, most: int, endless: set[int]
) -> list[Found]:
    """The secrets at the places, in their order; bytes that several kinds claim are the first one's.

    After `most` of them nothing more is looked for: one more than that tells that there are others. `endless` are the
    ranks of kinds whose patterns never end: they are passed over, and one that is met joins them.
    """
    data: bytes = lines.data
    by_rank: dict[int, set[int]] = {}
    for rank, end in hits:
        by_rank.setdefault(rank, set()).add(end)
    starts: list[int] = []
    taken: list[tuple[Span, Found]] = []
    # The built-in order is from the special to the general.
    for span in _spans(data, by_rank, kinds, endless):
        place = bisect_left(starts, span.start)
        if any(span.start < other.end and other.start < span.end for other, _ in taken[max(0, place - 1) : place + 1]):
            continue
        found = found_at(data, span, kinds[span.rank], name, lines)
        if found:
            starts.insert(place, span.start)
            taken.insert(place, (span, found))
            if len(taken) > most:
                break
    return [found for _, found in taken]


def _spans(data: bytes, by_rank: dict[int, set[int]], kinds: Sequence[Kind], endless: set[int]) -> Iterator[Span]:
    """What the kinds' patterns match at the places: kind by kind, from the front."""
    for rank, ends in sorted(by_rank.items()):
        kind = kinds[rank]
        for near in _near(sorted(ends), kind.reach + kind.after):
            if rank in endless:
                break
            # A crowd of places, whose windows would be the same bytes again and again, is looked at together.
            groups = [near] if len(near) > _CROWD else [[each] for each in near]
            matches = (span for group in groups for span in _matches(data, rank, group, kind))
            spans = _patiently(matches, rank, endless) if kind.is_own else set(matches)
            yield from sorted(spans, key=lambda each: (each.start, each.start - each.end))


def _patiently(matches: Iterator[Span], rank: int, endless: set[int]) -> set[Span]:
    """All of them, or those that were met until the kind's pattern took too long for a few thousand bytes."""
    met: set[Span] = set()
    try:
        with patience(PATIENCE_SECONDS):
            met.update(matches)
    except GivenUpError:
        endless.add(rank)
    return met


def _near(ends: Sequence[int], width: int) -> Iterator[Sequence[int]]:
    """Places whose windows touch, as far as they are looked at together."""
    crowd: list[int] = []
    for end in ends:
        if crowd and (end - crowd[-1] > width or end - crowd[0] > _WIDEST):
            yield crowd
            crowd = []
        crowd.append(end)
    yield crowd


def _matches(data: bytes, rank: int, ends: Sequence[int], kind: Kind) -> Iterator[Span]:
    size, after = len(data), kind.after
    start = max(0, ends[0] - kind.reach)
    while True:
        stop = min(size, ends[-1] + after)
        places = tuple(end - start for end in ends)
        spans, is_cut = _known_within(data[start:stop], places, kind, is_open=stop < size and after < _WIDEST)
        for first, last in spans:
            yield Span(rank, start + first, start + last)
        if not is_cut:
            return
        after *= _WIDER


def _known_within(window: bytes, ends: tuple[int, ...], kind: Kind, *, is_open: bool) -> Within:
    """What stands in a window. The versions of a file hold the same ones again and again, and each is looked at once."""
    if len(window) > _LONGEST_KEPT or kind.is_own:
        return _within(window, ends, kind, is_open=is_open)
    key = (kind.pattern, window, ends, is_open)
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = _within(window, ends, kind, is_open=is_open)
    return found


def _within(window: bytes, ends: tuple[int, ...], kind: Kind, *, is_open: bool) -> Within:
    """The matches that a place lies in; and whether one is cut off where the window ends, though the text goes on."""
    spans: list[tuple[int, int]] = []
    for match in kind.extraction.finditer(window):
        place = bisect_right(ends, match.start())
        if place == len(ends) or ends[place] > match.end():
            continue
        if is_open and match.end() == len(window):
            return tuple(spans), True
        spans.append(match.span("secret"))
    return tuple(spans), False


def found_at(data: bytes, span: Span, kind: Kind, name: str, lines: Lines) -> Found | None:
    """The secret at a span with its place and confidence; None where the kind's own conditions do not hold."""
    secret = data[span.start : span.end].decode("utf-8", "surrogateescape")
    entropy = entropy_of(secret)
    before = data[max(0, span.start - _CONTEXT) : span.start]
    if entropy < kind.entropy or (kind.context and not kind.context.search(before + b"\n" + name.encode("utf-8", "replace"))):  # fmt: skip
        return None
    head = before[before.rfind(b"\n") + 1 :]
    if kind.line_head and not kind.line_head.search(head):
        return None
    if kind.is_guess and not is_plausible(secret, head, is_password=bool(_PASSWORD.search(head))):
        return None
    against = (*reasons_against(secret, name), *reasons_around(secret, before))
    line_start = lines.start(span.start)
    ahead = span.start - line_start
    # Columns count characters; in a line of thousands nobody counts them.
    column = len(data[line_start : span.start].decode("utf-8", "replace")) if ahead < _LINE else ahead
    allowed = _allowed_at(data, max(line_start, span.start - _LINE), span.end)
    return Found(
        kind=kind.id,
        secret=secret,
        line=lines.before(span.start) + 1,
        column=column + 1,
        offset=span.start,
        entropy=entropy,
        severity=kind.severity,
        confidence=lowered(kind.confidence, against),
        base=kind.confidence,
        account_id=account_of_key(secret) if _KEY_ID.fullmatch(secret) else "",
        because=against,
        allowed=allowed or "",
        bare_allow=allowed == "",
    )


def ranked_at(found: Found, name: str) -> Found:
    """The same, ranked by the path that became known after it was found."""
    path = f"{name}!{found.inside}" if found.inside else name
    against = (*reasons_against(found.secret, path), *(each for each in found.because if each in OF_SURROUNDINGS))
    pair = ranked_at(found.pair, name) if found.pair else None
    return replace(found, because=against, confidence=lowered(found.base, against), pair=pair)


def _allowed_at(data: bytes, line_start: int, end: int) -> str | None:
    """The reason of `sakimori:allow REASON` on the secret's line, or alone on the line before: "" without one, None without that."""
    line_end = data.find(b"\n", end, end + _LINE)
    line = data[line_start : line_end if line_end >= 0 else end + _LINE]
    above = data[max(0, line_start - _LINE) : max(0, line_start - 1)].rpartition(b"\n")[2]
    match = _ALLOWED.search(line) or (_ALLOWED.search(above) if above.lstrip().startswith((b"#", b"//", b"--", b";", b"/*", b"<!--", b"%")) else None)  # fmt: skip
    if match is None:
        return None
    reason = _COMMENT_END.sub("", match[1].decode("utf-8", "replace").strip())
    reason = reason.removesuffix(")") if reason.count(")") > reason.count("(") else reason
    return reason if _SAYS.search(reason) else ""


def paired(found: Sequence[Found], kinds: dict[str, Kind]) -> list[Found]:
    """The same, halves of a pair knowing each other: the nearest of the other kind, with nothing of its own kind between."""
    result = list(found)
    for place, each in enumerate(found):
        if not kinds[each.kind].pair:
            continue
        around = found[max(0, place - _PAIR_NEIGHBOURS) : place + _PAIR_NEIGHBOURS + 1]
        near = [
            one
            for one in around
            if abs(one.offset - each.offset) <= _PAIR_REACH
            and one.kind != each.kind
            and (kinds[each.kind].pair == one.kind or kinds[one.kind].pair == each.kind)
        ]
        if near:
            # With its secret beside it a key is one, whatever stands before it.
            against = tuple(reason for reason in each.because if reason not in OF_SURROUNDINGS)
            nearest = min(near, key=lambda one: abs(one.offset - each.offset))
            result[place] = replace(each, pair=nearest, because=against, confidence=lowered(each.base, against))
    return result
