"""Places on loopback that take messages and keep them: Slack's web API and webhooks, any webhook, and SMTP.

What a sink keeps is only ever added to, and outlives the death of whoever sent it. With `log` it is also written to a
file, a line of JSON each, before the answer goes out.
"""

import base64
import itertools
import json
import re
import socketserver
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "xoxb" + "-fake-" + "token"
CHANNEL = "C0FAKE123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sink says instead of its own answer.

    `takes`: whether the request has its effect all the same. `hangs_up`: the connection is cut without an answer.
    """

    status: int = 200
    body: bytes | str = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    takes: bool = False
    waits_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request that was taken; `at` is the sink's clock in seconds."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpSink:
    """`/api/METHOD` is Slack's web API, `/services/…` an incoming webhook, any other path a plain webhook.

    `requests`: every request, answered or not. `taken`: those of webhooks that had their effect. `slack`: the messages
    that stand in Slack. `answer_next(path, Answer(…))` scripts the next answer for a beginning of a path.
    """

    def __init__(self, *, log: Path | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.taken: list[Received] = []
        self.slack = SlackState()
        self._scripts: deque[tuple[str, Answer]] = deque()
        self._lock = threading.Lock()
        self._log = log
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sink._handle(self)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] - a killed client is no error here
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def answer_next(self, path: str, *answers: Answer) -> None:
        """The next requests whose path begins with `path` get these answers, in order."""
        self._scripts.extend((path, answer) for answer in answers)

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length)
        if len(body) < length:
            # Who was killed while sending said nothing that a place could take.
            handler.close_connection = True
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        received = Received(path=handler.path, headers=headers, body=body, at=time.time())
        with self._lock:
            self.requests.append(received)
            script = next((each for each in self._scripts if received.path.startswith(each[0])), None)
            if script is not None:
                self._scripts.remove(script)
            answer = self._answer(received) if script is None or script[1].takes else Answer()
        if script is not None:
            answer = script[1]
        time.sleep(answer.waits_seconds)
        if answer.hangs_up:
            handler.close_connection = True
            handler.connection.close()
            return
        content = answer.body.encode() if isinstance(answer.body, str) else answer.body
        handler.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(content))} | answer.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(self, received: Received) -> Answer:
        if received.path.startswith("/api/"):
            answer = self.slack.answer(received)
            if json.loads(answer)["ok"] and "/chat." in received.path:
                self._write(received)
            return Answer(body=answer, headers={"Content-Type": "application/json"})
        if received.path.startswith("/services/"):
            wrong = wrong_blocks(received.json)
            if wrong:
                return Answer(status=400, body=wrong)
            self.taken.append(received)
            self._write(received)
            return Answer(body="ok")
        self.taken.append(received)
        self._write(received)
        return Answer(status=204)

    def _write(self, received: Received) -> None:
        if self._log is not None:
            line = {
                "path": received.path,
                "headers": received.headers,
                "body": received.body.decode("utf-8", "replace"),
            }
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


class SlackState:
    """The messages of one workspace, with their threads. `posted` counts every message that was ever shown."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        self.errors: deque[tuple[str, str]] = deque()
        self.page_size = 1000
        self.scopes = {"chat:write", "channels:history"}
        self._numbers = itertools.count(1)

    def keys(self) -> list[str]:
        """The key of every message that was shown, in order."""
        return [message["metadata"]["event_payload"]["key"] for message in self.messages]

    def roots(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["thread_ts"] in {"", message["ts"]}]

    def replies(self, thread: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["thread_ts"] == thread]

    def fail_next(self, method: str, word: str) -> None:
        """The next call of `method` is answered `ok: false` with `word`."""
        self.errors.append((method, word))

    def answer(self, received: Received) -> str:
        method = received.path.removeprefix("/api/")
        if received.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused("invalid_auth")
        failing = next((each for each in self.errors if each[0] == method), None)
        if failing:
            self.errors.remove(failing)
            return _refused(failing[1])
        if received.headers["content-type"].startswith("application/json"):
            asked = json.loads(received.body)
        else:
            asked = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
        if asked.get("channel") != CHANNEL:
            return _refused("channel_not_found")
        methods: dict[str, Callable[[dict[str, Any]], str]] = {
            "chat.postMessage": self._post, "chat.update": self._update,
            "conversations.history": self._history, "conversations.replies": self._replies,
        }  # fmt: skip
        if method in methods:
            return methods[method](asked)
        return _refused("unknown_method")

    def _post(self, asked: dict[str, Any]) -> str:
        wrong = wrong_blocks(asked)
        if wrong:
            return _refused(wrong)
        thread = asked.get("thread_ts", "")
        if thread and not any(message["ts"] == thread for message in self.messages):
            return _refused("thread_not_found")
        stamp = f"{time.time():.3f}{next(self._numbers) % 1000:03d}"
        self.messages.append({**asked, "ts": stamp, "thread_ts": thread})
        return json.dumps({"ok": True, "channel": CHANNEL, "ts": stamp, "message": {"text": asked["text"]}})

    def _update(self, asked: dict[str, Any]) -> str:
        wrong = wrong_blocks(asked)
        if wrong:
            return _refused(wrong)
        for message in self.messages:
            if message["ts"] == asked["ts"]:
                message.update({name: value for name, value in asked.items() if name != "metadata"})
                self.edits.append(asked)
                return json.dumps({"ok": True, "channel": CHANNEL, "ts": asked["ts"], "text": asked["text"]})
        return _refused("message_not_found")

    def _history(self, asked: dict[str, Any]) -> str:
        return self._listed(
            asked, [each for each in self.messages if not each["thread_ts"] or each.get("reply_broadcast")]
        )

    def _replies(self, asked: dict[str, Any]) -> str:
        found = [each for each in self.messages if asked["ts"] in {each["ts"], each["thread_ts"]}]
        return self._listed(asked, found) if found else _refused("thread_not_found")

    def _listed(self, asked: dict[str, Any], found: list[dict[str, Any]]) -> str:
        if "channels:history" not in self.scopes:
            return _refused("missing_scope")
        found = [each for each in found if float(each["ts"]) >= float(asked.get("oldest", 0))]
        start = int(asked.get("cursor", 0))
        end = start + min(int(asked.get("limit", 100)), self.page_size)
        shown = [
            {
                name: value
                for name, value in each.items()
                if name != "metadata" or asked.get("include_all_metadata") == "true"
            }
            for each in found[start:end]
        ]
        cursor = {"response_metadata": {"next_cursor": str(end)}} if end < len(found) else {}
        return json.dumps({"ok": True, "messages": shown, "has_more": bool(cursor)} | cursor)


