"""A repository with a key in each of twenty hiding places, made at run time: a scan finds all twenty."""

import base64
import bz2
import gzip
import io
import json
import mailbox
import os
import random
import sqlite3
import string
import subprocess
import tarfile
import urllib.parse
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.report import Report
from sakimori.app.secrets import Order, scan


def secret_of(place: str) -> str:
    drawn = random.Random(place)  # noqa: S311 - visibly nobody's
    return "".join(drawn.choice(string.ascii_letters + string.digits + "+/") for _ in range(40))


def text_of(place: str) -> str:
    return (
        f"aws_access_key_id = {key_id('123456789012', seed=len(place))}\naws_secret_access_key = {secret_of(place)}\n"
    )


def git(folder: Path, *arguments: str, given: str = "") -> str:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}  # fmt: skip
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments], cwd=folder, input=given, capture_output=True, text=True,
        check=True, env={**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip
    return done.stdout.strip()


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def write_and_remove(folder: Path, name: str, content: bytes) -> None:
    """Brought in by one commit and taken out by the next: it is in the history alone."""
    write(folder, name, content)
    commit(folder, f"add {name}")
    (folder / name).unlink()
    commit(folder, f"remove {name}")


def deleted_file(folder: Path) -> None:
    write_and_remove(folder, "old.env", text_of("deleted file").encode())


def other_branch(folder: Path) -> None:
    git(folder, "checkout", "-q", "-b", "feature")
    write(folder, "feature.ini", text_of("other branch").encode())
    commit(folder, "feature")
    git(folder, "checkout", "-q", "main")


def dangling_commit(folder: Path) -> None:
    write(folder, "lost.ini", text_of("dangling commit").encode())
    commit(folder, "lost")
    git(folder, "reset", "-q", "--hard", "HEAD~1")
    git(folder, "reflog", "expire", "--expire=now", "--all")


def stash(folder: Path) -> None:
    write(folder, "readme.txt", text_of("stash").encode())
    git(folder, "stash")


def commit_message(folder: Path) -> None:
    commit(folder, f"Use the new key\n\n{text_of('commit message')}")


def tag_message(folder: Path) -> None:
    git(folder, "tag", "-a", "v1", "-m", text_of("tag message"))


def note(folder: Path) -> None:
    git(folder, "notes", "add", "-m", text_of("note"))


def evil_merge(folder: Path) -> None:
    git(folder, "checkout", "-q", "-b", "side")
    write(folder, "side.txt", b"side")
    commit(folder, "side")
    git(folder, "checkout", "-q", "main")
    write(folder, "main.txt", b"main")
    commit(folder, "main")
    git(folder, "merge", "-q", "--no-commit", "--no-ff", "side")
    write(folder, "merged.ini", text_of("evil merge").encode())
    commit(folder, "merge")
    (folder / "merged.ini").unlink()
    commit(folder, "tidy")


def submodule_config(folder: Path) -> None:
    (folder / ".git" / "modules" / "lib").mkdir(parents=True)
    config = f'[remote "origin"]\n\turl = https://bot:{secret_of("submodule config").replace("/", "x")}@git.internal/lib.git\n'
    (folder / ".git" / "modules" / "lib" / "config").write_text(config)


def staged_only(folder: Path) -> None:
    write(folder, "staged.ini", text_of("staged only").encode())
    git(folder, "add", "staged.ini")
    git(folder, "rm", "-q", "--cached", "staged.ini")
    (folder / "staged.ini").unlink()


def in_base64(folder: Path) -> None:
    write_and_remove(folder, "values.yaml", b"data:\n  env: " + base64.b64encode(text_of("base64").encode()) + b"\n")


def in_nested_archives(folder: Path) -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conf/app.env", text_of("zip in tar in gzip"))
    with tarfile.open(fileobj=outer, mode="w:gz") as archive:
        info = tarfile.TarInfo("app.jar")
        info.size = len(inner.getvalue())
        archive.addfile(info, io.BytesIO(inner.getvalue()))
    write_and_remove(folder, "release.tgz", outer.getvalue())


def in_docx(folder: Path) -> None:
    content = io.BytesIO()
    pieces = "".join(
        f"<w:r><w:t>{text_of('docx')[at : at + 7]}</w:t></w:r>" for at in range(0, len(text_of("docx")), 7)
    )
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document><w:p>{pieces}</w:p></w:document>")
    write_and_remove(folder, "handover.docx", content.getvalue())


def in_sqlite(folder: Path) -> None:
    path = folder / "app.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE settings (name TEXT, aws_secret_access_key TEXT)")
        database.execute("INSERT INTO settings VALUES (?, ?)", ("x" * 4070, secret_of("sqlite")))
    database.close()
    commit(folder, "database")
    path.unlink()
    commit(folder, "no database")


