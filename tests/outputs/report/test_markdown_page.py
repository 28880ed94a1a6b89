import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from sakimori.model.assessment import Assessment
from sakimori.outputs.report.markdown_page import write_markdown
from sakimori.texts.language import LANGUAGES, Language

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def page(assessment: Assessment, language: Language = "en") -> str:
    stream = io.StringIO()
    write_markdown(assessment, stream, language)
    return stream.getvalue()


def kinds(markdown: str) -> list[str]:
    tokens = READER.parse(markdown)
    return [kind for token in tokens for kind in (token.type, *(child.type for child in token.children or ()))]


def test_the_page_tells_how_things_stand_and_what_to_do_first(framed: Assessment) -> None:
    shown = page(framed)
    for expected in (
        "**14 findings to deal with first; 1 more can wait.**", "| Controls passed | 1 of 6 (16%) |", "| High | 13 |",
        "customer-data can be made public", "and 12 more", "## Example Baseline (2.0)", "| 1.1 | Requirement 1.1 | Not met |",
        "guardduty:ListDetectors", "```sh\nsakimori rules show aws.iam.root-no-access-key\n```",
        "1 muted or suppressed; the next one returns after 2026-12-31.",
    ):  # fmt: skip
        assert expected in shown
    assert "| 2.1 |" not in shown, "what is met is a number"


def test_the_page_is_japanese_where_japanese_is_asked_for(framed: Assessment) -> None:
    shown = page(framed, "ja")
    assert "## 例示ベースライン（2.0）" in shown
    assert "| 要件 | 内容 | 判定 | 備考 |" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_bring_no_markup_of_their_own(hostile_framed: Assessment, language: Language) -> None:
    shown = page(hostile_framed, language)
    found = kinds(shown)
    assert not set(found) & {
        "html_inline",
        "html_block",
        "link_open",
        "image",
        "code_inline",
        "em_open",
        "s_open",
        "hr",
    }
    assert found.count("fence") == 1
    assert found.count("strong_open") == 1
    assert all(line.count("|") >= 3 for line in shown.splitlines() if line.startswith("|"))


def test_every_row_of_a_table_has_as_many_cells_as_its_heading(hostile_framed: Assessment) -> None:
    width, cells = 0, 0
    for token in READER.parse(page(hostile_framed)):
        width = 0 if token.type == "table_open" else width + (token.type == "th_open")
        cells = 0 if token.type == "tr_open" else cells + (token.type in {"td_open", "th_open"})
        assert token.type != "tr_close" or cells == width


def test_a_long_list_is_cut_and_says_so(framed: Assessment) -> None:
    [framework] = framed.frameworks
    long = replace(framework, requirements=framework.requirements[:1] * 60)
    assert "… and 10 more requirements." in page(replace(framed, frameworks=(long,)))


def test_hostile_names_are_there_to_be_read(hostile: Assessment, hostile_texts: Sequence[str]) -> None:
    words = "".join(child.content for token in READER.parse(page(hostile)) for child in token.children or ())
    assert hostile_texts[0] in words


def test_a_run_with_nothing_in_it_is_a_page(build: Callable[..., Assessment]) -> None:
    assert "There was nothing to check." in page(
        build([], rules=(), gaps=(), accounts=(), next_step=None, next_command="")
    )
