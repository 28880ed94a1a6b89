import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.repository_scanned import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.simulate.faults import Fault, Kind

NAME = "shop/web"
ARN = f"arn:aws:ecr:{HOME}:606060606060:repository/{NAME}"


def make_repository(stage: Stage, *, scanned: bool = False) -> None:
    setting = {"scanOnPush": scanned}
    stage.client("ecr").create_repository(repositoryName=NAME, imageScanningConfiguration=setting)


def scan(stage: Stage, kind: str, *filters: str) -> None:
    rules = [
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": each, "filterType": "WILDCARD"}]}
        for each in filters
    ]
    stage.client("ecr").put_registry_scanning_configuration(scanType=kind, rules=rules)


def item_of(stage: Stage, arn: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, arn)).items
    return item


def test_images_are_scanned_and_no_longer_after_an_undo(stage: Stage) -> None:
    make_repository(stage)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))


@pytest.mark.parametrize("how", ["by its own setting", "by the registry's filter", "it is gone"])
def test_a_repository_that_is_scanned_or_gone_is_left_alone(stage: Stage, how: str) -> None:
    if how != "it is gone":
        make_repository(stage, scanned=how == "by its own setting")
    if how == "by the registry's filter":
        scan(stage, "BASIC", "shop/*")
    assert item_of(stage).standing is Standing.AS_WANTED


def test_it_is_held_back_where_the_registry_would_not_heed_it(stage: Stage) -> None:
    make_repository(stage)
    scan(stage, "ENHANCED", "other/*")
    assert [each.text for each in item_of(stage).cautions if each.blocks] == ["fix_data.repository_scanned_enhanced"]
    scan(stage, "BASIC", "other/*")
    assert item_of(stage).standing is Standing.TO_MAKE


def test_a_registry_that_could_not_be_looked_at_is_said(stage: Stage) -> None:
    make_repository(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ecr:GetRegistryScanningConfiguration"))
    assert [each.text for each in item_of(stage).cautions] == ["fix_data.repository_scanned_unseen"]
