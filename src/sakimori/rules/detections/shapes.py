"""Shapes: how many services, Regions, refusals and the like lie in one principal's hour. Counted in arrays, day by day."""
# pyright: basic

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from sakimori.analysis.behaviour.dimensions import coded_dimension, columns_of
from sakimori.analysis.facts.fact import NOTHING_KNOWN, Surroundings
from sakimori.analysis.log_forms.coding import Coded, occurring
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.instants import MICROS_A_DAY
from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES
from sakimori.rules.detections.hits import GAP, Gathered, Piece, resources_of_each
from sakimori.rules.detections.rule import DetectionRule, Shape

if TYPE_CHECKING:
    from sakimori.rules.detections.batch import Places

_MICROS: Final = 1_000_000
_ROWS_WAITING: Final = 250_000
"""Of all rules, before those of past days are judged: some twenty megabytes."""
_COLUMNS: Final = {
    "actions": "event_name", "services": "event_source", "regions": "aws_region", "user_agents": "user_agent",
    "access_keys": "user_identity_access_key_id", "distinct_errors": "error_code",
}  # fmt: skip
_PLACES: Final = {"countries": "country", "asns": "asn", "networks": "network"}
_DENIED: Final = ("accessdenied", "unauthorized", "notauthorized", "forbidden", "authfailure", "denied")
_RESOURCES: Final = "resources"
_MOST_NAMED: Final = 20
"""Names of one event that count. Source: Secrets Manager API Reference, BatchGetSecretValue, whose list is the longest that a rule counts."""
_MOST_TOLD: Final = 100_000
_COUNTED: Final = frozenset({"events", "denied", "denied_ratio", "failed", "failed_ratio"})


def measured_columns(name: str) -> tuple[str, ...]:
    """The columns of which a measure counts the values."""
    return columns_of(_PLACES[name]) if name in _PLACES else (_COLUMNS[name],) if name in _COLUMNS else ()


@dataclass(slots=True)
class _Waiting:
    """Rows of one rule that were not judged yet, as arrays of numbers that stand for values."""

    keys: list[Any] = field(default_factory=list[Any])
    times: list[Any] = field(default_factory=list[Any])
    outcomes: list[Any] = field(default_factory=list[Any])
    ids: list[Any] = field(default_factory=list[Any])
    origins: list[Any] = field(default_factory=list[Any])
    told: list[Any] = field(default_factory=list[Any])
    """1 for rows that a detection counted already."""
    measures: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list[Any]))


