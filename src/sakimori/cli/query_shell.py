"""The shell of `sakimori query`: statements end with `;`, commands begin with `.`, Tab completes."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from sakimori.app.clock import utc_now
from sakimori.app.known_tables import known_tables
from sakimori.app.query import QueryRequest, ask, rows_held
from sakimori.cli.columns import print_columns
from sakimori.cli.lazy import spoken
from sakimori.cli.query_completion import completions
from sakimori.cli.query_notes import heading, note
from sakimori.cli.query_output import Target, write_answer
from sakimori.lake.log_reader import Where
from sakimori.lake.table import Table
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.rules.questions import Questions, SavedQuestion, named_values
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say, say_error
from sakimori.texts.table_sentences import TableSentences, japanese_of

HISTORY: Final = "query_history"
COMMANDS: Final = (".tables", ".schema", ".questions", ".run", ".help", ".quit")
_PROMPT: Final = "sakimori> "
_MORE: Final = "     ...> "
_REMEMBERED: Final = 1_000
_DELIMITERS: Final = " \t\n,()=<>;'\""


class Shell:
    """One session at a terminal. `read` gives the next line for a prompt, or raises EOFError."""

    def __init__(
        self, home: Path, questions: Questions, where: Where, seconds: float, *, read: Callable[[str], str] = input
    ) -> None:
        self._home = home
        self._questions = questions
        self._where = where
        self._seconds = seconds
        self._read = read
        self._is_done = False

    def run(self) -> None:
        """Read and answer until the person leaves."""
        history = _History(self._home, self._complete) if self._read is input else None
        click.echo(say("query.shell_welcome", spoken()), err=True)
        try:
            for entry in self._entries():
                self._answer(entry)
                if self._is_done:
                    return
        finally:
            if history:
                history.save()

    def _entries(self) -> Iterator[str]:
        """Whole statements and commands; Ctrl-C forgets what was begun, Ctrl-D leaves."""
        lines: list[str] = []
        while True:
            try:
                line = self._read(_MORE if lines else _PROMPT)
            except EOFError:
                click.echo()
                return
            except KeyboardInterrupt:
                click.echo()
                lines = []
                continue
            if not lines and not line.strip():
                continue
            lines.append(line)
            whole = "\n".join(lines).strip()
            if (len(lines) == 1 and whole.startswith(".")) or _is_finished(whole):
                lines = []
                yield whole

    def _answer(self, entry: str) -> None:
        try:
            if entry.startswith("."):
                self._command(*entry.rstrip("; ").split())
            else:
                self._ask(QueryRequest(home=self._home, sql=entry, where=self._where, query_seconds=self._seconds), str)
        except SakimoriError as error:
            click.echo(say_error(error, spoken()), err=True)
        except KeyboardInterrupt:
            click.echo(say("query.shell_stopped", spoken()), err=True)

    def _ask(self, request: QueryRequest, headings: Callable[[str], str]) -> None:
        target = Target(form="table", headings=headings)
        with ask(request, clock=utc_now) as answer:
            note(answer, write_answer(answer, target), target)

    # -- commands ----------------------------------------------------------------

    def _command(self, name: str, *words: str) -> None:
        commands: Mapping[str, Callable[[Sequence[str]], None]] = {
            ".tables": self._show_tables,
            ".schema": self._show_schema,
            ".questions": self._show_questions,
            ".run": self._run_question,
            ".help": self._help,
            ".quit": self._quit,
            ".exit": self._quit,
        }
        if name not in commands:
            raise UsageError("query.shell_no_command", name=name, near=nearest(name, commands))
        commands[name](words)

    def _show_tables(self, words: Sequence[str]) -> None:
        """Logs with their rows, or every table whose name holds a word."""
        if words:
            found = [table for name, table in known_tables().items() if words[0].lower() in name]
            _print([(table.name, _sentences(table).sentence) for table in found])
            return
        held = rows_held(self._home)
        rows = [(name, f"{count:,}", _sentences(known_tables()[name]).sentence) for name, count in held.items()]
        _print(rows, ("table", "rows", "meaning"))
        click.echo(say("query.shell_more_tables", spoken(), count=len(known_tables()) - len(held)))

    def _show_schema(self, words: Sequence[str]) -> None:
        name = words[0].lower() if words else ""
        if name not in known_tables():
            raise UsageError("rules.unknown_table", name=name, near=nearest(name, known_tables()))
        table = known_tables()[name]
        sentences = _sentences(table)
        rows = [(column.name, column.type.lower(), sentences.columns[column.name]) for column in table.columns]
        _print(rows, ("column", "type", "meaning"))

    def _show_questions(self, words: Sequence[str]) -> None:
        wanted = words[0].lower() if words else ""
        found = [question for question in self._questions.by_id.values() if wanted in question.id]
        _print([(question.id, question.title.in_(spoken())) for question in found])

    def _run_question(self, words: Sequence[str]) -> None:
        if not words:
            raise UsageError("query.shell_which_question")
        question: SavedQuestion = self._questions.find(words[0])
        given = named_values(words[1:])
        request = QueryRequest(
            home=self._home,
            sql=question.query,
            where=self._where,
            parameters=question.values(given),
            query_seconds=self._seconds,
        )
        self._ask(request, heading)

    def _help(self, _words: Sequence[str]) -> None:
        _print([(name, say(f"query.shell_help_{name[1:]}", spoken())) for name in COMMANDS])

    def _quit(self, _words: Sequence[str]) -> None:
        self._is_done = True

    def _complete(self, line: str, word: str) -> list[str]:
        return completions(line, word, known_tables(), (*COMMANDS, *self._questions.by_id))


def _is_finished(text: str) -> bool:
    """Whether a statement ends here: with a semicolon that stands in no text."""
    return text.endswith(";") and text.count("'") % 2 == 0


def _print(rows: Sequence[tuple[str, ...]], headings: Sequence[str] = ()) -> None:
    if rows:
        print_columns(Console(), rows, tuple(say(f"query.heading_{each}", spoken()) for each in headings))


def _sentences(table: Table) -> TableSentences:
    if spoken() == "ja":
        return japanese_of(table.name)
    return TableSentences(sentence=table.sentence, columns={column.name: column.sentence for column in table.columns})


class _History:
    """What was typed, kept in the home for its owner alone; without a line editor there is none."""

    def __init__(self, home: Path, complete: Callable[[str, str], list[str]]) -> None:
        self._path = home / HISTORY
        self._found: list[str] = []
        if find_spec("readline") is None:
            return
        import readline  # noqa: PLC0415 - not everywhere

        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._path.chmod(0o600)
            readline.read_history_file(self._path)
        except OSError:
            readline.clear_history()
        readline.set_history_length(_REMEMBERED)
        readline.set_completer_delims(_DELIMITERS)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")

        def next_one(word: str, number: int) -> str | None:
            if number == 0:
                self._found = complete(readline.get_line_buffer(), word)
            return self._found[number] if number < len(self._found) else None

        readline.set_completer(next_one)

    def save(self) -> None:
        """Write it."""
        readline = sys.modules.get("readline")
        if readline is None:
            return
        try:
            readline.write_history_file(self._path)
            self._path.chmod(0o600)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            click.echo(say("query.shell_no_history", spoken(), path=self._path, reason=reason), err=True)
