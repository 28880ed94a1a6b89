"""`config.toml`: accounts, mutes, and defaults for options (option, environment, file, default: in this order)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from sakimori.actions.wishes import Wishes, parse_wishes
from sakimori.findings.mute_entries import parse_mutes
from sakimori.findings.mutes import MuteEntry
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.notify.route_entries import NotifySettings, parse_notify
from sakimori.outputs.report.formats import FORMATS
from sakimori.rules.rule import PROFILES
from sakimori.texts.language import LANGUAGES

MAX_BYTES: Final = 1_000_000
_TEXTS: Final = frozenset({"profile", "rules_dir", "max_age", "endpoint_url", "state"})
_LISTS: Final = frozenset({"region", "exclude_region"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "lang": LANGUAGES,
    "thresholds": PROFILES,
    "fail_on": tuple(map(str, Severity)),
    "format": tuple(FORMATS),
}
_DEFAULTS: Final = _TEXTS | _LISTS | frozenset(_CHOICES)
_ACCOUNT: Final = re.compile(r"\d{12}\Z")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}\Z")
_TABLES: Final = frozenset({"account", "mute", "detect", "team", "notify", "harden"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """One account of the configuration: how to enter it."""

    name: str
    id: str = ""
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectEntry:
    """The table `[detect]`: what is ours, and files that say something of addresses."""

    own_accounts: tuple[str, ...] = ()
    own_organizations: tuple[str, ...] = ()
    address_lists: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stands in the file. `defaults` are options by name, as the command line spells them with _ for -."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    accounts: tuple[AccountEntry, ...] = ()
    mutes: tuple[MuteEntry, ...] = ()
    detect: DetectEntry = DetectEntry()
    team: tuple[str, ...] | None = None
    """The people who may own something, as `[team]` lists them in `members`; None where nobody listed them."""

    notify: NotifySettings = field(default_factory=NotifySettings)
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def own_accounts(self) -> frozenset[str]:
        """The accounts that are ours by the file: those of `[detect]`, and each that can be entered and says its id."""
        return frozenset((*self.detect.own_accounts, *(entry.id for entry in self.accounts if entry.id)))

    def account(self, name: str) -> AccountEntry:
        """An account by name or id; UsageError if the file has no such one."""
        for entry in self.accounts:
            if name in {entry.name, entry.id}:
                return entry
        raise UsageError("app.no_such_account", name=name, known=[entry.name for entry in self.accounts])


def read_settings(path: Path) -> Settings:
    """The settings in `path`, empty ones if there is no such file; UsageError naming the entry that is wrong."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError("app.config_unreadable", path=path, reason="not a file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError("app.config_unreadable", path=path, reason=error.strerror or str(error)) from error
    if len(raw) > MAX_BYTES:
        raise UsageError("app.config_unreadable", path=path, reason="> 1 MB")
    try:
        data = tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:  # of numbers with thousands of digits, too
        raise UsageError("app.config_syntax", path=path, reason=str(error)) from error
    for key in data:
        if key not in _DEFAULTS | _TABLES:
            raise UsageError("app.config_unknown_key", path=path, key=key, known=sorted(_DEFAULTS | _TABLES))
    return Settings(
        defaults={key: _default(key, value, path) for key, value in data.items() if key in _DEFAULTS},
        accounts=tuple(_account(number, entry, path) for number, entry in enumerate(_tables(data, "account", path), 1)),
        mutes=parse_mutes(data.get("mute")),
        detect=_detect(data.get("detect", {}), path),
        team=_team(data["team"], path) if "team" in data else None,
        notify=parse_notify(data.get("notify"), "ja" if data.get("lang") == "ja" else "en"),
        wishes=parse_wishes(data.get("harden")),
    )


def _team(found: object, path: Path) -> tuple[str, ...]:
    if not isinstance(found, dict):
        raise UsageError("app.config_not_a_table", path=path, key="team")
    table = cast("dict[str, object]", found)
    for key in table:
        if key != "members":
            raise UsageError("app.config_unknown_key", path=path, key=f"team.{key}", known=["members"])
    return _texts("team.members", table.get("members", []), path)


def _detect(found: object, path: Path) -> DetectEntry:
    known = DetectEntry.__dataclass_fields__
    if not isinstance(found, dict):
        raise UsageError("app.config_not_a_table", path=path, key="detect")
    table = cast("dict[str, object]", found)
    for key in table:
        if key not in known:
            raise UsageError("app.config_unknown_key", path=path, key=f"detect.{key}", known=sorted(known))
    entry = DetectEntry(**{key: _texts(f"detect.{key}", value, path) for key, value in table.items()})
    for key, pattern, values in (("own_accounts", _ACCOUNT, entry.own_accounts), ("own_organizations", _ORGANIZATION, entry.own_organizations)):  # fmt: skip
        for value in values:
            if not pattern.match(value):
                raise UsageError("app.config_not_an_id", path=path, key=f"detect.{key}", value=value)
    return entry


def _default(key: str, value: object, path: Path) -> str | tuple[str, ...]:
    """The value of an option, a tuple where the option may be repeated; one text stands for a list of one."""
    if key in _LISTS:
        return _texts(key, value, path)
    if not isinstance(value, str):
        raise UsageError("app.config_not_text", path=path, key=key)
    known = _CHOICES.get(key)
    if known and value not in known:
        raise UsageError("app.config_choice", path=path, key=key, value=value, known=known)
    return value


def _texts(key: str, value: object, path: Path) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise UsageError("app.config_not_texts", path=path, key=key)
    return tuple(cast("list[str]", items))


def _tables(data: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in cast("list[object]", value)):
        raise UsageError("app.config_not_tables", path=path, key=key)
    return cast("list[dict[str, Any]]", value)


def _account(number: int, entry: Mapping[str, Any], path: Path) -> AccountEntry:
    known = {"name", "id", "profile", "role_arn", "external_id"}
    if set(entry) - known or not all(isinstance(value, str) for value in entry.values()):
        raise UsageError("app.config_account", path=path, entry=number, known=sorted(known))
    name = entry.get("name") or entry.get("id") or entry.get("profile")
    if not name or not (entry.get("profile") or entry.get("role_arn")):
        raise UsageError("app.config_account", path=path, entry=number, known=sorted(known))
    if entry.get("role_arn") and not _is_role(entry["role_arn"]):
        raise UsageError("app.config_role", path=path, entry=number, value=entry["role_arn"])
    return AccountEntry(**{**entry, "name": name})


def _is_role(text: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    return arn.service == "iam" and arn.resource.startswith("role/")