def _refused(word: str) -> str:
    return json.dumps({"ok": False, "error": word})


def wrong_blocks(payload: dict[str, Any]) -> str:
    """Slack's word for a payload that breaks the limits of Block Kit, "" for one that keeps to them."""
    attachments = payload.get("attachments", [])
    blocks = [*payload.get("blocks", []), *(block for each in attachments for block in each["blocks"])]
    if not payload.get("text") and not blocks:
        return "no_text"
    if len(blocks) > 50 or len(payload.get("text", "")) > 40_000:
        return "invalid_blocks"
    return "" if all(_is_right(block) for block in blocks) else "invalid_blocks"


def _is_right(block: dict[str, Any]) -> bool:
    texts = block["elements"] if block["type"] == "context" else [block["text"]]
    limit = 150 if block["type"] == "header" else 3000
    return all(1 <= len(each["text"]) <= limit and each["type"] in {"plain_text", "mrkdwn"} for each in texts)


# -- mail -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One mail that was taken."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float
    encrypted: bool
    user: str


class SmtpSink:
    """`mails`: what was taken, in order. `answer_next("DATA", "451 later")` scripts the next answer to a command;
    the command `.` is the end of the text, and `cut` after it takes the mail and hangs up without an answer.
    `refuses` holds answers to RCPT by address."""

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, password: str = "",
        starttls: bool = True, log: Path | None = None,
    ) -> None:  # fmt: skip
        self.mails: list[Envelope] = []
        self.commands: list[str] = []
        self.refuses: dict[str, str] = {}
        self.tls, self.implicit, self.password, self.starttls = tls, implicit, password, starttls
        self.log = log
        self._scripts: deque[tuple[str, str]] = deque()
        self.lock = threading.Lock()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    SmtpTalk(sink, self).run()
                except OSError:
                    return  # whoever sent is gone

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def answer_next(self, command: str, *answers: str) -> None:
        """The next uses of `command` get these answers, in order."""
        self._scripts.extend((command, answer) for answer in answers)

    def scripted(self, command: str) -> str:
        with self.lock:
            found = next((each for each in self._scripts if each[0] == command), None)
            if found is None:
                return ""
            self._scripts.remove(found)
            return found[1]

    def take(self, envelope: Envelope) -> None:
        with self.lock:
            self.mails.append(envelope)
            if self.log is not None:
                content = envelope.content.decode("utf-8", "replace")
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"recipients": envelope.recipients, "content": content}) + "\n")


