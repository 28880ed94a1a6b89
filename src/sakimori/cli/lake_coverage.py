"""Coverage for people: a row of characters for each account × Region, one for each day, and holes in red."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from io import StringIO
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.cli.lake_grid import fitting, print_grid, widths_of
from sakimori.lake.coverage import say_coverage
from sakimori.lake.coverage_days import Coverage, DayRange, DayState, PlaceCoverage
from sakimori.lake.validations import Validation
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

Checks = Mapping[tuple[str, str], Sequence[Validation]]

# ASCII: other signs are one cell wide in one terminal and two in the next.
_SIGNS: Final = {
    DayState.HOLE: "X",
    DayState.PARTIAL: "!",
    DayState.RETIRED: "-",
    DayState.HELD: "#",
    DayState.QUIET: ".",
    DayState.OPEN: "_",
}
"""The sign of each state, worst first: a week is shown by its worst day."""
_BROKEN: Final = "x"
"""Of a week or more: there is no record of some days, and one of others."""
_NOTHING_THERE: Final = frozenset({DayState.HOLE, DayState.OPEN, None})
_STYLES: Final = {"X": "bold red", "x": "red", "!": "yellow", "-": "dim", "#": "green", ".": "dim", "_": "dim"}
_SCALES: Final[Mapping[str, Callable[[date], object]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: (day.year, day.month),
    "year": lambda day: day.year,
}
_COLUMNS: Final = ("account", "region", "heat", "files", "rows", "holes", "delay", "validation")
_NUMBERS: Final = frozenset({"files", "rows", "holes", "delay"})
_LESS_IMPORTANT: Final = ("files", "delay", "validation", "rows")
_GAP: Final = 2
_LEAST: Final = 12
"""Cells for the days even where the terminal is too narrow for what stands beside them."""
_STEPS: Final = ((86_400 * 2, 86_400, "days"), (3_600, 3_600, "hours"), (60, 60, "minutes"), (0, 1, "seconds"))
_WORST_CHECK: Final = ("failed", "partial", "verified")


def print_coverage(console: Console, found: Iterable[Coverage], checks: Checks, language: Language) -> None:
    """Every log with what is known of it, and at the end what the signs mean."""
    used: set[str] = set()
    for coverage in found:
        console.print(Text(coverage.table, style="bold"))
        _print_lines(console, say_coverage(coverage, language), "dim")
        if coverage.places:
            used |= _print_places(console, coverage, checks, language)
        console.print()
    for meaning in _legend(used, language):
        console.print(meaning, soft_wrap=True)


def _legend(used: Collection[str], language: Language) -> Iterator[Text]:
    """What the signs mean that were shown."""
    meanings = {sign: f"lake_verbs.state_{state}" for state, sign in _SIGNS.items()}
    for sign, meaning in {"X": "", _BROKEN: "lake_verbs.state_broken", **meanings}.items():
        if sign in used:
            yield heat(sign).append(f" {say(meaning, language)}")


def _print_lines(console: Console, text: str, style: str) -> None:
    for line in wrap(text, console.width):
        console.print(Text(line, style=style), soft_wrap=True)


def _print_places(console: Console, coverage: Coverage, checks: Checks, language: Language) -> set[str]:
    span = coverage.span
    if span is None:
        return set()
    rows = [_cells(place, checks, language) for place in coverage.places]
    headings = {name: say(f"lake_verbs.column_{name}", language) for name in _COLUMNS}
    if "cloudtrail" not in coverage.kinds:
        del headings["validation"]
    headings = {name: "" if name == "heat" else heading for name, heading in headings.items()}
    widths = {**widths_of(headings, rows), "heat": _LEAST}
    names = fitting(widths, console.width, _LESS_IMPORTANT)
    scale = scale_for(span, console.width - sum(widths[name] + _GAP for name in names if name != "heat"))
    told = say(f"lake_verbs.scale_{scale}", language)
    heading = say("lake_verbs.heat_from", language, first=span.first, last=span.last, scale=told)
    console.print(Text(heading, style="dim"), soft_wrap=True)
    used: set[str] = set()
    for place, row in zip(coverage.places, rows, strict=True):
        signs = fold(place, span, scale)
        used |= set(signs)
        row["heat"] = heat(signs)
    print_grid(console, {name: headings[name] for name in names}, rows, _NUMBERS)
    return used


def _cells(place: PlaceCoverage, checks: Checks, language: Language) -> dict[str, Text]:
    cells = {
        "account": place.account,
        "region": place.region,
        "heat": "",
        # No name of a file tells this place, so which of the files hold its rows is not known.
        "files": f"{place.file_count:,}" if place.file_count or not place.row_count else delay(None, language),
        "rows": f"{place.row_count:,}",
        "holes": f"{place.hole_count:,}",
        "delay": delay(place.delay_seconds_max, language),
        "validation": checked(checks.get((place.account, place.region), ()), language),
    }
    is_bad = {"holes"} if place.hole_count else set[str]()
    return {name: Text(cell, style="bold red" if name in is_bad else "") for name, cell in cells.items()}


def scale_for(span: DayRange, room: int) -> str:
    """The finest scale by which the days fit into so many cells; years where none does."""
    days = [span.first + timedelta(days=number) for number in range(span.count)]
    return next((name for name, key in _SCALES.items() if len(dict.fromkeys(map(key, days))) <= room), "year")


def fold(place: PlaceCoverage, span: DayRange, scale: str) -> str:
    """A sign for each day, week, month or year of the span: its worst day's, and a sign of its own for a hole beside a record."""
    found: dict[object, set[DayState | None]] = {}
    for number in range(span.count):
        day = span.first + timedelta(days=number)
        found.setdefault(_SCALES[scale](day), set()).add(place.state_on(day))
    return "".join(map(_sign_of, found.values()))


