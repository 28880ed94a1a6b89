"""Scans of repositories and folders: what is incomplete says so, and what is known is not told again."""

import json
import os
import random
import shutil
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from tests.effort import is_done_within

from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.report import Allowance
from sakimori.app.secrets import Order, scan
from sakimori.app.secrets_files import read_allowances, read_baseline
from sakimori.cli.secrets import command
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.secrets_records import write_secrets_json
from sakimori.texts.sentences import say

KEY = key_id("123456789012")
SECRET = "".join(random.Random(11).choices(string.ascii_letters + string.digits + "+/", k=40))  # noqa: S311 - visibly nobody's
HOME = Path("/nowhere/at/all")
BOTH = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.env").write_text(BOTH)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def order(*sources: Path, **more: object) -> Order:
    return Order(sources=tuple(map(str, sources)), workers=1, **more)  # type: ignore[arg-type]


def run(*arguments: object) -> tuple[int, str]:
    given = ["scan", *map(str, arguments)]
    done = CliRunner().invoke(command, given, obj=HOME, standalone_mode=False, catch_exceptions=False)
    return done.return_value, done.output


def test_a_missing_blob_makes_the_scan_incomplete(repository: Path) -> None:
    blob = git(repository, "rev-parse", "HEAD:a.env")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    report = scan(order(repository, history=True))
    assert not report.is_whole
    assert any(blob in each.detail for each in report.unread)
    assert run(repository, "--history")[0] == BLIND


def test_behind_a_damaged_object_the_others_are_read(repository: Path) -> None:
    for number in range(5):
        (repository / "b.txt").write_text(f"{number}\n{key_id('210987654321', seed=number)}\n")
        git(repository, "commit", "-q", "-a", "--allow-empty", "-m", str(number))
        git(repository, "add", "-A")
    blob = git(repository, "rev-parse", "HEAD:a.env")
    path = repository / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:30])
    (repository / "a.env").unlink()
    report = scan(order(repository, history=True))
    assert not report.is_whole
    keys = {each.found.secret for each in report.located if each.provenance.source == "git"}
    assert len(keys) == 5


@pytest.mark.slow
def test_a_damaged_pack_makes_the_scan_incomplete(repository: Path) -> None:
    git(repository, "repack", "-q", "-a", "-d")
    [pack] = (repository / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:40])
    assert not scan(order(repository, history=True)).is_whole


