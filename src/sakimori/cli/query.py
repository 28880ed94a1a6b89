"""`sakimori query`: SQL over the lake, a saved question, or a shell for both."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.home import ensure_outside
from sakimori.app.query import QueryRequest, ask
from sakimori.cli.columns import print_columns
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.log_scope import scoped, where_of
from sakimori.cli.query_notes import heading, note
from sakimori.cli.query_output import FORMATS, Target, write_answer
from sakimori.lake.engines.guarded import QUERY_SECONDS
from sakimori.lake.user_sql import Value
from sakimori.model.errors import UsageError
from sakimori.outputs.report.framework_record import both
from sakimori.rules.questions import Questions, SavedQuestion, find_question, load_questions, named_values
from sakimori.texts.sentences import say

OWN_QUESTIONS: Final = "questions"
"""The folder of a home where a person's own questions lie."""
_MOST_BYTES: Final = 1_000_000


@click.command("query", cls=SpokenCommand, **described("query"))
@click.argument("sql", required=False)
@option("--question", "asked", metavar="ID", help_="query.option_question")
@option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help_="query.option_param")
@option("--list-questions", is_flag=True, help_="query.option_list_questions")
@option("--file", "file", type=click.Path(path_type=Path, dir_okay=False), help_="query.option_file")
@scoped()
@option("--format", "format_", type=click.Choice(FORMATS), help_="query.option_format")
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="query.option_output")
@option("--limit", type=click.IntRange(min=0), help_="query.option_limit")
@option("--time-limit", metavar="5m", help_="query.option_time_limit")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> None:
    """Ask the lake."""
    if given["list_questions"]:
        list_questions(load_questions(home / OWN_QUESTIONS), form=given["format_"] or "table")
        return
    target = Target.of(given["format_"], given["output"], given["limit"])
    if target.path:
        ensure_outside(home, target.path)
    seconds = parse_duration(given["time_limit"]).total_seconds() if given["time_limit"] else QUERY_SECONDS
    where = where_of(home, given, utc_now())
    if given["asked"]:
        question = find_question(given["asked"], home / OWN_QUESTIONS)
        run_question(
            QueryRequest(home=home, sql="", where=where, query_seconds=seconds), question, given["parameters"], target
        )
        return
    sql = _sql(given["sql"], given["file"])
    if sql is None:
        from sakimori.cli.query_shell import Shell  # noqa: PLC0415 - only a person at a terminal needs it

        Shell(home, load_questions(home / OWN_QUESTIONS), where, seconds).run()
        return
    parameters: Mapping[str, Value] = named_values(given["parameters"])
    run(QueryRequest(home=home, sql=sql, where=where, parameters=parameters, query_seconds=seconds), target)


def run(request: QueryRequest, target: Target) -> None:
    """Ask, and write the answer and what a person should know of it."""
    with ask(request, clock=utc_now) as answer:
        done = write_answer(answer, target)
        note(answer, done, target)


def run_question(base: QueryRequest, question: SavedQuestion, given: Sequence[str], target: Target) -> None:
    """Ask a saved question with `name=value` texts; its columns have headings in the person's language."""
    values = question.values(named_values(given))
    request = QueryRequest(
        home=base.home, sql=question.query, where=base.where, parameters=values, query_seconds=base.query_seconds
    )
    run(request, Target(form=target.form, path=target.path, limit=target.limit, headings=heading))


def list_questions(questions: Questions, *, form: str) -> None:
    """Print every question: id, what it asks and with what; on standard error the faults of a person's own files."""
    print_faults(questions.faults)
    if form != "table":
        listed = [_plain(question) for question in questions.by_id.values()]
        click.echo(json.dumps({"schema": "sakimori.questions/1", "questions": listed}, ensure_ascii=False, indent=2))
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    rows = [(question.id, _told(question)) for question in questions.by_id.values()]
    print_columns(Console(), rows)


def _told(question: SavedQuestion) -> str:
    parameters = " ".join(f"${name}" for name in question.parameters)
    return question.title.in_(spoken()) + (f" ({parameters})" if parameters else "")


def _plain(question: SavedQuestion) -> dict[str, object]:
    return {
        "id": question.id,
        "title": both(question.title),
        "description": both(question.description),
        "tables": list(question.tables),
        "parameters": {
            name: {"default": parameter.default, "text": both(parameter.text)}
            for name, parameter in question.parameters.items()
        },
        "query": question.query,
    }


def _sql(given: str | None, file: Path | None) -> str | None:
    """The SQL of the command line, of a file, or of a pipe; None where a person sits at a terminal and gave none."""
    if given and file:
        raise UsageError("query.two_queries")
    if file:
        return _read(file)
    if given is not None:
        return given
    if sys.stdin.isatty():
        return None
    return sys.stdin.read(_MOST_BYTES)


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig") as stream:
            return stream.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or say("query.not_utf8", spoken())
        raise UsageError("query.unreadable_file", path=file, reason=reason) from error
