"""The one YAML loader: safe types only, bounded in size, depth and aliases, with line numbers.

A file that an outsider may have written (a rule, a configuration) must not be able to
run code, to fill the memory (a "billion laughs" of aliases) or to surprise by a
duplicate key.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from sakimori.model.errors import RuleError

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000
MAX_DOCUMENTS: Final = 200
_PLAIN: Final = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its plain data and, by path of keys, the line (from 1) where each value begins."""

    source: str
    data: object
    lines: dict[tuple[object, ...], int]

    def line_of(self, *path: object) -> int:
        """The line of the value at `path`, or of its nearest parent that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(path: Path) -> Document:
    """The document in `path`; RuleError (file and line) if it cannot be read within the bounds."""
    return parse_yaml(_text_in(path), str(path))


def read_yaml_documents(path: Path) -> tuple[Document, ...]:
    """All documents in `path`, the lines of each counted from the file's first; RuleError as `read_yaml`."""
    source = str(path)
    return tuple(_parsed(_text_in(path), source, lambda loader: iter(_nodes(loader))))


def _text_in(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError("yaml.unreadable", file=path, reason=error.strerror or type(error).__name__) from error
    if len(raw) > MAX_BYTES:
        raise RuleError("yaml.too_large", file=path, bytes=MAX_BYTES)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleError("yaml.not_utf8", file=path, offset=error.start) from error


def parse_yaml(text: str, source: str) -> Document:
    """The document in `text`; errors name `source`."""
    return next(_parsed(text, source, lambda loader: iter((loader.get_single_node(),))))


def _parsed(
    text: str, source: str, nodes_of: Callable[[yaml.CSafeLoader], Iterator[yaml.Node | None]]
) -> Iterator[Document]:
    loader = yaml.CSafeLoader(text)
    try:
        for node in nodes_of(loader):
            lines: dict[tuple[object, ...], int] = {}
            reader = _Reader(loader, source, lines)
            yield Document(source, None if node is None else reader.value(node, ()), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise RuleError("yaml.syntax", file=source, line=line, reason=_reason(error)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise RuleError("yaml.syntax", file=source, line=1, reason=str(error).splitlines()[0]) from error
    finally:
        loader.dispose()


def _reason(error: yaml.MarkedYAMLError) -> str:
    """What is wrong; of a repeated anchor only the context tells."""
    return ", ".join(each for each in (error.context, error.problem) if each) or "syntax"


def _nodes(loader: yaml.CSafeLoader) -> Iterator[yaml.Node | None]:
    for _ in range(MAX_DOCUMENTS):
        if not loader.check_node():
            return
        yield loader.get_node()
    if loader.check_node():
        raise ValueError(f"more than {MAX_DOCUMENTS} documents")


class _Reader:
    """Walks the node graph once, counting what aliases would multiply."""

    def __init__(self, loader: yaml.CSafeLoader, source: str, lines: dict[tuple[object, ...], int]) -> None:
        self._loader = loader
        self._source = source
        self._lines = lines
        self._nodes = 0

    def value(self, node: yaml.Node, path: tuple[object, ...]) -> object:
        line = node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise RuleError("yaml.too_deep", file=self._source, line=line, nodes=MAX_NODES, depth=MAX_DEPTH)
        self._lines[path] = line
        if node.tag not in _PLAIN:
            raise RuleError("yaml.syntax", file=self._source, line=line, reason=f"tag {node.tag[:60]}")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: tuple[object, ...]) -> dict[object, object]:
        result: dict[object, object] = {}
        for key_node, value_node in node.value:
            key = self._loader.construct_object(key_node)
            line = key_node.start_mark.line + 1
            if not isinstance(key, Hashable):
                raise RuleError("yaml.syntax", file=self._source, line=line, reason="a key must be a scalar")
            if key in result:
                raise RuleError("yaml.duplicate_key", file=self._source, line=line, key=key)
            result[key] = self.value(value_node, (*path, key))
            self._lines[(*path, key)] = line
        return result
