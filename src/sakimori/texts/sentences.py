"""The sentences of the program: `texts/catalogue/*.yaml`, each id with its `en` and `ja`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sakimori.model.errors import SakimoriError
from sakimori.model.verdict import Text
from sakimori.texts.bounded_yaml import parse_yaml
from sakimori.texts.language import Language, show_value
from sakimori.texts.template import fill


@cache
def _catalogue(topic: str) -> Mapping[str, Text]:
    # importlib.resources would cost a tenth of the time in which `sakimori --help` answers.
    path = Path(__file__).with_name("catalogue") / f"{topic}.yaml"
    data = parse_yaml(path.read_text(encoding="utf-8"), path.name).data
    if not isinstance(data, dict):
        raise TypeError(topic)
    return {f"{topic}.{name}": Text(en=both["en"], ja=both["ja"]) for name, both in data.items()}


def text(identifier: str) -> Text:
    """Both languages of the sentence `topic.name`; KeyError if the catalogue has no such id."""
    return _catalogue(identifier.partition(".")[0])[identifier]


def has_text(identifier: str) -> bool:
    """Whether the catalogue has the sentence `topic.name`."""
    return identifier in _catalogue(identifier.partition(".")[0])


def say(identifier: str, language: Language, /, **values: object) -> str:
    """The sentence `identifier` in `language`, its placeholders filled with `values`.

    Where `near` is among them, `{hint}` asks whether that was meant, and is nothing where nothing is near.
    """
    if "near" in values and "hint" not in values:
        values["hint"] = say("rules.did_you_mean", language, near=values["near"], hint="") if values["near"] else ""
    return fill(text(identifier).in_(language), values, lambda value: show_value(value, language))


def say_both(identifier: str, /, **values: object) -> Text:
    """The sentence in both languages, its placeholders filled."""
    return Text(en=say(identifier, "en", **values), ja=say(identifier, "ja", **values))


def say_error(error: SakimoriError, language: Language) -> str:
    """What went wrong and what to do, in `language`."""
    return say(error.text, language, **error.values)
