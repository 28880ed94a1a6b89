"""Hooks of git that look for secrets before a commit: put in, taken away, and which repositories have them.

They are the three of git-secrets: pre-commit (what is staged), commit-msg (the message) and prepare-commit-msg (the commits
that a merge brings in). A hook that was there before is kept under another name, runs first, and comes back as it was.
Sources: githooks(5), gitrepository-layout(5) and git-init(1), "TEMPLATE DIRECTORY"; README of awslabs/git-secrets.
"""

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sakimori.app.given_file import open_regular
from sakimori.app.hook_script import KEPT, MARK, is_untouched, script_of
from sakimori.model.errors import UsageError
from sakimori.texts.language import Language

HOOKS: Final = ("pre-commit", "commit-msg", "prepare-commit-msg")
_READ_OF_A_HOOK: Final = 65_536
_TEMPLATE: Final = "git-template"
_HUSKY: Final = (".husky", "_")
_OTHERS: Final = ("git-secrets", "git secrets", "gitleaks", "trufflehog", "detect-secrets", "kingfisher", "betterleaks")
"""Words by which a hook of another scanner is known."""

_OF_A_REPOSITORY: Final = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"))


class Outcome(StrEnum):
    """What became of one hook."""

    INSTALLED = "installed"
    CHAINED = "chained"
    """Installed before one that was there."""
    RENEWED = "renewed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    RESTORED = "restored"
    """Removed, and the former one is back."""
    FOREIGN = "foreign"
    """There is a hook, and it is not ours."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDone:
    """One hook and what became of it."""

    hook: str
    path: Path
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HooksDone:
    """`shared` says whether the directory serves more than this repository."""

    directory: Path
    shared: bool
    hooks: tuple[HookDone, ...]


class Guard(StrEnum):
    """What stands before a repository's commits."""

    OURS = "sakimori"
    PART = "part"
    """Some of our hooks, not all."""
    OTHER = "other"
    """A hook of another scanner."""
    NONE = "none"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A repository and what stands before its commits."""

    path: Path
    guard: Guard


def install(directory: Path, language: Language) -> HooksDone:
    """Put the hooks before commits of the repository that holds `directory`."""
    folder, shared = hooks_directory(directory)
    return HooksDone(directory=folder, shared=shared, hooks=_install_all(folder, language))


def uninstall(directory: Path) -> HooksDone:
    """Take our hooks away; a former one comes back byte for byte. UsageError where somebody has added lines to ours."""
    folder, shared = hooks_directory(directory)
    return HooksDone(directory=folder, shared=shared, hooks=_uninstall_all(folder))


def install_everywhere(home: Path, language: Language) -> HooksDone:
    """For repositories to come: into the directory of core.hooksPath where one is set for all, or else the template's."""
    folder = _hooks_for_all()
    if folder is not None:
        return HooksDone(directory=folder, shared=True, hooks=_install_all(folder, language))
    template = home / _TEMPLATE
    done = HooksDone(directory=template / "hooks", shared=True, hooks=_install_all(template / "hooks", language))
    # A template without hooks is of no use to anybody, so git hears of it last.
    _git("config", "--global", "init.templateDir", str(template))
    return done


def uninstall_everywhere(home: Path) -> HooksDone:
    """Take back what `install_everywhere` did; a template directory of our own goes with its setting."""
    folder = _hooks_for_all() or home / _TEMPLATE / "hooks"
    done = _uninstall_all(folder)
    template = home / _TEMPLATE
    if folder == template / "hooks":
        if _told("config", "--global", "--type=path", "init.templateDir") == str(template):
            _git("config", "--global", "--unset-all", "init.templateDir")
        for each in (folder, template):
            with contextlib.suppress(OSError):
                each.rmdir()
    return HooksDone(directory=folder, shared=True, hooks=done)


def guards(roots: Iterable[Path], depth: int = 8) -> Iterator[Guarded]:
    """Each repository under these directories, and what stands before its commits. Links are not followed."""
    for root in roots:
        if not root.is_dir():
            raise UsageError("secrets_hooks.no_directory", path=root)
        for path in _repositories(root, depth):
            yield Guarded(path=path, guard=_guard(path))


