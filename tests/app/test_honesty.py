"""Ways in which a lying answer or an odd place could have become a pass: none of them may.

Slow: every rule is judged.
"""

from pathlib import Path

import duckdb
import pytest
from tests.app.company import assess_company

from sakimori.model.errors import LakeError
from sakimori.model.words import GLOBAL, GapKind, Status
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow

REGIONS = ("us-east-1", "ap-northeast-1")


@pytest.mark.parametrize("name", ["region=zz", "account_id=999999999999", "is_public=false", "g*[x]?"])
def test_what_a_home_is_called_changes_no_fact(as_owner: SimulatedAccount, tmp_path: Path, name: str) -> None:
    rules = ("aws.ec2.snapshot-private", "aws.rds.instance-not-public")
    plain = assess_company(as_owner, tmp_path / "plain", regions=REGIONS, rules=rules).assessment
    odd = assess_company(as_owner, tmp_path / name / "h", regions=REGIONS, rules=rules).assessment
    assert [(each.rule, each.resource, each.status) for each in odd.verdicts] == [
        (each.rule, each.resource, each.status) for each in plain.verdicts
    ]
    assert any(each.status is Status.FAIL for each in odd.verdicts)


def test_a_list_of_regions_that_nobody_could_read_is_an_unknown_and_a_gap(
    as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    as_owner.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeRegions"))
    assessment = assess_company(as_owner, tmp_path, regions=REGIONS, rules=("aws.rds.instance-not-public",)).assessment
    assert any(gap.call == "ec2:DescribeRegions" for gap in assessment.gaps)
    blind = [each for each in assessment.verdicts if each.status is Status.UNKNOWN]
    assert [(each.region, each.resource, each.reason) for each in blind] == [(GLOBAL, "*", str(GapKind.DENIED))]


def test_a_part_that_lost_its_rows_is_damage_and_not_an_empty_account(
    as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    rules = ("aws.rds.instance-not-public",)
    assess_company(as_owner, tmp_path, regions=REGIONS, rules=rules)
    (part,) = (tmp_path / "lake" / "aws_rds_instance").glob("*.parquet")
    empty = tmp_path / "empty.parquet"
    duckdb.sql(f"copy (select * from read_parquet('{part}') where false) to '{empty}' (format parquet)")
    part.chmod(0o600)
    part.write_bytes(empty.read_bytes())
    with pytest.raises(LakeError) as caught:
        assess_company(as_owner, tmp_path, regions=REGIONS, rules=rules, snapshot="latest")
    assert caught.value.text == "lake.part_damaged"


def test_latest_is_the_last_snapshot_that_can_answer(as_owner: SimulatedAccount, tmp_path: Path) -> None:
    wide = assess_company(as_owner, tmp_path, regions=REGIONS, rules=("aws.rds.*", "aws.lambda.*")).assessment
    assess_company(as_owner, tmp_path, regions=REGIONS, rules=("aws.rds.instance-not-public",))
    again = assess_company(as_owner, tmp_path, regions=REGIONS, rules=("aws.lambda.*",), snapshot="latest").assessment
    assert again.snapshot == wide.snapshot
