"""Everything that can be wrong with one rule file."""

from pathlib import Path

from sakimori.lake.table import Catalogue
from sakimori.model.errors import RuleError
from sakimori.rules.examples import ExampleRunner, run_examples
from sakimori.rules.load import check_templates, load_rule
from sakimori.rules.rule import Fault, Loaded


def check_file(
    path: Path, catalogue: Catalogue, runner: ExampleRunner, *, is_own: bool = False
) -> tuple[Loaded, tuple[Fault, ...]]:
    """Everything that can be wrong with one rule file, its examples included."""
    loaded = load_rule(path, catalogue, is_own=is_own)
    if loaded.rule is None or loaded.query is None:
        return loaded, loaded.faults
    try:
        columns = runner.columns(loaded.rule, loaded.query)
    except RuleError as error:
        return loaded, (Fault(file=str(path), line=loaded.rule.query_line + 1, text=error.text, values=error.values),)
    return loaded, (*check_templates(loaded.rule, columns), *run_examples(runner, loaded.rule, loaded.query))
