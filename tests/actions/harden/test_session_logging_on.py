import json
from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.session_logging_on import STEP
from sakimori.actions.plan import Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.state import ManagedNode

NAME = "SSM-SessionManagerRunShell"
OURS = f"sakimori-logs-606060606060-{HOME}"


def _document(**inputs: Any) -> str:
    return json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})


def _prefer(stage: Stage, region: str = HOME, **inputs: Any) -> Any:
    ssm = stage.client("ssm", region)
    ssm.create_document(Name=NAME, DocumentType="Session", DocumentFormat="JSON", Content=_document(**inputs))
    return ssm


def _inputs(stage: Stage, region: str = HOME) -> dict[str, Any]:
    return json.loads(stage.client("ssm", region).get_document(Name=NAME)["Content"])["inputs"]


def _versions(ssm: Any) -> dict[str, bool]:
    found = ssm.list_document_versions(Name=NAME)["DocumentVersions"]
    return {each["DocumentVersion"]: each["IsDefaultVersion"] for each in found}


def test_preferences_are_made_where_there_are_none(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    stage.apply(plan, "again")
    for region in REGIONS:
        assert _inputs(stage, region) == {
            "s3BucketName": OURS, "s3KeyPrefix": "session-manager", "s3EncryptionEnabled": False,
        }  # fmt: skip


def test_preferences_without_a_place_keep_all_else_and_come_back_as_the_same_version(stage: Stage) -> None:
    ssm = _prefer(stage, idleSessionTimeout="20", runAsEnabled=True, s3BucketName="", cloudWatchLogGroupName="")
    plan = holds_and_is_taken_back(stage, STEP)
    assert _versions(ssm) == {"1": True}
    stage.apply(plan, "again")
    assert (_inputs(stage)["idleSessionTimeout"], _inputs(stage)["s3BucketName"]) == ("20", OURS)
    assert _versions(ssm) == {"1": False, "2": True}


def test_all_calls_of_a_new_version_stand_in_the_plan(stage: Stage) -> None:
    _prefer(stage, idleSessionTimeout="20")
    item = next(each for each in stage.plan(STEP).to_make if each.region == HOME)
    assert [change.call.operation for change in item.changes] == [
        "ssm:UpdateDocument",
        "ssm:UpdateDocumentDefaultVersion",
    ]


def test_a_number_that_was_not_foreseen_is_found_in_the_next_round(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm = _prefer(stage, idleSessionTimeout="20")
    real = Site.all_of

    def one_less(site: Site, operation: str, key: str, **parameters: object) -> list[Any]:
        found = real(site, operation, key, **parameters)
        if operation != "ssm:ListDocumentVersions" or len(found) > 1:
            return found
        return [{**each, "DocumentVersion": "7"} for each in found]

    monkeypatch.setattr(Site, "all_of", one_less)
    stage.apply(stage.plan(STEP))
    assert _versions(ssm) == {"1": False, "2": True}


@pytest.mark.parametrize("inputs", [{"cloudWatchLogGroupName": "/sessions"}, {"s3BucketName": "their-sessions"}])
def test_preferences_that_name_a_place_already_are_left(stage: Stage, inputs: dict[str, str]) -> None:
    for region in REGIONS:
        _prefer(stage, region, **inputs)
    assert {each.standing for each in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_version_of_ours_that_somebody_turned_away_from_is_used_again(stage: Stage) -> None:
    ssm = _prefer(stage, idleSessionTimeout="20")
    stage.apply(stage.plan(STEP), "first")
    ssm.update_document_default_version(Name=NAME, DocumentVersion="1")
    [item] = stage.plan(STEP).to_make
    assert [change.call.operation for change in item.changes] == ["ssm:UpdateDocumentDefaultVersion"]
    holds_and_is_taken_back(stage, STEP)


def test_a_version_of_ours_that_is_out_of_date_is_replaced(stage: Stage) -> None:
    ssm = _prefer(stage, idleSessionTimeout="20")
    stage.apply(stage.plan(STEP), "first")
    ssm.update_document(
        Name=NAME, Content=_document(idleSessionTimeout="30"), DocumentVersion="$LATEST", DocumentFormat="JSON"
    )
    ssm.update_document_default_version(Name=NAME, DocumentVersion="3")
    stage.apply(stage.plan(STEP), "second")
    assert (_inputs(stage)["idleSessionTimeout"], _inputs(stage)["s3BucketName"]) == ("30", OURS)


def test_preferences_that_are_not_understood_are_not_touched(stage: Stage) -> None:
    content = json.dumps({"schemaVersion": "1.0", "inputs": ["what"]})
    stage.client("ssm").create_document(Name=NAME, DocumentType="Session", DocumentFormat="JSON", Content=content)
    found = {each.region: (each.standing, each.reason) for each in stage.plan(STEP).items}
    assert found[HOME] == (Standing.UNREADABLE, "ssm:GetDocument: Malformed")


def test_instances_that_need_another_permission_are_named(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name="base", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"]
    [instance] = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    stage.simulated.state.managed_nodes[instance["InstanceId"]] = ManagedNode(at=stage.simulated.state.clock())
    found = {
        each.region: [caution.values for caution in each.cautions if caution.text == "harden_record.hb29_roles"]
        for each in stage.plan(STEP).to_make
    }
    assert [each["instances"] for each in found[HOME]] == [[instance["InstanceId"]]]
    assert found[REGIONS[1]] == []


def test_the_same_preferences_as_code(stage: Stage) -> None:
    item = stage.plan(STEP).to_make[0]
    assert STEP.terraform
    assert item.target
    code = rendered(STEP.terraform(Site(door=stage.door, region=item.region), item.target))
    assert OURS in code
