"""What a case knows of people of IAM Identity Center that it denied: in which permission sets, since when, and in which it could not."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sakimori.app.respond.case import IDENTITY_CENTER, Case, moment_of
from sakimori.app.respond.hands import Measure
from sakimori.app.respond.measures import SSO_DENIED, sso_place

_OTHERS: Final = "others"
"""Under which the answer about one person keeps those about the people before."""


def with_person(case: Case, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer about a person, with what is known of others."""
    return {**told, _OTHERS: [each for each in _people(case) if each.get("user_id") != told["user_id"]]}


def sso_denials(case: Case) -> tuple[tuple[Measure, datetime], ...]:
    """What of a case stops sessions of Identity Center: as measures of a permission set's and a person's name."""
    return tuple(
        (Measure(account="", step=SSO_DENIED, resource=sso_place(str(each), str(told["user"]))), at)
        for told in _people(case)
        if (at := moment_of(told.get("at"))) is not None
        for each in told.get("sets") or ()
    )


def sso_places_denied(case: Case) -> tuple[Measure, ...]:
    """Where that was written, so that it can be looked at whether it holds still; () of a version that did not note it."""
    return tuple(
        Measure(
            account=str(each["account"]), step=SSO_DENIED, resource=str(each["resource"]), region=str(each["region"])
        )
        for told in _people(case)
        for each in told.get("places") or ()
    )


def denied_at(case: Case, user: str) -> datetime | None:
    """Since when a person is denied in every permission set; None where that is not so."""
    told = next((each for each in _people(case) if each.get("user") == user and not each.get("left")), None)
    return moment_of(told.get("at")) if told else None


def sso_left(case: Case) -> tuple[str, ...]:
    """The permission sets in which a person was to be denied and is not, each with the person: by these new sessions may come."""
    return tuple(sso_place(str(each), str(told["user"])) for told in _people(case) for each in told.get("left") or ())


def denied_since(case: Case) -> Mapping[str, datetime]:
    """Since when people are denied, by their user names in small letters."""
    told = ((str(each["user"]).casefold(), moment_of(each.get("at"))) for each in _people(case))
    return {user: at for user, at in told if at is not None}


def _people(case: Case) -> Iterator[Mapping[str, Any]]:
    told: Mapping[str, Any] = case.answers.get(IDENTITY_CENTER) or {}
    if told:
        yield {name: each for name, each in told.items() if name != _OTHERS}
        yield from told.get(_OTHERS) or ()