def test_a_shallow_clone_says_that_it_is_one(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    report = scan(order(tmp_path / "shallow", history=True))
    assert [each.reason for each in report.unread] == ["shallow"]


def test_what_is_staged_is_told_and_what_was_there_before_is_not(repository: Path) -> None:
    new = key_id("210987654321")
    (repository / "a.env").write_text(f"{BOTH}other = {new}\n")
    git(repository, "add", "-A")
    (repository / "a.env").write_text("later")
    assert {each.found.secret for each in scan(order(repository, staged=True)).located} == {new}


def test_staged_asks_for_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        scan(order(tmp_path, staged=True))


def test_a_file_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    assert [each.reason for each in scan(order(tmp_path / "none")).unread] == ["missing"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.env").write_text(BOTH)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "file").symlink_to(tmp_path / "out" / "a.env")
    assert scan(order(tmp_path / "in")).located == ()


@pytest.mark.slow
def test_more_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.app.secrets._TRIED_SECONDS", 0)
    monkeypatch.setattr("sakimori.app.secrets._WORTH_SECONDS", 1e-12)
    monkeypatch.setattr("sakimori.app.secrets_work._SHARE", 1)
    for number in range(4):
        (tmp_path / f"{number}.env").write_text(f"{key_id('123456789012', seed=number)}\n")
    alone = scan(order(tmp_path))
    many = scan(Order(sources=(str(tmp_path),), workers=2))
    assert alone.located == many.located
    assert len(alone.located) == 4


_KILLED: Final = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from sakimori.app.secrets import _start
if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"), initializer=_start, initargs=((),))
    pool.submit(time.monotonic).result()
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_a_killed_scan_leaves_no_process_behind(tmp_path: Path) -> None:
    """Starts Python and a worker: seconds. The workers hold the pipe open for as long as they live."""
    (tmp_path / "killed.py").write_text(_KILLED)
    with subprocess.Popen((sys.executable, str(tmp_path / "killed.py")), stdout=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stdout.readline() == b"ready\n"
        running.kill()
        assert running.communicate(timeout=30)[0] == b""


def test_the_json_of_a_scan_is_a_baseline_for_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(BOTH)
    code, output = run(tmp_path, "--format", "json", "--fail-on", "high")
    assert code == FOUND
    baseline = tmp_path.parent / "baseline.json"
    baseline.write_text(output)
    assert SECRET not in output
    assert {entry["secret_sha256"] for entry in json.loads(output)["findings"]}
    code, again = run(tmp_path, "--baseline", baseline, "--fail-on", "high", "--format", "json")
    assert (code, json.loads(again)["findings"], len(json.loads(again)["known"])) == (COMPLETED, [], 2)
    (tmp_path / "b.env").write_text(f"{key_id('210987654321')}\n")
    assert run(tmp_path, "--baseline", baseline, "--fail-on", "high")[0] == FOUND


def test_what_is_no_baseline_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"schema": "other/1", "findings": []}')
    with pytest.raises(UsageError):
        read_baseline(tmp_path / "x.json")


def test_an_allow_list_needs_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "allow.yaml"
    path.write_text("allow:\n- {kind: aws.*, file: '*/a.env', reason: made up}\n")
    (tmp_path / "a.env").write_text(BOTH)
    report = scan(order(tmp_path / "a.env", allowances=read_allowances([path])))
    assert report.located == ()
    assert {each.reason for each in report.allowed} == {"made up"}
    path.write_text("allow:\n- {kind: aws.*}\n")
    with pytest.raises(UsageError):
        read_allowances([path])


@pytest.mark.parametrize("folder", [".", "./", "ABSOLUTE"])
def test_pattern_of_an_allow_list_is_one_of_the_path_within_what_is_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(BOTH)
    allowed = (Allowance(reason="made up", file="docs/*"),)
    whole = replace(order(tmp_path, allowances=allowed), sources=(str(tmp_path) if folder == "ABSOLUTE" else folder,))
    assert scan(whole).located == ()


def test_baseline_holds_however_the_folder_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.env").write_text(BOTH)
    found = scan(replace(order(tmp_path), sources=(".",)))
    with (tmp_path / "known.json").open("w") as stream:
        write_secrets_json(found, stream)
    (tmp_path / "known.json").rename(tmp_path.parent / "known.json")
    known = read_baseline(tmp_path.parent / "known.json")
    assert found.located
    assert scan(order(tmp_path, baseline=known)).located == ()


@pytest.mark.slow
def test_own_kinds_are_looked_for_and_bad_ones_named(tmp_path: Path) -> None:
    kinds = tmp_path / "kinds"
    kinds.mkdir()
    (kinds / "ours.yaml").write_text(
        "kinds:\n- id: ours.badge\n  title: Badge\n  message: {en: Ask for a new one., ja: 再発行してください。}\n"
        "  severity: high\n  token: 'acme-badge-[0-9]{8}'\n"
    )
    (tmp_path / "a.txt").write_text("acme-badge-31415926")
    [found] = scan(order(tmp_path / "a.txt", kinds_dirs=(kinds,))).located
    assert found.found.kind == "ours.badge"
    (kinds / "ours.yaml").write_text("kinds:\n- id: ours.badge\n  colour: red\n")
    with pytest.raises(UsageError, match="kind_bad") as told:
        scan(order(tmp_path / "a.txt", kinds_dirs=(kinds,)))
    assert told.value.values["reason"] == "unknown key colour"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_names_the_account_and_the_command_and_no_secret(tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("sakimori.cli.secrets_scan.spoken", lambda: language)
    (tmp_path / "a.env").write_text(BOTH)
    code, page = run(tmp_path)
    assert code == COMPLETED
    assert SECRET not in page
    assert "123456789012" in page
    assert f"sakimori respond start --key {KEY}" in page
    assert SECRET in run(tmp_path, "--show-secrets")[1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_of_each_aws_key_it_is_said_whose_it_is_and_how_it_is_contained(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sakimori.cli.secrets_scan.spoken", lambda: language)
    monkeypatch.setattr(f"{__name__}.HOME", tmp_path / "home")
    old = "AKIAI" + KEY[5:]  # an id from before 2019 holds no account
    (tmp_path / "a.env").write_text(BOTH + "\n" * 100 + f"key = {old}\n")
    (tmp_path / "home").mkdir()
    told = [{"en": "is ours", "ja": "自組織"}, {"en": "not among", "ja": "設定にない"}]
    for account, said in zip(("123456789012", "210987654321"), told, strict=True):
        (tmp_path / "home" / "config.toml").write_text(f'[detect]\nown_accounts = ["{account}"]\n')
        page = run(tmp_path / "a.env")[1]
        assert said[language] in page
        assert "--verify" in page
        assert f"sakimori respond start --key {old}" in page
        findings = json.loads(run(tmp_path / "a.env", "--format", "json")[1])["findings"]
        assert {each["is_ours"] for each in findings if each["account_id"]} == {account == "123456789012"}
        assert {each["command"] for each in findings} == {f"sakimori respond start --key {each}" for each in (KEY, old)}


def test_what_was_found_is_told_where_nobody_can_be_asked_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise AccessError("access.no_credentials", profile="default")

    monkeypatch.setattr("sakimori.cli.key_check.check_found", refused)
    (tmp_path / "a.env").write_text(BOTH)
    with pytest.raises(AccessError):
        command(["scan", str(tmp_path), "--verify"], obj=HOME, standalone_mode=False)
    assert "2 secrets found" in capsys.readouterr().out


@pytest.mark.slow
def test_sarif_has_a_result_for_each_leak(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(BOTH)
    log = json.loads(run(tmp_path, "--format", "sarif")[1])["runs"][0]
    assert {each["ruleId"] for each in log["results"]} == {"aws.access-key-id", "aws.secret-access-key"}
    assert SECRET not in json.dumps(log)


def test_a_large_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.app.secrets_work.HELD_AT_ONCE", 1_000)
    (tmp_path / "large.log").write_text("x" * 5_000 + f"\n{BOTH}")
    located = scan(order(tmp_path / "large.log")).located
    assert {(each.found.secret, each.found.line) for each in located} == {(KEY, 2), (SECRET, 3)}
    shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path, "large.log")
    located = scan(order(tmp_path / "packed.tar.gz")).located
    assert {each.found.secret for each in located} == {KEY, SECRET}


def test_a_name_that_is_no_utf_8_is_told_in_every_form(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.env")).write_text(BOTH)
    for form in ("terminal", "json", "sarif"):
        assert run(tmp_path, "--format", form)[0] == COMPLETED


def test_a_damaged_staged_file_leaves_the_next_ones_their_names(repository: Path) -> None:
    (repository / "b.txt").write_text("nothing")
    (repository / "c.env").write_text(BOTH.replace("=", ":"))
    (repository / "d.env").write_text(BOTH + "\n# further\n" + "ghp_" + "aB3" * 12)
    git(repository, "add", "-A")
    blob = git(repository, "rev-parse", ":b.txt")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    report = scan(order(repository, staged=True))
    assert not report.is_whole
    assert {each.provenance.file for each in report.located} == {"c.env", "d.env"}


def test_a_page_counts_in_the_singular_keeps_to_the_width_and_tells_an_allowance_without_a_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.env").write_text(f"id = {KEY}  # sakimori:allow\n")
    code, page = run(tmp_path / "a.env")
    assert code == COMPLETED
    assert "\n1 secret found in 1 file or object (" in page
    assert "sakimori:allow without a reason" in page
    (tmp_path / "b.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    page = run(tmp_path)[1]
    assert "1 secret found in what could be read of 2 files and objects" in page
    assert all(len(line) <= 80 for line in page.splitlines() if str(tmp_path) not in line)


@pytest.mark.slow
def test_a_cache_that_others_may_write_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o770)
    monkeypatch.setenv("SAKIMORI_CACHE", str(cache))
    (tmp_path / "a.txt").write_text("nothing")
    told = CliRunner().invoke(command, ["scan", str(tmp_path / "a.txt")], standalone_mode=False)
    assert f"chmod go-w {cache}" in told.stderr
    assert list(cache.iterdir()) == []
    cache.chmod(0o700)
    told = CliRunner().invoke(command, ["scan", str(tmp_path / "a.txt")], standalone_mode=False)
    assert told.stderr == ""


OWN = "kinds: [{id: own.token, title: t, message: {en: m, ja: m}, severity: high, examples: [], %s}]"


@pytest.mark.parametrize(
    "shape",
    [
        "anchor: '(?=x)acme-[0-9]{4}', literals: [acme-], pattern: '(?P<secret>acme-[0-9]+)'",
        "anchor: '(acme-)[0-9]{4}\\\\1', literals: [acme-], pattern: '(?P<secret>acme-[0-9]+)'",
        "anchor: '(?:a{1,900}){1,900}', literals: [acme-], pattern: '(?P<secret>acme-[0-9]+)'",
        "anchor: '(?:acme-)?', literals: [acme-], pattern: '(?P<secret>acme-[0-9]+)'",
    ],
)
def test_an_anchor_that_no_engine_would_take_is_told_with_its_line(tmp_path: Path, shape: str) -> None:
    (tmp_path / "own.yaml").write_text(OWN % shape)
    with pytest.raises(UsageError, match="kind_bad"):
        scan(order(tmp_path, kinds_dirs=(tmp_path,)))


@pytest.mark.slow
def test_a_pattern_that_never_ends_is_given_up_once_and_takes_nothing_else_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.extraction.PATIENCE_SECONDS", 0.2)
    (tmp_path / "own.yaml").write_text(
        OWN % "anchor: 'acme-[0-9]', literals: [acme-], pattern: 'acme-(?P<secret>(?:[0-9]+)+)$'"
    )
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(40):
        (texts / f"{number:02}.txt").write_text("acme-" + "1" * 60 + f"x\n{key_id('123456789012', seed=number)}\n")
    assert is_done_within(0.2 * 20, lambda: scan(order(texts, kinds_dirs=(tmp_path,))))
    report = scan(order(texts, kinds_dirs=(tmp_path,)))
    assert [(each.reason, each.detail) for each in report.unread] == [("kind_slow", "own.token")]
    assert len(report.located) == 40
    code, told = run(texts, "--kinds", tmp_path)
    assert code == BLIND
    assert "own.token" in told


@pytest.mark.parametrize("text", ["[]", "1", '{"schema": "sakimori.secrets/1", "findings": 5}', '{"schema": "sakimori.secrets/1", "findings": [{}]}', '{"schema": "sakimori.secrets/1", "findings": [], "known": null}', "[" * 100_000, "\x00"])  # fmt: skip
def test_a_hostile_baseline_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(UsageError, match="bad_baseline"):
        read_baseline(tmp_path / "b.json")


def test_a_baseline_that_is_not_there_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_baseline(tmp_path / "leaks.json")
    assert "--format json > " in str(say(f"{refused.value.text}", "en", **refused.value.values))


def test_a_pipe_is_told_with_the_way_to_scan_what_comes_out_of_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, page = run(tmp_path / "pipe")
    assert code == BLIND
    assert "to a file" in page


def test_a_secret_that_two_kinds_know_is_one_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(f"aws_secret_access_key = {SECRET}\n")
    (tmp_path / "b.yaml").write_text(f"api_token: {SECRET}\n")
    page = run(tmp_path, "--all")[1]
    assert "1 secret found" in page


def test_what_a_cut_fetch_left_among_the_objects_is_looked_at_or_told(repository: Path) -> None:
    objects = repository / ".git" / "objects"
    assert scan(order(repository, history=True)).is_whole
    (objects / "pack").mkdir(exist_ok=True)
    (objects / "pack" / "tmp_pack_x").write_bytes(b"PACK\0\0\0\2cut")
    (objects / "tmp_objdir-incoming-x").mkdir()
    (objects / "tmp_objdir-incoming-x" / "ab").write_text(BOTH)
    report = scan(order(repository, history=True))
    assert [(Path(each.name).name, each.reason) for each in report.unread] == [("tmp_pack_x", "unsupported")]
    assert "ab" in {Path(each.provenance.file).name for each in report.located}


@pytest.mark.slow
def test_a_git_that_never_answers_is_told(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.places.git_command.ANSWER_SECONDS", 0.3)
    os.mkfifo(tmp_path / "never")
    git(repository, "config", "include.path", str(tmp_path / "never"))
    report = scan(order(repository, history=True))
    assert [each.detail for each in report.unread] == ["no answer in 0.3 seconds"]
    assert {each.found.secret for each in report.located} == {KEY, SECRET}


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/pipe", "objects/pack/pack-1.idx"])
def test_a_pipe_within_a_repository_is_told_and_git_is_not_sent_to_wait_for_it(repository: Path, name: str) -> None:
    pipe = repository / ".git" / name
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    report = scan(order(repository, history=True))
    assert [(each.name, each.reason) for each in report.unread] == [(str(pipe), "unreadable")]
    assert {each.found.secret for each in report.located} == {KEY, SECRET}


def test_a_file_without_an_end_that_a_repository_names_is_not_read(repository: Path) -> None:
    for name in ("diff.orderFile", "core.attributesFile", "core.excludesFile", "mailmap.file"):
        git(repository, "config", name, "/dev/zero")
    (repository / "b.env").write_text(BOTH.replace("aws_secret", "# again\naws_secret"))
    subprocess.run(
        ("git", "-c", "core.attributesFile=", "-c", "core.excludesFile=", "add", "b.env"), cwd=repository, check=True
    )
    report = scan(order(repository, staged=True))
    assert {each.found.secret for each in report.located} == {KEY, SECRET}
    assert report.is_whole


def test_a_history_that_was_asked_for_and_is_not_there_is_told(tmp_path: Path, repository: Path) -> None:
    plain = tmp_path / "plain"
    (plain / "gone").mkdir(parents=True)
    (plain / "gone" / ".git").write_text("gitdir: /nowhere/at/all\n")
    (plain / "a.txt").write_text("nothing\n")
    assert scan(order(plain)).is_whole
    told = {each.name for each in scan(order(plain, plain / "a.txt", repository, history=True)).unread}
    assert told == {str(plain), str(plain / "gone"), str(plain / "a.txt")}


def test_the_history_of_a_worktree_below_is_looked_at(tmp_path: Path, repository: Path) -> None:
    git(repository, "rm", "-q", "a.env")
    git(repository, "commit", "-q", "-m", "two")
    (tmp_path / "trees").mkdir()
    git(repository, "worktree", "add", "-q", str(tmp_path / "trees" / "one"))
    report = scan(order(tmp_path / "trees", history=True))
    assert {each.found.secret for each in report.located} == {KEY, SECRET}
    assert report.is_whole


def test_a_file_of_git_lfs_is_looked_at_in_the_history_and_told_where_it_is_not_there(repository: Path) -> None:
    oid = "ab" * 32
    (repository / "large.bin").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 9\n")
    git(repository, "add", "-A")
    git(repository, "rm", "-q", "-f", "a.env")
    git(repository, "commit", "-q", "-m", "two")
    assert [each.reason for each in scan(order(repository)).unread] == ["lfs_pointer"]
    assert {each.reason for each in scan(order(repository, history=True)).unread} == {"lfs_pointer", "lfs_missing"}
    kept = repository / ".git" / "lfs" / "objects" / "ab" / "ab" / oid
    kept.parent.mkdir(parents=True)
    kept.write_text(BOTH.replace(SECRET, SECRET[::-1]))
    (repository / "large.bin").unlink()
    report = scan(order(repository, history=True))
    assert report.is_whole
    assert {each.found.secret for each in report.located} == {KEY, SECRET, SECRET[::-1]}


def test_an_image_that_lacks_a_layer_is_told_as_a_folder_too(tmp_path: Path) -> None:
    (tmp_path / "blobs" / "sha256").mkdir(parents=True)
    (tmp_path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (tmp_path / "index.json").write_text('{"schemaVersion": 2, "manifests": [{"digest": "sha256:aa"}]}')
    (tmp_path / "blobs/sha256/aa").write_text('{"schemaVersion": 2, "config": {"digest": "sha256:bb"}, "layers": []}')
    assert [each.reason for each in scan(order(tmp_path)).unread] == ["image_incomplete"]
    (tmp_path / "blobs/sha256/bb").write_text("{}")
    assert scan(order(tmp_path)).is_whole


def test_of_many_secrets_the_page_shows_the_worst_and_counts_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sakimori.cli.secrets_pages._SECRETS", 1)
    (tmp_path / "a.env").write_text(BOTH)
    page = run(tmp_path)[1]
    assert "not printed: 1." in page
    assert "2 secrets found" in page
