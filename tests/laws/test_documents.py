"""Laws over every document: it is true of this program, in both languages, and leads nowhere that is not there."""

import ast
import importlib.util
import re
import shlex
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import click
import pytest
import yaml
from moto import mock_aws
from tests.held_rulebook import held_rulebook

from sakimori.analysis.catalogue import catalogue
from sakimori.app.settings import read_settings
from sakimori.cli.main import command as root_command
from sakimori.rules.check_file import check_file
from sakimori.rules.detections.check import check_detections
from sakimori.rules.detections.load import load_detections
from sakimori.rules.examples import ExampleRunner
from sakimori.rules.frameworks import Frameworks, load_frameworks
from sakimori.rules.load_framework import Ground, load_framework
from sakimori.texts.language import LANGUAGES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = tuple(sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")), key=str))
WRITTEN = tuple(path for path in PAGES if path.parent != REFERENCE)
IN_ENGLISH_ALONE = {"CONTRIBUTING.md", "SECURITY.md"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PLACE_OF_A_MACHINE = re.compile(r"(?<![\w.~:/])/(?:home|root|tmp|work|Users|private|var/folders)/")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_OPERATORS = re.compile(r"[|&;()<>]+\Z")


@cache
def known_detections() -> frozenset[str]:
    found = load_detections().detections
    return frozenset({*found.rules, *found.correlations})


@cache
def known_frameworks() -> Frameworks:
    return load_frameworks(held_rulebook())


class Block(NamedTuple):
    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.text.strip().splitlines()[0][:40]}"


def blocks(*languages: str) -> list[Block]:
    """The fenced blocks of these languages in all documents."""
    found = ((page, match) for page in PAGES for match in _FENCE.finditer(page.read_text(encoding="utf-8")))
    return [Block(page, match[1], match[2]) for page, match in found if match[1] in languages]


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def name_of(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@cache
def script(name: str) -> ModuleType:
    """A script of `docs/`, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- the reference ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_is_what_the_program_declares(language: str) -> None:
    made = script("generate").made_by(language)
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in REFERENCE.glob("*.md")
        if path.name.endswith(".ja.md") == (language == "ja")
    }
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert not stale, "run `make reference`"
    assert len(made) >= 7


def test_every_description_of_the_json_form_has_its_japanese() -> None:
    described = set(_descriptions(script("generate").schema())) - {script("generate").schema()["description"]}
    assert described == set(script("generate").words()["schema_ja"])


def _descriptions(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("description"), str):
            yield part["description"]
        for inner in part.values():
            yield from _descriptions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _descriptions(inner)


def leaves(path: str, found: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, found
    if isinstance(found, click.Group):
        for name in found.list_commands(click.Context(found)):
            member = found.get_command(click.Context(found), name)
            assert member is not None
            yield from leaves(f"{path} {name}", member)


COMMANDS = dict(leaves("sakimori", root_command))


def rows_of(language: str, path: str) -> dict[str, str]:
    """What the page of commands says of each option of a command."""
    page = (REFERENCE / script("generate").page("commands", language)).read_text(encoding="utf-8")
    section = page.split(f"\n## {path}\n", 1)[1].split("\n## ", 1)[0]
    return {row[1]: row[2] for row in re.finditer(r"^\| `(--[\w-]+)` \| (.*?) \|", section, re.MULTILINE)}


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_is_documented_in_both_languages(path: str) -> None:
    english, japanese = rows_of("en", path), rows_of("ja", path)
    names = {name for found in COMMANDS[path].params if isinstance(found, click.Option) for name in found.opts}
    assert english.keys() == japanese.keys() == {name for name in names if name.startswith("--")} - {"--help"}
    for name, sentence in japanese.items():
        assert _JAPANESE.search(sentence), name
        assert not _JAPANESE.search(english[name]), name


# -- links and places --------------------------------------------------------------


@every_page
def test_every_relative_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, fragment = target.partition("#")
        found = (page.parent / place).resolve() if place else page
        assert found.is_file(), target
        assert found.is_relative_to(ROOT), target
        assert not fragment or fragment in fragments(found), target


@cache
def fragments(page: Path) -> frozenset[str]:
    """What GitHub calls the headings of a page: words in lower case, spaces as hyphens, no other signs."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return frozenset(
        "".join(sign for sign in heading.strip().lower().replace(" ", "-") if sign in "-_" or _is_word(sign))
        for heading in headings
    )


def _is_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNM"


@every_page
def test_no_document_names_a_place_of_one_machine(page: Path) -> None:
    assert not _PLACE_OF_A_MACHINE.search(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in WRITTEN if page.name not in IN_ENGLISH_ALONE], ids=name_of)
