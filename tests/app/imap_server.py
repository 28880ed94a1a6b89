"""A small IMAP server on loopback: enough of RFC 3501 to read a mailbox, and a note of everything that it was asked."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Mailbox:
    """What it holds, and what was said to it."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    password: str = "not-a-secret"  # noqa: S105 - of a test
    asked: list[str] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)
    """What it says of a mail's size where that is not true."""
    port: int = 0


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say(b"* OK [CAPABILITY IMAP4rev1] ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            word = rest.split(" ", 1)[0].upper()
            self.box.asked.append(rest if word != "LOGIN" else "LOGIN")
            self._answer(tag, word, rest)
            if word == "LOGOUT":
                return

    def _answer(self, tag: str, word: str, rest: str) -> None:
        if word == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1")
        elif word == "LOGIN" and self.box.password not in rest:
            self._say(f"{tag} NO no".encode())
            return
        elif word == "EXAMINE":
            if '"INBOX"' not in rest:
                self._say(f"{tag} NO no such mailbox".encode())
                return
            self._say(f"* {len(self.box.mails)} EXISTS".encode())
            self._say(f"* OK [UIDVALIDITY {self.box.validity}] ok".encode())
        elif rest.upper().startswith("UID SEARCH"):
            first = re.search(r"UID (\d+):\*", rest[4:])
            known = sorted(self.box.mails)
            found = [uid for uid in known if uid >= int(first.group(1))] or known[-1:] if first else known
            self._say(b"* SEARCH " + " ".join(map(str, found)).encode())
        elif rest.upper().startswith("UID FETCH"):
            self._fetch(int(rest.split()[2]), rest)
        self._say(f"{tag} OK done".encode())

    def _fetch(self, uid: int, rest: str) -> None:
        mail = self.box.mails.get(uid)
        if mail is None:
            return
        if "RFC822.SIZE" in rest:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {self.box.sizes.get(uid, len(mail))})".encode())
        else:
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(mail)}}}\r\n".encode() + mail + b")\r\n")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no failure of a test."""


@contextmanager
def imap_server(**mails: bytes) -> Iterator[Mailbox]:
    """A server with these mails (`m1`, `m2`, … by UID)."""
    box = Mailbox(mails={int(name[1:]): data for name, data in mails.items()})
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
