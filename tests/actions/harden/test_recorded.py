"""What is recorded, all together: one plan, made before there is a bucket, and taken back whole."""

import pytest
from tests.actions.staging import HOME, Stage, now

from sakimori.actions.applying import journaled_items
from sakimori.actions.harden.bedrock_logging_on import STEP as BEDROCK
from sakimori.actions.harden.config_recorder_on import STEP as CONFIG
from sakimori.actions.harden.log_archive_bucket import STEP as BUCKET
from sakimori.actions.harden.session_logging_on import STEP as SESSIONS
from sakimori.actions.harden.trail_recording import STEP as TRAIL
from sakimori.actions.harden.vpc_flow_logs_on import STEP as FLOW_LOGS
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Plan, Planning, Standing, make_plan
from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.app.assess import AssessRequest, assess
from sakimori.model.words import Status

STEPS = (BUCKET, TRAIL, CONFIG, FLOW_LOGS, SESSIONS, BEDROCK)
RULES = tuple(rule for step in STEPS for rule in step.rules)


def _plan(stage: Stage) -> Plan:
    return make_plan(
        stage.door, Planning(steps=STEPS, baseline="strict", made_at=now(), wishes=stage.wishes)
    )  # fmt: skip


def _failed(stage: Stage) -> set[tuple[str, str]]:
    request = AssessRequest(home=stage.place / "judged", rules=RULES)
    found = assess(request, [stage.door], clock=stage.simulated.state.clock).assessment
    return {(each.rule, each.region) for each in found.verdicts if each.status is not Status.PASS}


def test_all_of_it_is_one_plan_that_holds_and_is_taken_back(stage: Stage) -> None:
    before = stage.rows()
    plan = _plan(stage)
    blocking = [caution for item in plan.items for caution in item.cautions if caution.blocks]
    assert not blocking
    stage.apply(plan)
    assert {each.standing for each in _plan(stage).items} == {Standing.AS_WANTED}
    assert stage.simulated.deliver() > 0, "the trail fills the bucket"
    journal, lines = open_journal(stage.place, stage.door.account.id, "run")
    journal.close()
    bucket = next(each for each in journaled_items(lines) if each.step == "HB10")
    assert stage.hand().loses(bucket) == f"sakimori-logs-606060606060-{HOME}"
    stage.undo()
    after = stage.rows()
    left = {(table, key) for table, key, _ in (after - before) + (before - after)}
    assert {table for table, _ in left} <= {"aws_iam_role", "aws_iam_role_trust_statement", "aws_iam_account"}


def test_the_rules_that_the_steps_name_hold_afterwards(stage: Stage) -> None:
    stage.client("ec2").run_instances(
        ImageId=stage.client("ec2").register_image(Name="base", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"],
        MinCount=1, MaxCount=1,
    )  # fmt: skip
    assert {rule for rule, _ in _failed(stage)} >= {"aws.cloudtrail.multi-region-trail-records"}
    stage.apply(_plan(stage))
    assert _failed(stage) == set()


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("aws-controltower-logs-1-us-east-1", "AWS Control Tower"),
        ("AWSAccelerator-Organizations-CloudTrail", "Landing Zone Accelerator on AWS"),
        ("our-trail", ""),
    ],
)
def test_a_landing_zone_is_told_by_the_names_that_it_gives(name: str, owner: str) -> None:
    assert landing_zone_of(("", name)) == owner
