"""Text in both languages as markup: escaped, bounded, and without characters that could move or reorder it."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from markupsafe import Markup

from sakimori.model.verdict import Text
from sakimori.outputs.report.words import counted, message
from sakimori.texts.language import Language, clean, show_value
from sakimori.texts.sentences import say_both

ORDER: Final[tuple[Language, Language]] = ("en", "ja")
"""Of the fields of Text."""
LINE: Final = 4000
"""So much of a line is shown."""
_LINES: Final = 200
_CODE: Final = re.compile(r"`([^`\n]+)`")


def both_of(made: Callable[[Language], str]) -> Text:
    """What `made` says in each language."""
    return Text(*(made(language) for language in ORDER))


def markup(both: Text) -> Markup:
    """Both languages, escaped; the page's style shows one of them."""
    return _spans(message(both.en), message(both.ja))


def steps(both: Text) -> Markup:
    """Text of several lines, which the page's style keeps apart; what stands between backticks is code."""
    return _spans(_coded(both.en), _coded(both.ja))


def _coded(text: str) -> Markup:
    escaped = str(Markup.escape(lines(text)))  # a plain text: Markup would escape the tags put in
    return Markup(_CODE.sub(r"<code>\1</code>", escaped))  # noqa: S704 - escaped one line above


def lines(text: str) -> str:
    """The lines of a text or of code, each cleaned; what is indented stays so."""
    return "\n".join(clean(line, LINE) for line in text.strip("\n").split("\n")[:_LINES])


def joined(texts: Iterable[Text]) -> Markup:
    """Several texts, each on a line of its own."""
    return Markup("<br>").join(markup(each) for each in texts)


def spoken(identifier: Callable[[str], str]) -> Callable[..., Markup]:
    """A function that says the sentence that `identifier` gives for a name."""

    def said(name: str, **values: object) -> Markup:
        return markup(say_both(identifier(name), **values))

    return said


def count_in(identifier: Callable[[str], str]) -> Callable[[str, int], Markup]:
    """The same for sentences of counts."""

    def said(name: str, count: int) -> Markup:
        return markup(both_of(lambda language: counted(identifier(name), count, language)))

    return said


def value(shown: object) -> Markup:
    """One value, as each language writes it."""
    return markup(both_of(lambda language: show_value(shown, language)))


def _spans(en: str, ja: str) -> Markup:
    if en == ja:
        return Markup.escape(en)
    return Markup('<span lang="en">{}</span><span lang="ja">{}</span>').format(en, ja)
