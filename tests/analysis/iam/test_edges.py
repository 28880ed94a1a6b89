from pathlib import Path

import pytest
from tests.analysis.iam.path_account import (
    HERE,
    Record,
    account_of_records,
    allow,
    arn,
    group,
    policy,
    role,
    service,
    user,
)

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.paths.asking import Power
from sakimori.analysis.iam.paths.facts import Way
from sakimori.analysis.iam.paths.graph import ASSUMING, Graph
from sakimori.analysis.iam.paths.techniques import WORKLOADS, Effect, Target, Technique, load_techniques, techniques
from sakimori.analysis.iam.paths.world import World
from sakimori.analysis.iam.policy import policy_of
from sakimori.model.errors import RuleError

GOOD = """
id: a_way
title: {en: a, ja: あ}
how: {en: a, ja: あ}
target: passed_role
trusts: [lambda.amazonaws.com]
needs:
  - {action: iam:PassRole, resource: "{target}", with: {"iam:PassedToService": "{service}"}}
makes: becomes
references: [https://docs.aws.amazon.com/]
"""
ALL = pytest.mark.parametrize("technique", techniques(), ids=lambda each: each.id)


def test_the_catalogue_covers_the_ways_that_are_known() -> None:
    assert len(techniques()) >= 65
    assert {each.makes for each in techniques()} == set(Effect)
    assert {each.target for each in techniques()} == set(Target) - {Target.PIPELINE}


@ALL
def test_every_action_is_one_that_aws_documents(technique: Technique) -> None:
    assert [name for name in technique.actions if action_table().find(name) is None] == []


@ALL
def test_an_action_that_knows_no_resources_is_asked_on_all(technique: Technique) -> None:
    for need in technique.needs:
        action = action_table().find(need.action)
        assert action is not None
        assert action.has_resources or need.on == "*"


@ALL
def test_a_way_says_whom_a_role_must_trust(technique: Technique) -> None:
    by_service = {Target.PASSED_ROLE, Target.PROFILE_ROLE, *WORKLOADS}
    assert bool(technique.trusts) == (technique.target in by_service)


def _account(technique: Technique, actions: list[str]) -> IamAccount:
    trust = {
        Target.SAML_PROVIDER: {"Federated": arn("saml-provider/p")},
        Target.OIDC_PROVIDER: {"Federated": arn("oidc-provider/p.example.com")},
        Target.SSO_ROLE: {"Federated": arn("saml-provider/AWSSSO")},
    }.get(technique.target, {"Service": list(technique.trusts)} if technique.trusts else {"AWS": arn("root")})
    path = "/aws-reserved/sso.amazonaws.com/" if technique.target is Target.SSO_ROLE else "/"
    records: list[Record] = [
        policy("p", allow("s3:*")), policy("q", allow("s3:*")), group("g", allow("s3:*")),
        user("source", *([allow(actions)] if actions else [])),
        user("other", groups=["g"], attached=[arn("policy/p")], boundary=arn("policy/p")),
        role("target", trust, profile=True, path=path, boundary=arn("policy/p")),
    ]  # fmt: skip
    return account_of_records(*records)


def _ways(technique: Technique, actions: list[str]) -> list[Way]:
    world = World(
        accounts=(_account(technique, actions),),
        versions={arn("policy/p"): (policy_of("p@v1", {"Version": "2012-10-17", "Statement": [allow("*")]}),)},
    )
    graph, power = Graph(world, (technique,)), Power(arn("user/source"))
    found = graph.own_wins(power) if technique.id == ASSUMING else graph.shared_wins(power)[1]
    return [way for ways in found.values() for way in ways]


@ALL
def test_whoever_may_do_all_that_a_way_needs_wins_something(technique: Technique) -> None:
    ways = _ways(technique, list(technique.actions))
    assert ways
    is_unsure = technique.is_only_possible or technique.target in WORKLOADS or technique.has_password is not None
    assert all(way.is_sure is not is_unsure for way in ways)
    assert all("{" not in name and len(way.names) == len(technique.needs) for way in ways for name in way.names)


@ALL
def test_whoever_lacks_one_of_the_actions_wins_nothing(technique: Technique) -> None:
    for missing in technique.actions:
        if any(need.is_trusted for need in technique.needs if need.action == missing):
            continue
        assert _ways(technique, [each for each in technique.actions if each != missing]) == []


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a_way.yaml").write_text(GOOD, encoding="utf-8")
    (technique,) = load_techniques(tmp_path)
    assert technique.needs[0].context == {"iam:passedtoservice": "{service}"}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("id: a_way", "id: another", "id"),
        ("target: passed_role", "target: moon", "target"),
        ("makes: becomes", "makes: coffee", "makes"),
        ("{en: a, ja: あ}", "{en: a}", "title"),
        ("iam:PassRole", "PassRole", "needs"),
        ('"{target}"', '"{moon}"', "needs"),
        ("[lambda.amazonaws.com]", "[lambda]", "trusts"),
        ("https://docs", "docs", "references"),
        ("makes:", "sort: x\nmakes:", "unknown_key"),
        ("needs:", "needs: []\nother:", "unknown_key"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, old: str, new: str, what: str) -> None:
    (tmp_path / "a_way.yaml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleError) as error:
        load_techniques(tmp_path)
    assert error.value.values["what"] == what
    assert str(error.value.values["file"]).endswith("a_way.yaml")


def test_nothing_is_won_over_a_role_that_a_service_keeps_for_itself() -> None:
    kept = role("kept", service("lambda"), path="/aws-service-role/lambda.amazonaws.com/")
    world = World(accounts=(account_of_records(user("source", allow("iam:*")), kept),))
    graph = Graph(world, techniques())
    won = {fact.arn for fact in graph.shared_wins(Power(arn("user/source")))[1]}
    assert not [each for each in won if each.startswith(f"arn:aws:iam::{HERE}:role/aws-service-role/")]
