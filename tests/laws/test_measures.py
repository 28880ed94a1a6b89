"""What holds of every measure of hardening: its sentences, its rules, its calls, and that what cannot be read is never planned."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.actions.staging import WISHES

from sakimori.actions import fix, harden
from sakimori.actions.catalogue import containments, erasures, every_step, fixes, guides, steps
from sakimori.actions.plan import Planning, Standing, make_plan
from sakimori.actions.prices import prices
from sakimori.actions.respond import contain, erase
from sakimori.actions.step import Guide, Step
from sakimori.app.rules import OpenRules, open_rules
from sakimori.aws.actions import action_of
from sakimori.aws.data_files import data_loader
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.words import GapKind
from sakimori.texts.sentences import say

ROOT = Path(__file__).parents[2]
MEASURES: list[Step | Guide] = [*every_step().values(), *guides().values()]


@cache
def opened() -> OpenRules:
    return open_rules()


class _Refusing:
    """A door behind which everything is refused."""

    account = Account(id="111122223333", partition="aws", regions=("us-east-1",), selected=("us-east-1",))
    refusals = ()

    def call(self, operation: str, _region: str, _parameters: Mapping[str, object]) -> Mapping[str, Any]:
        raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.id)
def test_a_measure_says_what_it_does_and_why_and_names_rules_that_exist(measure: Step | Guide) -> None:
    for language in ("en", "ja"):
        for part in ("title", "why", *(("screens",) if isinstance(measure, Guide) else ())):
            assert say(f"{measure.texts}_{part}", language)
    assert set(measure.rules) <= opened().book.rules.keys()
    if isinstance(measure, Guide) and measure.question:
        assert measure.question in opened().frameworks.questions


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.id)
def test_a_measure_calls_operations_that_exist_and_whose_iam_action_is_known(measure: Step | Guide) -> None:
    named = (*measure.reads, *measure.writes) if isinstance(measure, Step) else measure.reads
    assert len(set(named)) == len(named)
    for each in named:
        service, operation = each.split(":")
        assert operation in data_loader().load_service_model(service, "service-2")["operations"], each
        assert action_of(each)


@pytest.mark.parametrize("step", every_step().values(), ids=lambda each: each.id)
def test_with_every_call_refused_nothing_is_planned_and_nothing_is_said_to_be_fine(step: Step) -> None:
    planning = Planning(
        steps=(step,), baseline="strict", made_at=datetime(2026, 11, 26, tzinfo=UTC),
        wishes=WISHES, resources={step.id: [("us-east-1", "arn:aws:x:us-east-1:111122223333:thing/x")]},
    )  # fmt: skip
    items = make_plan(_Refusing(), planning).items  # type: ignore[arg-type]
    assert items
    assert {each.standing for each in items} <= {Standing.UNREADABLE, Standing.BLOCKED, Standing.UNSAID}
    assert all(each.reason or each.cautions for each in items)


@pytest.mark.parametrize("guide", guides().values(), ids=lambda each: each.id)
def test_with_every_call_refused_what_a_person_does_is_still_to_do(guide: Guide) -> None:
    planning = Planning(steps=(), guides=(guide,), baseline="strict", made_at=datetime(2026, 11, 26, tzinfo=UTC))
    (item,) = make_plan(_Refusing(), planning).items  # type: ignore[arg-type]
    assert item.standing is Standing.BY_HAND
    assert bool(item.reason) == bool(guide.reads)


def test_every_measure_lies_in_a_file_of_its_own() -> None:
    packages = (
        (harden, {**steps(), **guides()}), (fix, dict(fixes())), (contain, dict(containments())),
        (erase, dict(erasures())),
    )  # fmt: skip
    for package, known in packages:
        paths = [path for path in Path(package.__path__[0]).glob("*.py") if path.stem != "__init__"]
        measures = [path for path in paths if re.search(r"\n(STEP|GUIDE): Final", path.read_text(encoding="utf-8"))]
        assert len(measures) == len(known)
        assert paths == measures, "what steps share lies beside the packages of steps"


def test_every_step_is_shown_on_its_stages() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "actions").glob("*/test_*.py"))
    shown = set(re.findall(r"sakimori\.actions\.(?:harden|fix|respond\.\w+)\.(\w+) import", tests))
    for names in re.findall(r"from sakimori\.actions\.(?:harden|fix|respond\.\w+) import ([^(\n]+|\([^)]+\))", tests):
        shown.update(each.split(" as ")[0].strip(" ()\n") for each in names.split(","))
    packages = [Path(package.__path__[0]) for package in (harden, fix, contain, erase)]
    steps_of = [
        path for each in packages for path in each.glob("*.py") if "\nSTEP: Final" in path.read_text(encoding="utf-8")
    ]
    named = {path.stem for path in steps_of if f'"{path.stem.replace("_", "-")}"' in tests}
    assert {path.stem for path in steps_of} - shown - named == set()


def test_the_baseline_goes_from_being_reachable_to_being_told() -> None:
    order = [each.id for each in sorted((*steps().values(), *guides().values()), key=lambda each: each.order)]
    first = [order.index(each) for each in ("HB01", "HB04", "HB07", "HB10", "HB11", "HB13", "HB16", "HB23", "HB28")]
    assert first == sorted(first)


def test_every_price_that_a_step_may_name_exists_and_none_is_left_over() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for package in (harden, fix) for path in Path(package.__path__[0]).glob("*.py")
    )
    assert {each for each in prices().by_name if f'"{each}"' not in code} == set()
