"""Writes `docs/reference/` from what the program declares: commands, tables, rules, reports, settings, exit codes.

    python docs/generate.py            write the pages of both languages
    python docs/generate.py en         print the pages of one language as JSON: {file name: text}

Help texts are fixed when a command is imported, so each language is a process of its own.
The words around the facts stand in `generate.yaml`. The pages hold nothing of the machine
or the day they were made on: the same program gives the same bytes.
"""

# ruff: noqa: INP001 - a script beside the pages that it writes

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

import click

from sakimori.actions.wishes import CONTACT_KEYS, WISH_KEYS
from sakimori.analysis.catalogue import catalogue
from sakimori.analysis.derived import needs_of
from sakimori.app.account_secrets import operations as operations_of_secrets
from sakimori.app.known_tables import kinds_of, known_tables
from sakimori.app.settings import read_settings
from sakimori.aws.actions import action_of
from sakimori.cli.main import command as root
from sakimori.collect.catalogue import declarations
from sakimori.lake.table import Table
from sakimori.model import exit_codes
from sakimori.model.errors import UsageError
from sakimori.model.words import GapKind, Scope, Severity
from sakimori.outputs.notify.route_entries import COMMON_KEYS, KINDS
from sakimori.outputs.report.csv_table import COLUMNS
from sakimori.outputs.report.formats import FORMATS
from sakimori.rules.rule import PROFILES, Rule
from sakimori.rules.rulebook import load_rulebook
from sakimori.texts.bounded_yaml import parse_yaml
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.sentences import say
from sakimori.texts.table_sentences import japanese_of

HERE: Final = Path(__file__).parent
REFERENCE: Final = HERE / "reference"

Lines = Iterator[str]


# -- words ---------------------------------------------------------------------


@cache
def words() -> Any:
    """What `generate.yaml` holds, and the other `generate_*.yaml` beside it."""
    paths = (
        HERE / name
        for name in ("generate.yaml", "generate_detections.yaml", "generate_measures.yaml", "generate_secrets.yaml")
    )
    found: dict[str, Any] = {}
    for path in paths:
        found |= cast("dict[str, Any]", parse_yaml(path.read_text(encoding="utf-8"), path.name).data)
    return found


def word(key: str, language: Language) -> str:
    """One text of `generate.yaml` by its dotted key."""
    found = words()
    for part in key.split("."):
        found = found[part]
    return found[language].strip()


def cell(text: str) -> str:
    r"""`text` on one line, with nothing that Markdown would take for markup outside of code spans.

    >>> cell("a|b `*` *")
    'a\\|b `*` \\*'
    """
    pieces = " ".join(text.split()).replace("|", "\\|").split("`")
    plain = [piece.replace("*", "\\*").replace("<", "&lt;").replace("${", "$\\{") for piece in pieces[::2]]
    return "`".join(piece for pair in zip(plain, [*pieces[1::2], ""], strict=False) for piece in pair).removesuffix("`")


