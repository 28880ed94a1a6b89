"""Which resources a recorded request was about: from the event's `resources`, or built from its parameters (`sql_told`)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.action_table import Action, action_table
from sakimori.analysis.iam.sql.told import TOLD, Told
from sakimori.lake.engines.spelling import literal

COLUMNS: Final = ("account_id", "partition", "aws_region", "request_parameters", "resources")
"""Columns of an event from which resources are told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type of resource that a request names: what its ARNs look like, and how parameters tell it."""

    arns: tuple[str, ...]
    """Regular expressions for whole ARNs."""
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which resources an action asks for. `is_every`: each type of `wanted` is checked; else whichever the request names."""

    wanted: tuple[Wanted, ...]
    is_every: bool
    takes_any: bool = False
    """The action knows no resources: only * matches."""


_UNKNOWN: Final = Plan((), is_every=False)
_NONE: Final = Plan((), is_every=False, takes_any=True)


@lru_cache(maxsize=4096)
def plan_of(action: str) -> Plan:
    """By an action's full name."""
    found = action_table().find(action)
    if found is None:
        return _UNKNOWN
    if not found.has_resources:
        return _NONE
    return Plan(tuple(_wanted(found)), is_every=bool(found.required))


def _wanted(action: Action) -> Iterator[Wanted]:
    service = action_table().service(action.service)
    for name in action.required or action.resources:
        kind = service.resources.get(name) if service else None
        told = TOLD.get(f"{action.service}:{name.lower()}", ())
        yield Wanted(tuple(map(_form, kind.arns)) if kind else (), told)


def _form(arn: str) -> str:
    """A template of the Service Authorization Reference as a regular expression; a part's variable stays within its part."""
    parts = arn.split(":", 5)
    return ":".join(
        "".join(
            (".+" if place == 5 else "[^:]*") if piece.startswith("${") else re.escape(piece).replace("\\-", "-")  # noqa: PLR2004 - the last part of an ARN
            for piece in re.split(r"(\$\{[^}]*\})", part)
        )
        for place, part in enumerate(parts)
    )


def members_of(plans: Sequence[Plan]) -> tuple[str, ...]:
    """The members of `request_parameters` that tell the resources of these plans."""
    paths = [path for plan in plans for wanted in plan.wanted for told in wanted.told for path in told.paths]
    return tuple(sorted({re.split(r"[.\[]", path)[0] for path in paths}))


# -- in SQL ----------------------------------------------------------------------


def resources_sql(plan: Plan) -> str:
    """A list of ARNs over the columns of an event; NULL in it is a resource that is not known. Never empty."""
    if plan.takes_any:
        return "['*']"
    if not plan.wanted:
        return "[null::varchar]"
    every = [_of_type(each) for each in plan.wanted]
    if plan.is_every:
        return f"list_concat({', '.join(f'coalesce(nullif({each}, []), [null::varchar])' for each in every)})"
    return f"coalesce(nullif(list_concat({', '.join(every)}), []), [null::varchar])"


def _of_type(wanted: Wanted) -> str:
    """The ARNs that the event lists, or else those that its parameters tell; an empty list where neither does."""
    ways = list[str]()
    if wanted.arns:
        pattern = literal("|".join(f"(?:{each})" for each in wanted.arns))
        ways.append(
            "list_filter(coalesce(json_extract_string(resources, '$[*].ARN'), []), "
            f"lambda each: each is not null and regexp_full_match(each, {pattern}, 's'))"
        )
    ways += map(_told, wanted.told)
    return f"coalesce({', '.join(f'nullif({each}, [])' for each in ways)}, []::varchar[])" if ways else "[]::varchar[]"


def _told(told: Told) -> str:
    if told.is_list:
        values = f"coalesce(json_extract_string(request_parameters, {literal('$.' + told.paths[0])}), []::varchar[])"
    else:
        joined = " || '/' || ".join(f"json_extract_string(request_parameters, {literal('$.' + path)})" for path in told.paths)  # fmt: skip
        values = f"[{joined}]"
    fits = literal(told.fits)
    kept = f"list_filter({values}, lambda each: each is not null and regexp_full_match(each, {fits}, 's'))"
    return f"list_filter(list_transform({kept}, lambda each: {_arn_sql(told)}), lambda each: each is not null)"


def _arn_sql(told: Told) -> str:
    pieces = list[str]()
    for piece in re.split(r"(\{[a-z0-9]+\})", told.arn):
        if piece.startswith("{"):
            name = piece[1:-1]
            pieces.append(
                f"regexp_extract(each, {literal(f'^(?:{told.fits})$')}, {name}, 's')"
                if name.isdigit()
                else PLACES[name]
            )
        elif piece:
            pieces.append(literal(piece))
    return " || ".join(pieces)


PLACES: Final = {"partition": '"partition"', "region": "aws_region", "account": "account_id"}
"""The columns of an event that stand for the places in an ARN."""
