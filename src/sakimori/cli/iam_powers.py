"""`sakimori iam powers`: who could do what hurts, and what AWS's quarantine policies would leave of it.

As JSON (`sakimori.iam_powers/1`): `account`; `asked` (`powers`, `actions`); `quarantines`, each with `generation` (V2, V3),
`name`, `version`, `updated_at` and `source`; `principals`, each with `principal`, `power` and `power_at_most` (none, ordinary,
escalating, strong; they differ where something is not known), `categories` (held for sure), `quarantined` (names of quarantine
policies that it has already), `gap` (users only, else null; by generation `held`, `left` and `unknown`: how many of its powers
stay) and `powers`: each with `id`, `category`, `decision` (allowed or unknown), `message` {en, ja}, `source`, `stays` by
generation (allowed, unknown, denied) and `actions`: each with `action`, `decision`, `is_any`, `resource`, `keys` (condition
keys of unknown value), `unread` (kinds of policies not read), `policies` and `stays`; and `notes`.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.iam.power_catalogue import power_catalogue
from sakimori.analysis.iam.powers import HeldAction, HeldPower, Level, PrincipalPowers, powers_of
from sakimori.analysis.iam.quarantine import GENERATIONS, quarantines
from sakimori.app.iam import find_identity
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.query_table import print_rows
from sakimori.outputs.report.iam_inventory import level_words
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_COLUMNS: Final = ("principal", "power", "powers", "categories", "certainty")
_DETAILS: Final = ("categories", "powers", "certainty", "actions", "on")
_ORDER: Final = tuple(reversed(Level))
_WORDS: Final[Mapping[bool | None, str]] = {True: "allowed", False: "denied", None: "unknown"}
_GAPS_SHOWN: Final = 30


@click.command(
    "powers",
    cls=SpokenCommand,
    help=say("iam_inventory.powers_help", spoken()),
    short_help=say("iam_inventory.powers_short", spoken()),
)
@option("--principal", multiple=True, help_="iam_inventory.option_principal")
@option(
    "--category",
    multiple=True,
    type=click.Choice(["escalate", "persist", "hide", "read", "destroy", "spend", "share"]),
    help_="iam_inventory.option_category",
)
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, principal: tuple[str, ...], category: tuple[str, ...], **given: Any) -> None:
    """Show dangerous permissions by principal."""
    source = source_of(home, given)
    wanted = {find_identity(source.account, words).arn for words in principal}
    found = sorted(
        (each for each in powers_of(source.account) if not wanted or each.who.arn in wanted),
        key=lambda each: (_ORDER.index(each.level), _ORDER.index(each.at_most), -len(each.held), each.who.arn),
    )
    if given["format_"] == "json":
        notes = [each.name for each in source.notes]
        click.echo(escaped_json(_plain(source.account.account, found, frozenset(category), notes)))
        return
    print_notes(source)
    if wanted:
        for each in found:
            _print_one(each, category, spoken())
    else:
        _print_all(found, category, spoken())


def _chosen(found: PrincipalPowers, categories: Sequence[str] | frozenset[str]) -> list[HeldPower]:
    return [each for each in found.held if not categories or each.power.category in categories]


# -- on a terminal -----------------------------------------------------------------------------


def _print_all(found: Sequence[PrincipalPowers], categories: Sequence[str], language: Language) -> None:
    headings = [_say(f"column_{each}", language) for each in _COLUMNS]
    rows = [_row(each, held, language) for each in found if (held := _chosen(each, categories))]
    if rows:
        kinds = [(each, "INT" if each == "powers" else "VARCHAR") for each in _COLUMNS]
        print_rows(headings, kinds, rows, sys.stdout)
    else:
        tell(_say("powers_none", language))
    tell("")
    levels = Counter(str(each.level) for each in found)
    known = power_catalogue()
    tell(
        _say(
            "powers_counts", language, count=len(found), unsure=sum(not each.is_certain for each in found),
            powers=len(known.powers), actions=len(known.actions), **{str(each): levels[str(each)] for each in Level},
        )
    )  # fmt: skip
    tell(_say("powers_note", language))
    if categories:
        tell(_say("note_partial", language))
    _print_gaps(found, categories, language)


def _row(found: PrincipalPowers, held: Sequence[HeldPower], language: Language) -> tuple[str, ...]:
    named = power_catalogue().categories
    counts = Counter(each.power.category for each in held if each.is_certain)
    categories = [f"{named[each].in_(language)} {count}" for each, count in counts.items()]
    unsure = sum(not each.is_certain for each in held)
    certainty = f"{_say('held_unknown', language)} {unsure}" if unsure else ""
    power = level_words(found.level, found.at_most, language)
    name = f"{found.who.principal.kind.value}/{found.who.name}"
    return name, power, str(len(held) - unsure), ", ".join(categories), certainty


def _print_gaps(found: Sequence[PrincipalPowers], categories: Sequence[str], language: Language) -> None:
    users = [each for each in found if not each.who.is_role and _chosen(each, categories)]
    if not users:
        return
    tell("")
    tell(_say("gap_heading", language))
    for each in quarantines():
        tell(f"  {_say('gap_policy', language, name=each.name, version=each.version, at=each.updated_at[:10])}")
    for each in users[:_GAPS_SHOWN]:
        held = _chosen(each, categories)
        counts = [
            _say("gap_count", language, generation=name, held=len(held), **_gap(held, name)) for name in GENERATIONS
        ]
        tell(f"  {_say('gap_line', language, user=each.who.name, counts=counts)}")
        if each.quarantined:
            tell(f"    {_say('already_quarantined', language, user=each.who.name, policies=each.quarantined)}")
    if len(users) > _GAPS_SHOWN:
        tell(f"  … +{len(users) - _GAPS_SHOWN} (--format json)")
    tell(_say("gap_hint", language))


def _gap(held: Sequence[HeldPower], generation: str) -> dict[str, int]:
    answers = Counter(each.stays(generation) for each in held)
    return {"left": answers[True], "unknown": answers[None]}


def _print_one(found: PrincipalPowers, categories: Sequence[str], language: Language) -> None:
    tell(f"{clean(found.who.arn)}: {level_words(found.level, found.at_most, language)}")
    if found.quarantined:
        tell(_say("already_quarantined", language, user=found.who.name, policies=found.quarantined))
    held = _chosen(found, categories)
    if not held:
        tell(_say("powers_none", language))
        return
    generations = () if found.who.is_role else GENERATIONS
    headings = [_say(f"column_{each}", language) for each in _DETAILS]
    headings += [_say("column_gap", language, generation=each) for each in generations]
    named = power_catalogue().categories
    rows = [
        (
            named[each.power.category].in_(language), each.power.text.in_(language),
            _say("held_allowed" if each.is_certain else "held_unknown", language) + _hangs(each, language),
            ", ".join(action.action for action in each.actions), _places(each, language),
            *(_left(each, name, language) for name in generations),
        )
        for each in held
    ]  # fmt: skip
    print_rows(headings, [(each, "VARCHAR") for each in headings], rows, sys.stdout)
    tell(_say("powers_note", language))


def _hangs(held: HeldPower, language: Language) -> str:
    if held.is_certain:
        return ""
    keys = sorted({key for each in held.actions for key in each.keys})
    unread = sorted({kind.value for each in held.actions for kind in each.unread})
    words = [_say("hangs_on_keys", language, keys=keys)] if keys else []
    words += [_say("hangs_on_unread", language, kinds=unread)] if unread else []
    return f" ({'; '.join(words)})" if words else ""


def _left(held: HeldPower, generation: str, language: Language) -> str:
    """What the quarantine policy leaves, by the actions that do it."""
    answer = held.stays(generation)
    word = _say(f"held_{_WORDS[answer]}", language)
    actions = [each.action for each in held.actions if each.stays.get(generation, each.is_allowed) is answer]
    return word if answer is False else f"{word}: {', '.join(actions)}"


def _places(held: HeldPower, language: Language) -> str:
    if any(each.is_any for each in held.actions):
        return _say("on_any", language)
    return ", ".join(dict.fromkeys(each.resource for each in held.actions))


def _say(name: str, language: Language, /, **values: object) -> str:
    return say(f"iam_inventory.{name}", language, **values)


# -- for machines ------------------------------------------------------------------------------


def _plain(
    account: str, found: Sequence[PrincipalPowers], categories: frozenset[str], notes: Sequence[str]
) -> dict[str, object]:
    known = power_catalogue()
    return {
        "schema": "sakimori.iam_powers/1",
        "account": account,
        "asked": {"powers": len(known.powers), "actions": len(known.actions)},
        "quarantines": [
            {
                "generation": each.generation, "name": each.name, "version": each.version, "updated_at": each.updated_at,
                "source": each.source,
            }
            for each in quarantines()
        ],
        "principals": [_plain_principal(each, categories) for each in found],
        "notes": list(notes),
    }  # fmt: skip


def _plain_principal(found: PrincipalPowers, categories: frozenset[str]) -> dict[str, object]:
    held = _chosen(found, categories)
    gap = None
    if not found.who.is_role:
        gap = {name: {"held": len(held), **_gap(held, name)} for name in GENERATIONS}
    return {
        "principal": found.who.arn,
        "power": found.level,
        "power_at_most": found.at_most,
        "categories": list(found.categories),
        "quarantined": list(found.quarantined),
        "gap": gap,
        "powers": [_plain_power(each, is_user=not found.who.is_role) for each in held],
    }


def _plain_power(held: HeldPower, *, is_user: bool) -> dict[str, object]:
    power = held.power
    return {
        "id": power.id,
        "category": power.category,
        "decision": "allowed" if held.is_certain else "unknown",
        "message": {"en": power.text.en, "ja": power.text.ja},
        "source": power.source,
        "stays": {name: _WORDS[held.stays(name)] for name in GENERATIONS} if is_user else None,
        "actions": [_plain_action(each) for each in held.actions],
    }


def _plain_action(held: HeldAction) -> dict[str, object]:
    return {
        "action": held.action,
        "decision": _WORDS[held.is_allowed],
        "is_any": held.is_any,
        "resource": held.resource,
        "keys": list(held.keys),
        "unread": [each.value for each in held.unread],
        "policies": list(held.policies),
        "stays": {name: _WORDS[answer] for name, answer in held.stays.items()} or None,
    }
