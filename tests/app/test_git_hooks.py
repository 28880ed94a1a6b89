"""Hooks are put in, run beside others, and leave no trace when they go."""

import hashlib
import os
import sys
from pathlib import Path

import pytest
from tests.app.git_place import Repository, own_settings, repository

from sakimori.app.git_hooks import (
    HOOKS,
    Guard,
    Outcome,
    guards,
    install,
    install_everywhere,
    uninstall,
    uninstall_everywhere,
)
from sakimori.model.errors import UsageError

FORMER = b"#!/bin/sh\necho former ran >> ran.txt\nexit ${FORMER_SAYS:-0}\n\xff\x00 not even text"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_settings(tmp_path, monkeypatch)


@pytest.fixture
def code(settings: Path, tmp_path: Path) -> Repository:
    return repository(tmp_path / "code")


def outcomes(done: object) -> set[Outcome]:
    return {each.outcome for each in done.hooks}  # type: ignore[attr-defined]


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {each.name: (each.stat().st_mode, each.read_bytes()) for each in folder.iterdir()}


def test_hooks_are_there_once_installed_and_gone_once_uninstalled(code: Repository) -> None:
    before = files_of(code.path / ".git" / "hooks")
    assert outcomes(install(code.path, "en")) == {Outcome.INSTALLED}
    for hook in HOOKS:
        assert os.access(code.hook(hook), os.X_OK)
    assert outcomes(uninstall(code.path)) == {Outcome.REMOVED}
    assert files_of(code.path / ".git" / "hooks") == before


def test_installing_twice_changes_nothing(code: Repository) -> None:
    install(code.path, "en")
    before = files_of(code.path / ".git" / "hooks")
    assert outcomes(install(code.path, "en")) == {Outcome.UNCHANGED}
    assert files_of(code.path / ".git" / "hooks") == before


def test_a_hook_of_an_older_program_is_renewed_and_keeps_the_one_before_it(code: Repository) -> None:
    code.hook("pre-commit").write_bytes(FORMER)
    code.hook("pre-commit").chmod(0o750)
    install(code.path, "en")
    ours = code.hook("pre-commit")
    ours.write_bytes(ours.read_bytes().replace(sys.executable.encode(), b"/gone/python"))
    done = {each.hook: each.outcome for each in install(code.path, "en").hooks}
    assert done["pre-commit"] is Outcome.RENEWED
    uninstall(code.path)
    assert ours.read_bytes() == FORMER
    assert ours.stat().st_mode & 0o777 == 0o750


def test_a_former_hook_comes_back_byte_for_byte(code: Repository) -> None:
    code.hook("pre-commit").write_bytes(FORMER)
    code.hook("pre-commit").chmod(0o755)
    (code.path / "elsewhere").write_bytes(FORMER)
    code.hook("commit-msg").symlink_to(code.path / "elsewhere")
    before = files_of(code.path / ".git" / "hooks")
    done = {each.hook: each.outcome for each in install(code.path, "en").hooks}
    assert done == {
        "pre-commit": Outcome.CHAINED,
        "commit-msg": Outcome.CHAINED,
        "prepare-commit-msg": Outcome.INSTALLED,
    }
    uninstall(code.path)
    assert files_of(code.path / ".git" / "hooks") == before
    assert code.hook("commit-msg").is_symlink()


