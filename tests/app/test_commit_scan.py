"""With real git: a commit that holds a secret is stopped, and one that does not passes."""

import base64
import gzip
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.app.git_place import Repository, own_settings, repository
from tests.app.planted_account import lines, pair

from sakimori.app.commit_gate import open_gate
from sakimori.app.commit_scan import look, pieces
from sakimori.app.git_hooks import install


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    own_settings(tmp_path, monkeypatch)
    made = repository(tmp_path / "code")
    monkeypatch.chdir(made.path)
    made.stage("first.txt", "nothing\n")
    made.commit("first")
    return made


def found_in(hook: str, *arguments: str) -> list[tuple[str, int, str]]:
    return sorted((seen.file, seen.found.line, seen.found.kind) for seen in look(hook, arguments).stopping)


@pytest.mark.slow
def test_git_stops_a_commit_with_a_secret_and_says_where_and_what_to_do(code: Repository) -> None:
    install(code.path, "en")
    code.stage("settings.ini", "[default]\n" + lines("hook"))
    identifier, secret = pair("hook")
    done = code.commit("settings")
    assert done.returncode != 0
    assert "settings.ini:2" in done.stderr
    assert "settings.ini:3" in done.stderr
    assert f"sakimori respond start --key {identifier}" in done.stderr
    assert "sakimori:allow" in done.stderr
    assert "111122223333" in done.stderr
    assert secret not in done.stderr
    assert code.git("rev-list", "--count", "HEAD").stdout.strip() == "1"


@pytest.mark.slow
def test_git_lets_an_ordinary_commit_and_an_allowed_one_pass(code: Repository) -> None:
    install(code.path, "ja")
    code.stage("code.py", "print('hello')\n")
    assert code.commit("code").returncode == 0
    code.stage("doc.md", f"key = {pair('doc')[0]}  # sakimori:allow nobody's, for the manual\n")
    done = code.commit("doc")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_message_with_a_secret_is_stopped(code: Repository) -> None:
    install(code.path, "en")
    code.stage("code.py", "x = 1\n")
    done = code.commit(f"use the key {pair('message')[0]}")
    assert done.returncode != 0
    assert "COMMIT_EDITMSG:1" in done.stderr


@pytest.mark.slow
def test_a_merge_of_commits_with_a_secret_is_stopped_though_the_last_of_them_took_it_out(code: Repository) -> None:
    code.git("checkout", "-qb", "feature")
    code.stage("leak.env", lines("merge"))
    code.commit("in")
    code.git("rm", "-q", "leak.env")
    code.commit("out")
    code.git("checkout", "-q", "main")
    code.stage("other.txt", "other\n")
    code.commit("other")
    install(code.path, "en")
    done = code.git("merge", "--no-edit", "feature", check=False)
    assert done.returncode != 0
    assert "leak.env:1" in done.stderr