def hooks_directory(directory: Path) -> tuple[Path, bool]:
    """Where git looks for the hooks of this repository, and whether others look there too; UsageError outside of one."""
    if not directory.is_dir():
        raise UsageError("secrets_hooks.no_directory", path=directory)
    told = _told("rev-parse", "--is-bare-repository", "--is-inside-work-tree", where=directory)
    if told is None:
        raise UsageError("secrets_hooks.no_repository", path=directory.resolve())
    if told != "false\ntrue":
        raise UsageError("secrets_hooks.no_work_tree", path=directory.resolve())
    # A relative core.hooksPath counts from the top of the work tree: there hooks run (git-config(1)).
    top = Path(_told("rev-parse", "--show-toplevel", where=directory) or directory)
    told = _told("rev-parse", "--git-path", "hooks", "--git-common-dir", where=top)
    hooks, common = (told or ".git/hooks\n.git").split("\n")
    folder = Path(os.path.normpath(top / hooks))
    if folder.parts[-2:] == _HUSKY:
        raise UsageError("secrets_hooks.husky", path=folder.parent / "pre-commit", command=_command("pre-commit"))
    return folder, folder != Path(os.path.normpath(top / common / "hooks"))


def _install_all(folder: Path, language: Language) -> tuple[HookDone, ...]:
    _check_untouched(folder)
    return tuple(_install(folder, hook, language) for hook in HOOKS)


def _uninstall_all(folder: Path) -> tuple[HookDone, ...]:
    _check_untouched(folder)
    return tuple(_uninstall(folder, hook) for hook in HOOKS)


def _check_untouched(folder: Path) -> None:
    """UsageError, before anything is changed, where a hook of ours holds lines that somebody has added."""
    for hook in HOOKS:
        path = folder / hook
        if _is_ours(path) and not is_untouched(_text(path), hook):
            raise UsageError("secrets_hooks.edited", path=path, kept=path.with_name(path.name + KEPT))


def _install(folder: Path, hook: str, language: Language) -> HookDone:
    path = folder / hook
    script = script_of(hook, language)
    kept = path.with_name(path.name + KEPT)
    outcome = Outcome.INSTALLED
    if _is_ours(path):
        if path.read_bytes() == script:
            return HookDone(hook=hook, path=path, outcome=Outcome.UNCHANGED)
        outcome = Outcome.RENEWED
    elif os.path.lexists(path):
        if os.path.lexists(kept) and not _are_one(path, kept):
            raise UsageError("secrets_hooks.two_former", path=path, kept=kept)
        outcome = Outcome.CHAINED
    _make(folder)
    fresh = _fresh(path)
    try:
        fresh.unlink(missing_ok=True)  # a link that lies there would lead the script elsewhere
        fresh.write_bytes(script)
        fresh.chmod(0o755)
        if outcome is Outcome.CHAINED:
            _keep(path, kept)
        fresh.replace(path)
    except OSError as error:
        raise UsageError("secrets_hooks.cannot_write", path=path, reason=error.strerror or str(error)) from error
    return HookDone(hook=hook, path=path, outcome=outcome)


def _fresh(path: Path) -> Path:
    """Where a hook is written whole before it comes to its place."""
    return path.with_name(f".{path.name}.sakimori-new")


def _keep(path: Path, kept: Path) -> None:
    """Give the former hook its second name; it keeps the first until ours takes it, so that a kill leaves no moment without it."""
    if os.path.lexists(kept):
        return  # killed here before
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:
        path.rename(kept)  # a file system without links


def _are_one(path: Path, kept: Path) -> bool:
    """Whether both names are of one file: putting ours in was cut short between the two."""
    return os.path.samestat(path.lstat(), kept.lstat())


