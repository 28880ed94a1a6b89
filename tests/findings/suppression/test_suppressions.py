"""The suppressions that hold on a day, and the store of all that ever were."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.suppression.world import ACCOUNT, BUCKET, NOW, ROLE, RULE, TODAY, suppression, until

from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals
from sakimori.findings.suppression.subject import Subject
from sakimori.findings.suppression.suppression import Action, Suppression, identifier_of
from sakimori.findings.suppression.suppressions import (
    Suppressions,
    active_suppressions,
    add_suppression,
    all_suppressions,
    end_suppression,
    find_suppression,
)
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Mute
from sakimori.model.words import Severity
from sakimori.state.store import Store


def subject(**words: Any) -> Subject:
    usual: dict[str, Any] = {"rule": RULE, "severity": Severity.LOW, "account": ACCOUNT, "region": "us-east-1", "principal": ROLE, "resources": (BUCKET,)}  # fmt: skip
    return Subject(**{**usual, **words})


def test_a_suppression_is_given_back_as_it_was_kept(store: Store) -> None:
    whole = suppression(
        action=Action.MUTE, regions=("us-east-1",), evidence="e", created_from=("a", "b"), approved_by="suzuki",
        reason="<!channel>\n'\"; -- \u202e 夜間",
        criteria=Criteria.of((equals("rule", RULE), Criterion("resource", Operator.MATCHES, ("*",)))),
    )  # fmt: skip
    assert add_suppression(store, whole)
    assert find_suppression(store, whole.id) == whole
    assert all_suppressions(store) == (whole,)


def test_the_same_decision_is_kept_once_and_another_of_its_id_is_refused(store: Store) -> None:
    assert add_suppression(store, suppression())
    assert not add_suppression(store, suppression(created_at=NOW + timedelta(days=1), created_by="other"))
    with pytest.raises(UsageError) as told:
        add_suppression(store, suppression(expires_on=until(200)))
    assert told.value.text == "suppress.id_taken"
    end_suppression(store, "backup-role", NOW, "sato")
    with pytest.raises(UsageError):
        add_suppression(store, suppression())


def test_it_holds_from_its_day_through_its_last_one(store: Store) -> None:
    add_suppression(store, suppression(expires_on=until(2)))
    for days, count in ((-1, 0), (0, 1), (2, 1), (3, 0)):
        assert len(active_suppressions(store, TODAY + timedelta(days=days))) == count, days


def test_what_a_person_ended_holds_no_more_and_is_not_deleted(store: Store) -> None:
    add_suppression(store, suppression())
    assert end_suppression(store, "backup-role", NOW, "sato")
    assert not end_suppression(store, "backup-role", NOW, "sato")
    assert active_suppressions(store, TODAY).of(subject()) is None
    (kept,) = all_suppressions(store)
    assert (kept.ended_at, kept.ended_by) == (NOW, "sato")


def test_source_account_and_region_must_be_those_that_it_names() -> None:
    known = Suppressions([suppression(regions=("us-east-1",))])
    assert known.of(subject()) is not None
    for words in ({"source": "guardduty"}, {"account": "999999999999"}, {"region": "us-east-2"}):
        assert known.of(subject(**words)) is None


def test_the_first_that_holds_counts() -> None:
    one, two = suppression(), suppression(id="two", criteria=Criteria.of((equals("rule", RULE),)))
    for order in ((one, two), (two, one)):
        assert Suppressions(order).of(subject()) is order[0]


def test_it_is_cheap_to_learn_that_none_concerns_a_rule() -> None:
    pattern = suppression(id="p", criteria=Criteria.of((Criterion("rule", Operator.MATCHES, ("Recon:*",)),)))
    known = Suppressions([suppression(), pattern])
    assert [known.may_concern(each) for each in (RULE, "Recon:EC2/Portscan", "other")] == [True, True, False]
    assert not Suppressions([]).may_concern(RULE)
    without = suppression(criteria=Criteria.of((equals("principal", ROLE),)))
    assert Suppressions([without]).may_concern("anything")


def test_one_that_names_a_former_id_of_a_rule_goes_on() -> None:
    known = Suppressions([suppression()], {RULE: "secrets-read-by-the-dozen"})
    assert known.may_concern("secrets-read-by-the-dozen")
    assert known.of(subject(rule="secrets-read-by-the-dozen")) is not None
    assert known.of(subject()) is None


RULES = st.sampled_from(["a", "b", "ab"])
NAMES = st.sampled_from(["x", "y", "z"])
CRITERIA = st.lists(
    st.builds(
        Criterion,
        st.sampled_from(["rule", "resource", "principal"]),
        st.sampled_from(list(Operator)),
        st.lists(st.sampled_from(["a", "b", "ab", "x", "y", "*", "a*"]), min_size=1, max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: (each.field, each.operator),
).map(Criteria.of)


@pytest.mark.slow
@given(st.lists(CRITERIA, max_size=6), RULES, NAMES, st.lists(NAMES, max_size=2))
def test_the_index_finds_what_asking_each_one_finds(
    criteria: list[Criteria], rule: str, principal: str, resources: list[str]
) -> None:
    entries = [suppression(id=str(number), criteria=each) for number, each in enumerate(criteria)]
    of = subject(rule=rule, principal=principal, resources=tuple(resources))
    known = Suppressions(entries)
    assert list(known.all_of(of)) == [each for each in entries if each.holds(of)]
    if known.of(of):
        assert known.may_concern(rule)


def test_a_hundred_thousand_findings_meet_two_hundred_suppressions_without_asking_each() -> None:
    asked: list[str] = []

    class Counted(Suppression):
        def holds(self, subject: Subject) -> bool:
            asked.append(self.id)
            return super().holds(subject)

    def of(number: int) -> Suppression:
        made = suppression(
            id=str(number), criteria=Criteria.of((equals("rule", RULE), equals("resource", f"r-{number}")))
        )
        return Counted(**{name: getattr(made, name) for name in made.__dataclass_fields__})

    known = Suppressions(map(of, range(200)))
    for number in range(1_000):
        known.of(subject(resources=(f"r-{number}",)))
    assert len(asked) == 200


def test_the_same_decision_has_the_same_id() -> None:
    one = suppression()
    assert identifier_of(one) == identifier_of(replace(one, id="x", reason="other words", created_by="suzuki"))
    assert identifier_of(one) != identifier_of(replace(one, expires_on=until(1)))
    assert identifier_of(one) != identifier_of(replace(one, action=Action.DIGEST))


def test_a_second_person_is_neither_the_maker_nor_the_owner() -> None:
    told = [suppression(approved_by=each).has_second_person for each in ("", "TANAKA", " sato ", "suzuki")]
    assert told == [False, False, False, True]


def test_what_it_says_to_a_verdict() -> None:
    assert suppression().mute == Mute(reason="The backup reads them each night", owner="sato", until=until(90))
    assert [each for each in Action if each.is_in_case] == [Action.MUTE]
    assert [each for each in Action if each.is_in_digest] == [Action.DIGEST]