def test_a_page_says_the_same_in_both_languages(page: Path) -> None:
    """As far as its form shows: headings, blocks and, but for their comments, what stands in them."""
    stem = page.name.removesuffix(".md").removesuffix(".ja")
    english, japanese = (page.with_name(f"{stem}{ending}").read_text(encoding="utf-8") for ending in (".md", ".ja.md"))
    assert _JAPANESE.search(japanese)
    for form in (r"^(#+) ", r"^```(\w*)$", r"^- ", r"^\| "):
        both = [re.findall(form, _form_of(text, form), re.MULTILINE) for text in (english, japanese)]
        assert both[0] == both[1], form


def _form_of(text: str, form: str) -> str:
    return text if "`" in form else _FENCE.sub("", text)


# -- what is typed -------------------------------------------------------------------


def typed(page: Path) -> Iterator[list[str]]:
    """Every command that a document shows, in a block or in the text, as its words."""
    for block in (each for each in blocks("sh", "text", "yaml") if each.page == page):
        for line in block.text.replace("\\\n", " ").splitlines():
            shown = re.sub(r"^\s*(- run: )?(\$ )?", "", line)
            if block.language == "sh" or shown != line.lstrip():
                yield from _simple_commands(shown)
    for span in re.findall(r"`((?:sakimori|make) [^`]+)`", prose(page)):
        yield from _simple_commands(span)


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of a line of shell, without what redirects them."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    is_target = False
    for word in (*lexer, ";"):
        if not _OPERATORS.match(word):
            if not is_target:
                words.append(word)
            is_target = False
        elif word[0] in "<>":
            is_target = True
        else:
            while words and re.match(r"[A-Z_]+=|export\Z", words[0]):
                words.pop(0)
            if words:
                yield words
            words = []


@every_page
def test_every_command_line_that_is_shown_can_be_typed(page: Path) -> None:
    targets = re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for words in typed(page):
        if words[0] == "make":
            assert words[1] in targets, words
        elif words[0] == "sakimori":
            parse(root_command, words[1:])


def parse(found: click.Command, words: list[str]) -> None:
    """Fails where the command line would be refused; runs nothing."""
    context = click.Context(found)
    if isinstance(found, click.Group):
        _, rest, _ = found.make_parser(context).parse_args(list(words))
        if rest:
            _, member, rest = found.resolve_command(context, rest)
            assert member is not None
            parse(member, rest)
        return
    with found.make_context(found.name, list(words)) as checked:
        named = checked.params
        if found.name == "replay":
            assert named["rule"].startswith("my-") or named["rule"] in known_detections()
            return
        for pattern in (*(named.get("rule") or ()), *(named.get("exclude_rule") or ())):
            assert pattern.startswith("my.") or held_rulebook().choose([pattern])
        if "rule_id" in named and found.name == "show" and named["rule_id"] not in known_detections():
            assert held_rulebook().find(named["rule_id"])
        if "identifier" in named and named["identifier"].startswith("aws."):
            assert held_rulebook().find(named["identifier"])
        frameworks = known_frameworks()
        given = named.get("framework") or ()
        for framework in (given,) if isinstance(given, str) else given:
            assert frameworks.find(framework)
        assert "question" not in named or frameworks.question(named["question"])


@pytest.mark.slow
def test_command_lines_are_found_and_a_wrong_one_is_refused() -> None:
    assert sum(words[0] == "sakimori" for page in PAGES for words in typed(page)) >= 80
    with pytest.raises(click.NoSuchOption):
        parse(root_command, ["assess", "--no-such-option"])


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_readme_begins_with_the_two_commands(page: str) -> None:
    first_screen = (ROOT / page).read_text(encoding="utf-8").split("\n## ", 1)[0]
    assert "```sh\nmake demo\n```" in first_screen
    assert "```sh\nmake test\n```" in first_screen
    assert len(first_screen.splitlines()) <= 70


