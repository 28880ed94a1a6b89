"""One way of others to run Sigma rules over CloudTrail files: `python peers.py WAY LOGS RULES`, in the peers' own environment.

Prints one line of JSON: events, rules, CPU seconds to read the files, to bring events into the peer's form, and to match;
how often each rule matched, and which rules the peer refused. Rules are compiled before anything is measured. What the peers
that want flat events are given holds nothing but the fields that some rule names, which is to their advantage.
"""

import contextlib
import gzip
import io
import json
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Event = dict[str, Any]
Rules = Mapping[str, dict[str, Any]]
"""By the stem of its file: what a rule says."""


@dataclass(slots=True)
class Run:
    """What one way came to."""

    events: int = 0
    rules: int = 0
    read_seconds: float = 0.0
    load_seconds: float = 0.0
    cpu_seconds: float = 0.0
    hits: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)

    def compiled(self, rules: Rules, compile_one: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Each rule as the peer has it; those that it refuses are kept with the reason."""
        found: dict[str, Any] = {}
        for name, rule in rules.items():
            try:
                found[name] = compile_one(rule)
            except Exception as error:  # noqa: BLE001 - whatever a peer raises, the rule is refused
                self.refused[name] = f"{type(error).__name__}: {error}"[:200]
        self.rules = len(rules)
        return found

    def read(self, logs: Path) -> list[Event]:
        """All events, by Python's own gzip and json."""
        began = time.process_time()
        events = [event for path in sorted(logs.rglob("*.json.gz")) for event in _records(path)]
        self.read_seconds = time.process_time() - began
        self.events = len(events)
        return events


def _records(path: Path) -> list[Event]:
    return json.loads(gzip.decompress(path.read_bytes()))["Records"]


# -- event by event ------------------------------------------------------------


def panther(run: Run, logs: Path, rules: Rules) -> None:
    """Panther's engine over the Python functions that Panther's own backend of pySigma writes: each rule sees each event."""
    from panther_core.enriched_event import PantherEvent  # noqa: PLC0415 - each way imports what it needs

    compiled = run.compiled(rules, _panther_rule)
    events = run.read(logs)
    began = time.process_time()
    for event in events:
        seen = PantherEvent(event)
        for name, rule in compiled.items():
            if rule.run(seen, {}, {}).trigger_alert:
                run.hits[name] += 1
    run.cpu_seconds = time.process_time() - began


def panther_functions(run: Run, logs: Path, rules: Rules) -> None:
    """The same functions called bare, without the engine around them."""
    from panther_core.enriched_event import PantherEvent  # noqa: PLC0415

    compiled = {name: rule.module.rule for name, rule in run.compiled(rules, _panther_rule).items()}
    events = run.read(logs)
    began = time.process_time()
    _each(run, map(PantherEvent, events), compiled)
    run.cpu_seconds = time.process_time() - began


def _panther_rule(rule: dict[str, Any]) -> Any:
    from panther_core.rule import Rule  # noqa: PLC0415
    from sigma.backends.panther import PantherBackend  # noqa: PLC0415
    from sigma.pipelines.panther.panther_pipeline import panther_pipeline  # noqa: PLC0415

    # Its table of ATT&CK lacks the tactics of the latest version; they say nothing of what a rule matches.
    told = {key: value for key, value in rule.items() if key != "tags"}
    written = PantherBackend(panther_pipeline()).convert(_collection(told))
    (body,) = written["Detection"] if isinstance(written, dict) else written
    return Rule({"id": str(rule["id"]), "body": body, "versionId": "1"})


def rule_matcher(run: Run, logs: Path, rules: Rules) -> None:
    """sigma-rule-matcher: pySigma's rules over nested events."""
    from sigma.rule import SigmaRule  # noqa: PLC0415
    from sigma_rule_matcher import RuleMatcher  # noqa: PLC0415

    compiled = run.compiled(rules, lambda rule: RuleMatcher(SigmaRule.from_dict(rule)))
    events = run.read(logs)
    began = time.process_time()
    _each(run, events, {name: matcher.match for name, matcher in compiled.items()})
    run.cpu_seconds = time.process_time() - began


def azuma(run: Run, logs: Path, rules: Rules) -> None:
    """azuma over flat events."""
    from azuma import Rule  # noqa: PLC0415

    compiled = run.compiled(rules, lambda rule: Rule.model_validate(json.loads(json.dumps(rule, default=str))))
    events = run.read(logs)
    began = time.process_time()
    rows = list(_flat(events, _fields(rules)))
    run.load_seconds = time.process_time() - began
    began = time.process_time()
    _each(run, rows, {name: rule.match for name, rule in compiled.items()})
    run.cpu_seconds = time.process_time() - began


def _each(run: Run, events: Iterable[Any], matches: Mapping[str, Callable[[Any], bool]]) -> None:
    """Every rule over every event; one that raises has not matched."""
    for event in events:
        for name, match in matches.items():
            try:
                if match(event):
                    run.hits[name] += 1
            except Exception as error:  # noqa: BLE001 - see above
                run.refused.setdefault(name, f"at an event: {type(error).__name__}: {error}"[:200])


# -- a query a rule ------------------------------------------------------------


def sqlite(run: Run, logs: Path, rules: Rules) -> None:
    """pySigma's SQLite backend: all events in one table in memory, a query a rule."""
    queries = run.compiled(rules, lambda rule: _sqlite_query(rule).replace("<TABLE_NAME>", "logs"))
    events, fields = run.read(logs), sorted(_fields(rules))
    began = time.process_time()
    connection = sqlite3.connect(":memory:")
    # The backend writes REGEXP, which SQLite leaves to the program; Zircolite has the same.
    connection.create_function("regexp", 2, lambda pattern, text: text is not None and bool(re.search(pattern, text)))
    connection.execute(f"create table logs ({', '.join(f'`{name}` text collate nocase' for name in fields)})")
    marks = ", ".join("?" * len(fields))
    rows = ([row.get(name) for name in fields] for row in _flat(events, fields))
    connection.executemany(f"insert into logs values ({marks})", rows)
    run.load_seconds = time.process_time() - began
    began = time.process_time()
    for name, query in queries.items():
        with _refusing(run, name):
            run.hits[name] += len(connection.execute(query).fetchall())
    run.cpu_seconds = time.process_time() - began


def zargunlite(run: Run, logs: Path, rules: Rules) -> None:
    """zargunlite, which does as Zircolite does: flat events in SQLite, rules in Zircolite's form."""
    from zargunlite.core import ZargunCore  # noqa: PLC0415
    from zargunlite.model import ZircoliteRule  # noqa: PLC0415

    def compile_one(rule: dict[str, Any]) -> Any:
        query = _sqlite_query(rule).replace("<TABLE_NAME>", "logs")
        return ZircoliteRule(title=rule["title"], rule=[query])

    compiled = run.compiled(rules, compile_one)
    events, fields = run.read(logs), sorted(_fields(rules))
    began = time.process_time()
    core = ZargunCore()
    core.load_data(_flat(events, fields), fields=[(name, str) for name in fields], strict_field_name=False)
    run.load_seconds = time.process_time() - began
    began = time.process_time()
    for name, rule in compiled.items():
        with _refusing(run, name):
            run.hits[name] += core.execute_zircolite_rule(rule).count
    run.cpu_seconds = time.process_time() - began


def duckdb(run: Run, logs: Path, rules: Rules) -> None:
    """pySigma's DuckDB backend: all events in one columnar table in memory, a query a rule, one thread."""
    import duckdb as engine  # noqa: PLC0415
    from sigma_backend_duckdb import DuckDBBackend  # noqa: PLC0415

    queries = run.compiled(rules, lambda rule: DuckDBBackend().convert(_collection(rule))[0])
    events, fields = run.read(logs), sorted(_fields(rules))
    began = time.process_time()
    connection = engine.connect(config={"threads": 1})  # noqa: TID251 - a peer, not the lake
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in fields)
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8") as written:
        written.writelines(json.dumps(row) + "\n" for row in _flat(events, fields))
        written.flush()
        connection.execute(
            f"create table logs as from read_json('{written.name}', columns = {{{columns}}}, format = 'newline_delimited')"
        )
    run.load_seconds = time.process_time() - began
    began = time.process_time()
    for name, query in queries.items():
        with _refusing(run, name):
            run.hits[name] += len(connection.execute(query).fetchall())
    run.cpu_seconds = time.process_time() - began