class SmtpTalk:
    """One connection."""

    def __init__(self, sink: SmtpSink, handler: socketserver.StreamRequestHandler) -> None:
        self.sink = sink
        self.socket = handler.connection
        self.encrypted = False
        self.user = ""
        self.sender = ""
        self.recipients: list[str] = []
        if sink.implicit:
            self.encrypt()
        else:
            self.file = self.socket.makefile("rb")

    def encrypt(self) -> None:
        assert self.sink.tls is not None
        self.socket = self.sink.tls.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb")
        self.encrypted = True

    def say(self, *lines: str) -> None:
        for number, line in enumerate(lines):
            code, _, words = line.partition(" ")
            mark = " " if number == len(lines) - 1 else "-"
            self.socket.sendall(f"{code}{mark}{words}\r\n".encode())

    def run(self) -> None:
        self.say(self.sink.scripted("CONNECT") or "220 sink")
        for line in self.lines():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            self.sink.commands.append(verb)
            scripted = self.sink.scripted(verb)
            if scripted == "cut":
                break
            if scripted:
                self.say(scripted)
                continue
            action = getattr(self, f"on_{verb.lower()}", None)
            if action is None:
                self.say("502 unknown")
            elif action(rest) == "end":
                break
        self.file.close()
        self.socket.close()

    def lines(self) -> Iterator[str]:
        while raw := self.file.readline(10_000):
            yield raw.decode("utf-8", "replace").rstrip("\r\n")

    def on_ehlo(self, _: str) -> None:
        offers = ["250 sink", "250 8BITMIME"]
        if self.sink.tls is not None and self.sink.starttls and not self.encrypted:
            offers.append("250 STARTTLS")
        if self.sink.password:
            offers.append("250 AUTH PLAIN")
        self.say(*offers)

    def on_starttls(self, _: str) -> None:
        self.say("220 go on")
        self.encrypt()

    def on_auth(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        if password != self.sink.password:
            self.say(f"535 no, {password} is wrong, as is {rest}")
            return
        self.user = user
        self.say("235 welcome")

    def on_mail(self, rest: str) -> None:
        if self.sink.password and not self.user:
            self.say("530 sign in first")
            return
        self.sender, self.recipients = _in_brackets(rest), []
        self.say("250 ok")

    def on_rcpt(self, rest: str) -> None:
        address = _in_brackets(rest)
        if address in self.sink.refuses:
            self.say(self.sink.refuses[address])
            return
        self.recipients.append(address)
        self.say("250 ok")

    def on_data(self, _: str) -> str:
        self.say("354 go on")
        content = b""
        while (raw := self.file.readline()) not in {b".\r\n", b""}:
            content += raw.removeprefix(b".")
        if not raw:
            return "end"
        scripted = self.sink.scripted(".")
        if scripted in {"", "cut"}:
            self.sink.take(
                Envelope(
                    sender=self.sender, recipients=tuple(self.recipients), content=content, at=time.time(),
                    encrypted=self.encrypted, user=self.user,
                )
            )  # fmt: skip
        if scripted == "cut":
            return "end"
        self.say(scripted or "250 taken")
        return ""

    def on_rset(self, _: str) -> None:
        self.say("250 ok")

    def on_quit(self, _: str) -> str:
        self.say("221 bye")
        return "end"


def _in_brackets(text: str) -> str:
    found = re.search(r"<([^>]*)>", text)
    assert found is not None
    return found.group(1)
