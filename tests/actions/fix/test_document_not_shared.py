import json
from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.document_not_shared import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.model.action import Approval
from sakimori.simulate.faults import Fault, Kind

NAME = "set-up-web-server"
ARN = f"arn:aws:ssm:{HOME}:606060606060:document/{NAME}"


def make_document(stage: Stage, *accounts: str, version: str = "") -> Any:
    ssm = stage.client("ssm")
    content = {"schemaVersion": "2.2", "description": "", "mainSteps": []}
    ssm.create_document(Name=NAME, Content=json.dumps(content), DocumentType="Command")
    of_version = {"SharedDocumentVersion": version} if version else {}
    if accounts:
        ssm.modify_document_permission(
            Name=NAME, PermissionType="Share", AccountIdsToAdd=list(accounts), **of_version
        )  # fmt: skip
    return ssm


def item_of(stage: Stage, resource: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, resource)).items
    return item


@pytest.mark.parametrize("version", ["$DEFAULT", "$LATEST", "$ALL"])
def test_nobody_may_read_the_document_and_everybody_the_same_version_after_an_undo(stage: Stage, version: str) -> None:
    ssm = make_document(stage, "all", version=version)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))
    (told,) = ssm.describe_document_permission(Name=NAME, PermissionType="Share")["AccountSharingInfoList"]
    assert told == {"AccountId": "all", "SharedDocumentVersion": version}


def test_accounts_that_were_chosen_keep_the_document(stage: Stage) -> None:
    make_document(stage, "111122223333", "444455556666")
    assert item_of(stage).standing is Standing.AS_WANTED


def test_a_document_that_is_gone_is_left_alone_and_another_accounts_is_not_ours(stage: Stage) -> None:
    assert item_of(stage).standing is Standing.AS_WANTED
    assert item_of(stage, ARN.replace("606060606060", "111122223333")).standing is Standing.ADOPTED
    assert item_of(stage, ARN.replace(HOME, "us-east-1")).standing is Standing.UNREADABLE


def test_it_is_said_where_the_way_back_is_closed_or_could_not_be_looked_at(stage: Stage) -> None:
    ssm = make_document(stage, "all")
    assert [each.text for each in item_of(stage).cautions] == ["fix_data.document_not_shared_others"]
    ssm.update_service_setting(SettingId="/ssm/documents/console/public-sharing-permission", SettingValue="Disable")
    assert "fix_data.document_not_shared_lasting" in [each.text for each in item_of(stage).cautions]
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ssm:GetServiceSetting"))
    assert "fix_data.document_not_shared_unseen" in [each.text for each in item_of(stage).cautions]


def test_two_people_agree_to_it() -> None:
    assert STEP.approval is Approval.TWO_PERSON
