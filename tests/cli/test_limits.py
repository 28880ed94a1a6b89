"""Limits that no store takes are refused before it is asked."""

import click
import pytest

from sakimori.cli.findings import command as findings
from sakimori.cli.notify import command as notify


@pytest.mark.parametrize(("group", "verb"), [(findings, "list"), (findings, "cases"), (notify, "status")])
def test_a_limit_beyond_all_reason_is_refused(group: click.Group, verb: str) -> None:
    with pytest.raises(click.BadParameter):
        group.main([verb, "--limit", str(2**63)], standalone_mode=False)
