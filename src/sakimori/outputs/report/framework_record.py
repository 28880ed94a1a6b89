"""A framework's answer as plain data, for the JSON document."""

from sakimori.model.framework import (
    Attested,
    ConditionResult,
    FrameworkResult,
    RequirementResult,
    RequirementRule,
    RequirementStatus,
)
from sakimori.model.verdict import Text
from sakimori.outputs.report.plain_values import utc


def both(text: Text | None) -> dict[str, str] | None:
    """Both languages, or null."""
    return None if text is None else {"en": text.en, "ja": text.ja}


def framework_record(framework: FrameworkResult) -> dict[str, object]:
    """The framework with its requirements in the order of the source."""
    return {
        "id": framework.id,
        "title": both(framework.title),
        "version": framework.version,
        "published_on": framework.published_on,
        "source": framework.source,
        "counts": {str(status): framework.count(status) for status in RequirementStatus},
        "conditions": [_condition(condition) for condition in framework.conditions],
        "requirements": [_requirement(requirement) for requirement in framework.requirements],
    }


def _condition(condition: ConditionResult) -> dict[str, object]:
    return {
        "title": both(condition.title),
        "at_least": condition.at_least,
        "requirements": condition.requirements,
        "held": condition.held,
        "is_met": condition.is_met,
    }


def _requirement(requirement: RequirementResult) -> dict[str, object]:
    return {
        "id": requirement.id,
        "title": both(requirement.title),
        "section": both(requirement.section),
        "level": requirement.level,
        "status": requirement.status,
        "served_by": requirement.served_by,
        "rules": [_rule(rule) for rule in requirement.rules],
        "question": requirement.question,
        "question_text": both(requirement.question_text),
        "attested": [_attested(attested) for attested in requirement.attested],
        "accounts_to_attest": requirement.accounts_to_attest,
        "reason": both(requirement.reason),
        "successors": requirement.successors,
    }


def _rule(rule: RequirementRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "parameters": rule.parameters,
        "passed": rule.passed,
        "failed": rule.failed,
        "unknown": rule.unknown,
        "muted": rule.muted,
    }


def _attested(attested: Attested) -> dict[str, object]:
    return {
        "question": attested.question,
        "signer": attested.signer,
        "signed_at": utc(attested.signed_at),
        "valid_until": attested.valid_until,
        "note": attested.note,
        "evidence_name": attested.evidence_name,
        "evidence_sha256": attested.evidence_sha256,
    }
