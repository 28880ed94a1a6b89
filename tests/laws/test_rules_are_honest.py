"""Laws over every example of every built-in rule: not knowing more can only make a verdict unknown."""

from collections.abc import Iterator, Mapping

import pytest
from tests.held_rulebook import held_rulebook

from sakimori.analysis.catalogue import catalogue
from sakimori.model.words import Status
from sakimori.rules.examples import ExampleRunner, Given, Outcome
from sakimori.rules.rule import Example, Rule, Unread

BOOK = held_rulebook()
BY_HAND_ALONE = {
    # The root user's MFA and keys: only the root user, signed in to the console, can change them.
    "aws.iam.root-access-key-absent",
    "aws.iam.root-hardware-mfa-enabled",
    "aws.iam.root-mfa-enabled",
    # Every check of Trusted Advisor is mended in another service.
    "aws.trustedadvisor.security-checks-clear",
    # It was used: no command takes that back, and its cause must be found.
    "aws.iam.root-not-used-recently",
}
CASES = [(rule, example) for rule in BOOK.rules.values() for example in rule.examples]
# Rules that share a query and examples alike (`test_alarmed_rules.py` holds that) are blanked once for all.
ONE_OF_A_QUERY = {rule.query: rule for rule in BOOK.rules.values()}
# A quarter of the queries on their first example always, all of it where there is time (tens of milliseconds a cell).
ALWAYS = {rule.id for place, rule in enumerate(ONE_OF_A_QUERY.values()) if place % 4 == 0}
BLANKED = [
    pytest.param(
        rule,
        example,
        id=f"{rule.id}-{example.name}",
        marks=() if example is rule.examples[0] and rule.id in ALWAYS else pytest.mark.slow,
    )
    for rule, example in CASES
    if ONE_OF_A_QUERY[rule.query] is rule
]


def _id(value: object) -> str:
    return value.id if isinstance(value, Rule) else value.name if isinstance(value, Example) else str(value)


@pytest.fixture(scope="module")
def runner() -> Iterator[ExampleRunner]:
    with ExampleRunner(catalogue()) as runner:
        yield runner


def test_every_built_in_rule_loads() -> None:
    assert BOOK.faults == ()
    assert len(BOOK.rules) >= 20


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=_id)
def test_a_built_in_rule_tells_how_to_mend_it_what_that_may_break_and_the_way_back(rule: Rule) -> None:
    remedy = rule.remedy
    assert remedy.console
    assert remedy.cli or remedy.terraform or rule.id in BY_HAND_ALONE
    assert remedy.breaks
    assert remedy.undo
    assert rule.story
    assert rule.references


@pytest.mark.parametrize(("rule", "example"), CASES, ids=_id)
def test_the_example_gives_what_it_expects(runner: ExampleRunner, rule: Rule, example: Example) -> None:
    outcome = runner.run(rule, BOOK.queries[rule.id], example)
    assert outcome.error is None
    assert outcome.found == example.expect


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "example"), BLANKED)
def test_blanking_any_cell_turns_a_verdict_only_into_unknown(
    runner: ExampleRunner, rule: Rule, example: Example
) -> None:
    for what, given in _blanked(rule, example.given):
        outcome = _run(runner, rule, example, given)
        _is_no_bolder(outcome, example.expect, f"{what} blanked")


@pytest.mark.parametrize(("rule", "example"), BLANKED)
def test_unreading_any_table_turns_a_verdict_only_into_unknown(
    runner: ExampleRunner, rule: Rule, example: Example
) -> None:
    for table in example.given:
        if table == rule.judges:
            continue
        given = {name: rows for name, rows in example.given.items() if name != table}
        outcome = _run(runner, rule, example, given)
        _is_no_bolder(outcome, example.expect, f"{table} unread")


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=_id)
def test_an_unread_subject_gives_one_explicit_unknown_and_never_silence(runner: ExampleRunner, rule: Rule) -> None:
    outcome = runner.run_given(rule, BOOK.queries[rule.id], {})
    assert outcome.found == {"*": Status.UNKNOWN}


@pytest.mark.slow
@pytest.mark.parametrize("rule", ONE_OF_A_QUERY.values(), ids=_id)
def test_a_refused_row_of_a_read_table_never_lets_a_rule_pass_on_what_it_did_not_see(
    runner: ExampleRunner, rule: Rule
) -> None:
    """Take any row away and say that its unit was not read whole: pass may not come out of the hole. Slow by its number."""
    for example in rule.examples:
        for table, rows in example.given.items():
            if table == rule.judges:
                continue
            for index in range(len(rows)):
                given = {**example.given, table: (*rows[:index], *rows[index + 1 :])}
                unread = (*example.unread, Unread(table=table))
                outcome = runner.run_given(
                    rule, BOOK.queries[rule.id], given, unread=unread, thresholds=example.thresholds
                )
                _is_no_bolder(outcome, example.expect, f"{table} row {index} not read")


def _run(runner: ExampleRunner, rule: Rule, example: Example, given: Given) -> Outcome:
    return runner.run_given(rule, BOOK.queries[rule.id], given, unread=example.unread, thresholds=example.thresholds)


def _is_no_bolder(outcome: Outcome, expected: Mapping[str, Status], what: str) -> None:
    """Every verdict that was there still is, the same or unknown; a resource that did not apply may become unknown."""
    assert outcome.error is None, what
    for resource, status in expected.items():
        assert outcome.found.get(resource) in {status, Status.UNKNOWN}, f"{what}: {resource}"
    for resource, status in outcome.found.items():
        if resource not in expected:
            assert status is Status.UNKNOWN, f"{what}: {resource}"


def _blanked(rule: Rule, given: Given) -> Iterator[tuple[str, Given]]:
    """The same rows with one cell less; keys are what a row is found by and always known."""
    for table, rows in given.items():
        declared = catalogue()[table]
        keys = {"account_id", "partition", "region", declared.key, declared.parent}
        for index, row in enumerate(rows):
            for column in row:
                if column not in keys and row[column] is not None:
                    changed = {**row, column: None}
                    yield f"{table}[{index}].{column}", {**given, table: (*rows[:index], changed, *rows[index + 1 :])}
