"""The table `[harden]`: what the owner says is taken whole, and what is wrong in it is named."""

import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.actions.wishes import Contact, parse_wishes
from sakimori.model.errors import UsageError

WHOLE = """
emails = ["a@example.com", "a@example.com", "b@example.com"]
budget_usd = 50
home_region = "ap-northeast-1"
keep_days = 365
yen_rate = 155.5
optional = ["HB21"]
[contact.security]
name = "佐藤"
title = "Security"
email = "security@example.com"
phone = "+81 3 0000 0000"
"""


def test_what_is_said_is_taken_and_an_address_once() -> None:
    found = parse_wishes(tomllib.loads(WHOLE))
    assert found.emails == ("a@example.com", "b@example.com")
    assert (found.budget_usd, found.home_region, found.keep_days, found.optional) == (
        50,
        "ap-northeast-1",
        365,
        ("HB21",),
    )
    assert found.yen_rate == 155.5
    assert found.contacts == {
        "security": Contact(name="佐藤", title="Security", email="security@example.com", phone="+81 3 0000 0000")
    }


def test_nothing_said_is_no_wish() -> None:
    assert parse_wishes(None) == parse_wishes({})
    assert parse_wishes(None).contacts == {}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"emails": ["nobody"]}, "emails"),
        ({"emails": ["a@b\r\nBcc: c@d"]}, "emails"),
        ({"emails": "a@example.com"}, "emails"),
        ({"budget_usd": -1}, "budget_usd"),
        ({"budget_usd": float("nan")}, "budget_usd"),
        ({"keep_days": 0}, "keep_days"),
        ({"home_region": "tokyo"}, "home_region"),
        ({"contact": {"boss": {}}}, "contact"),
        (
            {"contact": {"security": {"name": "", "title": "t", "email": "a@example.com", "phone": "1"}}},
            "contact.security.name",
        ),
        ({"contact": {"security": {"name": "n"}}}, "contact"),
        ({"budgt_usd": 5}, "budgt_usd"),
        ([], "object"),
    ],
)
def test_what_is_wrong_is_named(wrong: Any, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_wishes(wrong)
    assert named in str(dict(caught.value.values))


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_stands_there_is_taken_or_refused(found: Any) -> None:
    with suppress(UsageError):
        parse_wishes(found)