def test_the_rules_that_a_document_quotes_exist() -> None:
    quoted = {rule for block in blocks("text") for rule in re.findall(r"\[(aws\.[\w.-]+)\]", block.text)}
    assert len(quoted) >= 3
    assert quoted <= held_rulebook().rules.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_single_lines_of_output_that_a_document_shows_are_sentences_of_the_program(language: str) -> None:
    told = [
        line.removeprefix("✓ ")
        for block in blocks("text")
        if block.page.name.endswith(".ja.md") == (language == "ja")
        for line in block.text.splitlines()
        if line.startswith(("✓ ", "Since ", "前回"))
    ]
    assert len(told) >= 4
    catalogue_of_texts = ROOT / "src" / "sakimori" / "texts" / "catalogue"
    for topic in ("doctor", "report"):
        texts = yaml.safe_load((catalogue_of_texts / f"{topic}.yaml").read_text(encoding="utf-8")).values()
        fixed = [text[language] for text in texts if len(re.sub(r"\{\w+\}", "", text[language])) >= 8]
        patterns = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in fixed]
        told = [line for line in told if not any(re.fullmatch(pattern, line) for pattern in patterns)]
    assert told == []


# -- what stands in blocks -----------------------------------------------------------


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_every_configuration_that_is_shown_is_accepted(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(block.text, encoding="utf-8")
    settings = read_settings(path)
    heard = (
        settings.accounts,
        settings.mutes,
        settings.defaults,
        settings.detect.own_accounts,
        settings.team,
        settings.notify.routes,
        settings.wishes.emails,
    )
    assert any(heard)


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_every_rule_and_framework_that_is_shown_holds(block: Block, tmp_path: Path) -> None:
    data, *_ = yaml.safe_load_all(block.text)
    if {"detection", "correlation", "filter"} & data.keys():
        path = tmp_path / "shown.yml"
        path.write_text(block.text, encoding="utf-8")
        checked = check_detections([path])
        assert checked.faults == ()
        assert checked.rules or "filter" in data
        return
    if "requirements" in data:
        path = tmp_path / f"{data['id']}.yaml"
        path.write_text(block.text, encoding="utf-8")
        ground = Ground(rules=held_rulebook().rules, questions=frozenset(known_frameworks().questions))
        assert load_framework(path, ground)[1] == ()
    if "judges" not in data:
        return
    path = tmp_path / f"{data['id'].rpartition('.')[2].replace('-', '_')}.yaml"
    path.write_text(block.text, encoding="utf-8")
    with ExampleRunner(catalogue()) as runner:
        _, faults = check_file(path, catalogue(), runner)
    assert faults == ()


def test_the_detections_of_both_languages_are_the_same() -> None:
    shown: dict[bool, list[str]] = {False: [], True: []}
    for block in blocks("yaml"):
        if re.search(r"^(detection|correlation|filter):", block.text, re.MULTILINE):
            shown[block.page.name.endswith(".ja.md")].append(block.text)
    assert shown[False] == shown[True]
    assert len(shown[False]) >= 5


def test_a_whole_rule_is_shown_in_both_languages() -> None:
    for key in ("judges:", "requirements:"):
        shown = [block.text for block in blocks("yaml") if block.text.startswith("id: ") and f"\n{key}" in block.text]
        assert len(shown) == 2
        assert shown[0] == shown[1]


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_every_python_block_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


def test_the_python_of_both_languages_is_the_same() -> None:
    english, japanese = (
        [ast.dump(ast.parse(block.text.replace("message.ja", "message.en"))) for block in blocks("python") if
         block.page.name.endswith(".ja.md") == is_japanese]
        for is_japanese in (False, True)
    )  # fmt: skip
    assert english == japanese
    assert len(english) == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_python_that_is_shown_runs(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow: the examples read the company."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    text = [block.text for block in blocks("python") if not block.page.name.endswith(".ja.md")][number]
    names: dict[str, Any] = {}
    with mock_aws():
        exec(compile(text, "shown", "exec"), names)  # noqa: S102 - our own document
        tests = [value for name, value in names.items() if name.startswith("test_")]
        for test in tests:
            test()
    assert tests or names["assessment"].verdicts


# -- what the README shows -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_readme_shows_what_the_demo_prints(language: str) -> None:
    """Starts the simulated account and assesses it: half a minute."""
    demo = script("show_demo")
    shown = demo.shown_in(demo.READMES[language].read_text(encoding="utf-8"))
    printed = demo.first_screen(demo.printed_by_demo(language))
    assert _without_chance(shown) == _without_chance(printed), "run `python docs/show_demo.py`"
    assert len(shown.splitlines()) >= 20


def _without_chance(text: str) -> str:
    """The text without the ids and times that every run makes anew."""
    return re.sub(r"\b(snap|vol|sg)-[0-9a-f]{17}\b|\d{4}-\d\d-\d\d \d\d:\d\d", "…", text)