def _uninstall(folder: Path, hook: str) -> HookDone:
    path = folder / hook
    kept = path.with_name(path.name + KEPT)
    is_there, is_kept = os.path.lexists(path), os.path.lexists(kept)
    try:
        _fresh(path).unlink(missing_ok=True)
        if is_there and is_kept and _are_one(path, kept):
            kept.unlink()
            return HookDone(hook=hook, path=path, outcome=Outcome.RESTORED)
        if is_there and not _is_ours(path):
            return HookDone(hook=hook, path=path, outcome=Outcome.FOREIGN)
        if is_kept:
            kept.replace(path)
        elif is_there:
            path.unlink()
    except OSError as error:
        raise UsageError("secrets_hooks.cannot_write", path=path, reason=error.strerror or str(error)) from error
    outcome = Outcome.RESTORED if is_kept else Outcome.REMOVED if is_there else Outcome.ABSENT
    return HookDone(hook=hook, path=path, outcome=outcome)


def _command(hook: str) -> str:
    return f"{shlex.quote(sys.executable)} -P -m sakimori.cli.commit_hook {hook}"


def _is_ours(path: Path) -> bool:
    return MARK in _text(path)


def _text(path: Path) -> str:
    try:
        with open_regular(path) as file:
            return file.read(_READ_OF_A_HOOK).decode("utf-8", "replace")
    except (OSError, UsageError):
        return ""


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("secrets_hooks.cannot_write", path=folder, reason=error.strerror or str(error)) from error


def _hooks_for_all() -> Path | None:
    """The hooks of all repositories where the person has set them: of core.hooksPath, or of a template of their own."""
    if hooks := _told("config", "--global", "--type=path", "core.hooksPath"):
        return Path(hooks)
    if template := _told("config", "--global", "--type=path", "init.templateDir"):
        return Path(template) / "hooks"
    return None


def _repositories(root: Path, depth: int) -> Iterator[Path]:
    if (root / ".git").exists():
        yield root
    if not depth:
        return
    try:
        inner = sorted(
            each.path for each in os.scandir(root) if each.is_dir(follow_symlinks=False) and each.name != ".git"
        )
    except OSError:
        return
    for each in inner:
        yield from _repositories(Path(each), depth - 1)


def _guard(path: Path) -> Guard:
    hooks = _told("rev-parse", "--git-path", "hooks", where=path)
    if hooks is None:
        return Guard.UNREADABLE
    folder = path / hooks
    texts = {hook: _text(folder / hook) + _text(folder / f"{hook}.legacy") for hook in HOOKS}
    ours = [hook for hook in HOOKS if MARK in texts[hook] and os.access(folder / hook, os.X_OK)]
    if len(ours) == len(HOOKS):
        return Guard.OURS
    framework = _text(path / ".pre-commit-config.yaml") if "pre-commit" in texts["pre-commit"] else ""
    if "sakimori" in framework:
        return Guard.OURS
    if ours:
        return Guard.PART
    looked = (texts["pre-commit"] + framework) if os.access(folder / "pre-commit", os.X_OK) else ""
    return Guard.OTHER if any(word in looked for word in _OTHERS) else Guard.NONE


def _told(*arguments: str, where: Path | None = None) -> str | None:
    """What git answers; None where it answers with a failure."""
    done = _run(arguments, where)
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n") if done.returncode == 0 else None


def _git(*arguments: str) -> None:
    done = _run(arguments, None)
    if done.returncode:
        raise UsageError("secrets_hooks.git_failed", command=" ".join(("git", *arguments)),
                         reason=done.stderr.decode("utf-8", "replace").strip()[:200])  # fmt: skip


def _run(arguments: Iterable[str], where: Path | None) -> subprocess.CompletedProcess[bytes]:
    # Within a hook git's own variables name another repository than `where`.
    environment = {name: value for name, value in os.environ.items() if where is None or name not in _OF_A_REPOSITORY}
    try:
        return subprocess.run(  # noqa: S603 - git itself, with arguments of our own
            ("git", *arguments), cwd=where, env=environment, capture_output=True, check=False  # noqa: S607 - found as git itself is
        )  # fmt: skip
    except OSError as error:
        raise UsageError("secrets_hooks.no_git", reason=error.strerror or str(error)) from error