@pytest.mark.slow
def test_an_ordinary_merge_passes(code: Repository) -> None:
    code.git("checkout", "-qb", "feature")
    code.stage("new.txt", "new\n")
    code.commit("new")
    code.git("checkout", "-q", "main")
    code.stage("other.txt", "other\n")
    code.commit("other")
    install(code.path, "en")
    done = code.git("merge", "--no-edit", "feature", check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_staged_is_looked_at_and_not_the_file_beside_it(code: Repository) -> None:
    code.stage("a.ini", lines("staged"))
    code.write("a.ini", "nothing\n")
    code.write("never-added.ini", lines("unstaged"))
    code.stage("clean.ini", "nothing\n")
    code.write("clean.ini", lines("later"))
    assert {file for file, _, _ in found_in("pre-commit")} == {"a.ini"}


def test_names_of_any_letters_are_looked_at(code: Repository) -> None:
    code.stage("設定 ファイル.ini", lines("name"))
    code.stage("with\nnewline.ini", lines("newline"))
    assert {file for file, _, _ in found_in("pre-commit")} == {"設定 ファイル.ini", "with\nnewline.ini"}


def test_a_deleted_file_and_a_submodule_are_no_pieces(code: Repository) -> None:
    code.git("rm", "-q", "first.txt")
    code.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    assert list(pieces("pre-commit", ())) == []


def test_before_the_first_commit_everything_staged_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_settings(tmp_path, monkeypatch)
    fresh = repository(tmp_path / "fresh")
    monkeypatch.chdir(fresh.path)
    fresh.stage("a.ini", lines("fresh"))
    assert {file for file, _, _ in found_in("pre-commit")} == {"a.ini"}


def test_what_commit_verbose_shows_below_the_scissors_is_no_message(code: Repository, tmp_path: Path) -> None:
    path = tmp_path / "message"
    path.write_text(f"take the key out\n# ------------------------ >8 ------------------------\n-{lines('old')}")
    assert found_in("commit-msg", str(path)) == []
    path.write_text(f"# {lines('in a comment')}")
    assert found_in("commit-msg", str(path)) != []


@pytest.mark.parametrize("source", [(), ("message",), ("commit", "HEAD"), ("squash",), ("merge", "abc")])
def test_only_a_merge_is_looked_at_before_the_message(code: Repository, source: tuple[str, ...]) -> None:
    code.stage("a.ini", lines("not a merge"))
    assert found_in("prepare-commit-msg", "file", *source) == []


def test_every_hook_for_pre_commit_is_one_that_there_is() -> None:
    listed = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    entries = [shlex.split(each["entry"]) for each in listed]
    assert [entry[-1] for entry in entries] == ["pre-commit", "commit-msg", "merge"]
    assert {entry[3] for entry in entries} == {"sakimori.cli.commit_hook"}
    assert [each["stages"] for each in listed] == [["pre-commit"], ["commit-msg"], ["prepare-commit-msg"]]


def test_pre_commit_tells_of_a_merge_in_its_own_way(code: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    code.git("checkout", "-qb", "feature")
    code.stage("leak.env", lines("framework"))
    code.commit("in")
    monkeypatch.setenv(f"GITHEAD_{code.git('rev-parse', 'HEAD').stdout.strip()}", "feature")
    code.git("checkout", "-q", "main")
    assert found_in("merge") == []
    monkeypatch.setenv("PRE_COMMIT_COMMIT_MSG_SOURCE", "merge")
    assert {file for file, _, _ in found_in("merge")} == {"leak.env"}


def _everything(code: Repository) -> subprocess.CompletedProcess[str]:
    code.write("first.txt", lines("all"))
    return code.commit("all", "-a")


def _amended(code: Repository) -> subprocess.CompletedProcess[str]:
    code.stage("a.ini", lines("amended"))
    return code.commit("amended", "--amend")


def _intended(code: Repository) -> subprocess.CompletedProcess[str]:
    code.write("a.ini", lines("intended"))
    code.git("add", "-N", "a.ini")
    return code.commit("intended", "a.ini")


def _link(code: Repository) -> subprocess.CompletedProcess[str]:
    (code.path / "link").symlink_to(f"key={pair('link')[0]}")
    code.git("add", "link")
    return code.commit("link")


def _replaced(code: Repository) -> subprocess.CompletedProcess[str]:
    code.stage("a.ini", lines("replaced"))
    code.git(
        "replace", code.git("rev-parse", ":a.ini").stdout.strip(), code.git("rev-parse", ":first.txt").stdout.strip()
    )
    return code.commit("replaced")


def _further_tree(code: Repository) -> subprocess.CompletedProcess[str]:
    code.git("worktree", "add", "-q", "../further", "-b", "further")
    further = Repository(code.path.parent / "further")
    further.stage("a.ini", lines("further"))
    return further.commit("further")


def _submodule(code: Repository) -> subprocess.CompletedProcess[str]:
    code.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(code.path), "sub")
    inner = Repository(code.path / "sub")
    install(inner.path, "en")
    inner.stage("a.ini", lines("inner"))
    return inner.commit("inner")


def _long_names(code: Repository) -> subprocess.CompletedProcess[str]:
    made = Repository(code.path.parent / "sha-256")
    made.path.mkdir()
    made.git("init", "-q", "--object-format=sha256")
    install(made.path, "en")
    made.stage("a.ini", lines("sha-256"))
    return made.commit("first")


@pytest.mark.slow
@pytest.mark.parametrize("way", [_everything, _amended, _intended, _link, _replaced, _further_tree, _submodule, _long_names])  # fmt: skip
def test_whichever_way_a_secret_is_committed_it_is_stopped(
    code: Repository, way: Callable[[Repository], subprocess.CompletedProcess[str]]
) -> None:
    install(code.path, "en")
    done = way(code)
    assert done.returncode == 1
    assert "sakimori:allow" in done.stderr


def test_a_repository_starts_no_program_while_its_commit_is_looked_at(
    code: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    for name in ("core.fsmonitor", "diff.external", "diff.x.textconv"):
        code.git("config", name, f"touch {ran}; cat")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {ran}")
    code.write(".gitattributes", "* diff=x\n")
    code.git("-c", "core.fsmonitor=false", "add", "-f", ".")
    code.write("a.ini", lines("program"))
    code.git("-c", "core.fsmonitor=false", "add", "a.ini")
    ran.unlink(missing_ok=True)
    assert found_in("pre-commit")
    assert not ran.exists()


def test_a_graft_hides_no_commit_of_a_merge(code: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    code.git("checkout", "-qb", "feature")
    code.stage("leak.env", lines("graft"))
    code.commit("in")
    code.git("rm", "-q", "leak.env")
    code.commit("out")
    head = code.git("rev-parse", "HEAD").stdout.strip()
    code.write(".git/info/grafts", f"{head} {code.git('rev-parse', 'main').stdout}")
    monkeypatch.setenv(f"GITHEAD_{head}", "feature")
    code.git("checkout", "-q", "main")
    assert {file for file, _, _ in found_in("prepare-commit-msg", "file", "merge")} == {"leak.env"}


@pytest.mark.slow
def test_what_cannot_be_opened_stops_the_commit_in_a_sentence(code: Repository) -> None:
    install(code.path, "en")
    code.stage("a.gz", gzip.compress(bytes(range(256)) * 40)[:-20])
    done = code.commit("archive")
    assert done.returncode != 0
    assert "a.gz" in done.stderr
    assert "--no-verify" in done.stderr
    assert code.commit("archive", "--no-verify").returncode == 0


@pytest.mark.slow
def test_what_no_look_ever_opens_is_told_and_stops_no_commit(code: Repository) -> None:
    install(code.path, "en")
    code.stage("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(range(256)))
    code.stage("b.parquet", b"PAR1" + bytes(range(256)) + b"PAR1")
    done = code.commit("closed")
    assert done.returncode == 0, done.stderr
    assert "Not looked into, and let through (2):" in done.stderr
    assert "a.7z is packed in a form that is not opened." in done.stderr


@pytest.mark.slow
def test_the_gate_lets_nothing_pass_that_the_scanner_would_open_or_find(
    code: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKIMORI_CACHE", str(tmp_path / "cache"))
    code.stage("a.txt", "nothing\n")
    look("pre-commit", ())
    gate = open_gate(str(tmp_path / "cache"))
    if gate is None:
        pytest.skip("the gate needs the hyperscan wheel")
    assert not gate(b"nothing to see\n" * 100)
    assert gate(lines("gate").encode())
    assert gate(base64.b64encode(lines("gate").encode()))
    assert gate(lines("gate").encode("utf-16"))
    assert gate(b"PK\x03\x04...")
    assert gate(b"x" * 257 + b"ustar" + b"x" * 300)


@pytest.mark.slow
def test_a_commit_with_nothing_in_it_waits_for_no_import_that_takes_time(
    code: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hyperscan", reason="without it no gate stands")
    monkeypatch.setenv("SAKIMORI_CACHE", str(tmp_path / "cache"))
    code.stage("code.py", "print('hello')\n")
    look("pre-commit", ())  # leaves a gate
    program = "import sys\nfrom sakimori.cli.commit_hook import main\nprint(main(['pre-commit']), *sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    told = done.stdout.split()
    assert told[0] == "0"
    slow = {"typing", "re", "subprocess", "contextlib", "collections", "hashlib", "pathlib", "dataclasses", "hyperscan"}
    assert slow.isdisjoint(told)


@pytest.mark.slow
def test_a_gate_that_was_tampered_with_or_is_of_another_program_stands_no_more(
    code: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("SAKIMORI_CACHE", str(cache))
    code.stage("a.txt", "nothing\n")
    look("pre-commit", ())
    for path in cache.glob("*.hs"):
        path.write_bytes(path.read_bytes() + b"x")
    assert open_gate(str(cache)) is None
    (cache / "commit-gate").write_text("another\nx")
    assert open_gate(str(cache)) is None
    assert found_in("pre-commit") == []


@pytest.mark.slow
def test_a_defect_stops_the_commit_in_a_sentence_and_not_in_a_trace() -> None:
    broken = "import sakimori.cli.commit_hook as hook; hook.look = lambda *_: 1 / 0; hook.main(['pre-commit'])"
    done = subprocess.run([sys.executable, "-P", "-c", broken], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "--no-verify" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_cache_that_others_may_write_to_is_told_at_a_commit(
    code: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(code.path, "en")
    cache = tmp_path / "open"
    cache.mkdir()
    cache.chmod(0o777)
    monkeypatch.setenv("SAKIMORI_CACHE", str(cache))
    code.stage("a.txt", f"k = {pair('bare')[0]}  # sakimori:allow\n")
    done = code.commit("a")
    assert f"chmod go-w {cache}" in done.stderr
    assert "without a reason" in done.stderr