def in_utf_16(folder: Path) -> None:
    write_and_remove(folder, "export.csv", text_of("utf-16").encode("utf-16-le"))


def in_shift_jis(folder: Path) -> None:
    write_and_remove(folder, "引継ぎ.txt", f"シークレットアクセスキー：{secret_of('shift_jis')}\r\n".encode("cp932"))


def in_notebook(folder: Path) -> None:
    cell = {
        "cell_type": "code",
        "source": ["import os\n", *text_of("notebook").splitlines(keepends=True)],
        "outputs": [],
    }
    write_and_remove(folder, "study.ipynb", json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}).encode())


def in_minified_line(folder: Path) -> None:
    filler = "var a=1;" * 400_000
    write_and_remove(folder, "app.min.js", f'{filler}AWS.config({{secretAccessKey:"{secret_of("minified")}"}});{filler}'.encode())  # fmt: skip


def in_url_escapes(folder: Path) -> None:
    write_and_remove(folder, "access.log", b"GET /?" + urllib.parse.quote(f"aws_secret_access_key={secret_of('url escapes')}", safe="").encode())  # fmt: skip


def in_mail(folder: Path) -> None:
    path = folder / "mails.mbox"
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "keys", "a@example.com", "b@example.com"
    message.set_content("see file")
    message.add_attachment(bz2.compress(text_of("mail").encode()), maintype="application", subtype="x-bzip2", filename="k.bz2")  # fmt: skip
    box = mailbox.mbox(path)
    box.add(message)
    box.close()
    commit(folder, "mails")
    path.unlink()
    commit(folder, "no mails")


PLACES: dict[str, Callable[[Path], None]] = {
    "deleted file": deleted_file, "other branch": other_branch, "dangling commit": dangling_commit, "stash": stash,
    "commit message": commit_message, "tag message": tag_message, "note": note, "evil merge": evil_merge,
    "submodule config": submodule_config, "staged only": staged_only, "base64": in_base64,
    "zip in tar in gzip": in_nested_archives, "docx": in_docx, "sqlite": in_sqlite, "utf-16": in_utf_16,
    "shift_jis": in_shift_jis, "notebook": in_notebook, "minified": in_minified_line, "url escapes": in_url_escapes,
    "mail": in_mail,
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "-q")
    write(folder, "readme.txt", b"hello")
    commit(folder, "begin")
    for hide in PLACES.values():
        hide(folder)
    git(folder, "repack", "-q", "-a", "-d", "-k")
    write(folder, "packed.gz", gzip.compress(b"nothing here"))
    return scan(Order(sources=(str(folder),), history=True, workers=1))


def test_there_are_twenty_places() -> None:
    assert len(PLACES) == 20


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_found_in(place: str, report: Report) -> None:
    secrets = {each.found.secret for each in report.located}
    wanted = secret_of(place)
    assert wanted in secrets or wanted.replace("/", "x") in secrets


def test_everything_could_be_read(report: Report) -> None:
    assert report.unread == ()


def test_a_hit_names_its_commit_and_path(report: Report) -> None:
    [hit] = [each for each in report.located if each.found.secret == secret_of("deleted file")]
    assert (hit.provenance.file, len(hit.provenance.commit)) == ("old.env", 40)
    [merged] = [each for each in report.located if each.found.secret == secret_of("evil merge")]
    assert merged.provenance.file == "merged.ini"
