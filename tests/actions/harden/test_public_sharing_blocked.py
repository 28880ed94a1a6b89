"""HB18: snapshots, images and documents are kept from everybody, each by itself, and what is public on purpose is said."""

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.public_sharing_blocked import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind

_SETTING = "/ssm/documents/console/public-sharing-permission"


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def _snapshot(stage: Stage) -> str:
    ec2 = stage.client("ec2")
    volume = ec2.create_volume(AvailabilityZone=f"{HOME}a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])  # fmt: skip
    return snapshot


def _image(stage: Stage) -> str:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name="tools", RootDeviceName="/dev/xvda", Architecture="x86_64")["ImageId"]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    return image


def _document(stage: Stage, name: str = "setup", *accounts: str) -> str:
    ssm = stage.client("ssm")
    ssm.create_document(Name=name, Content='{"schemaVersion": "2.2", "mainSteps": []}', DocumentType="Command", DocumentFormat="JSON")  # fmt: skip
    if accounts:
        ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=list(accounts))
    return name


@pytest.mark.parametrize("there", ["nothing", "snapshots half", "images only", "documents set open"])
def test_all_three_are_blocked_and_each_goes_back_to_what_it_was(stage: Stage, there: str) -> None:
    ec2, ssm = stage.client("ec2"), stage.client("ssm")
    match there:
        case "snapshots half":
            ec2.enable_snapshot_block_public_access(State="block-new-sharing")
        case "images only":
            ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        case "documents set open":
            ssm.update_service_setting(SettingId=_SETTING, SettingValue="Enable")
        case _:
            pass
    plan = holds_and_is_taken_back(stage, STEP)
    item = next(item for item in plan.items if item.region == HOME)
    expected = ["snapshots", "documents"] if there == "images only" else ["snapshots", "images", "documents"]
    assert [change.name for change in item.changes] == expected
    status = ssm.get_service_setting(SettingId=_SETTING)["ServiceSetting"]["Status"]
    assert status == ("Customized" if there == "documents set open" else "Default")


def test_what_is_blocked_needs_nothing(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_part_that_a_declarative_policy_manages_is_left_to_it(stage: Stage) -> None:
    stage.simulated.state.services.declared_settings.add("snapshots")
    before = stage.rows({"ec2", "ssm"})
    plan = stage.plan(STEP)
    assert [[change.name for change in item.changes] for item in plan.items] == [["images", "documents"]] * len(REGIONS)
    stage.apply(plan)
    assert {(item.standing, item.reason) for item in stage.plan(STEP).items} == {
        (Standing.ADOPTED, "declarative-policy")
    }
    stage.undo()
    assert stage.rows({"ec2", "ssm"}) == before


def test_public_snapshots_hold_the_step_back_until_nobody_is_cut_off(stage: Stage) -> None:
    snapshot = _snapshot(stage)
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert {(each.text, *each.values.get("names", ())) for each in item.cautions if each.blocks} == {
        ("harden_watch.hb18_snapshots_close", snapshot)
    }
    stage.client("ec2").enable_snapshot_block_public_access(State="block-all-sharing")
    assert _item(stage).standing is Standing.TO_MAKE, "closed already: the other two cut nobody off"


def test_public_images_and_documents_stay_public_and_are_named(stage: Stage) -> None:
    image = _image(stage)
    _document(stage, "setup", "all")
    _document(stage, "private")
    _document(stage, "partner", "111122223333")
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    named = {each.text: each.values for each in item.cautions}
    assert named["harden_watch.hb18_images_stay"] == {"names": [image]}
    assert named["harden_watch.hb18_documents_stay"] == {"names": ["setup"]}
    stage.apply(stage.plan(STEP))
    shared = stage.client("ssm").describe_document_permission(Name="setup", PermissionType="Share")
    assert [each.lower() for each in shared["AccountIds"]] == ["all"]


def test_a_part_that_may_not_be_looked_at_is_said(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ssm:ListDocuments"))
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    assert [each.values["call"] for each in item.cautions if each.text == "harden.not_looked_at"] == [
        "ssm:ListDocuments"
    ]


def test_snapshots_that_may_not_be_looked_at_hold_the_step_back(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeSnapshots"))
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert [each.values["call"] for each in item.cautions if each.blocks] == ["ec2:DescribeSnapshots"]


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, STEP.read(site))))
    assert 'state = "block-all-sharing"' in code
    assert 'state = "block-new-sharing"' in code
    assert f'setting_id = "{_SETTING}"' in code
