"""Laws over all frameworks: whole, dated, sourced; and no rule of ours stands outside all of them."""

import re

import pytest
from tests.held_rulebook import held_rulebook

from sakimori.rules.framework import Framework
from sakimori.rules.frameworks import load_frameworks

BOOK = held_rulebook()
KNOWN = load_frameworks(BOOK)
every_framework = pytest.mark.parametrize("framework", KNOWN.by_id.values(), ids=lambda each: each.id)


def _numbers(chapter: str, last: int) -> list[str]:
    return [f"{chapter}.{number}" for number in range(1, last + 1)]


# Numbers as the CIS benchmarks print them, and as the sources of the must-do lists do.
PUBLISHED = {
    "cis-5.0": [*_numbers("1", 21), *_numbers("2.1", 4), *_numbers("2.2", 4), *_numbers("2.3", 1), *_numbers("3", 9),
                *_numbers("4", 16), "5.1.1", "5.1.2", *_numbers("5", 7)[1:]],
    "cis-3.0": [*_numbers("1", 22), *_numbers("2.1", 4), *_numbers("2.2", 1), *_numbers("2.3", 3), *_numbers("2.4", 1),
                *_numbers("3", 9), *_numbers("4", 16), *_numbers("5", 6)],
    "cis-1.4": [*_numbers("1", 21), *_numbers("2.1", 5), *_numbers("2.2", 1), *_numbers("2.3", 1), *_numbers("3", 11),
                *_numbers("4", 15), *_numbers("5", 4)],
    "cis-1.2": [*_numbers("1", 22), *_numbers("2", 9), *_numbers("3", 14), *_numbers("4", 4)],
    "seed-must-fix-2023": ["CloudFront.1", "CloudTrail.1", "CodeBuild.1", "CodeBuild.2", "Config.1", "EC2.1", "EC2.2", "EC2.16", "EC2.18", "EC2.19", "ECS.1", "ECS.2", "ECS.3", "ECS.4", "ElasticBeanstalk.2", "GuardDuty.1", "IAM.1", "IAM.5", "IAM.7", "IAM.8", "IAM.21", "Lambda.1", "Lambda.2", "RDS.1", "RDS.2", "RDS.18", "Redshift.1", "Redshift.7", "S3.2", "S3.3", "S3.6", "S3.8", "SSM.4"],
    "seed-first-day": [f"HB{number:02}" for number in range(1, 38)],
}  # fmt: skip


def test_every_framework_and_question_loads() -> None:
    assert KNOWN.faults == ()
    assert KNOWN.questions


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_requirement_of_the_published_list_is_present(name: str) -> None:
    found = [requirement.id for requirement in KNOWN.by_id[name].requirements]
    assert [each for each in found if each in PUBLISHED[name]] == PUBLISHED[name]
    assert name == "seed-first-day" or len(found) == len(PUBLISHED[name])


@every_framework
def test_a_framework_names_version_day_and_source(framework: Framework) -> None:
    assert framework.version
    assert framework.published_on.year >= 2018
    assert framework.source.startswith("https://")


@every_framework
def test_what_is_not_answered_by_rules_or_a_person_says_why(framework: Framework) -> None:
    for requirement in framework.requirements:
        assert requirement.uses or requirement.question or requirement.reason, requirement.id
        assert not requirement.is_retired or requirement.reason, requirement.id


def test_a_retired_control_leads_to_successors_or_says_that_it_always_holds() -> None:
    retired = {each.id: each for each in KNOWN.by_id["seed-must-fix-2023"].requirements if each.is_retired}
    assert set(retired) == {"ECS.1", "RDS.18"}
    assert retired["ECS.1"].successors
    asked = {requirement.id for framework in KNOWN.by_id.values() for requirement in framework.requirements}
    assert set(retired["ECS.1"].successors) - asked <= {"ECS.21"}


def test_no_rule_of_ours_that_an_assessment_judges_stands_outside_every_framework() -> None:
    assert {rule.id for rule in BOOK.choose()} - set(KNOWN.asking_for()) == set()


def test_the_words_of_a_requirement_are_its_own_or_its_rules_in_both_languages() -> None:
    bare = re.compile(r"[A-Za-z0-9_.-]+\Z")
    for framework in KNOWN.by_id.values():
        for requirement in framework.requirements:
            if framework.id != "prowler-5":
                assert not bare.match(requirement.title.en), (framework.id, requirement.id)
                assert requirement.title.en != requirement.title.ja
