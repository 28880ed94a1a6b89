"""Timelines: what snapshots and AWS Config show, joined to the events that may have done it, and no more than that."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.app.timeline_world import (
    ACCOUNT,
    ALICE,
    BUCKET,
    DAY,
    GROUP,
    GROUP_ID,
    HOUR,
    NOON,
    NOW,
    ROLE,
    USER,
    config_item,
    event,
    group,
    ingest_events,
    ingest_items,
    rule,
    snapshot,
)

from sakimori.app.resource_events import TrailEvent
from sakimori.app.timeline import Change, Timeline, TimelineRequest, timeline
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import UsageError

GROUPS, RULES = "aws_ec2_security_group", "aws_ec2_security_group_rule"
HOME_NET, WORLD = "10.0.0.0/8", "0.0.0.0/0"


def network(*rules: Mapping[str, object], **more: object) -> dict[str, list[Mapping[str, object]]]:
    return {GROUPS: [group(**more)], RULES: list(rules)}


def timeline_of(home: Path, resource: str = GROUP, **more: Any) -> Timeline:
    return timeline(TimelineRequest(home=home, resource=resource, **more), NOW)


def changes(found: Timeline) -> list[Change]:
    return [entry for entry in found.entries if isinstance(entry, Change)]


def events(found: Timeline) -> list[str | None]:
    return [entry.name for entry in found.entries if isinstance(entry, TrailEvent)]


def told(change: Change) -> dict[tuple[str, str], dict[str, tuple[object, object]]]:
    """Cells before and after, by table and kind of change."""
    return {
        (row.table, str(row.kind)): {cell.column: (cell.before, cell.after) for cell in row.columns}
        for row in change.rows
    }


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """A home where Alice opened a group to the world between the first snapshot and the second."""
    home = tmp_path / "home"
    snapshot(home, NOON, network(rule(HOME_NET)))
    snapshot(home, NOON + DAY, network(rule(HOME_NET), rule(WORLD)))
    ingest_events(
        home,
        tmp_path / "logs",
        event(NOON - HOUR, "CreateTags", {"resourcesSet": {"items": [{"resourceId": GROUP_ID}]}}),
        event(NOON + HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}),
        event(NOON + 2 * HOUR, "DeleteSecurityGroup", {"groupId": GROUP_ID}, errorCode="Client.DependencyViolation"),
        event(NOON + 3 * HOUR, "DescribeSecurityGroups", {"securityGroupSet": {"items": [{"groupId": GROUP_ID}]}}, readOnly=True),
        event(NOON + 4 * HOUR, "AuthorizeSecurityGroupIngress", {"groupId": f"{GROUP_ID}1"}),
    )  # fmt: skip
    return home


# -- what changed, and who ---------------------------------------------------------


def test_a_change_is_joined_to_the_events_between_the_two_snapshots(opened: Path) -> None:
    [change] = changes(timeline_of(opened))
    assert told(change)[RULES, "added"]["peer"] == (None, WORLD)
    assert (change.after_at, change.at, change.until_at) == (NOON, NOON + DAY, NOON + DAY + HOUR / 6)
    [likely] = change.candidates
    assert (likely.name, likely.who, likely.origin, likely.error) == (
        "AuthorizeSecurityGroupIngress", ALICE, "198.51.100.7", None,
    )  # fmt: skip


@pytest.mark.slow
def test_entries_stand_in_the_order_of_time_with_what_was_refused_and_without_reads(opened: Path) -> None:
    found = timeline_of(opened)
    assert events(found) == ["CreateTags", "AuthorizeSecurityGroupIngress", "DeleteSecurityGroup"]
    assert [entry.at for entry in found.entries] == sorted(entry.at for entry in found.entries)
    assert isinstance(found.entries[-1], Change)


def test_reads_are_there_only_when_asked_for_and_never_did_it(opened: Path) -> None:
    found = timeline_of(opened, with_reads=True)
    assert "DescribeSecurityGroups" in events(found)
    assert [event.name for event in changes(found)[0].candidates] == ["AuthorizeSecurityGroupIngress"]


@pytest.mark.slow
def test_an_arn_an_identifier_and_a_name_are_one_resource(opened: Path) -> None:
    by_arn, by_id, by_name = (timeline_of(opened, each) for each in (GROUP, GROUP_ID, "web"))
    assert by_arn.entries == by_id.entries == by_name.entries
    assert by_name.resource.key == GROUP
    assert (by_name.resource.table, by_name.resource.account, by_name.resource.region) == (
        GROUPS,
        ACCOUNT.id,
        "us-east-1",
    )


def test_only_failed_attempts_did_not_do_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, network())
    snapshot(home, NOON + DAY, network(rule(WORLD)))
    ingest_events(
        home,
        tmp_path / "logs",
        event(NOON + HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}, errorCode="AccessDenied"),
    )
    found = timeline_of(home)
    assert changes(found)[0].candidates == ()
    assert events(found) == ["AuthorizeSecurityGroupIngress"]


def test_a_change_without_an_event_says_which_days_have_no_record(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, network())
    snapshot(home, NOON + 3 * DAY, network(rule(WORLD)))
    ingest_events(home, tmp_path / "logs", event(NOON, "CreateVpc", {}), event(NOON + 2 * DAY, "CreateVpc", {}))
    [change] = changes(timeline_of(home))
    assert change.candidates == ()
    assert (change.days, change.unrecorded_days) == (4, (date(2026, 10, 2), date(2026, 10, 4)))


@pytest.mark.slow
def test_an_event_outside_the_interval_did_not_do_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, network())
    snapshot(home, NOON + DAY, network(rule(WORLD)))
    ingest_events(
        home, tmp_path / "logs",
        event(NOON - HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}),
        event(NOON + DAY + HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}),
    )  # fmt: skip
    assert changes(timeline_of(home))[0].candidates == ()


# -- what counts as a change ---------------------------------------------------------


def test_cells_that_changed_are_told_before_and_after(tmp_path: Path) -> None:
    snapshot(tmp_path, NOON, network(name="web"))
    snapshot(tmp_path, NOON + DAY, network(name="open-web"))
    found = timeline_of(tmp_path, "open-web")
    assert told(changes(found)[0]) == {(GROUPS, "changed"): {"name": ("web", "open-web")}}
    assert found.resource.chosen == {"web", "open-web"}


@pytest.mark.slow
def test_a_resource_that_came_and_went_is_told(tmp_path: Path) -> None:
    snapshot(tmp_path, NOON, {GROUPS: []})
    snapshot(tmp_path, NOON + DAY, {GROUPS: [group()]})
    snapshot(tmp_path, NOON + 2 * DAY, {GROUPS: []})
    assert [list(told(change)) for change in changes(timeline_of(tmp_path))] == [
        [(GROUPS, "added")],
        [(GROUPS, "removed")],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("parent", ["", GROUP])
def test_rows_that_could_not_be_read_are_not_gone(tmp_path: Path, parent: str) -> None:
    snapshot(tmp_path, NOON, network(rule(WORLD)))
    snapshot(tmp_path, NOON + DAY, network(), gaps={RULES: parent})
    snapshot(tmp_path, NOON + 2 * DAY, network(rule(HOME_NET)))
    [change] = changes(timeline_of(tmp_path))
    assert (change.after_at, change.at) == (NOON, NOON + 2 * DAY)


def test_a_resource_that_could_not_be_listed_is_not_gone_and_the_snapshot_is_counted(tmp_path: Path) -> None:
    snapshot(tmp_path, NOON, {GROUPS: [group()]})
    snapshot(tmp_path, NOON + DAY, {GROUPS: []}, gaps={GROUPS: ""})
    found = timeline_of(tmp_path)
    assert found.entries == ()
    assert (len(found.looked.snapshots), found.looked.unread_count) == (1, 1)


def test_a_snapshot_of_other_tables_says_nothing(tmp_path: Path) -> None:
    snapshot(tmp_path, NOON, network(rule(WORLD)))
    snapshot(tmp_path, NOON + DAY, {"aws_s3_bucket": []})
    assert timeline_of(tmp_path).entries == ()


def test_a_cell_whose_call_was_refused_did_not_change(tmp_path: Path) -> None:
    bucket = {"arn": BUCKET, "name": "books", "default_encryption": "aws:kms"}
    snapshot(tmp_path, NOON, {"aws_s3_bucket": [bucket]})
    snapshot(
        tmp_path, NOON + DAY, {"aws_s3_bucket": [{"arn": BUCKET, "name": "books"}]}, gaps={"aws_s3_bucket": BUCKET}
    )
    assert timeline_of(tmp_path, "books").entries == ()


def test_use_is_no_change(tmp_path: Path) -> None:
    role = {"arn": ROLE, "name": "admin", "path": "/"}
    snapshot(tmp_path, NOON, {"aws_iam_role": [{**role, "last_used_at": NOON}]})
    snapshot(tmp_path, NOON + DAY, {"aws_iam_role": [{**role, "last_used_at": NOON + DAY}]})
    assert timeline_of(tmp_path, ROLE).entries == ()


def test_a_statement_that_only_moved_did_not_change(tmp_path: Path) -> None:
    def statement(index: int, sid: str) -> dict[str, object]:
        return {"id": f"{BUCKET}#{index}", "bucket_arn": BUCKET, "statement_index": index, "sid": sid, "is_allow": True}

    bucket, statements = {"arn": BUCKET, "name": "books"}, "aws_s3_bucket_policy_statement"
    snapshot(tmp_path, NOON, {"aws_s3_bucket": [bucket], statements: [statement(0, "old")]})
    snapshot(tmp_path, NOON + DAY, {"aws_s3_bucket": [bucket], statements: [statement(0, "new"), statement(1, "old")]})
    [change] = changes(timeline_of(tmp_path, BUCKET))
    assert [(str(row.kind), dict(told(change)[statements, "added"])["sid"]) for row in change.rows] == [
        ("added", (None, "new"))
    ]


def test_policies_that_name_their_owner_are_parts_of_it(tmp_path: Path) -> None:
    attached = {"attachment_key": f"{ROLE}/p", "owner_arn": ROLE, "policy_name": "p"}
    snapshot(tmp_path, NOON, {"aws_iam_role": [{"arn": ROLE, "name": "admin"}], "aws_iam_attached_policy": []})
    snapshot(
        tmp_path, NOON + DAY, {"aws_iam_role": [{"arn": ROLE, "name": "admin"}], "aws_iam_attached_policy": [attached]}
    )
    [change] = changes(timeline_of(tmp_path, ROLE))
    assert list(told(change)) == [("aws_iam_attached_policy", "added")]


# -- time, account, name ---------------------------------------------------------


def test_a_beginning_compares_with_the_snapshot_before_it_and_keeps_the_event_in_between(opened: Path) -> None:
    found = timeline_of(opened, since=NOON + 6 * HOUR)
    assert len(changes(found)) == 1
    assert events(found) == ["AuthorizeSecurityGroupIngress"]


@pytest.mark.slow
def test_an_end_leaves_out_what_comes_after(opened: Path) -> None:
    found = timeline_of(opened, until=NOON + HOUR)
    assert changes(found) == []
    assert events(found) == ["CreateTags"]


@pytest.mark.slow
def test_a_name_of_several_resources_is_refused_with_their_keys(tmp_path: Path) -> None:
    snapshot(
        tmp_path,
        NOON,
        {"aws_iam_role": [{"arn": ROLE, "name": "admin"}], "aws_iam_user": [{"arn": USER, "name": "admin"}]},
    )
    with pytest.raises(UsageError) as refused:
        timeline_of(tmp_path, "admin")
    assert refused.value.values["known"] == [ROLE, USER]
    with pytest.raises(UsageError):
        timeline_of(tmp_path, "admin", accounts=(ACCOUNT.id,), regions=("eu-west-1",))
    assert timeline_of(tmp_path, "admin", accounts=("444455556666",)).resource.table == ""


def test_a_chosen_name_counts_only_in_its_own_service_and_for_its_own_kind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, {"aws_iam_role": [{"arn": ROLE, "name": "admin"}]})
    iam = {"eventSource": "iam.amazonaws.com"}
    ingest_events(
        home, tmp_path / "logs",
        event(NOON + HOUR, "UpdateRole", {"roleName": "admin"}, **iam),
        event(NOON + HOUR, "UpdateUser", {"userName": "admin"}, **iam),
        event(NOON + HOUR, "CreateRole", {"roleName": "x"}, responseElements={"role": {"arn": ROLE, "roleName": "admin"}}, **iam),
        event(NOON + HOUR, "PassRole", {"roleName": "admin"}, eventSource="ec2.amazonaws.com"),
        event(NOON + HOUR, "AssumeRole", None, resources=[{"ARN": ROLE}], readOnly=None, eventSource="sts.amazonaws.com"),
        event(NOON + HOUR, "TagRole", {"note": "admin is fine", "roleName": "admins"}, **iam),
    )  # fmt: skip
    assert sorted(filter(None, events(timeline_of(home, ROLE)))) == ["AssumeRole", "CreateRole", "UpdateRole"]


def test_data_events_are_no_changes_of_the_bucket(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, {"aws_s3_bucket": [{"arn": BUCKET, "name": "books"}]})
    s3 = {"eventSource": "s3.amazonaws.com"}
    ingest_events(
        home, tmp_path / "logs",
        event(NOON, "PutBucketPolicy", {"bucketName": "books"}, **s3),
        event(NOON, "PutObject", {"bucketName": "books"}, managementEvent=False, eventCategory="Data", **s3),
    )  # fmt: skip
    assert events(timeline_of(home, BUCKET)) == ["PutBucketPolicy"]
    assert sorted(filter(None, events(timeline_of(home, BUCKET, with_reads=True)))) == ["PutBucketPolicy", "PutObject"]


def test_what_no_snapshot_holds_has_the_events_that_name_it(tmp_path: Path) -> None:
    Lake(tmp_path / "home").close()
    ingest_events(tmp_path / "home", tmp_path / "logs", event(NOON, "DeleteVpc", {"vpcId": "vpc-0123456789abcdef0"}))
    found = timeline_of(tmp_path / "home", "vpc-0123456789abcdef0")
    assert (found.resource.table, events(found)) == ("", ["DeleteVpc"])


def test_what_belongs_to_no_region_names_those_without_any_record(tmp_path: Path) -> None:
    Lake(tmp_path / "home").close()
    ingest_events(tmp_path / "home", tmp_path / "logs", event(NOON, "DeleteVpc", {"vpcId": "vpc-0123456789abcdef0"}))
    silent = timeline_of(tmp_path / "home", "vpc-0123456789abcdef0").looked.silent_regions
    assert (silent[0], len(silent)) == ("ap-northeast-1", 16)
    assert timeline_of(tmp_path / "home", "vpc-1", regions=("ap-northeast-1",)).looked.silent_regions == ()


def test_resource_of_one_region_asks_no_other(opened: Path) -> None:
    assert timeline_of(opened).looked.silent_regions == ()


@pytest.mark.parametrize("name", ["", "'; drop table x; --", "%", 'a"b\\', "\u9632\u4eba", "*?[", "arn:::::", "x" * 3000])  # fmt: skip
def test_a_name_is_only_ever_a_text(opened: Path, name: str) -> None:
    assert timeline_of(opened, name).entries == ()


def test_a_home_whose_path_looks_like_a_pattern_is_read(tmp_path: Path) -> None:
    home = tmp_path / "a[b]*region=x"
    snapshot(home, NOON, network())
    snapshot(home, NOON + DAY, network(rule(WORLD)))
    assert len(changes(timeline_of(home))) == 1


def test_an_empty_home_says_that_there_was_nothing_to_look_at(tmp_path: Path) -> None:
    found = timeline_of(tmp_path)
    assert (found.entries, found.looked.snapshots, found.looked.trail.places, found.looked.config_item_count) == (
        (),
        (),
        (),
        0,
    )


# -- AWS Config --------------------------------------------------------------------


def item(at: datetime, configuration: object, **more: Any) -> dict[str, Any]:
    return config_item(at, "AWS::EC2::SecurityGroup", GROUP_ID, configuration, ARN=GROUP, **more)


def test_items_of_aws_config_are_compared_and_joined_to_events(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingest_items(
        home, tmp_path / "items",
        item(NOON, {"ipPermissions": []}),
        item(NOON + 2 * HOUR, {"ipPermissions": [{"fromPort": 22}]}),
        item(NOON + 3 * HOUR, {"ipPermissions": [{"fromPort": 22}]}),
        item(NOON + 4 * HOUR, None, configurationItemStatus="ResourceDeleted"),
    )  # fmt: skip
    ingest_events(home, tmp_path / "logs", event(NOON + HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}))
    first, last = changes(timeline_of(home))
    assert told(first) == {("aws_config_item", "changed"): {"configuration.ipPermissions": ([], [{"fromPort": 22}])}}
    assert [event.name for event in first.candidates] == ["AuthorizeSecurityGroupIngress"]
    assert (last.status, list(told(last)), last.candidates) == ("ResourceDeleted", [("aws_config_item", "removed")], ())


def test_an_item_of_another_type_with_the_same_name_is_another_resource(tmp_path: Path) -> None:
    home = tmp_path / "home"
    snapshot(home, NOON, {"aws_iam_role": [{"arn": ROLE, "name": "admin"}]})
    user = config_item(
        NOON, "AWS::IAM::User", "AIDAEXAMPLE", {}, resourceName="admin", configurationItemStatus="ResourceDiscovered"
    )
    role = config_item(
        NOON, "AWS::IAM::Role", "AROAEXAMPLE", {}, resourceName="admin", configurationItemStatus="ResourceDiscovered"
    )
    ingest_items(home, tmp_path / "items", user, role)
    found = timeline_of(home, ROLE)
    assert found.looked.config_item_count == 1
    assert [change.status for change in changes(found)] == ["ResourceDiscovered"]
