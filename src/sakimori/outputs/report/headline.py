"""The one sentence an assessment begins with, and what it covers."""

from sakimori.model.assessment import Assessment
from sakimori.outputs.report.overview import Overview
from sakimori.outputs.report.words import account_label, counted
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


def headline(assessment: Assessment, overview: Overview, language: Language) -> str:
    """How things stand: what is urgent, what can wait, or that all is well as far as could be read."""
    unknown = sum(rule.unknown for rule in assessment.rules)
    rest = overview.open - overview.urgent
    if overview.urgent:
        identifier = "report.headline_urgent" if rest else "report.headline_urgent_only"
        return counted(identifier, overview.urgent, language, urgent=overview.urgent, rest=rest)
    if rest:
        return counted("report.headline_calm", rest, language, rest=rest)
    if unknown:
        return counted("report.headline_clean_but", unknown, language, unknown=unknown)
    if overview.muted:
        return say("report.headline_muted", language)
    return say("report.headline_clean" if len(assessment.verdicts) else "report.headline_nothing", language)


def scope(assessment: Assessment, language: Language) -> str:
    """`production (111122223333) · 17 Regions · as of 2026-11-23 05:02 UTC`."""
    accounts = assessment.accounts
    if len(accounts) == 1:
        where = account_label(accounts[0].account, language)
    else:
        where = counted("report.accounts", len(accounts), language)
    regions = {region for covered in accounts for region in covered.account.selected or covered.account.regions}
    if regions:
        where = f"{where} · {counted('report.regions', len(regions), language)}"
    return say("report.scope", language, where=where, as_of=assessment.as_of)
