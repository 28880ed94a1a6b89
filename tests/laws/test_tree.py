"""Statements about the tree itself: sizes, names, sentences, rooms, and what the wheel holds."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from sakimori.model.words import GapKind, Severity, Status
from sakimori.texts.bounded_yaml import read_yaml
from sakimori.texts.template import placeholders

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "sakimori"
CATALOGUE = SOURCE / "texts" / "catalogue"
MODULES = sorted(SOURCE.rglob("*.py"))
WORDLESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc", "core"}
ERRORS = {"SakimoriError", "UsageError", "AccessError", "RuleError", "LakeError", "ActionError", "QueryFault"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


# -- size and names ----------------------------------------------------------------


def test_no_file_is_longer_than_a_person_reads() -> None:
    found = {name_of(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 500}
    assert found == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = {name_of(path) for path in MODULES if {path.stem, *path.relative_to(SOURCE).parts[:-1]} & WORDLESS}
    assert found == set()


@pytest.mark.slow
def test_a_broad_except_stands_at_the_one_boundary_alone() -> None:
    found = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert found == ["cli/main.py"]


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir()} | {"laws"}
    assert {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"} <= rooms


# -- sentences -----------------------------------------------------------------------


@cache
def catalogue() -> dict[str, dict[str, str]]:
    return {
        f"{path.stem}.{name}": both
        for path in sorted(CATALOGUE.glob("*.yaml"))
        if not path.stem.endswith("_ja")  # sentences of tables, by the table's own name; test_tables holds them
        for name, both in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


@cache
def pages() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("templates/*")))


@cache
def words() -> frozenset[str]:
    """Every text of the code, and every word of the page templates."""
    texts = {node.value for path in MODULES for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)}
    return frozenset(text for text in texts if isinstance(text, str)) | set(re.findall(r"\w+", pages()))


@cache
def composed() -> frozenset[str]:
    """Patterns of the texts that code and templates compose: f"cli.{name}_help" is `cli\\..+_help`."""
    in_pages = {f".+{ending}" for ending in re.findall(r"\w ~ \"(_\w+)\"", pages())}
    return in_pages | frozenset(
        "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in node.values)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.JoinedStr)
    )


def is_said(identifier: str) -> bool:
    """Literally, as a composed text (of a stem that stands in the code, or of a topic), where a room composes `topic.{name}` by the name (also one written with hyphens), or as another's form for one thing."""
    if identifier.endswith("_one") and is_said(identifier.removesuffix("_one")):
        return True
    stem, _, ending = identifier.rpartition("_")
    if stem in words() and f".+_{ending}" in composed():
        return True
    topic, _, name = identifier.partition(".")
    whole = re.escape(f"{topic}.")
    patterns = [pattern for pattern in composed() if pattern.startswith(whole) and pattern != f"{whole}.+"]
    if identifier in words() or any(re.fullmatch(pattern, identifier) for pattern in patterns):
        return True
    parts = [pattern for pattern in composed() if re.search(r"[a-z]{3}", pattern)]
    return f"{whole}.+" in composed() and (
        name in words() or name.replace("_", "-") in words() or any(re.fullmatch(part, name) for part in parts)
    )


def said() -> Iterator[tuple[str, str]]:
    """Where in the code a sentence is asked for by a literal id: the file and the id."""
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0] if node.args else None
            if (
                called in {"say", "say_both", *ERRORS}
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield name_of(path), first.value
            if called == "Fault":
                yield from ((name_of(path), word.value.value) for word in node.keywords if word.arg == "text" and isinstance(word.value, ast.Constant))  # fmt: skip


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yaml")), ids=lambda path: path.name)
def test_a_catalogue_can_be_read_within_the_bounds(path: Path) -> None:
    assert read_yaml(path).data


@pytest.mark.slow
def test_every_sentence_that_the_code_asks_for_exists() -> None:
    asked = list(said())
    assert len(asked) > 150
    assert {(place, identifier) for place, identifier in asked if identifier not in catalogue()} == set()


@pytest.mark.slow
def test_every_sentence_exists_in_both_languages_with_the_same_places_to_fill() -> None:
    japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    for identifier, both in catalogue().items():
        assert both.keys() == {"en", "ja"}, identifier
        assert placeholders(both["en"]) == placeholders(both["ja"]), identifier
        assert not japanese.search(both["en"].replace("防人", "")), identifier
        if identifier.endswith("_examples"):
            continue  # commands and SQL are the same in every language
        if len(re.findall(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`|sakimori [a-z -]+", "", both["en"]))) > 0:
            assert japanese.search(both["ja"]), identifier


@pytest.mark.slow
def test_every_sentence_is_said_somewhere() -> None:
    assert {identifier for identifier in catalogue() if not is_said(identifier)} == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beginning", "words"),
    [("report.severity_", Severity), ("report.status_", Status), ("judge.because_", GapKind)],
)
def test_composed_sentences_exist_for_every_word(beginning: str, words: type) -> None:
    known = {identifier.removeprefix(beginning) for identifier in catalogue() if identifier.startswith(beginning)}
    if known:
        assert {str(word) for word in words} <= known


# -- rooms ----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_rooms_keep_to_their_contracts() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


# -- what people install ------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is written into the tree."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, copy],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    [built] = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_data_and_no_test(wheel: Path) -> None:
    """Slow by pip: it fetches the build backend."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    data = {f"sakimori/{name_of(path)}" for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert data <= held
    for kind in (".yaml", ".j2", ".html", ".json", ".css", "_truth"):
        assert any(kind in name for name in data) == any(kind in name for name in held)
    assert any(name.endswith("migrations/versions/0001_findings.py") for name in held)
    assert not any("/test" in name or name.startswith("test") for name in held)
    assert all(name.startswith(("sakimori/", "sakimori-")) for name in held)


@pytest.mark.slow
def test_the_wheel_runs_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """Slow by pip. The libraries are those of this environment; the program is the wheel's, and not this tree's."""
    import site  # noqa: PLC0415

    place = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", place, wheel],
        check=True,
    )
    env = {
        "PYTHONPATH": ":".join([str(place), *site.getsitepackages()]),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }
    for arguments in (
        ["--version"],
        ["rules", "list"],
        ["tables"],
        ["permissions"],
        ["rules", "test", "aws.s3.bucket-public-access-blocked"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "sakimori", *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    where = [sys.executable, "-c", "import sakimori; print(sakimori.__file__)"]
    told = subprocess.run(where, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.startswith(str(place))
