"""Severities as the store has them, words, by their rank."""

from typing import Any

from sqlalchemy import ColumnElement, case

from sakimori.model.words import Severity


def rank_of(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The rank of the severity that stands there, to sort by."""
    return case({each.value: each.rank for each in Severity}, value=column)


def is_at_least(column: ColumnElement[Any], least: Severity) -> ColumnElement[bool]:
    """Whether the severity that stands there is as grave as that or graver."""
    return column.in_([each.value for each in Severity if each.rank >= least.rank])
