"""The keys that tell from where, on what, when and with which token a request is made; the others a caller may choose.

Sources: IAM User Guide, "AWS global condition context keys"; S3 User Guide, "The meaning of public".
"""

import ipaddress
import re
from typing import Final

from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.request import TEMPORARY
from sakimori.analysis.iam.smt.caller_keys import CallerScene
from sakimori.analysis.iam.smt.callers import SHARED_PROVIDERS
from sakimori.analysis.iam.smt.scene import ABSENT, UNKNOWN, letters_of
from sakimori.analysis.iam.smt.solving import Use, symbolic
from sakimori.analysis.iam.smt.text import among, literal
from sakimori.analysis.iam.smt.truth import both, either, negated, z3
from sakimori.analysis.iam.smt.values import (  # fmt: skip
    LAST_MOMENT,
    AddressValue,
    Fixed,
    FlagValue,
    Key,
    NumberValue,
    Symbolic,
    TextValue,
)

_ALWAYS: Final = frozenset({"aws:securetransport", "aws:useragent"})
_NETWORK: Final = frozenset(
    {"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}
)
_ENDPOINTS: Final = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
# Facts of the resource, which no caller chooses.
_OF_RESOURCE: Final = frozenset(
    {"aws:resourceorgid", "aws:resourceorgpaths", "aws:requestedregion", "kms:resourcealiases"}
)
# What a caller must have been told or given. A value that is named keeps strangers out.
_SECRETS: Final = frozenset(
    {"lambda:eventsourcetoken", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn",
     "s3:dataaccesspointaccount"}
)  # fmt: skip
_DELEGATED: Final = frozenset({"s3:dataaccesspointarn", "s3:dataaccesspointaccount"})
# Source: RFC 6890; a request over the internet comes from none of these.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(each)
    for each in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3")
)  # fmt: skip
_GLOBAL_SIX: Final = ipaddress.ip_network("2000::/3")
_MAPPED: Final = ipaddress.ip_network("::ffff:0:0/96")
_EXAMPLES: Final = tuple(map(ipaddress.ip_network, ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24")))


class RequestScene(CallerScene):
    """The whole request: calling it gives the key of a name in lower case."""

    __slots__ = ()

    def _made(self, name: str) -> Key:
        if self._is_crowded(name):
            return UNKNOWN
        for rule in (self._of_caller, self._of_source, self._of_network, self._of_place, self._of_token):
            found = rule(name)
            if found is not None:
                return found
        key = self._free(name)
        if "tag/" not in name:
            # What a key holds is of the key's type; the values of tags are texts, whatever a policy compares them with.
            self.ties += [value.valid for _, value in key.values if not isinstance(value, TextValue)]
        return key

    # -- from where ----------------------------------------------------------------------------

    def _of_network(self, name: str) -> Key | None:
        if name not in _NETWORK | {"aws:sourceip", "aws:vpcsourceip"}:
            return None
        if self.caller.kind is PrincipalKind.SERVICE:
            return self._address_of_service() if name == "aws:sourceip" else ABSENT
        through = z3().Bool("through endpoint")
        key = self._listed(name)
        if name in {"aws:sourceip", "aws:vpcsourceip"}:
            is_public = name == "aws:sourceip"
            for _, value in key.values:
                if isinstance(value, AddressValue):
                    self._tie_address(value, is_public=is_public)
            return Symbolic(negated(through) if is_public else through, key.values)
        if self.is_stranger:
            self._not_named(name, key)
        # Not every service tells whose the endpoint is.
        return Symbolic(both([through, key.present]) if name in _ENDPOINTS else through, key.values)

    def _address_of_service(self) -> Key:
        """AWS's own, which is in none of the ranges that a policy names, and which no customer chooses."""
        key = self._not_chosen("aws:sourceip")
        for _, value in key.values if isinstance(key, Symbolic) else ():
            if isinstance(value, AddressValue):
                self._tie_written(value)
                self.ties += [negated(value.is_in(each)) for each in self.setting.names.networks]
        return key

    def _tie_written(self, value: AddressValue) -> None:
        """It is an address, and one of IPv4 is not written as one of IPv6."""
        self.ties += [value.valid, negated(value.is_in(_MAPPED))]

    def _tie_address(self, value: AddressValue, *, is_public: bool) -> None:
        self._tie_written(value)
        if not is_public:
            return
        self.ties += [negated(value.is_in(each)) for each in _NOT_PUBLIC]
        self.ties.append(either([negated(value.is_six), value.is_in(_GLOBAL_SIX)]))
        if self.is_stranger:
            self.ties += [negated(value.is_in(each)) for each in self.setting.names.networks]
        self.wishes.append(either(value.is_in(each) for each in _EXAMPLES))

    # -- on what -------------------------------------------------------------------------------

    def _of_place(self, name: str) -> Key | None:
        known = self._known_of_place(name)
        if known:
            return Fixed((known,))
        if name in {"aws:currenttime", "aws:epochtime"}:
            return self._moment(name)
        if name in _OF_RESOURCE or "resourcetag/" in name or (name in _DELEGATED and not self.is_stranger):
            return self._not_chosen(name)
        if name in _SECRETS and self.is_stranger:
            key = self._listed(name)
            self._not_named(name, key)
            return key
        return None

    def _known_of_place(self, name: str) -> str:
        setting = self.setting
        if name in {"aws:resourceaccount", "s3:resourceaccount"}:
            return setting.account
        if name == "aws:resourceorgid":
            return setting.organization
        if name == "aws:requestedregion":
            return [*setting.resource.split(":"), "", "", "", ""][3]
        is_anonymous = self.caller.kind is PrincipalKind.ANONYMOUS
        return "NONE" if name == "lambda:functionurlauthtype" and is_anonymous else ""

    def _moment(self, name: str) -> Key:
        key = symbolic(name, self.setting.uses.get(name, Use()))
        value = key.values[0][1]
        if not isinstance(value, NumberValue):
            return self._not_chosen(name)
        now = z3().Int("now")
        first = int(self.setting.now.timestamp()) if self.setting.now else 0
        self.ties += [value.valid, value.term == z3().ToReal(now), now >= first, now <= LAST_MOMENT]
        made = NumberValue(value.valid, value.term, value.is_moment, in_seconds=name == "aws:epochtime")
        return Symbolic(present=True, values=((True, made),))

    # -- who vouches ---------------------------------------------------------------------------

    def _of_token(self, name: str) -> Key | None:
        """Keys of a token: of a provider that serves everyone, a stranger's name nobody whom the policy names."""
        provider = self.caller.provider
        if self.caller.kind is not PrincipalKind.WEB or not name.startswith(f"{provider.lower()}:"):
            return None
        key = self._listed(name)
        if not self.is_stranger:
            return key
        form, word = SHARED_PROVIDERS.get(provider), name.rpartition(":")[2]
        term = key.values[0][1]
        if form is None:
            if word != "amr":
                self._not_named(name, key)
        elif word == "sub" and isinstance(term, TextValue):
            owner, solver = z3().String("owner"), z3()
            head = solver.Concat(literal(form.head), owner, literal(form.end))
            self.wishes.append(owner == "stranger")
            self.ties += [solver.InRe(owner, letters_of("A-Za-z0-9-")), solver.PrefixOf(head, term.term)]
            self.ties += [negated(among(owner, [each])) for each in self._owners(name, form.head, form.end)]
        return key

    def _owners(self, name: str, head: str, end: str) -> list[str]:
        """Whom the subjects of the policy begin with, as far as they write it out."""
        texts = self.setting.names.all_of(name)
        found = {re.split(f"[{end}*?$]", each.removeprefix(head))[0] for each in texts if each.startswith(head)}
        return sorted(found - {""})

    def _free(self, name: str) -> Symbolic:
        """What the caller puts into the request."""
        key = self._listed(name)
        if self.is_witness:
            self.ties += [value.valid for _, value in key.values if isinstance(value, NumberValue | FlagValue)]
        is_issued = name == "aws:tokenissuetime" and self.caller.kind in TEMPORARY
        return Symbolic(present=True, values=key.values) if name in _ALWAYS or is_issued else key