def _sqlite_query(rule: dict[str, Any]) -> str:
    from sigma.backends.sqlite import sqliteBackend  # noqa: PLC0415

    return str(sqliteBackend().convert(_collection(rule))[0])


def _collection(rule: dict[str, Any]) -> Any:
    from sigma.collection import SigmaCollection  # noqa: PLC0415

    return SigmaCollection.from_dicts([rule])


@contextlib.contextmanager
def _refusing(run: Run, name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever a peer raises, the rule is refused
        run.refused[name] = f"at its query: {type(error).__name__}: {error}"[:200]


# -- flat events ---------------------------------------------------------------


def _fields(rules: Rules) -> frozenset[str]:
    return frozenset(found for rule in rules.values() for found in _named(rule["detection"]))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, dict | list) and not isinstance(key, int) and _is_search(each):
                yield from _named(each)
            elif key not in ("condition", "timeframe"):
                name, *modifiers = key.split("|")
                yield from (name, each) if "fieldref" in modifiers else (name,)


def _is_search(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _flat(events: Iterable[Event], fields: Iterable[str]) -> Iterator[Event]:
    paths = [(name, name.split(".")) for name in fields]
    for event in events:
        row: Event = {}
        for name, path in paths:
            value: Any = event
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None
            if value is not None:
                row[name] = value if isinstance(value, str) else _text(value)
        yield row


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)


WAYS: Mapping[str, Callable[[Run, Path, Rules], None]] = {
    "panther": panther, "panther-functions": panther_functions, "sigma-rule-matcher": rule_matcher, "azuma": azuma,
    "pysigma-sqlite": sqlite, "zargunlite": zargunlite, "pysigma-duckdb": duckdb,
}  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Run one way."""
    way, logs, folder = arguments
    rules = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).rglob("*.yml"))
    }
    run = Run()
    with contextlib.redirect_stdout(io.StringIO()):
        WAYS[way](run, Path(logs), rules)
    print(json.dumps({
        "events": run.events, "rules": run.rules, "read_seconds": run.read_seconds, "load_seconds": run.load_seconds,
        "cpu_seconds": run.cpu_seconds, "hits": {name: count for name, count in run.hits.items() if count},
        "refused": run.refused,
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
