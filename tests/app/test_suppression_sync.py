"""What AWS itself suppresses beside what the store says: read, judged, compared, and never changed."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.collect.conftest import OWN, FakeDoor, refused
from tests.findings.suppression.world import NOW, guardduty, keep, of_bucket, suppression

from sakimori.app.suppress import Court, Known
from sakimori.app.suppression_sync import OPERATIONS, Difference, Line, Synced, compare, open_commands
from sakimori.findings.suppression.aws_forms import guardduty_criteria, hub_criteria
from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals
from sakimori.findings.suppression.files import Maker
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.findings.suppression.suppressions import add_suppression, end_suppression
from sakimori.state.store import Store, open_store

DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
TYPE = "Policy:S3/BucketBlockPublicAccessDisabled"
SUPPRESSED = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}]
Filters = dict[str, dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def door(filters: Filters | None = None, rules: list[dict[str, Any]] | None = None, **more: Any) -> FakeDoor:
    filters, rules = filters or {}, rules or []
    usual: dict[str, Any] = {
        "guardduty:ListDetectors": {"DetectorIds": [DETECTOR]},
        "guardduty:ListFilters": {"FilterNames": list(filters)},
        "guardduty:GetFilter": lambda asked: {"Name": asked["FilterName"], "Action": "ARCHIVE", **filters[asked["FilterName"]]},
        "securityhub:ListAutomationRules": {"AutomationRulesMetadata": [{"RuleArn": each["RuleArn"]} for each in rules]},
        "securityhub:BatchGetAutomationRules": {"Rules": rules},
    }  # fmt: skip
    return FakeDoor({**usual, **{name.replace("__", ":"): answer for name, answer in more.items()}})


def synced(store: Store, behind: FakeDoor) -> Synced:
    with store.read() as connection:
        return compare(Court(connection, Maker("tanaka", NOW), Known(people=("sato",))), [behind])


def kept(store: Store, **words: Any) -> Suppression:
    usual: dict[str, Any] = {"accounts": (OWN,), "action": Action.ARCHIVE, "id": "backups"}
    made = of_bucket(**{**usual, **words})
    add_suppression(store, made)
    return made


def only(found: Synced) -> Line:
    (line,) = found.lines
    return line


def checks(line: Line) -> set[str]:
    return {each.check for each in line.judged.faults} if line.judged else set()


def argument(line: Line, name: str) -> Any:
    return json.loads(line.command[line.command.index(name) + 1])


def test_it_only_reads_and_only_what_it_declares(store: Store) -> None:
    kept(store)
    behind = door({"a": {}, "b": {"Action": "NOOP"}}, [hub_rule()])
    synced(store, behind)
    assert {operation for operation, _, _ in behind.asked} == set(OPERATIONS)


def test_what_the_store_has_and_aws_lacks_is_to_be_created(store: Store) -> None:
    wanted = kept(store)
    line = only(synced(store, door()))
    assert (line.difference, line.command[:3]) == (Difference.MISSING, ("aws", "guardduty", "create-filter"))
    assert argument(line, "--finding-criteria") == guardduty_criteria(wanted)
    assert {"--action", "ARCHIVE", "--name", "backups", "--detector-id", DETECTOR} <= set(line.command)


def test_what_is_told_in_a_digest_must_still_come_and_is_no_filter(store: Store) -> None:
    for action in (Action.DIGEST, Action.MUTE):
        kept(store, id=action.value, action=action)
    kept(store, id="elsewhere", accounts=("999999999999",))
    kept(store, id="far", regions=("eu-west-1",))
    add_suppression(store, suppression())
    assert synced(store, door()).lines == []


def test_equal_ones_are_in_line_in_whatever_order_aws_tells_them(store: Store) -> None:
    wanted = kept(
        store, criteria=Criteria.of((equals("rule", TYPE), equals("resource.s3BucketDetails.name", "b", "a")))
    )
    told = guardduty_criteria(wanted)["Criterion"]
    turned = {name: {word: values[::-1] for word, values in test.items()} for name, test in reversed(told.items())}
    line = only(synced(store, door({"backups": {"FindingCriteria": {"Criterion": turned}}})))
    assert (line.difference, line.command) == (Difference.SAME, ())


def test_a_filter_that_was_widened_by_hand_is_to_be_updated(store: Store) -> None:
    wanted = kept(store)
    line = only(synced(store, door({"backups": {"FindingCriteria": {"Criterion": {"type": {"Equals": [TYPE]}}}}})))
    assert (line.difference, line.command[2]) == (Difference.CHANGED, "update-filter")
    assert argument(line, "--finding-criteria") == guardduty_criteria(wanted)
    assert {"SUP004", "SUP005"} <= checks(line)


def test_one_that_ended_here_and_goes_on_there_is_to_be_deleted(store: Store) -> None:
    wanted = kept(store)
    end_suppression(store, "backups", NOW, "sato")
    line = only(synced(store, door({"backups": {"FindingCriteria": guardduty_criteria(wanted)}})))
    assert (line.difference, line.command[2]) == (Difference.OVER, "delete-filter")


def test_one_that_somebody_made_there_is_judged_by_the_same_law(store: Store) -> None:
    keep(store, guardduty(account=OWN, region="us-east-1", rule="Recon:EC2/Portscan"))
    told = {"FindingCriteria": {"Criterion": {"severity": {"GreaterThanOrEqual": 4}}}, "CreatedAt": NOW}
    line = only(synced(store, door({"quiet": told})))
    assert (line.difference, line.command[2]) == (Difference.UNKNOWN, "delete-filter")
    assert {"SUP001", "SUP004", "SUP007", "SUP008", "SUP009", "SUP012"} <= checks(line)
    assert line.judged is not None
    assert len(line.judged.matches) == 1


def test_what_a_filter_cannot_say_is_told_and_not_made(store: Store) -> None:
    kept(store, criteria=Criteria.of((equals("rule", TYPE), Criterion("resource", Operator.MATCHES, ("arn:*x*",)))))
    line = only(synced(store, door()))
    assert (line.difference, line.field, line.command) == (Difference.UNTRANSLATABLE, "resource", ())
    assert only(synced(store, door({"backups": {}}))).difference is Difference.UNTRANSLATABLE


def test_a_refusal_is_a_gap_and_nothing_is_said_of_that_place(store: Store) -> None:
    kept(store)
    found = synced(store, door(guardduty__ListFilters=refused()))
    assert [(gap.table, gap.call) for gap in found.gaps] == [("guardduty", "guardduty:ListFilters")]
    assert found.lines == []


def test_where_a_service_is_off_there_is_nothing_to_do(store: Store) -> None:
    kept(store)
    off = door(guardduty__ListDetectors={"DetectorIds": []}, securityhub__ListAutomationRules=refused("InvalidAccessException", "not subscribed"))  # fmt: skip
    found = synced(store, off)
    assert (found.lines, found.gaps, found.places) == ([], [], [])


# -- Security Hub ------------------------------------------------------------------------


def hub_suppression(**words: Any) -> Suppression:
    named = Criteria.of((equals("rule", "S3.8"), equals("resource", "arn:aws:s3:::site")))
    usual: dict[str, Any] = {"source": "securityhub", "criteria": named, "id": "site", "accounts": ()}
    return suppression(**{**usual, **words})


def hub_rule(**words: Any) -> dict[str, Any]:
    arn = f"arn:aws:securityhub:us-east-1:{OWN}:automation-rule/1"
    usual = {"RuleArn": arn, "RuleName": "site", "RuleStatus": "ENABLED", "RuleOrder": 7, "Actions": SUPPRESSED, "Criteria": hub_criteria(hub_suppression()), "Description": "-"}  # fmt: skip
    return {**usual, **words}


def test_automation_rules_are_compared_as_filters_are(store: Store) -> None:
    add_suppression(store, hub_suppression())
    assert only(synced(store, door(rules=[hub_rule()]))).difference is Difference.SAME
    wide = only(synced(store, door(rules=[hub_rule(Criteria={"SeverityLabel": [{"Value": "MEDIUM", "Comparison": "EQUALS"}]})])))  # fmt: skip
    assert (wide.difference, wide.command[2]) == (Difference.CHANGED, "batch-update-automation-rules")
    (item,) = argument(wide, "--update-automation-rules-request-items")
    assert item["Criteria"] == hub_criteria(hub_suppression())


def test_rules_that_do_not_silence_or_are_off_are_passed_over(store: Store) -> None:
    louder = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Severity": {"Label": "CRITICAL"}}}]
    rules = [hub_rule(RuleStatus="DISABLED"), hub_rule(Actions=louder)]
    assert synced(store, door(rules=rules)).lines == []


def test_a_new_rule_comes_after_those_that_are_there(store: Store) -> None:
    add_suppression(store, hub_suppression())
    found = synced(store, door(rules=[hub_rule(RuleName="監査前", RuleOrder=40)]))
    unknown, missing = found.lines
    assert (unknown.difference, unknown.command[2]) == (Difference.UNKNOWN, "batch-delete-automation-rules")
    assert missing.command[missing.command.index("--rule-order") + 1] == "41"
    assert [each.difference for each in open_commands(found.lines)] == [Difference.UNKNOWN, Difference.MISSING]


def test_a_shell_gives_back_each_word_of_a_command_whatever_it_holds(store: Store) -> None:
    import shlex  # noqa: PLC0415

    name = "x'; touch /tmp/owned; echo \"$(id)\n`id`"
    kept(store, owner=name, ticket="\n--action NOOP", criteria=Criteria.of((equals("rule", TYPE), equals("resource.s3BucketDetails.name", name))))  # fmt: skip
    line = only(synced(store, door()))
    printed = subprocess.run(["sh", "-c", f"printf '%s\\0' {shlex.join(line.command)}"], capture_output=True, text=True, check=True)  # fmt: skip
    assert tuple(printed.stdout.split("\0")[:-1]) == line.command
    description = line.command[line.command.index("--description") + 1]
    assert not set(description) & set("'\"$`;\n,")
