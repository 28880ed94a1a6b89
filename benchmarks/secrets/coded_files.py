"""One text in files of many codings, as they lie in repositories: each gives a file's name and its bytes."""

import base64
import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from filler import lines
from making import Maker

Coded = Callable[[Maker, str], tuple[str, bytes]]
_BY: Final = "http://schemas.openxmlformats.org"


def _zip(members: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 2, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _tar(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def _base64(make: Maker, text: str) -> tuple[str, bytes]:
    coded = base64.b64encode((lines(make, "env", 3) + text).encode()).decode()
    return "deploy/user-data.yaml", f"kind: launch\nuserData: {coded}\n".encode()


def _twice_base64(_: Maker, text: str) -> tuple[str, bytes]:
    inner = base64.b64encode(gzip.compress(json.dumps({"config": {"env": text}}).encode(), mtime=0))
    return "deploy/release.yaml", b"kind: Secret\ndata:\n  release: " + base64.b64encode(inner) + b"\n"


def _gzip(make: Maker, text: str) -> tuple[str, bytes]:
    return "logs/app.log.gz", gzip.compress((lines(make, "log", 40) + text).encode(), mtime=0)


def _bzip2(make: Maker, text: str) -> tuple[str, bytes]:
    return "backup/etc.tar.bz2", _tar({"etc/app.env": (lines(make, "env", 9) + text).encode()}, "w:bz2")


def _zip_in_zip(make: Maker, text: str) -> tuple[str, bytes]:
    inner = _zip({"app/settings.py": (lines(make, "python", 5) + text).encode()})
    return "dist/bundle.zip", _zip({"readme.txt": b"see inner.zip\n", "inner.zip": inner})


def _jar(make: Maker, text: str) -> tuple[str, bytes]:
    members = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", "application.properties": text.encode()}
    return "lib/worker-1.2.jar", _zip({**members, "internal/shop/Worker.class": b"\xca\xfe\xba\xbe" + make.bytes(400)})


def _docx(_: Maker, text: str) -> tuple[str, bytes]:
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.splitlines())
    body = f'<w:document xmlns:w="{_BY}/wordprocessingml/2006/main"><w:body>{paragraphs}</w:body></w:document>'
    return "docs/handover.docx", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def _xlsx(_: Maker, text: str) -> tuple[str, bytes]:
    cells = "".join(f"<si><t>{escape(part)}</t></si>" for line in text.splitlines() for part in line.split("="))
    strings = f'<sst xmlns="{_BY}/spreadsheetml/2006/main">{cells}</sst>'
    return "docs/accounts.xlsx", _zip({"[Content_Types].xml": b"<Types/>", "xl/sharedStrings.xml": strings.encode()})


def _sqlite(make: Maker, text: str) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "db"
        database = sqlite3.connect(path)
        database.execute("create table settings (name text, value text)")
        database.executemany("insert into settings values (?, ?)", [(make.hex(8), make.hex(64)) for _ in range(300)])
        database.execute("insert into settings values ('env', ?)", (text,))
        database.commit()
        database.close()
        return "data/app.sqlite3", path.read_bytes()


def _notebook(_: Maker, text: str) -> tuple[str, bytes]:
    outputs = [{"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}]
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs, "source": ["!env"]}
    return "analysis/env.ipynb", json.dumps({"cells": [cell], "nbformat": 4}).encode()


def _minified(make: Maker, text: str) -> tuple[str, bytes]:
    middle = ",".join(f'{each.partition("=")[0]}:"{each.partition("=")[2]}"' for each in text.split())
    side = lines(make, "minified", 220)
    return "web/app.bundle.js", f"{side}var env={{{middle}}};{side}".encode()


def _image(make: Maker, text: str) -> tuple[str, bytes]:
    """What `docker save` writes: an OCI layout with the older manifest.json beside it; the key lies in the second layer."""
    packed = [
        gzip.compress(_tar(members), mtime=0)
        for members in (
            {"etc/os-release": b"ID=debian\n", "app/main.py": lines(make, "python", 5).encode()},
            {"app/.env": text.encode()},
        )
    ]
    layers = [_blob("application/vnd.oci.image.layer.v1.tar+gzip", each) for each in packed]
    rootfs = {"type": "layers", "diff_ids": [_digest(gzip.decompress(each)) for each in packed]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
    told = _blob("application/vnd.oci.image.config.v1+json", config)
    manifest = json.dumps({"schemaVersion": 2, "config": told, "layers": layers}).encode()
    index = {"schemaVersion": 2, "manifests": [_blob("application/vnd.oci.image.manifest.v1+json", manifest)]}
    older = [{"Config": _place(config), "RepoTags": ["web:1"], "Layers": [_place(each) for each in packed]}]
    blobs = {_place(each): each for each in (*packed, config, manifest)}
    heads = {"index.json": json.dumps(index).encode(), "manifest.json": json.dumps(older).encode()}
    return "images/web.tar", _tar({**blobs, "oci-layout": b'{"imageLayoutVersion":"1.0.0"}', **heads})


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _place(content: bytes) -> str:
    return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def _blob(media: str, content: bytes) -> dict[str, str | int]:
    return {"mediaType": media, "digest": _digest(content), "size": len(content)}


def _mbox(make: Maker, text: str) -> tuple[str, bytes]:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ops@shop.internal", "dev@shop.internal", "アクセスキーの件"
    mail.set_content("添付をご確認ください。\n" + lines(make, "japanese", 3), cte="base64")
    mail.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename="env")
    return "mail/archive.mbox", b"From ops@shop.internal Mon Feb  2 09:00:00 2026\n" + mail.as_bytes() + b"\n"


def _quoted_printable(make: Maker, text: str) -> tuple[str, bytes]:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ops@shop.internal", "dev@shop.internal", "keys"
    mail.set_content(lines(make, "prose", 3) + text.replace("\n", " ") + "\n", cte="quoted-printable")
    return "mail/keys.eml", mail.as_bytes()


def _url(_: Maker, text: str) -> tuple[str, bytes]:
    return "logs/access.txt", f"GET /import?env={quote(text, safe='')}&v=1 HTTP/1.1\n".encode().replace(b"A", b"%41")


def _json(_: Maker, text: str) -> tuple[str, bytes]:
    coded = "".join(f"\\u{ord(each):04x}" if each in "AKS/+=\n" else each for each in text)
    return "data/event.json", f'{{"detail": "{coded}"}}\n'.encode()


CODINGS: Final[Mapping[str, Coded]] = {
    "base64": _base64,
    "base64 of base64 of gzip": _twice_base64,
    "gzip": _gzip,
    "tar.bz2": _bzip2,
    "zip in zip": _zip_in_zip,
    "jar": _jar,
    "docx": _docx,
    "xlsx": _xlsx,
    "sqlite": _sqlite,
    "notebook output": _notebook,
    "minified line": _minified,
    "image layer": _image,
    "mbox attachment": _mbox,
    "quoted-printable": _quoted_printable,
    "URL escapes": _url,
    "JSON escapes": _json,
    "UTF-16": lambda make, text: ("windows/env.ps1", ("\ufeff" + lines(make, "env", 3) + text).encode("utf-16-le")),
    "Shift_JIS": lambda make, text: ("docs/手順.txt", (lines(make, "japanese", 5) + text).encode("cp932")),
    "EUC-JP": lambda make, text: ("docs/memo.txt", (lines(make, "japanese", 5) + text).encode("euc_jp")),
}