class _Named:
    """What events name, as numbers: one call may ask for many, and each counts. 0 names nothing.

    Of names only hashes are kept, but for the first that can be told: a log that somebody else wrote may hold any number.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._lists: dict[int, int] = {hash(()): 0}
        self._members: list[array[int]] = [array("q")]

    def number(self, named: Sequence[str], *, is_told: bool) -> int:
        """The number of this list of names; `is_told`: that `names` may tell them."""
        hashes = tuple(dict.fromkeys(map(hash, named)))
        key = hash(hashes)
        found = self._lists.get(key)
        if found is None:
            found = self._lists[key] = len(self._members)
            self._members.append(array("q", hashes))
            if is_told and len(self._names) < _MOST_TOLD:
                self._names.update(zip(map(hash, named), named, strict=True))
        return found

    def counts(self, group: Any, lists: Any, count: int) -> Any:
        """How many different names each of `count` groups has."""
        import numpy as np  # noqa: PLC0415

        pairs = np.unique(group.astype(np.int64) << 32 | lists)
        members = [self._members[each] for each in (pairs & 0xFFFFFFFF).tolist()]
        groups = np.repeat(pairs >> 32, [len(each) for each in members])
        flat = np.fromiter(chain.from_iterable(members), dtype=np.int64, count=len(groups))
        _, numbers = np.unique(flat, return_inverse=True)
        return np.bincount(np.unique(groups << 32 | numbers) >> 32, minlength=count)

    def names(self, lists: Iterable[int]) -> list[str]:
        """The names in these lists that can be told, in this order, at most `MAX_RESOURCES`."""
        found = (self._names.get(each) for number in lists for each in self._members[number])
        return list(islice(dict.fromkeys(name for name in found if name is not None), MAX_RESOURCES))


class ShapeCounts:
    """The counts of all shape rules; of many rows, what lies two days back is judged and forgotten."""

    def __init__(
        self, rules: Mapping[str, DetectionRule], gathered: Gathered, surroundings: Surroundings = NOTHING_KNOWN
    ) -> None:
        self._rules = rules
        self._surroundings = surroundings
        self._gathered = gathered
        self._numbers: defaultdict[str, dict[Any, int]] = defaultdict(dict)
        self._values: defaultdict[str, list[Any]] = defaultdict(list)
        self._named = _Named()
        self._waiting: dict[str, _Waiting] = {}
        self._day = 0
        self._row_count = 0

    def add(self, rule: str, shape: Shape, rows: Rows, places: "Places") -> None:
        """Count these rows in. Days must not go back by more than one."""
        import numpy as np  # noqa: PLC0415

        times = rows.times.take(places)
        day = int(times.min()) // MICROS_A_DAY
        if day > self._day + 1 and self._row_count > _ROWS_WAITING:
            self._day = day - 1
            self._row_count = 0
            for name in self._waiting:
                self._judge(name, before=(day - 1) * MICROS_A_DAY)
        waiting = self._waiting.setdefault(rule, _Waiting())
        self._row_count += len(places)
        waiting.keys.append(self._keys(shape, rows, places))
        waiting.times.append(times)
        waiting.outcomes.append(_outcomes(rows, places))
        waiting.origins.append(self._interned("origin", rows.role_codes("origin"), places))
        event_id = rows.form.event_id
        waiting.ids.append(rows.taken(event_id, places) if event_id else _nothing(len(places)))
        waiting.told.append(np.zeros(len(places), dtype=np.int8))
        for name in shape.at_least:
            if name not in _COUNTED:
                waiting.measures[name].append(self._measured(name, self._rules[rule], rows, places))
        if sum(map(len, waiting.keys)) > 8_000_000:  # noqa: PLR2004 - half a gigabyte
            self._judge(rule, before=int(np.max(times)) - shape.seconds * _MICROS)

    def finish(self) -> None:
        """Judge what is left."""
        for name in self._waiting:
            self._judge(name, before=None)

    def so_far(self, gathered: Gathered) -> None:
        """Add what `finish` would; the rows wait on, for more may come."""
        waiting, own = self._waiting, self._gathered
        self._waiting, self._gathered = dict(waiting), gathered
        try:
            self.finish()
        finally:
            self._waiting, self._gathered = waiting, own

    def _keys(self, shape: Shape, rows: Rows, places: "Places") -> Any:
        """(account, Region-less) place and `per` value of each row, as one number."""
        accounts = self._interned("account", rows.role_codes("account"), places)
        if shape.per == "access_key":
            per = self._interned("access_key", rows.forced("user_identity_access_key_id"), places)
        else:
            per = self._interned(shape.per, rows.role_codes(shape.per), places)
        return accounts.astype("int64") << 32 | per

    def _measured(self, name: str, rule: DetectionRule, rows: Rows, places: "Places") -> Any:
        if name == _RESOURCES:
            return self._resources(rule, rows, places)
        if name == "origins":
            return self._interned("origin", rows.role_codes("origin"), places)
        if name == "principals":
            return self._interned("principal", rows.role_codes("principal"), places)
        if name in _PLACES:
            return self._interned(name, coded_dimension(rows, _PLACES[name], self._surroundings), places)
        return self._interned(name, rows.forced(_COLUMNS[name]), places)

    def _resources(self, rule: DetectionRule, rows: Rows, places: "Places") -> Any:
        """What each event names by the fields of the rule; of one that names nothing, the request as it stands."""
        import numpy as np  # noqa: PLC0415

        named = resources_of_each(rule, rows, places) if rule.resources else [[]] * len(places)
        bare = [at for at, names in enumerate(named) if not names]
        column = rows.form.resources[0] if rows.form.resources else "request_parameters"
        requests = rows.taken(column, places.take(bare)).to_pylist() if bare else []
        numbers = np.array([self._named.number(names[:_MOST_NAMED], is_told=True) for names in named], dtype=np.int64)
        for at, request in zip(bare, requests, strict=True):
            if request is not None:
                numbers[at] = self._named.number([str(request)], is_told=False)
        return numbers

    def _interned(self, kind: str, coded: Coded, places: "Places") -> Any:
        """The numbers by which this run knows these values; 0 is null."""
        import numpy as np  # noqa: PLC0415

        known, values = self._numbers[kind], self._values[kind]
        codes = coded.codes.take(places)
        numbers = np.zeros(len(coded.values) + 1, dtype=np.int64)
        for code in occurring(codes, len(coded.values)):
            if code >= 0:
                value = coded.values[code]
                if value not in known:
                    values.append(value)
                    known[value] = len(values)
                numbers[code] = known[value]
        return numbers.take(codes)

    def _judge(self, rule: str, *, before: int | None) -> None:
        import numpy as np  # noqa: PLC0415

        waiting = self._waiting[rule]
        if not any(map(len, waiting.keys)):
            return
        shape = self._rules[rule].shape
        assert shape is not None  # noqa: S101 - only rules of shapes come here
        pieces_of = {
            "keys": waiting.keys, "times": waiting.times, "outcomes": waiting.outcomes, "origins": waiting.origins,
            "told": waiting.told,
        }  # fmt: skip
        arrays = {name: np.concatenate(pieces) for name, pieces in pieces_of.items()}
        arrays |= {f"m:{name}": np.concatenate(pieces) for name, pieces in waiting.measures.items()}
        ids = waiting.ids
        arrays["ids"] = np.arange(len(arrays["keys"]))
        self._find(rule, arrays, ids, before)
        self._waiting[rule] = _Waiting()
        if before is not None:
            self._keep(rule, arrays, ids, before - shape.seconds * _MICROS)

    def _keep(self, rule: str, arrays: dict[str, Any], ids: list[Any], since: int) -> None:
        """What may lie in one window with what is still to come."""
        kept = arrays["times"] >= since
        waiting = self._waiting[rule]
        waiting.keys, waiting.times = [arrays["keys"][kept]], [arrays["times"][kept]]
        waiting.outcomes, waiting.origins = [arrays["outcomes"][kept]], [arrays["origins"][kept]]
        waiting.ids, waiting.told = [_joined(ids).take(_arrow(arrays["ids"][kept]))], [arrays["told"][kept]]
        for name, values in arrays.items():
            if name.startswith("m:"):
                waiting.measures[name[2:]] = [values[kept]]

    def _find(self, rule: str, arrays: dict[str, Any], ids: list[Any], before: int | None) -> None:
        """Windows that lie side by side, and those half a window later: a burst of half a window lies whole in one.

        Only windows that end by `before` are judged: of others the rest is still to come.
        """
        import numpy as np  # noqa: PLC0415

        shape = self._rules[rule].shape
        assert shape is not None  # noqa: S101 - only rules of shapes come here
        span = shape.seconds * _MICROS
        # One event may name many resources, so that there may be fewer events than these.
        bounds = (least for name, least in shape.at_least.items() if name != _RESOURCES and not name.endswith("_ratio"))
        least = max([1.0, *bounds])
        found: dict[int, list[Any]] = {}
        for shift in (0, span // 2):
            windows = (arrays["times"] + shift) // span
            # One number for both: whose key it is, and which window. To sort pairs takes ten times as long.
            _, who = np.unique(arrays["keys"], return_inverse=True)
            begin = int(windows.min())
            width = int(windows.max()) - begin + 1
            places, group, counts = np.unique(who * width + windows - begin, return_inverse=True, return_counts=True)
            enough = counts >= least
            if before is not None:
                enough &= (places % width + begin + 1) * span - shift <= before
            if not enough.any():
                continue
            rows = np.flatnonzero(enough[group])
            chosen = {name: each[rows] for name, each in arrays.items()}
            holds = _holding(shape, chosen, group[rows], len(counts), self._named)
            rows = rows[holds[group[rows]]]
            rows = rows[np.argsort(group[rows], kind="stable")]
            for members in np.split(rows, np.flatnonzero(np.diff(group[rows])) + 1) if len(rows) else ():
                found.setdefault(int(arrays["keys"][members[0]]), []).append(members)
        for key, windows_of_key in found.items():
            members = np.unique(np.concatenate(windows_of_key))
            members = members[np.argsort(arrays["times"][members], kind="stable")]
            for run in np.split(members, np.flatnonzero(np.diff(arrays["times"][members]) > max(span, GAP)) + 1):
                self._report(rule, key, run, arrays, ids)

    def _report(self, rule: str, key: int, members: Any, arrays: dict[str, Any], ids: list[Any]) -> None:

        shape = self._rules[rule].shape
        assert shape is not None  # noqa: S101
        fresh = int((arrays["told"][members] == 0).sum())
        arrays["told"][members] = 1
        if not fresh:
            return
        account = self._value("account", key >> 32)
        who = self._value(shape.per, key & 0xFFFFFFFF)
        evidence = {name: self._told(name, arrays, members) for name in ("events", "denied", *shape.at_least)}
        origins = [self._value("origin", number) for number in dict.fromkeys(arrays["origins"][members].tolist()) if number]  # fmt: skip
        all_ids = _joined(ids).take(_arrow(arrays["ids"][members[:MAX_EVENT_IDS]])).to_pylist()
        piece = Piece(
            first=int(arrays["times"][members[0]]),
            last=int(arrays["times"][members[-1]]),
            count=fresh,
            event_ids=[str(each) for each in all_ids if each],
            origins=origins[:MAX_ORIGINS],
            resources=self._named.names(arrays[f"m:{_RESOURCES}"][members].tolist())
            if _RESOURCES in shape.at_least
            else [],
            evidence=evidence,
            source=self._source(self._rules[rule]),
        )
        self._gathered.add_piece(rule, (account, "", who, ""), piece)

    def _told(self, name: str, arrays: dict[str, Any], members: Any) -> object:
        import numpy as np  # noqa: PLC0415

        if name == _RESOURCES:
            return int(self._named.counts(np.zeros(len(members), dtype=np.int64), arrays[f"m:{name}"][members], 1)[0])
        if name not in _COUNTED:
            return len(np.unique(arrays[f"m:{name}"][members]))
        outcomes = arrays["outcomes"][members]
        least = {"events": 0, "failed": 1, "denied": 2}[name.removesuffix("_ratio")]  # see _outcomes
        counted = outcomes >= least
        return round(float(counted.mean()), 3) if name.endswith("_ratio") else int(counted.sum())

    def _source(self, rule: DetectionRule) -> str:
        """The table, where the rule is about one."""
        tables = {form.table.name for form, _ in rule.conditions}
        return tables.pop() if len(tables) == 1 else ""

    def _value(self, kind: str, number: int) -> str:
        return str(self._values[kind][number - 1]) if number else ""


def _holding(shape: Shape, arrays: dict[str, Any], group: Any, count: int, named: _Named) -> Any:
    """Which groups have all measures."""
    import numpy as np  # noqa: PLC0415

    events = np.bincount(group, minlength=count)
    holds = events > 0
    for name, least in shape.at_least.items():
        if name in _COUNTED:
            kind = name.removesuffix("_ratio")
            chosen = {"events": None, "denied": arrays["outcomes"] == 2, "failed": arrays["outcomes"] > 0}[kind]  # noqa: PLR2004  # fmt: skip
            measured = events if chosen is None else np.bincount(group[chosen], minlength=count)
            if name.endswith("_ratio"):
                measured = measured / np.maximum(events, 1)
        elif name == _RESOURCES:
            measured = named.counts(group, arrays[f"m:{name}"], count)
        else:
            values = arrays[f"m:{name}"]
            pairs = np.unique(group[values > 0].astype(np.int64) << 32 | values[values > 0])
            measured = np.bincount((pairs >> 32).astype(np.int64), minlength=count)
        holds &= measured >= least
    return holds


def _outcomes(rows: Rows, places: "Places") -> Any:
    """0 succeeded, 1 failed, 2 denied, of each row."""
    import numpy as np  # noqa: PLC0415

    if "errorCode" not in rows.form.heads:
        return np.zeros(len(places), dtype=np.int8)
    coded = rows.forced("error_code")
    kinds = np.zeros(len(coded.values) + 1, dtype=np.int8)
    for code, value in enumerate(coded.values):
        kinds[code] = 2 if any(word in str(value).lower() for word in _DENIED) else 1
    return kinds.take(coded.codes.take(places))


def _arrow(places: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return pa.array(places)


def _nothing(count: int) -> Any:
    """Identities of rows that have none."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.nulls(count, pa.string())


def _joined(pieces: list[Any]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return pieces[0] if len(pieces) == 1 else pa.concat_arrays([piece.cast(pa.string()) for piece in pieces])
