"""All steps of the strictest baseline in one run: they do not stand in each other's way, forth or back, and code says the same."""

import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import hcl2
import pytest
from tests.actions.staging import WISHES, Stage, now

from sakimori.actions.catalogue import steps
from sakimori.actions.plan import Plan, Planning, Standing, make_plan
from sakimori.actions.terraform import rendered
from sakimori.app.harden_plan import as_terraform

MIRROR: Final = os.environ.get("SAKIMORI_TEST_TERRAFORM_MIRROR", "")


def _plan(stage: Stage) -> Plan:
    planning = Planning(steps=tuple(steps().values()), baseline="strict", made_at=now(), wishes=WISHES)
    return make_plan(stage.door, planning)


def test_a_bare_account_gets_all_of_it_and_is_bare_again_afterwards(stage: Stage) -> None:
    before, plan = stage.rows(), _plan(stage)
    assert {each.step for each in plan.to_make} == steps().keys()
    stage.apply(plan)
    again = _plan(stage)
    assert Counter(each.standing for each in again.items) == {Standing.AS_WANTED: len(plan.items)}
    shown = stage.undoing()
    assert {each.place: bool(each.changes) for each in shown} == {each.place: True for each in plan.to_make}
    stage.undo()
    after = stage.rows()
    patterns = [pattern for step in steps().values() for pattern in step.residue]
    changed = ((before - after) + (after - before)).elements()
    assert [row[:2] for row in changed if not any(fnmatch(f"{row[0]} {row[1]}", each) for each in patterns)] == []
    assert [each.before for each in _plan(stage).items] == [each.before for each in plan.items]


def test_the_wanted_state_of_all_of_it_is_code_that_terraform_reads(stage: Stage) -> None:
    plan = _plan(stage)
    resources, left = as_terraform(plan, stage.door)
    assert left == ()
    found = hcl2.loads(rendered(resources))["resource"]
    names = Counter((each.type, each.name) for each in resources)
    assert len(found) == len(resources)
    assert [name for name, count in names.items() if count > 1] == [], "two resources of one name"
    regional = {"aws_guardduty_detector", "aws_config_configuration_recorder", "aws_ebs_encryption_by_default"}
    assert {each.region for each in resources if each.type in regional} == set(stage.door.account.selected)


@pytest.mark.skipif(
    not (shutil.which("terraform") and MIRROR),
    reason="needs terraform, and SAKIMORI_TEST_TERRAFORM_MIRROR: a directory from `terraform providers mirror` with hashicorp/aws",
)
def test_terraform_takes_the_code(stage: Stage, tmp_path: Path) -> None:
    """With the provider that is at hand: one before version 6 does not know that a resource may name its Region."""
    resources, _ = as_terraform(_plan(stage), stage.door)
    is_old = not list(Path(MIRROR).glob("registry.terraform.io/hashicorp/aws/[6-9].*"))
    code = rendered([replace(each, region="") for each in resources] if is_old else resources)
    (tmp_path / "main.tf").write_text(code.replace(">= 6.0", ">= 5.0") if is_old else code, encoding="utf-8")
    mirror = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n'
    (tmp_path / "cli.rc").write_text(mirror, encoding="utf-8")
    own = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "cli.rc"), "CHECKPOINT_DISABLE": "1"}
    for arguments in (("init", "-backend=false"), ("validate",)):
        command = ["terraform", arguments[0], "-no-color", *arguments[1:]]
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_owner_did_not_say_is_asked_for_and_the_rest_is_made(stage: Stage) -> None:
    silent = replace(stage, wishes=replace(WISHES, contacts={}, emails=(), budget_usd=0.0))
    planning = Planning(steps=tuple(steps().values()), baseline="strict", made_at=now(), wishes=silent.wishes)
    plan = make_plan(stage.door, planning)
    unsaid = {each.step for each in plan.items if each.standing is Standing.UNSAID}
    assert unsaid == {"HB01", "HB03", "HB07", "HB08", "HB27", "HB28"}
    assert {each.step for each in plan.to_make} == steps().keys() - unsaid
