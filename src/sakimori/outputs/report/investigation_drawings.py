"""The drawings of an investigation's page: a timeline to zoom into, and the tree from each credential to what came from it.

Inline SVG, sizes in its own units. All texts are strangers' own: cleaned, bounded and escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.timeline import Entry
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_WIDTH: Final = 1_200
_LEFT: Final = 220
_ROW: Final = 26
_MOST_LANES: Final = 30
_TICKS: Final = 6
_NODE_WIDTH: Final = 250
_NODE_HEIGHT: Final = 22
_STEP: Final = 300
_MOST_NODES: Final = 250
_LETTERS: Final = 36
_TITLE: Final = 300


def timeline_drawing(found: Investigation, language: Language) -> Markup:
    """One lane for each principal, a mark for each write, a bar for each run of reads."""
    entries = found.entries
    if not entries:
        return Markup("")
    lanes = _lanes(entries)
    first, last = entries[0].at, max(each.until for each in entries)
    span = max(last - first, timedelta(minutes=1))
    height = _ROW * (len(lanes) + 2)
    parts = [
        Markup('<svg id="timeline" class="zoom" viewBox="0 0 {} {}" data-width="{}" data-left="{}" role="img" aria-label="{}">').format(
            _WIDTH, height, _WIDTH, _LEFT, say("investigate.head_timeline", language)
        ),
        Markup('<svg x="{}" width="{}" height="{}"><g class="moves">').format(_LEFT, _WIDTH - _LEFT, height),
        *(_tick(first + span * number / _TICKS, number, height, language) for number in range(_TICKS + 1)),
        *(_mark(each, first, span, lanes, language) for each in entries if each.principal in lanes),
        Markup("</g></svg>"),
        *(_lane(name, row) for name, row in lanes.items()),
        Markup('</svg><p class="note">{}</p>').format(say("investigate.legend", language)),
    ]  # fmt: skip
    return Markup("").join(parts)


def _lanes(entries: Iterable[Entry]) -> dict[str, int]:
    names = dict.fromkeys(each.principal for each in entries)
    return {name: row for row, name in enumerate(list(names)[:_MOST_LANES])}


def _lane(name: str, row: int) -> Markup:
    y = _ROW * (row + 1)
    return Markup(
        '<g><title>{}</title><rect class="label" x="0" y="{}" width="{}" height="{}"/><text x="4" y="{}">{}</text></g>'
    ).format(_cleaned(name), y - _ROW // 2, _LEFT, _ROW, y + 4, _short(name))


def _tick(at: datetime, number: int, height: int, language: Language) -> Markup:
    x = (_WIDTH - _LEFT - 20) * number / _TICKS + 10
    return Markup(
        '<line class="tick" x1="{0}" x2="{0}" y1="0" y2="{1}"/><text class="tick" x="{0}" y="{2}">{3}</text>'
    ).format(round(x, 1), height - _ROW, height - 8, show_time(at, language))


def _mark(entry: Entry, first: datetime, span: timedelta, lanes: dict[str, int], language: Language) -> Markup:
    scale = (_WIDTH - _LEFT - 20) / span.total_seconds()
    x = round((entry.at - first).total_seconds() * scale + 10, 1)
    width = round(max((entry.until - entry.at).total_seconds() * scale, 3.0), 1)
    y = _ROW * (lanes[entry.principal] + 1)
    calls = " ".join(entry.calls[:8])
    told = (
        f"{show_time(entry.at, language, seconds=True)} {calls} ×{entry.count} {entry.region} {entry.ip} {entry.error}"
    )
    kind = "denied" if entry.denied_count == entry.count else "write" if entry.is_write else "read"
    return Markup('<g class="{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}"/></g>').format(
        kind, _cleaned(told), x, y - (9 if entry.is_write else 4), width, 18 if entry.is_write else 8
    )


# -- the tree ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    parent: str
    kind: str
    name: str
    title: str


def graph_drawing(found: Investigation, language: Language) -> Markup:
    """Credentials from left to right, each beside the one that it came from, with what they made."""
    nodes = _nodes(found)
    drawn = nodes[:_MOST_NODES]
    places = _places(drawn)
    if not places:
        return Markup("")
    width = max(x for x, _ in places.values()) + _NODE_WIDTH + 10
    height = max(y for _, y in places.values()) + _NODE_HEIGHT + 10
    parts = [
        Markup('<svg class="graph" width="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            width, width, height, say("investigate.head_graph", language)
        ),
        *(_edge(places[each.parent], places[each.id]) for each in drawn if each.parent in places),
        *(_box(each, places[each.id]) for each in drawn),
        Markup("</svg>"),
    ]
    if len(nodes) > len(drawn):
        parts.append(
            Markup('<p class="note">{}</p>').format(
                say("investigate.graph_left_out", language, count=len(nodes) - len(drawn))
            )
        )
    return Markup("").join(parts)


def _nodes(found: Investigation) -> list[_Node]:
    """Credentials first: where not all can be drawn, things go before them."""
    nodes = [
        _Node(
            each.id,
            each.issued_by,
            f"c {each.kind}",
            each.id if each.is_key else each.principal,
            f"{each.kind} {each.principal}",
        )
        for each in found.closure.credentials
    ]
    nodes += [
        _Node(f"{each.kind}\n{each.id}\n{each.region}\n{each.change}", each.by, "made" if each.is_created else "changed", f"{each.change} {each.id}", f"{each.kind} {each.arn or each.id} {each.region}")
        for each in found.made
    ]  # fmt: skip
    return list({each.id: each for each in reversed(nodes)}.values())[::-1]


def _places(nodes: Sequence[_Node]) -> dict[str, tuple[int, int]]:
    """A tree drawn sideways: each leaf has a row of its own, a parent stands beside its first child."""
    known = {each.id for each in nodes}
    children: dict[str, list[str]] = {}
    roots = list[str]()
    for each in nodes:
        if each.parent in known and each.parent != each.id:
            children.setdefault(each.parent, []).append(each.id)
        else:
            roots.append(each.id)
    places: dict[str, tuple[int, int]] = {}
    row = 0
    todo = [(each, 0) for each in reversed(roots)]
    while todo:
        name, depth = todo.pop()
        if name in places:
            continue
        places[name] = (10 + depth * _STEP, 10 + row * (_NODE_HEIGHT + 6))
        below = [each for each in children.get(name, ()) if each not in places]
        if not below:
            row += 1
        todo += [(each, depth + 1) for each in reversed(below)]
    return places


def _edge(one: tuple[int, int], other: tuple[int, int]) -> Markup:
    x1, y1, x2, y2 = one[0] + _NODE_WIDTH, one[1] + _NODE_HEIGHT // 2, other[0], other[1] + _NODE_HEIGHT // 2
    middle = (x1 + x2) // 2
    return Markup('<path class="edge" d="M{} {}C{} {} {} {} {} {}"/>').format(x1, y1, middle, y1, middle, y2, x2, y2)


def _box(node: _Node, place: tuple[int, int]) -> Markup:
    x, y = place
    return Markup(
        '<g class="{}" transform="translate({} {})"><title>{}</title><rect width="{}" height="{}" rx="4"/><text x="6" y="15">{}</text></g>'
    ).format(node.kind, x, y, _cleaned(node.title), _NODE_WIDTH, _NODE_HEIGHT, _short(node.name))


def _short(text: str) -> str:
    shown = clean(text, _TITLE).removeprefix("arn:aws:")
    return shown if len(shown) <= _LETTERS else f"…{shown[-_LETTERS + 1 :]}"


def _cleaned(text: str) -> str:
    return clean(text, _TITLE)
