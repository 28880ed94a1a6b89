"""`sakimori harden --for-aws-case`: the paragraph for AWS Support, and what is still missing for it."""

import sys
from pathlib import Path
from typing import Final

import click

from sakimori.app.assess import AssessRequest
from sakimori.app.aws_case import LEAST_PROTECTING, LEAST_WATCHING, CaseProof, Proof, prove
from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.aws.door import Door
from sakimori.cli.lazy import spoken
from sakimori.cli.progress import progress_on
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_SERVICES: Final = {
    "budgets": ("harden_case.budgets", "HB07"),
    "cloudtrail": ("harden_case.cloudtrail", "HB11"),
    "trusted-advisor": ("harden_case.trusted_advisor", ""),
    "cost-anomaly-detection": ("harden_case.cost_anomaly_detection", "HB08"),
    "mfa": ("harden_case.mfa", ""),
    "security-hub": ("harden_case.security_hub", "HB14"),
    "guardduty": ("harden_case.guardduty", "HB13"),
}
"""By requirement: what the service is called, and the measure that sets it up ("" where none does)."""
_NAMED: Final = 5


def print_case(home: Path, door: Door, state: str) -> int:
    """Print the paragraph on stdout, so that it can be copied, and the rest on stderr; 1 where AWS would ask again."""
    language = spoken()
    request = AssessRequest(home=home, mutes=read_settings(home / "config.toml").mutes, state=state)
    with progress_on(sys.stderr, language) as progress:
        found = prove(request, door, clock=utc_now, progress=progress)
    click.echo(_paragraph(found, language))
    for proof in (*found.watching, *found.protecting):
        if proof.holds is not True:
            click.echo(_missing(proof, language), err=True)
    key = "harden_case.enough" if found.is_enough else "harden_case.not_enough"
    counts = {"watching": found.watching_held, "protecting": found.protecting_held}
    least = {"least_watching": LEAST_WATCHING, "least_protecting": LEAST_PROTECTING}
    click.echo(say(key, language, **counts, **least), err=True)
    return COMPLETED if found.is_enough else FAILED


def _paragraph(found: CaseProof, language: Language) -> str:
    lines = [say("harden_case.opening", language, account=found.account, at=show_time(found.as_of, language))]
    for heading, proofs in (("watching", found.watching), ("protecting", found.protecting)):
        held = [each for each in proofs if each.holds is True]
        if held:
            lines.append(say(f"harden_case.{heading}", language))
            lines += [f"- {_service(each, language)}" for each in held]
    return "\n".join(map(clean, lines)) if len(lines) > 1 else say("harden_case.nothing", language)


def _service(proof: Proof, language: Language) -> str:
    name = say(_SERVICES[proof.requirement][0], language)
    if proof.names:
        return say("harden_case.named", language, service=name, names=list(proof.names[:_NAMED]))
    if proof.requirement in {"security-hub", "guardduty"}:
        count = {"count": len(proof.regions), "wanted": proof.wanted_regions}
        return say("harden_case.in_regions", language, service=name, **count)
    return say("harden_case.on", language, service=name)


def _missing(proof: Proof, language: Language) -> str:
    sentence, step = _SERVICES[proof.requirement]
    name = say(sentence, language)
    if proof.regions and len(proof.regions) < proof.wanted_regions:
        counts = {"count": len(proof.regions), "wanted": proof.wanted_regions}
        return say("harden_case.partial", language, service=name, step=step, **counts)
    if proof.holds is None:
        return say("harden_case.unreadable", language, service=name)
    if proof.requirement == "mfa":
        return say("harden_case.mfa_missing", language)
    return say("harden_case.missing" if step else "harden_case.absent", language, service=name, step=step)
