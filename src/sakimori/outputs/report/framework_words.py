"""How a framework's answer is put into words, the same in every report for people."""

from collections.abc import Iterable, Mapping
from typing import Final

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.framework import Attested, ConditionResult, FrameworkResult, RequirementResult, RequirementStatus
from sakimori.outputs.report.words import counted
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_LIST: Final = 20
"""So many rules or people are listed for one requirement."""
HELD: Final = (RequirementStatus.PASS, RequirementStatus.ATTESTED)
OPEN: Final = (RequirementStatus.FAIL, RequirementStatus.UNKNOWN, RequirementStatus.TO_ATTEST)
"""What somebody has to look after, the worst first."""


def framework_name(framework: FrameworkResult, language: Language) -> str:
    """The title with the version."""
    title = clean(framework.title.in_(language))
    if not framework.version or framework.version in title:
        return title
    return _say("named", language, title=title, version=framework.version)


def source_line(framework: FrameworkResult, language: Language) -> str:
    """When and where it was published."""
    return _say("source", language, published=framework.published_on, source=framework.source)


def status_word(status: RequirementStatus, language: Language) -> str:
    """The status in the language."""
    return say(f"report_frameworks.status_{status}", language)


def totals(framework: FrameworkResult, language: Language) -> str:
    """How many requirements stand how, the worst first: `Not met 3 · Met 12`; what there is none of is left out."""
    counts = ((status, framework.count(status)) for status in RequirementStatus)
    return " · ".join(
        _say("total", language, word=status_word(status, language), count=count) for status, count in counts if count
    )


def held_line(framework: FrameworkResult, language: Language) -> str:
    """How many are met or attested, of those that can be."""
    apart = (RequirementStatus.NOTHING, RequirementStatus.NOT_ASSESSABLE, RequirementStatus.RETIRED)
    asked = len(framework.requirements) - sum(framework.count(status) for status in apart)
    return _say("held", language, held=sum(framework.count(status) for status in HELD), all=asked)


def place(requirement: RequirementResult, language: Language) -> str:
    """The section and the level in which the source has it; "" where it has neither."""
    section = clean(requirement.section.in_(language)) if requirement.section else ""
    level = "" if requirement.level is None else _say("level", language, level=requirement.level)
    return " · ".join(part for part in (section, level) if part)


def rule_counts(requirement: RequirementResult, language: Language) -> str:
    """What its rules said together; "" where it has none."""
    if not requirement.rules:
        return ""
    names = ("passed", "failed", "unknown", "muted")
    sums = {name: sum(getattr(rule, name) for rule in requirement.rules) for name in names}
    return _say("counted_muted" if sums["muted"] else "counted", language, **sums)


def failing_rules(
    requirement: RequirementResult, rules: Mapping[str, RuleSummary], language: Language
) -> tuple[str, ...]:
    """One sentence for each rule with open failures."""
    open_ = [(rule.id, rule.failed - rule.muted) for rule in requirement.rules if rule.failed > rule.muted]
    return tuple(
        _say("fails", language, title=rules[rule].title.in_(language) if rule in rules else rule, count=count)
        for rule, count in open_[:_LIST]
    )


def attestations(requirement: RequirementResult, language: Language) -> tuple[str, ...]:
    """Who vouches until when, and for which accounts nobody does."""
    lines = [attestation(each, language) for each in requirement.attested[:_LIST]]
    if requirement.accounts_to_attest:
        lines.append(_say("accounts_to_attest", language, accounts=requirement.accounts_to_attest[:_LIST]))
    return tuple(lines)


def attestation(attested: Attested, language: Language) -> str:
    """One person's word."""
    line = _say("attested_by", language, signer=attested.signer, until=attested.valid_until)
    extra = [clean(attested.note)] if attested.note else []
    if attested.evidence_name:
        extra.append(_say("evidence_named", language, name=attested.evidence_name))
    return " ".join((line, *extra))


def remarks(requirement: RequirementResult, language: Language) -> tuple[str, ...]:
    """The reason, the question that is to be attested, and what took its place."""
    texts = [requirement.reason]
    if requirement.status is RequirementStatus.TO_ATTEST:
        texts.append(requirement.question_text)
    lines = [clean(text.in_(language)) for text in texts if text is not None]
    if requirement.successors:
        lines.append(_say("successors", language, successors=requirement.successors[:_LIST]))
    return tuple(lines)


def condition_line(condition: ConditionResult, language: Language) -> str:
    """Whether a condition over several requirements holds."""
    word = {True: "condition_met", False: "condition_not_met", None: "condition_unknown"}[condition.is_met]
    return _say(word, language, title=condition.title.in_(language), held=condition.held, at_least=condition.at_least)


def more_line(count: int, language: Language) -> str:
    """That `count` requirements are left out."""
    return counted("report_frameworks.more", count, language)


def related(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """`framework requirement` for each pair that asks for a rule."""
    return tuple(f"{framework} {requirement}" for framework, requirement in pairs)


def rules_by_id(assessment: Assessment) -> dict[str, RuleSummary]:
    """The rules of an assessment by id."""
    return {rule.id: rule for rule in assessment.rules}


def _say(identifier: str, language: Language, **values: object) -> str:
    return say(f"report_frameworks.{identifier}", language, **values)
