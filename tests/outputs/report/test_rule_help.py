from collections.abc import Sequence
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from sakimori.model.assessment import Assessment
from sakimori.model.words import Story
from sakimori.outputs.report.rule_help import help_markdown, help_text, sections
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.sentences import text


def test_a_rule_tells_everything_in_the_order_in_which_it_is_asked(framed: Assessment) -> None:
    assert [name for name, _ in sections(framed.rules[0], "en")] == [
        "why", "story", "fix", "console", "cli", "terraform", "breaks", "undo", "requirements", "references",
    ]  # fmt: skip
    assert "--bucket <name> --region <region>" in help_text(framed.rules[0], "en")


def test_a_rule_that_tells_little_has_few_sections(sample: Assessment) -> None:
    assert [name for name, _ in sections(sample.rules[0], "ja")] == ["why", "fix", "references"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_rules_bring_no_markup_of_their_own(hostile_framed: Assessment, language: Language) -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for rule in hostile_framed.rules:
        tokens = reader.parse(help_markdown(rule, language))
        kinds = {token.type for token in tokens} | {c.type for token in tokens for c in token.children or ()}
        assert kinds <= {
            "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special",
            "fence", "hardbreak",
        }, kinds  # fmt: skip


def test_a_link_that_is_not_https_is_left_out(framed: Assessment) -> None:
    rule = replace(framed.rules[0], references=("javascript:alert(1)", "http://example.org"))
    assert "references" not in dict(sections(rule, "en"))


@pytest.mark.parametrize("story", Story)
def test_every_story_is_two_or_three_sentences_in_both_languages(story: Story) -> None:
    told = text(f"story.text_{story}")
    assert told.en.count(". ") + told.en.endswith(".") in {2, 3}
    assert told.ja.count("。") in {2, 3}
    assert text(f"story.title_{story}").en != told.en


def test_hostile_texts_are_there_to_be_read(hostile_framed: Assessment, hostile_texts: Sequence[str]) -> None:
    assert hostile_texts[0] in help_text(hostile_framed.rules[0], "en")