def grid(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Lines:
    """A Markdown table; its cells are ready."""
    names = list(headings)
    yield f"| {' | '.join(names)} |"
    yield "|" + " --- |" * len(names)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def code(items: Iterable[str]) -> str:
    """The items as code spans."""
    return ", ".join(f"`{item}`" for item in items)


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading of ASCII words."""
    return "".join(sign for sign in heading.lower().replace(" ", "-") if sign.isalnum() or sign in "-_")


def page(name: str, language: Language) -> str:
    """The file name of a page in a language."""
    return f"{name}.md" if language == "en" else f"{name}.{language}.md"


def title(name: str, language: Language) -> str:
    """The title of a page."""
    return word(f"{name.replace('-', '_')}.title", language)


def opening(name: str, language: Language) -> Lines:
    """The heading of a page and what it says before the facts."""
    other: Language = "ja" if language == "en" else "en"
    yield f"<!-- {word('generated', language)} -->\n"
    yield f"# {title(name, language)}\n"
    yield f"[{word('other_language', language)}]({page(name, other)})\n"
    key = name.replace("-", "_")
    yield f"{word(f'{key}.opening', language)}\n"


# -- commands --------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups before their members."""
    yield from _below("sakimori", root)


def _below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from _below(f"{path} {name}", member)


def options_of(command: click.Command) -> Iterator[click.Option]:
    """The options of a command but --help, which all have."""
    return (found for found in command.params if isinstance(found, click.Option))


def _commands(language: Language) -> Lines:
    for path, command in commands():
        yield f"## {path}\n"
        sentences, _, examples = (command.help or "").partition("\b")
        yield f"{sentences.strip()}\n"
        pieces = command.collect_usage_pieces(click.Context(command))
        yield f"```text\n{path} {' '.join(pieces)}\n```\n"
        shown = [line.strip() for line in examples.strip().splitlines()[1:]]
        if shown:
            yield "```sh\n" + "\n".join(shown) + "\n```\n"
        rows = [_option(found, language) for found in options_of(command)]
        if rows:
            yield from grid((word(f"commands.{key}", language) for key in ("option", "meaning", "environment")), rows)


def _option(option: click.Option, language: Language) -> tuple[str, str, str]:
    names = code(option.opts)
    notes = [cell(option.help or "")]
    if isinstance(option.type, click.Choice):
        notes.append(f"{word('commands.one_of', language)} {code(option.type.choices)}")
    if option.show_default:
        notes.append(f"{word('commands.default', language)} `{option.default}`")
    if option.required:
        notes.append(word("commands.required", language))
    return names, "<br>".join(notes), f"`{option.envvar}`" if option.envvar else "—"


# -- tables ------------------------------------------------------------------------


def _sentences(table: Table, language: Language) -> tuple[str, dict[str, str]]:
    if language == "ja":
        japanese = japanese_of(table.name)
        return japanese.sentence, dict(japanese.columns)
    return table.sentence, {column.name: column.sentence for column in table.columns}


def _tables(language: Language) -> Lines:
    tables = known_tables()
    first = next(iter(tables.values()))
    _, common = _sentences(first, language)
    headings = [word(f"tables.{key}", language) for key in ("column", "type", "meaning")]
    own = len(first.columns) - len(first.own_columns)
    yield from grid(headings, ((f"`{c.name}`", str(c.type).lower(), cell(common[c.name])) for c in first.columns[:own]))
    index = ((f"[{name}](#{anchor(name)})", cell(_sentences(table, language)[0])) for name, table in tables.items())
    yield from grid((word("tables.table", language), word("tables.meaning", language)), index)
    for name, table in tables.items():
        sentence, columns = _sentences(table, language)
        yield f"## {name}\n"
        yield f"{sentence}\n"
        yield f"- {word('tables.key', language)}: `{table.key}`"
        if table.time:
            commands = (f"sakimori ingest {kind}" for kind in kinds_of(name))
            yield f"- {word('tables.kinds', language)}: {code(commands)}\n"
            yield from _columns_of(table, headings, columns)
            continue
        if table.parent:
            yield f"- {word('tables.parent', language)}: `{table.parent}`"
        yield f"- {word(f'tables.scope_{Scope(table.scope)}', language)}"
        actions = sorted({action_of(operation) for operation in _operations_behind(table)})
        yield f"- {word('tables.actions', language)}: {code(actions) or '—'}\n"
        yield from _columns_of(table, headings, columns)


def _operations_behind(table: Table) -> Iterable[str]:
    """The calls whose answers a table is made of."""
    if table.producer == "secrets":
        return operations_of_secrets()
    return (operation for need in needs_of([table.name]) for operation in declarations()[need].operations)


def _columns_of(table: Table, headings: list[str], sentences: Mapping[str, str]) -> Lines:
    yield from grid(
        headings, ((f"`{c.name}`", str(c.type).lower(), cell(sentences[c.name])) for c in table.own_columns)
    )


# -- rules -------------------------------------------------------------------------


def _rules(language: Language) -> Lines:
    rules = load_rulebook(catalogue()).rules.values()
    headings = (word(f"rules.{key}", language) for key in ("severity", "rule", "title_column"))
    worst_first = sorted(rules, key=lambda rule: (-rule.severity.rank, rule.id))
    shown = (
        (_severity(rule, language), f"[{rule.id}](#{anchor(rule.id)})", cell(rule.title.in_(language)))
        for rule in worst_first
    )
    yield from grid(headings, shown)
    for rule in rules:
        yield from _rule(rule, language)


def _rule(rule: Rule, language: Language) -> Lines:
    yield f"## {rule.id}\n"
    yield f"**{cell(rule.title.in_(language))}**\n"
    yield f"- {word('rules.severity', language)}: {_severity(rule, language)}"
    read = (f"[`{name}`]({page('tables', language)}#{anchor(name)})" for name in rule.tables)
    yield f"- {word('rules.reads', language)}: {', '.join(read)}"
    for key, text in (("why", rule.why), ("fix", rule.fix)):
        yield f"- {word(f'rules.{key}', language)}: {cell(text.in_(language))}"
    if rule.references:
        yield f"- {word('rules.references', language)}:"
        yield from (f"  - <{reference}>" for reference in rule.references)
    yield ""
    if rule.parameters:
        rows = (
            (f"`{name}`", *(f"`{json.dumps(values[profile], ensure_ascii=False)}`" for profile in PROFILES))
            for name, values in rule.parameters.items()
        )
        yield from grid((word("rules.threshold", language), *(f"`{profile}`" for profile in PROFILES)), rows)


def _severity(rule: Rule, language: Language) -> str:
    return say(f"report.severity_{Severity(rule.severity)}", language)


# -- reports -----------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """The JSON schema of the report that `assess --format json` writes."""
    found = files("sakimori.outputs.report") / "schema" / "assess-1.schema.json"
    return json.loads(found.read_text(encoding="utf-8"))


def _reports(language: Language) -> Lines:
    headings = [word(f"reports.{key}", language) for key in ("format", "ending", "meaning")]
    yield from grid(
        headings,
        ((f"`{n}`", f"`{form.suffix}`", cell(word(f"reports.formats.{n}", language))) for n, form in FORMATS.items()),
    )
    yield f"## {word('reports.json_title', language)}\n\n{word('reports.json_opening', language)}\n"
    whole = schema()
    yield from _object(whole, language)
    for name, part in whole["$defs"].items():
        if "properties" in part:
            yield f"### {name}\n"
            if "description" in part:
                yield f"{described(part['description'], language)}\n"
            yield from _object(part, language)
    yield f"### kind\n\n{word('reports.kinds', language)}\n"
    kinds = ((f"`{kind}`", cell(say(f"report.kind_{kind}", language))) for kind in GapKind)
    yield from grid((word("reports.key", language), word("reports.meaning", language)), kinds)
    yield f"## {word('reports.csv_title', language)}\n\n{word('reports.csv_opening', language)}\n"
    yield "".join(f"1. {say(f'report.column_{name}', language)}\n" for name in COLUMNS)
    yield f"## {word('reports.others_title', language)}\n\n{word('reports.others', language)}\n"


def described(sentence: str, language: Language) -> str:
    """A description of the schema, which is written in English, in a language."""
    return words()["schema_ja"].get(sentence, sentence) if language == "ja" else sentence


def _object(part: dict[str, Any], language: Language) -> Lines:
    headings = [word(f"reports.{key}", language) for key in ("key", "kind", "meaning")]
    yield from grid(headings, _keys(part, "", language))


def _keys(part: dict[str, Any], prefix: str, language: Language) -> Iterator[tuple[str, str, str]]:
    for name, found in part["properties"].items():
        yield f"`{prefix}{name}`", _kind(found), cell(described(found.get("description", ""), language)) or "—"
        inner = next((each for each in (found, *found.get("anyOf", ())) if "properties" in each), None)
        if inner is not None:
            yield from _keys(inner, f"{prefix}{name}.", language)


def _kind(part: dict[str, Any]) -> str:
    """The type of a value in the words of JSON Schema; named parts are links."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        inner = schema()["$defs"][name]
        return f"[{name}](#{anchor(name)})" if "properties" in inner else _kind(inner)
    if "anyOf" in part:
        return " / ".join(_kind(each) for each in part["anyOf"])
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    if "enum" in part and set(GapKind) <= set(part["enum"]):
        return "[kind](#kind)"
    if "enum" in part:
        return " / ".join(f"`{json.dumps(value)}`" for value in part["enum"])
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    shown = " / ".join(kinds)
    return f"{shown}: {_kind(part['items'])}" if "items" in part else shown


# -- settings and exit codes -------------------------------------------------------


def known_keys(text: str) -> tuple[str, ...]:
    """The keys that the program itself names when a config.toml holds one that it does not know."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.toml"
        path.write_text(text, encoding="utf-8")
        try:
            read_settings(path)
        except UsageError as error:
            known = error.values["known"]
            return tuple(known) if isinstance(known, Iterable) else ()
    raise ValueError(text)


def setting_keys() -> dict[str, tuple[str, ...]]:
    """The keys of config.toml: those of the file itself, and those of each of its tables; of a route, those of every kind."""
    found = {name: known_keys(f"[[{name}]]\nno_such_key = '1'\n") for name in ("account", "mute")}
    found |= {name: known_keys(f"[{name}]\nno_such_key = '1'\n") for name in ("detect", "team", "notify")}
    found["route"] = tuple(sorted(COMMON_KEYS.union(*(each for both in KINDS.values() for each in both))))
    found |= {"harden": WISH_KEYS, "contact": CONTACT_KEYS}
    return {"file": tuple(key for key in known_keys("no_such_key = 1\n") if key not in found), **found}


def environment() -> dict[str, list[str]]:
    """Environment variables by name, each with the commands that heed it."""
    found: dict[str, list[str]] = {}
    for path, command in commands():
        for option in options_of(command):
            if isinstance(option.envvar, str):
                found.setdefault(option.envvar, []).append(path)
    return dict(sorted(found.items()))


def _configuration(language: Language) -> Lines:
    headings = [word(f"configuration.{key}", language) for key in ("key", "meaning")]
    for part, keys in setting_keys().items():
        yield f"## {word(f'configuration.{part}_title', language)}\n"
        yield f"{word(f'configuration.{part}', language)}\n"
        yield from grid(headings, ((f"`{key}`", cell(_setting(part, key, language))) for key in keys))
    yield f"## {word('configuration.environment_title', language)}\n\n{word('configuration.environment', language)}\n"
    rows = ((f"`{name}`", _heeding(paths, language)) for name, paths in environment().items())
    yield from grid((word(f"configuration.{key}", language) for key in ("variable", "heeded_by")), rows)
    yield f"{word('configuration.others', language)}\n"


def _heeding(paths: list[str], language: Language) -> str:
    names = dict.fromkeys(path.removeprefix("sakimori ") for path in paths)
    return word("configuration.all", language) if "sakimori" in names else code(names)


def _setting(part: str, key: str, language: Language) -> str:
    own = words()["configuration"]["keys"].get(f"{part}.{key}")
    return own[language] if own else say(f"cli.option_{key}", language)


def codes() -> dict[str, int]:
    """Exit codes by their names in the program."""
    return {name: value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}


def _exit_codes(language: Language) -> Lines:
    rows = ((str(value), cell(word(f"exit_codes.{name}", language))) for name, value in sorted(
        codes().items(), key=lambda item: item[1]
    ))  # fmt: skip
    yield from grid((word("exit_codes.code", language), word("exit_codes.meaning", language)), rows)
    yield f"{word('exit_codes.closing', language)}\n"


# -- detections ---------------------------------------------------------------------


def _detections(language: Language) -> Lines:
    from generate_detections import detections  # noqa: PLC0415 - it takes its words from here

    return detections(language)


# -- measures ---------------------------------------------------------------------


def _measures(language: Language) -> Lines:
    from generate_measures import measures  # noqa: PLC0415 - it takes its words from here

    return measures(language)


# -- secrets ---------------------------------------------------------------------


def _secrets(language: Language) -> Lines:
    from generate_secrets import secrets  # noqa: PLC0415 - it takes its words from here

    return secrets(language)


# -- all pages ---------------------------------------------------------------------

PAGES: Final = {
    "commands": _commands,
    "configuration": _configuration,
    "detections": _detections,
    "exit-codes": _exit_codes,
    "measures": _measures,
    "reports": _reports,
    "rules": _rules,
    "secrets": _secrets,
    "tables": _tables,
}


def pages(language: Language) -> dict[str, str]:
    """The text of every page of a language by file name; the process must speak that language."""
    made = {}
    for name, write in PAGES.items():
        made[page(name, language)] = _whole((*opening(name, language), *write(language)))
    listed = [f"- [{title(name, language)}]({page(name, language)})" for name in PAGES]
    made[page("README", language)] = _whole((*opening("README", language), *listed))
    return made


def _whole(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def made_by(language: Language) -> dict[str, str]:
    """The same from a process of its own that speaks the language."""
    spoken = {**os.environ, "SAKIMORI_LANG": language}
    command = [sys.executable, __file__, language]
    done = subprocess.run(command, env=spoken, check=True, capture_output=True, encoding="utf-8")  # noqa: S603 - this file
    return json.loads(done.stdout)


def main(arguments: list[str]) -> None:
    """Print one language, or write both and remove pages that nothing makes any more."""
    if arguments:
        sys.stdout.write(json.dumps(pages("ja" if arguments[0] == "ja" else "en")))
        return
    REFERENCE.mkdir(exist_ok=True)
    made = {name: text for language in LANGUAGES for name, text in made_by(language).items()}
    for path in REFERENCE.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
