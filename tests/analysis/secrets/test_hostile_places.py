"""A stranger's repository and a stranger's bytes: nothing of them runs, and none of them holds a scan up."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.places.git_command import Repository
from sakimori.analysis.secrets.scanner import Scanner


def test_a_promised_object_starts_no_transport_of_the_repository(tmp_path: Path) -> None:
    told = tmp_path / "ran"
    folder = tmp_path / "repository"
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(("git", "init", "-q", str(folder)), env=environment, check=True)
    with (folder / ".git" / "config").open("a") as file:
        file.write(
            '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n'
            f'\turl = ext::touch {told}\n[protocol "ext"]\n\tallow = always\n'
        )
    repository = Repository(str(folder / ".git"))
    # A git before 2.45 does not know the word that forbids it to fetch.
    asked = {**repository.environment(), "GIT_NO_LAZY_FETCH": "0"}
    command = repository.command(["cat-file", "--batch"])
    subprocess.run(command, env=asked, input=b"%040d\n" % 1, capture_output=True, check=False)
    assert not told.exists()


@pytest.mark.parametrize("crowd", [b"password=", b"AKIA"])
def test_a_crowd_of_anchors_is_looked_at_in_the_time_of_its_bytes(crowd: bytes) -> None:
    scanner = Scanner(load_kinds())
    started = time.process_time()
    scanner.scan(crowd * (150_000 // len(crowd)))
    assert time.process_time() - started < 1.5  # each anchor by itself took seven seconds, and two
