from dataclasses import replace

from sakimori.model.assessment import Assessment
from sakimori.model.framework import RequirementStatus
from sakimori.outputs.report.html_frameworks import MAX_REQUIREMENTS, SIGNS, framework_views
from sakimori.outputs.report.html_guide import anchors


def test_a_rule_that_the_page_tells_of_is_a_link_and_another_is_not(framed: Assessment) -> None:
    [view] = framework_views(framed, anchors(rule.id for rule in framed.rules))
    links = {rule.id: rule.anchor for row in view.rows for rule in row.rules}
    assert links["aws.iam.root-no-access-key"] == "rule-aws.iam.root-no-access-key"
    assert links["aws.rds.instance-encrypted"] == ""


def test_muted_failures_are_not_shown_as_open(framed: Assessment) -> None:
    [view] = framework_views(framed, {})
    assert [rule.open for rule in view.rows[0].rules] == [1, 11]


def test_every_status_has_a_sign_beside_its_colour(framed: Assessment) -> None:
    assert set(SIGNS) == set(RequirementStatus)
    [view] = framework_views(framed, {})
    assert [status for status, _ in view.counts] == list(RequirementStatus)


def test_what_is_left_out_is_counted(framed: Assessment) -> None:
    [framework] = framed.frameworks
    long = replace(framework, requirements=framework.requirements[:1] * (MAX_REQUIREMENTS + 7))
    [view] = framework_views(replace(framed, frameworks=(long,)), {})
    assert (len(view.rows), view.hidden) == (MAX_REQUIREMENTS, 7)
