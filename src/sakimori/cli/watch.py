"""`sakimori watch`: new log files as they come, through the rules, until it is stopped.

Standard output holds nothing but detections: a paragraph each, or with `--format jsonl` one object a line as in
`sakimori.detections/1`. Standard error has the heartbeat.
"""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.detect import DetectRequest
from sakimori.app.detect_setting import surroundings_of
from sakimori.app.duration import parse_duration
from sakimori.app.ingesting import Wanted, needs_doors
from sakimori.app.notify import Notifier, NotifierThread
from sakimori.app.settings import read_settings
from sakimori.app.watch import Cycle, Watch, WatchRequest
from sakimori.aws.refusal import Refusal
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.detect import surrounded
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.telling import say_untaken
from sakimori.ingest.catalogue import AUTO
from sakimori.model.detection import Detection
from sakimori.model.errors import LakeError, SakimoriError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.model.words import Severity
from sakimori.outputs.report.detection_list import plain_detection
from sakimori.outputs.report.detection_pages import write_detection
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.state.store import open_store
from sakimori.texts.language import show_time
from sakimori.texts.sentences import say, say_error

_LEVELS: Final = [str(each) for each in Severity]
_HEARTBEAT_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 300.0
_LAST_ROUND_SECONDS: Final = 60.0


@click.command("watch", cls=SpokenCommand, **described("watch"))
@click.argument("sources", nargs=-1)
@option("--kind", default=AUTO, show_default=True, help_="watch.option_kind")
@option("--queue", help_="watch.option_queue")
@option("--every", default="10s", show_default=True, help_="watch.option_every")
@option("--once", is_flag=True, help_="watch.option_once")
@option("--rules", "of_rules", multiple=True, help_="detect.option_rules")
@surrounded
@option("--severity", type=click.Choice(_LEVELS), help_="detect.option_severity")
@option("--notify/--no-notify", default=True, help_="watch.option_notify")
@option("--state")
@access_options
@option("--format", "format_", type=click.Choice(["terminal", "jsonl"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Watch logs until stopped."""
    pause = parse_duration(given["every"]).total_seconds()
    wanted = tuple(Wanted(kind=given["kind"], source=source) for source in given["sources"])
    doors = ()
    if given["queue"] or needs_doors(wanted):
        doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    request = WatchRequest(
        detect=DetectRequest(
            home=home,
            sources=given["source"],
            rules=given["of_rules"],
            rules_dir=given["rules_dir"],
            surroundings=surroundings_of(home, given["own_account"], given["address_list"], given["networks"]),
        ),
        sources=wanted,
        queue_url=given["queue"] or "",
        kind=given["kind"],
    )
    with open_store(given["state"] or home / "state.db") as store:
        watch = Watch(request, store, doors, utc_now)
        print_faults(watch.faults)
        least = Severity(given["severity"]).rank if given["severity"] else 0
        settings = read_settings(home / "config.toml")
        teller = None
        if given["notify"] and settings.notify.routes:
            teller = NotifierThread(Notifier(store, home, settings, utc_now))
        return _Loop(watch, given["format_"], least, pause, teller).run(once=given["once"])


class _Loop:
    def __init__(
        self, watch: Watch, form: str, least: int, pause_seconds: float, teller: NotifierThread | None = None
    ) -> None:
        self._watch = watch
        self._teller = teller
        self._form = form
        self._least = least
        self._pause_seconds = pause_seconds
        self._is_stopped = False
        self._beat_at = time.monotonic()
        self._failures = 0
        self._objects = self._rows = self._detections = 0

    def run(self, *, once: bool) -> int:
        """Until it is told to stop, or once."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._tell(self._watch.untold())
        if not once:
            click.echo(self._beat(), err=True)
        while not self._is_stopped:
            begun = time.monotonic()
            self._once()
            self._notify()
            if once:
                break
            self._sleep(begun)
        self._notify(is_last=True)
        if not once or self._failures == 0:
            click.echo(self._beat(), err=True)
        return FAILED if once and self._failures else COMPLETED

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        """A signal ends the watch after what it is doing."""
        self._is_stopped = True

    def _once(self) -> None:
        try:
            cycle = self._watch.cycle()
        except (SakimoriError, Refusal) as error:
            if isinstance(error, LakeError) and not self._rows:
                raise
            self._failures += 1
            told = say_error(error, spoken()) if isinstance(error, SakimoriError) else str(error)
            click.echo(say("watch.failed", spoken(), reason=told, count=self._failures), err=True)
            return
        self._failures = 0
        self._count(cycle)
        self._tell(cycle.new)
        for location in cycle.unreadable[:3]:
            click.echo(say("watch.unreadable", spoken(), location=location), err=True)
        for name, count in (("refused", cycle.refused), ("contested", cycle.contested), ("incomplete", cycle.incomplete), ("unrecognised", cycle.unrecognised), ("odd", cycle.odd_messages), ("given_up", cycle.given_up)):  # fmt: skip
            if count:
                click.echo(say(f"watch.{name}", spoken(), count=count), err=True)
        if time.monotonic() - self._beat_at >= _HEARTBEAT_SECONDS:
            self._beat_at = time.monotonic()
            self._watch.note_beat()
            click.echo(self._beat(), err=True)

    def _notify(self, *, is_last: bool = False) -> None:
        """Tell people; what cannot be told now is told in a later round."""
        if self._teller is None:
            return
        broken = self._teller.notifier.broken
        try:
            done = self._teller.finished(_LAST_ROUND_SECONDS) if is_last else self._teller.go_round()
        except SakimoriError as error:
            click.echo(say("watch.notify_failed", spoken(), reason=say_error(error, spoken())), err=True)
            return
        # The thread that delivers may add to it at this moment.
        taken = {route: broken.pop(route) for route in tuple(broken)}
        say_untaken(taken, done.reasons if done else {})

    def _count(self, cycle: Cycle) -> None:
        self._objects += cycle.objects
        self._rows += cycle.rows
        self._detections += len(cycle.new)

    def _tell(self, detections: Sequence[Detection]) -> None:
        for each in sorted(detections, key=lambda each: each.first_at):
            if each.severity.rank < self._least:
                continue
            if self._form == "jsonl":
                click.echo(escaped_json(plain_detection(each)))
            else:
                write_detection(each, sys.stdout, spoken())
        if detections:
            sys.stdout.flush()
            self._watch.has_told()

    def _beat(self) -> str:
        counts = {"objects": self._objects, "rows": self._rows, "detections": self._detections}
        return say("watch.beat", spoken(), at=show_time(utc_now(), spoken(), seconds=True), **counts)

    def _sleep(self, begun: float) -> None:
        """Until the next cycle; longer and longer while nothing can be reached."""
        longest = min(_LONGEST_PAUSE_SECONDS, self._pause_seconds * 2 ** min(self._failures, 10))
        end = begun + (longest if self._failures else self._pause_seconds)
        while not self._is_stopped and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
