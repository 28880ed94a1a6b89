"""Where the identities of a graph of paths stand: in layers from left to right, by how far they are from a start."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.paths.found import PathEdge

_BOX_WIDTH: Final = 190
_BOX_HEIGHT: Final = 22
_GAP_X: Final = 110
_GAP_Y: Final = 12
_MARGIN: Final = 16
_MOST_ROWS: Final = 60
_SWEEPS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """`places` the upper left corner of each box, by ARN; lengths in units of the SVG."""

    places: Mapping[str, tuple[int, int]]
    edges: tuple[PathEdge, ...]
    width: int
    height: int
    left_out: int = 0
    box_width: int = _BOX_WIDTH
    box_height: int = _BOX_HEIGHT
    letters: int = 30
    """So many fit into a box."""

    def curve(self, source: str, target: str) -> str:
        """The path of an edge; of one to itself a loop."""
        x, y = self.places[source]
        to_x, to_y = self.places[target]
        middle, to_middle = y + self.box_height // 2, to_y + self.box_height // 2
        start = x + self.box_width
        if source == target:
            return f"M{start} {middle - 5}C{start + 36} {middle - 24} {start + 36} {middle + 24} {start} {middle + 6}"
        if to_x > x:
            bend = (start + to_x) // 2
            return f"M{start} {middle}C{bend} {middle} {bend} {to_middle} {to_x} {to_middle}"
        # Back or within a layer: around the right side.
        side = max(start, to_x + self.box_width) + 40
        return f"M{start} {middle}C{side} {middle} {side} {to_middle} {to_x + self.box_width} {to_middle}"


def drawing_of(edges: Sequence[PathEdge], most: int) -> Drawing:
    """Of at most so many identities, those of the first edges before others."""
    order = list(dict.fromkeys(end for edge in edges for end in (edge.source, edge.target)))
    kept = set(order[:most])
    drawn = tuple(edge for edge in edges if edge.source in kept and edge.target in kept)
    layers = _layers([each for each in order if each in kept], drawn)
    columns = [layer[start : start + _MOST_ROWS] for layer in layers for start in range(0, len(layer), _MOST_ROWS)]
    places = {
        arn: (_MARGIN + column * (_BOX_WIDTH + _GAP_X), _MARGIN + row * (_BOX_HEIGHT + _GAP_Y))
        for column, layer in enumerate(columns)
        for row, arn in enumerate(layer)
    }
    tallest = max((len(each) for each in columns), default=0)
    return Drawing(
        places=places,
        edges=drawn,
        width=2 * _MARGIN + len(columns) * (_BOX_WIDTH + _GAP_X),
        height=2 * _MARGIN + tallest * (_BOX_HEIGHT + _GAP_Y),
        left_out=len(order) - len(kept),
    )


def _layers(nodes: Sequence[str], edges: Sequence[PathEdge]) -> list[list[str]]:
    """By distance from a node that no other leads to; then swept so that neighbours stand near each other."""
    after, before = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for edge in edges:
        if edge.source != edge.target:
            after[edge.source].append(edge.target)
            before[edge.target].append(edge.source)
    depth = _depths(nodes, after, before)
    layers = [list[str]() for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        layers[depth[node]].append(node)
    for _ in range(_SWEEPS):
        for index in range(1, len(layers)):
            row = {node: place for place, node in enumerate(layers[index - 1])}
            layers[index].sort(key=lambda node, row=row: _mean([row[each] for each in before[node] if each in row]))
    return layers


def _depths(nodes: Sequence[str], after: Mapping[str, list[str]], before: Mapping[str, list[str]]) -> dict[str, int]:
    depth = {node: 0 for node in nodes if not before[node]}
    queue = deque(depth)
    for node in (*nodes, ""):
        while queue:
            here = queue.popleft()
            for target in after[here]:
                if target not in depth:
                    depth[target] = depth[here] + 1
                    queue.append(target)
        if node and node not in depth:
            # One of a circle.
            depth[node] = 0
            queue.append(node)
    return depth


def _mean(places: Sequence[int]) -> float:
    return sum(places) / len(places) if places else 0.0
