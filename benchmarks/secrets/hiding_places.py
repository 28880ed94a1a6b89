"""Who finds what in hiding places: `python hiding_places.py --peers DIR` makes one repository with a key in each and asks all.

Each place holds an access key of its own, made at run time from `--seed`. A place counts as found where the report names
its id or its secret; every scanner may look twice, at the files and at the history.
"""

import argparse
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from coded_files import CODINGS
from filler import lines
from kinds_aws import key_id, secret_key
from making import Maker
from measured import Yardstick, measure, print_table, save, scratch
from scanners import Finding, Scanner, add_options, asked_for, environment
from scoring import ways_to_read

Key = tuple[str, str]


class Repository:
    """A repository that is written step by step; every key it is given lies in one place of it."""

    def __init__(self, root: Path, seed: str, settings: Mapping[str, str]) -> None:
        self.root = root
        self.make = Maker(f"hiding {seed}")
        self.keys: dict[str, Key] = {}
        self._environment = {
            **settings,
            "GIT_AUTHOR_DATE": "2026-02-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-02-01T00:00:00Z",
        }
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str, given: str | None = None) -> str:
        done = subprocess.run(
            ("/usr/bin/env", "git", *words), cwd=self.root, env=self._environment, input=given, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def text(self, place: str) -> str:
        """A new key in the form of an environment; the place is remembered."""
        self.keys[place] = key = (key_id(self.make), secret_key(self.make))
        return f"AWS_ACCESS_KEY_ID={key[0]}\nAWS_SECRET_ACCESS_KEY={key[1]}\n"

    def write(self, name: str, content: str | bytes) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)


def build(root: Path, seed: str, settings: Mapping[str, str]) -> Mapping[str, Key]:
    """Make the repository. Gives each place with its key."""
    repository = Repository(root, seed, settings)
    for at in range(5):
        repository.write(f"src/module_{at}.py", lines(repository.make, "python", 8))
    repository.commit("first modules")
    for name, coded in CODINGS.items():
        file, content = coded(repository.make, repository.text(name))
        repository.write(file, content)
    repository.commit("more files")
    for hide in (
        _deleted_file, _other_branch, _odd_ref, _tag_message, _commit_message, _note, _stashes, _reflog, _evil_merge,
        _tagged_blob, _dangling_blob, _submodule, _staged,
    ):  # fmt: skip
        hide(repository)
    return repository.keys


def _deleted_file(repository: Repository) -> None:
    repository.write("config/.env", repository.text("deleted file"))
    repository.commit("settings")
    repository.git("rm", "--quiet", "config/.env")
    repository.commit("no settings in the repository")


def _other_branch(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "try/queue")
    repository.write("queue.env", repository.text("branch that was never merged"))
    repository.commit("try a queue")
    repository.git("checkout", "--quiet", "main")


def _odd_ref(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--detach")
    repository.write("pull.env", repository.text("ref of a pull request"))
    repository.commit("proposed")
    repository.git("update-ref", "refs/pull/7/head", "HEAD")
    repository.git("checkout", "--quiet", "main")


def _tag_message(repository: Repository) -> None:
    repository.git("tag", "--annotate", "v1.0", "--message", f"release\n\n{repository.text('message of a tag')}")


def _commit_message(repository: Repository) -> None:
    repository.commit(f"deploy by hand\n\n{repository.text('message of a commit')}")


def _note(repository: Repository) -> None:
    repository.git("notes", "add", "--message", f"built with\n{repository.text('note')}")


def _stashes(repository: Repository) -> None:
    """Two, one under the other: the older is reached through the reflog of the stash alone."""
    repository.write("src/module_0.py", repository.text("older stash"))
    repository.git("stash", "push", "--quiet")
    repository.write("local.env", repository.text("untracked file in a stash"))
    repository.git("stash", "push", "--quiet", "--include-untracked")


def _reflog(repository: Repository) -> None:
    repository.write("amended.env", repository.text("reflog only"))
    repository.commit("work in progress")
    repository.git("reset", "--quiet", "--hard", "HEAD~1")


def _evil_merge(repository: Repository) -> None:
    """Text that no parent has: only the merge itself, and it is taken away afterwards."""
    repository.git("checkout", "--quiet", "-b", "feature")
    repository.write("src/feature.py", lines(repository.make, "python", 3))
    repository.commit("feature")
    repository.git("checkout", "--quiet", "main")
    repository.write("src/other.py", lines(repository.make, "python", 3))
    repository.commit("other")
    repository.git("merge", "--quiet", "--no-ff", "--no-commit", "feature")
    repository.write("src/merged.env", repository.text("evil merge"))
    repository.commit("merge feature")
    repository.git("rm", "--quiet", "src/merged.env")
    repository.commit("tidy up")


def _tagged_blob(repository: Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", given=repository.text("blob under a tag"))
    repository.git("tag", "blob-of-old", blob)


def _dangling_blob(repository: Repository) -> None:
    repository.git("hash-object", "-w", "--stdin", given=repository.text("dangling blob"))


def _submodule(repository: Repository) -> None:
    repository.text("config of a submodule")
    user, secret = repository.keys["config of a submodule"]
    text = f'[remote "origin"]\n\turl = https://git.shop.internal/lib.git\n[credential]\n\taws_access_key_id = {user}\n\taws_secret_access_key = {secret}\n'
    repository.write(".git/modules/lib/config", text)


def _staged(repository: Repository) -> None:
    repository.write("staged.env", repository.text("staged, not committed"))
    repository.git("add", "staged.env")
    (repository.root / "staged.env").unlink()


def ask(scanner: Scanner, root: Path, place: Path) -> Iterable[Finding]:
    """All ways that a scanner has: files, history, and the image's archive."""
    ways = (
        ("tree", root, scanner.values or scanner.tree),
        ("history", root, scanner.history),
        ("image", root / "images/web.tar", scanner.image),
    )
    for way, target, command in ways:
        if command:
            output, report = place / f"{scanner.name}.{way}.out", place / f"{scanner.name}.{way}.json"
            cwd = root if scanner.in_target else place
            cost = measure(command(target, report), environment=environment(place / "home"), output=output, cwd=cwd)
            print(
                f"{scanner.name}, {way}: exit code {cost.exit_code}, "
                f"{cost.wall_seconds:.2f} s ({cost.cpu_seconds:.2f} s of CPU time)"
            )
            yield from scanner.read(root, report if report.exists() else output)


def main() -> None:
    options = _options()
    yardstick = Yardstick()
    with scratch(options.scratch, keep=options.keep) as place:
        asked = asked_for(options, place)
        keys = build(place / "repository", options.seed, environment(place / "home"))
        found: dict[str, set[str]] = {}
        for scanner in asked:
            yardstick.take()
            told = "\0".join(
                form for each in ask(scanner, place / "repository", place) for form in ways_to_read(each.string)
            )
            found[scanner.name] = {name for name, key in keys.items() if any(part in told for part in key)}
        print(f"\nSeed `{options.seed}`: {len(keys)} hiding places.\n")
        rows = [(name, *("yes" if name in each else "no" for each in found.values())) for name in keys]
        print_table(("place", *found), [*rows, ("found", *(f"{len(each)} of {len(keys)}" for each in found.values()))])
        print(yardstick.said())
        save(options.save, {name: sorted(each) for name, each in found.items()})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, "hidden")
    return parser.parse_args()


if __name__ == "__main__":
    main()
