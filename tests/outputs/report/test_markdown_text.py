import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sakimori.outputs.report.markdown_text import block, escaped, table
from sakimori.texts.language import clean

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ALLOWED = {"paragraph_open", "paragraph_close", "inline"}


def told(markdown: str) -> list[str]:
    """The kinds of token that a reader of GitHub's Markdown sees, and inside lines."""
    return [
        kind
        for token in READER.parse(markdown)
        for kind in (token.type, *(child.type for child in token.children or ()))
    ]


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_text_is_only_text(text: str) -> None:
    kinds = set(told(escaped(text)))
    assert kinds <= {*ALLOWED, "text", "text_special"}, kinds


@given(st.text(max_size=60))
def test_any_text_stays_in_its_cell(text: str) -> None:
    kinds = told(table(["one", "two"], [[escaped(text), "end"]]))
    assert kinds.count("td_open") == 2
    assert kinds.count("tr_open") == 2
    assert not set(kinds) & {"html_inline", "html_block", "link_open", "image", "code_inline", "em_open", "strong_open"}


@pytest.mark.parametrize(
    "text", ["see https://evil.example", "www.evil.example", "WWW.evil.example", "ftp://evil.example", "a@evil.example"]
)
def test_a_bare_address_is_no_link_for_github_either(text: str) -> None:
    """Without the backslash GitHub links an address in plain text (GFM, 6.9 Autolinks)."""
    assert re.search(r"\\(://|\.|@)", escaped(text))


@pytest.mark.slow
@given(st.text(max_size=80))
def test_any_text_stays_in_its_block_of_code(text: str) -> None:
    assert [kind for kind in told(block(text, "sh")) if kind != "inline"] == ["fence"]


@pytest.mark.parametrize(
    "text",
    [
        "# heading", "- item", "+ item", "1. item", "2) item", "> quote", "    code", "***", "---", "===", "| a | b |",
        "[a](https://evil.example)", "![x](https://evil.example/x.gif)", "<https://evil.example>", "https://evil.example",
        "www.evil.example", "<script>alert(1)</script>", "`code`", "~~~", "```", "&lt;", "a\n\n# b", "[x]: https://evil.example",
    ],
)  # fmt: skip
def test_markup_of_every_kind_is_only_text(text: str) -> None:
    assert set(told(f"- {escaped(text)}\n")) <= {
        *ALLOWED, "text", "text_special", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
    }  # fmt: skip


@pytest.mark.slow
@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_what_is_read_is_what_was_written(text: str) -> None:
    [_, line, _] = READER.parse(f"x{escaped('y' + text)}")
    read = "".join(child.content for child in line.children or ())
    assert read == "x" + clean("y" + text)
