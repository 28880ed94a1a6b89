"""Filter patterns: whether one catches what the root user does."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.logs.pattern import catches_root_use

PARTS = ('$.userIdentity.type = "Root"', "$.userIdentity.invokedBy NOT EXISTS", '$.eventType != "AwsServiceEvent"')


@pytest.mark.parametrize("order", list(itertools.permutations(PARTS)))
def test_the_order_of_the_parts_has_no_meaning(order: tuple[str, ...]) -> None:
    assert catches_root_use("{" + " && ".join(order) + "}") is True


@pytest.mark.parametrize(
    "pattern",
    [
        "{$.userIdentity.type=Root&&$.userIdentity.invokedBy NOT EXISTS&&$.eventType!=AwsServiceEvent}",
        '{ ((($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS))) && $.eventType != "AwsServiceEvent" }',
        '{\n$.userIdentity.type = "Root"\t&& $.userIdentity.invokedBy not exists && $.eventType != "AwsServiceEvent" }',
        "{ $['userIdentity']['type'] = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != AwsServiceEvent }",
        '{ $.userIdentity.type = "Root" }',
        '{ $.userIdentity.type = "Roo*" && $.userIdentity.invokedBy NOT EXISTS }',
        '{ $.userIdentity.type = "Root" || $.eventName = "DeleteTrail" }',
    ],
)
def test_what_lets_every_act_of_root_through_watches_root(pattern: str) -> None:
    assert catches_root_use(pattern) is True


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.userIdentity.type = "IAMUser" }',
        '{ $.userIdentity.type != "Root" }',
        '{ $.userIdentity.type = "root" }',
        '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }',
        '{ $.userIdentity.type = "Root" && $.eventType = "AwsConsoleSignIn" }',
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy EXISTS }',
        '{ $.userIdentity.type = "Root" && $.responseTime > 100 }',
        "{ $.userIdentity.type = * }",
        '{ $.eventName = "DeleteTrail" }',
    ],
)
def test_what_misses_an_act_of_root_or_catches_others_does_not_watch_root(pattern: str) -> None:
    assert catches_root_use(pattern) is False


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "Root",
        "[ip, user, ...]",
        "{",
        "{ }",
        '{ $.userIdentity.type = "Root" } more',
        '{ $.userIdentity.type = %Ro+t% && $.eventType != "AwsServiceEvent" }',
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy != "x" }',
        '{ $.userIdentity.type = "Root" && $.eventType MAYBE }',
        "{ " + "(" * 500 + '$.userIdentity.type = "Root"' + ")" * 500 + " }",
    ],
)
def test_what_is_not_understood_is_unknown(pattern: str) -> None:
    assert catches_root_use(pattern) is None


@given(
    st.lists(
        st.sampled_from(
            ["{", "}", "(", ")", "&&", "||", "=", "!=", "<", "$.a", "$.eventType", '"x"', "NOT", "EXISTS", "%a%", "*"]
        ),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=60)
)
def test_any_text_gives_one_of_three_values(pattern: str) -> None:
    assert catches_root_use(pattern) in {True, False, None}