def test_a_former_hook_that_says_no_stops_the_commit(code: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    code.hook("pre-commit").write_text("#!/bin/sh\necho former >&2\nexit 7\n")
    code.hook("pre-commit").chmod(0o755)
    install(code.path, "en")
    code.stage("a.txt", "nothing")
    done = code.commit()
    assert done.returncode != 0
    assert "former" in done.stderr


@pytest.mark.slow
def test_a_former_hook_that_may_not_be_run_is_not_run(code: Repository) -> None:
    code.hook("pre-commit").write_text("#!/bin/sh\nexit 7\n")
    code.hook("pre-commit").chmod(0o644)
    install(code.path, "en")
    code.stage("a.txt", "nothing")
    assert code.commit().returncode == 0


def test_a_hook_that_another_program_put_over_ours_is_left_alone(code: Repository) -> None:
    install(code.path, "en")
    code.hook("pre-commit").write_text("#!/bin/sh\nexit 0\n")
    done = {each.hook: each.outcome for each in uninstall(code.path).hooks}
    assert done["pre-commit"] is Outcome.FOREIGN
    assert code.hook("pre-commit").read_text() == "#!/bin/sh\nexit 0\n"


def test_lines_that_somebody_added_to_ours_are_never_lost(code: Repository) -> None:
    install(code.path, "ja")
    ours = code.hook("commit-msg")
    ours.write_bytes(ours.read_bytes().replace(b"#!/bin/sh\n", b"#!/bin/sh\n./my-own-check || exit 1\n"))
    before = files_of(code.path / ".git" / "hooks")
    with pytest.raises(UsageError, match="edited"):
        uninstall(code.path)
    with pytest.raises(UsageError, match="edited"):
        install(code.path, "en")
    assert files_of(code.path / ".git" / "hooks") == before


def test_a_hook_whose_lines_this_program_would_not_write_any_more_is_renewed_by_its_seal(code: Repository) -> None:
    install(code.path, "en")
    ours = code.hook("pre-commit")
    mark, rest = ours.read_text().split("\n", 2)[1], ours.read_text().split("\n", 2)[2]
    older = f"#!/bin/sh\n{mark.rpartition(' ')[0]}\n# an older form\n{rest}"
    seal = hashlib.sha256(older.encode()).hexdigest()[:16]
    ours.write_text(older.replace("pre-commit\n", f"pre-commit {seal}\n", 1))
    assert {each.hook: each.outcome for each in install(code.path, "en").hooks}["pre-commit"] is Outcome.RENEWED


@pytest.mark.parametrize("call", ["write_bytes", "chmod", "replace"])
def test_a_kill_while_ours_is_put_in_leaves_the_former_hook_working(
    code: Repository, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    code.hook("pre-commit").write_text("#!/bin/sh\nexit 7\n")
    code.hook("pre-commit").chmod(0o755)
    before = files_of(code.path / ".git" / "hooks")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, call, killed)
        with pytest.raises(KeyboardInterrupt):
            install(code.path, "en")
    code.stage("a.txt", "nothing")
    assert code.commit().returncode != 0
    assert uninstall(code.path).hooks[0].outcome in {Outcome.FOREIGN, Outcome.RESTORED}
    assert files_of(code.path / ".git" / "hooks") == before
    assert outcomes(install(code.path, "en")) == {Outcome.CHAINED, Outcome.INSTALLED}


def test_two_former_hooks_are_not_mixed_up(code: Repository) -> None:
    code.hook("pre-commit").write_text("#!/bin/sh\n# first\n")
    install(code.path, "en")
    code.hook("pre-commit").write_text("#!/bin/sh\n# second\n")
    with pytest.raises(UsageError, match="two_former"):
        install(code.path, "en")
    assert code.hook("pre-commit").read_text() == "#!/bin/sh\n# second\n"


def test_hooks_go_where_git_looks_for_them(code: Repository) -> None:
    (code.path / "deep").mkdir()
    code.git("config", "core.hooksPath", "own-hooks")
    done = install(code.path / "deep", "en")
    assert done.shared
    assert (code.path / "own-hooks" / "pre-commit").exists()
    assert not code.hook("pre-commit").exists()
    uninstall(code.path / "deep")
    assert not list((code.path / "own-hooks").iterdir())


def test_a_further_work_tree_has_the_hooks_of_its_repository(code: Repository, tmp_path: Path) -> None:
    code.git("commit", "--allow-empty", "-qm", "first")
    code.git("worktree", "add", "-q", str(tmp_path / "second"))
    done = install(tmp_path / "second", "en")
    assert not done.shared
    assert code.hook("pre-commit").exists()


@pytest.mark.parametrize("make", ["nothing", "bare", "missing"])
def test_where_nobody_commits_it_refuses(settings: Path, tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make != "missing":
        place.mkdir()
    if make == "bare":
        Repository(place).git("init", "-q", "--bare")
    with pytest.raises(UsageError):
        install(place, "en")


def test_husky_keeps_its_hooks_and_is_told_what_to_add(code: Repository) -> None:
    code.git("config", "core.hooksPath", ".husky/_")
    with pytest.raises(UsageError, match="husky"):
        install(code.path, "en")


def test_repositories_to_come_have_the_hooks_from_the_template(settings: Path, tmp_path: Path) -> None:
    before = settings.read_bytes()
    home = tmp_path / "home"
    install_everywhere(home, "en")
    assert outcomes(install_everywhere(home, "en")) == {Outcome.UNCHANGED}
    made = repository(tmp_path / "new")
    assert [each.guard for each in guards([made.path])] == [Guard.OURS]
    uninstall_everywhere(home)
    assert [each.guard for each in guards([repository(tmp_path / "later").path])] == [Guard.NONE]
    assert not (home / "git-template").exists()
    assert settings.read_bytes().split() == before.split()


def test_a_template_of_the_persons_own_is_used_and_kept(settings: Path, tmp_path: Path) -> None:
    own = tmp_path / "my-template"
    (own / "hooks").mkdir(parents=True)
    (own / "hooks" / "pre-commit").write_bytes(FORMER)
    settings.write_text(settings.read_text() + f"[init]\n\ttemplateDir = {own}\n")
    before = settings.read_bytes()
    done = {each.hook: each.outcome for each in install_everywhere(tmp_path / "home", "en").hooks}
    assert done["pre-commit"] is Outcome.CHAINED
    uninstall_everywhere(tmp_path / "home")
    assert files_of(own / "hooks").keys() == {"pre-commit"}
    assert (own / "hooks" / "pre-commit").read_bytes() == FORMER
    assert settings.read_bytes() == before


def test_a_hooks_path_for_all_gets_them(settings: Path, tmp_path: Path) -> None:
    settings.write_text(settings.read_text() + f"[core]\n\thooksPath = {tmp_path / 'for-all'}\n")
    install_everywhere(tmp_path / "home", "en")
    assert (tmp_path / "for-all" / "pre-commit").exists()
    assert [each.guard for each in guards([repository(tmp_path / "new").path])] == [Guard.OURS]


def test_the_guard_of_each_repository_is_told(settings: Path, tmp_path: Path) -> None:
    root = tmp_path / "all"
    install(repository(root / "ours").path, "en")
    part = repository(root / "group" / "part")
    install(part.path, "en")
    part.hook("commit-msg").unlink()
    other = repository(root / "group" / "other")
    other.hook("pre-commit").write_text('#!/bin/sh\ngit secrets --pre_commit_hook -- "$@"\n')
    other.hook("pre-commit").chmod(0o755)
    dead = repository(root / "dead")
    dead.hook("pre-commit").write_text('#!/bin/sh\ngit secrets --pre_commit_hook -- "$@"\n')
    dead.hook("pre-commit").chmod(0o644)
    repository(root / "none")
    (root / "broken" / ".git").mkdir(parents=True)
    found = {each.path.name: str(each.guard) for each in guards([root])}
    assert found == {
        "ours": "sakimori", "part": "part", "other": "other", "dead": "none", "none": "none", "broken": "unreadable",
    }  # fmt: skip


def test_a_pipe_in_place_of_a_hook_holds_nothing_up_and_a_link_leads_nowhere(code: Repository, tmp_path: Path) -> None:
    hooks = code.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    os.mkfifo(hooks / "commit-msg.legacy")
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (hooks / ".pre-commit.sakimori-new").symlink_to(mine)
    assert [each.guard for each in guards([code.path])] == [Guard.NONE]
    install(code.path, "en")
    assert mine.read_text() == "mine"
