"""Secrets of an account on a terminal."""

import pytest

from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.app.account_secrets import AccountSearched
from sakimori.cli.secrets_account_pages import print_searched
from sakimori.lake.rows import Row

KIND = load_kinds(())[0]


def row(resource: str, number: int, severity: str) -> Row:
    return {
        "id": f"{resource} {number:04}", "resource_arn": resource, "place": "ecr-image", "part": "layer", "line": number,
        "kind": KIND.id, "severity": severity, "confidence": "high", "masked": "AK…", "allowed_because": "",
        "access_key_id": "", "key_account_id": "",
    }  # fmt: skip


def test_bait_in_one_resource_buries_no_other_and_not_what_is_graver(capsys: pytest.CaptureFixture[str]) -> None:
    exposed = [*(row("bait", number, "low") for number in range(500)), row("bait", 9_000, "critical"), row("other", 1, "low")]  # fmt: skip
    found = AccountSearched(snapshot="s", searched=(), exposed=exposed, gaps=())
    print_searched(found, {KIND.id: KIND}, frozenset(), "en", show_all=True)
    told = capsys.readouterr().out
    assert told.count("AK…") == 51
    assert "layer:9000" in told
    assert "And 451 more in this resource" in told
    assert "other" in told