def _sign_of(states: AbstractSet[DayState | None]) -> str:
    if DayState.HOLE in states and not states <= _NOTHING_THERE:
        return _BROKEN
    return next((sign for state, sign in _SIGNS.items() if state in states), " ")


def heat(signs: str) -> Text:
    """The signs in their colours."""
    shown = Text()
    for sign in signs:
        shown.append(sign, _STYLES.get(sign, ""))
    return shown


def delay(seconds: float | None, language: Language) -> str:
    """A delay in its largest whole unit."""
    if seconds is None:
        return say("lake_verbs.delay_unknown", language)
    step, unit = next((step, unit) for least, step, unit in _STEPS if seconds >= least or unit == "seconds")
    return say(f"lake_verbs.delay_{unit}", language, count=max(0, round(seconds / step)))


def checked(validations: Sequence[Validation], language: Language) -> str:
    """How the validation of a place's files ended, by the worst of its trails."""
    if not validations:
        return say("lake_verbs.validation_not_run", language)
    states = {each.state for each in validations}
    state = next((state for state in _WORST_CHECK if state in states), "partial")
    verified, listed = sum(each.verified_count for each in validations), sum(each.listed_count for each in validations)
    return say(f"lake_verbs.validation_{state}", language, verified=verified, listed=listed)


def as_csv(found: Iterable[Coverage]) -> str:
    """A line for every day of every place, holes among them."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("table", "account", "region", "day", "state", "files", "rows", "delay_seconds_max", "refused"))
    for coverage in found:
        for place in coverage.places:
            writer.writerows((coverage.table, place.account, place.region, *cells) for cells in _days(place))
    return text.getvalue()


def _days(place: PlaceCoverage) -> Iterator[tuple[object, ...]]:
    for number in range(place.span.count):
        day = place.span.first + timedelta(days=number)
        count = place.days.get(day)
        files, rows, late, refused = (count.file_count, count.row_count, count.delay_seconds_max, count.refused_count) if count else (0, 0, None, 0)  # fmt: skip
        yield day.isoformat(), place.state_on(day), files, rows, "" if late is None else late, refused
