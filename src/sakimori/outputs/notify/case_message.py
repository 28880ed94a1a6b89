"""What a message says of a case: first what it is, then whose, since when, how much, and what to do now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sakimori.findings.imported.told import SERVICES
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_view import CaseView
from sakimori.outputs.notify.message import Message, MessageKind, Step
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

POSTURE: Final = "posture"
_FEW: Final = 3
_LINE: Final = 600


def case_message(view: CaseView, language: Language, account_name: str, news: Sequence[str], **told: object) -> Message:
    """The message of a case; `news` are words of why it is told again (`notify.news_<word>`), none at first.

    `told` are the message's own `key`, `kind` and `made_at`.
    """
    return Message(
        severity=view.severity,
        language=language,
        headline=clean(view.title.in_(language), _LINE),
        case=view.id,
        account=view.account,
        account_name=account_name,
        lines=tuple(clean(line, _LINE) for line in _lines(view, language, news)),
        steps=_steps(view, language),
        footer=_footer(view, language),
        deadline=view.deadline,
        data={**view.plain(), "news": list(news)},
        **told,  # pyright: ignore[reportArgumentType] - key, kind and made_at
    )


def closed_message(view: CaseView, language: Language, account_name: str, **told: object) -> Message:
    """Nothing of it is left to do."""
    return replace(
        case_message(view, language, account_name, (), **told),
        lines=(say("notify.case_closed" if view.kind != POSTURE else "notify.posture_closed", language),),
        steps=(_step("look", language, view.id),),
        footer="",
        deadline=None,
        data=view.plain(),
    )


def case_entry(view: CaseView, language: Language, account_name: str) -> str:
    """A case in one line of a digest."""
    account = f"{view.account} ({account_name})" if account_name else view.account
    return clean(
        say(
            "notify.entry", language, case=view.id, severity=say(f"report.severity_{view.severity}", language),
            title=view.title.in_(language), account=account, count=view.findings, subject=view.subject,
        ),
        _LINE,
    )  # fmt: skip


def _lines(view: CaseView, language: Language, news: Sequence[str]) -> list[str]:
    lines = (
        [say("notify.again", language, news=[say(f"notify.news_{word}", language) for word in news])] if news else []
    )
    who = view.subject if view.kind != POSTURE else ""
    owner = ", ".join(view.owners) or view.taken_by
    if who:
        lines.append(say("notify.who_owned" if owner else "notify.who", language, who=who, owner=owner))
    if view.message.in_(language) not in {"", view.title.in_(language)}:
        lines.append(view.message.in_(language))
    if view.origins:
        lines.append(say("notify.origins", language, origins=_few(view.origins, language)))
    if view.kind == POSTURE:
        lines.append(say("notify.posture_count", language, count=view.count, resources=_few(view.resources, language)))
        return lines
    lines.append(
        say("notify.since", language, first=_short(view.first_at, language), last=_short(view.last_at, language))
    )
    lines.append(say("notify.counts", language, findings=view.findings, count=view.count, regions=_few(view.regions, language)))  # fmt: skip
    if view.suppressed:
        lines.append(say("notify.suppressed", language, count=view.suppressed))
    return lines


def _steps(view: CaseView, language: Language) -> tuple[Step, ...]:
    if view.kind == POSTURE:
        rule = view.rules[0] if view.rules else view.subject
        return (
            Step(text=say("notify.step_explain", language), command=f"sakimori explain {rule}"),
            _step("take", language, view.id),
        )
    return (_step("look", language, view.id), _step("take", language, view.id), _step("benign", language, view.id))


_COMMANDS: Final = {
    "look": "sakimori findings show {case}",
    "take": "sakimori findings assign {case} --to me",
    "benign": "sakimori findings close {case} --as benign --reason …",
}


def _step(name: str, language: Language, case: str) -> Step:
    return Step(text=say(f"notify.step_{name}", language), command=_COMMANDS[name].replace("{case}", case))


def _footer(view: CaseView, language: Language) -> str:
    others = [SERVICES.get(each, each) for each in view.producers if each != "sakimori"]
    return say("notify.grounds", language, rules=_few((*view.rules[:_FEW], *others), language))


def _few(words: Sequence[str], language: Language) -> str:
    shown = ("、" if language == "ja" else ", ").join(clean(each, 120) for each in words[:_FEW])
    left = len(words) - _FEW
    return say("notify.few", language, shown=shown, count=left) if left > 0 else shown


def _short(at: datetime, language: Language) -> str:
    return show_time(at, language)


def trial_message(language: Language, **told: object) -> Message:
    """Whether this route works: asks nothing of anybody."""
    return Message(
        kind=MessageKind.TEST,
        severity=Severity.INFORMATIONAL,
        language=language,
        headline=say("notify.test_headline", language),
        lines=(say("notify.test_line", language),),
        **told,  # pyright: ignore[reportArgumentType] - key and made_at
    )
