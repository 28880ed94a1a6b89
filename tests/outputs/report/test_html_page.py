import base64
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sakimori.model.assessment import Assessment
from sakimori.outputs.report.html_frameworks import MAX_REQUIREMENTS
from sakimori.outputs.report.html_page import MAX_ROWS, write_html
from sakimori.texts.language import LANGUAGES, Language

VOID = {"meta", "input", "br", "rect", "link", "img"}


class Page(HTMLParser):
    """Collects tags and text, and checks that tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    def rows(self) -> list[dict[str, str | None]]:
        return [attributes for attributes in self.all("li") if attributes.get("class") == "row"]


def page(assessment: Assessment, language: Language = "ja") -> str:
    stream = io.StringIO()
    write_html(assessment, stream, language)
    return stream.getvalue()


@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_nest_and_nothing_stays_open(which: str, language: Language, request: pytest.FixtureRequest) -> None:
    parsed = Page(page(request.getfixturevalue(which), language))
    assert parsed.open == []
    assert parsed.all("html") == [{"lang": language}]


def test_both_languages_stand_in_the_page(sample: Assessment) -> None:
    words = " ".join(Page(page(sample)).words)
    assert "14 findings to deal with first; 1 more can wait." in words
    assert "まず対処するものが 14 件あります。" in words


def test_every_failure_and_unknown_is_shown_without_scripts(sample: Assessment) -> None:
    statuses = [row["data-status"] for row in Page(page(sample)).rows()]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        "fail": 15, "unknown": 17, "muted": 1, "pass": 1,
    }  # fmt: skip


@pytest.mark.parametrize("which", ["hostile", "hostile_framed"])
def test_hostile_texts_are_only_ever_text(
    which: str, hostile_texts: Sequence[str], request: pytest.FixtureRequest
) -> None:
    text = page(request.getfixturevalue(which))
    parsed = Page(text)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "49" not in "".join(parsed.words), "a template in a name is not run"
    assert len(parsed.all("script")) == 1
    assert not [
        name for _, attributes in parsed.tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert hostile_texts[0] in "".join(parsed.words), "and it is there to be read"
    assert all(character.isprintable() or character == "\n" for character in text)


def test_page_loads_nothing_and_its_policy_forbids_it(hostile_framed: Assessment) -> None:
    text = page(hostile_framed)
    parsed = Page(text)
    loading = ("src", "srcset", "action", "data", "poster", "background")
    assert not [attributes for _, attributes in parsed.tags if any(name in attributes for name in loading)]
    assert not parsed.all("link")
    assert "url(" not in text
    assert "@import" not in text
    policy = next(a["content"] for a in parsed.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_links_lead_only_to_https(sample: Assessment, build: Callable[..., Assessment]) -> None:
    rules = tuple(
        replace(rule, references=("javascript:alert(1)", "https://docs.aws.amazon.com/x")) for rule in sample.rules
    )
    links = Page(page(build(sample.verdicts, rules=rules))).all("a")
    away = {link["href"] for link in links if not (link["href"] or "").startswith("#")}
    assert away == {"https://docs.aws.amazon.com/x"}


def test_every_field_of_the_form_has_a_label(sample: Assessment) -> None:
    parsed = Page(page(sample))
    labelled = {label.get("for") for label in parsed.all("label")}
    fields = [f for name in ("select", "input") for f in parsed.all(name) if f.get("type") not in {"radio", "checkbox"}]
    assert len(fields) == 4
    assert all(field["id"] in labelled for field in fields)


@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_link_within_the_page_leads_to_one_place(which: str, request: pytest.FixtureRequest) -> None:
    parsed = Page(page(request.getfixturevalue(which)))
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    within = [link["href"] or "" for link in parsed.all("a") if (link["href"] or "").startswith("#")]
    assert len(within) > 2
    assert {href[1:] for href in within} <= set(ids)


def test_a_rule_tells_its_story_and_how_to_mend_it_once(framed: Assessment) -> None:
    words = "\n".join(Page(page(framed, "en")).words)
    for expected in (
        "A leaked access key", "アクセスキーの漏えい", "2. Choose it.", "コンソールを開きます", "What may stop working",
        "元に戻す方法", "--bucket <name> --region <region>", "aws_s3_bucket_public_access_block", "example-baseline 1.1",
    ):  # fmt: skip
        assert expected in words, expected
    assert words.count("Background and how to mend it") == len(framed.rules)


def test_a_finding_has_the_command_that_mends_it(framed: Assessment) -> None:
    commands = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page(framed), re.DOTALL)
    assert "aws s3api put-public-access-block --bucket arn:aws:s3:::backup-00 --region ap-northeast-1" in commands
    assert "aws s3api put-public-access-block --bucket &lt;name&gt; --region &lt;region&gt;" in commands


def test_a_command_is_whole_or_not_there(framed: Assessment) -> None:
    long = replace(framed.rules[1], remedy=replace(framed.rules[1].remedy, cli="run {name} " * 400))
    verdict = replace(framed.verdicts[1], evidence={"name": "n" * 100})
    text = page(replace(framed, verdicts=[verdict], rules=(long,)))
    assert "run nnn" not in text
    assert "run &lt;name&gt;" in text


def test_a_framework_is_one_line_to_unfold_and_a_table(framed: Assessment) -> None:
    text = page(framed, "en")
    [(summary, body)] = re.findall(
        r'<details class="framework"><summary>(.*?)</summary>(.*?)</details>', text, re.DOTALL
    )
    for expected in ("Example Baseline (2.0)", "2 of 5 requirements are met or attested.", "Not met", "不適合"):
        assert expected in summary
    assert body.count("<tr>") == 1 + len(framed.frameworks[0].requirements)
    for expected in (
        "suzuki, until 2027-03-31",
        "Unknown: Two of three (1 of at least 2)",
        "A matter of contracts.",
        "Now: 2.1",
    ):
        assert expected in body
    assert '<a href="#rule-aws.s3.bucket-public-access-blocked">' in body


@pytest.mark.slow
def test_a_long_framework_is_cut_and_says_so(framed: Assessment) -> None:
    [framework] = framed.frameworks
    long = replace(framework, requirements=framework.requirements[4:5] * (MAX_REQUIREMENTS + 2))
    text = page(replace(framed, frameworks=(long,)))
    assert text.count('<th scope="row">') == MAX_REQUIREMENTS
    assert "ほか 2 項目は省略しています。" in text


def test_paper_unfolds_what_is_folded(framed: Assessment) -> None:
    text = page(framed)
    assert "details:not(.quiet-rows)::details-content" in text
    assert 'addEventListener("beforeprint"' in text


@pytest.mark.slow
def test_size_follows_the_findings_not_the_verdicts(many: Callable[[int], Assessment]) -> None:
    text = page(many(21_000))
    assert text.count('<li class="row"') == 10 * 200 + 90 * 20 <= MAX_ROWS
    assert len(text.encode()) < 5_000_000
    assert "ほか 10 件は省略しています。" in text


def test_a_run_with_nothing_in_it_is_a_page(build: Callable[..., Assessment]) -> None:
    empty = build([], rules=(), gaps=(), accounts=(), next_step=None, next_command="")
    assert "点検する対象がありませんでした。" in page(empty)
