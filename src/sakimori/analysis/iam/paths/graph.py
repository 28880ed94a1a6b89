"""The graph of an attack: what each power wins by each technique, asked of the policies once and kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from sakimori.analysis.iam.paths.asking import Actor, Asking, Carried, Power
from sakimori.analysis.iam.paths.chain import assumable
from sakimori.analysis.iam.paths.facts import Fact, Way, Win
from sakimori.analysis.iam.paths.sieve import Sieve
from sakimori.analysis.iam.paths.targets import Aim, aims, existing_policy_aims
from sakimori.analysis.iam.paths.techniques import Effect, Need, Target, Technique
from sakimori.analysis.iam.paths.witness import candidates
from sakimori.analysis.iam.paths.world import World
from sakimori.collect.kleene import every

ASSUMING: Final = "sts_assume_role"
_SHAPED: Final = "*"
_BOUND: Final = ("{target}", "{policy}")


class Graph:
    """Edges of one world, asked for as they are needed: what no statement names is never asked."""

    def __init__(self, world: World, techniques: tuple[Technique, ...]) -> None:
        self.world = world
        self.asking = Asking(world, techniques)
        self._assuming = next((each for each in techniques if each.id == ASSUMING), None)
        self._techniques = tuple(each for each in techniques if each is not self._assuming)
        self._wins = dict[int, Mapping[Fact, tuple[Way, ...]]]()
        self._own = dict[Power, Mapping[Fact, tuple[Way, ...]]]()
        self._sieves = dict[tuple[str, str, Sieve], tuple[Aim, ...]]()
        self._aims_by_arn = dict[tuple[str, str], dict[str, list[Aim]]]()
        self._aims = dict[tuple[str, str], tuple[Aim, ...]]()

    def shared_wins(self, power: Power) -> tuple[int, Mapping[Fact, tuple[Way, ...]]]:
        """What everybody of the power's profile wins by one step, and how, the surest way first; with the profile."""
        actor = self.asking.actor(power)
        if actor.profile not in self._wins:
            self._wins[actor.profile] = self._asked(actor)
        return actor.profile, self._wins[actor.profile]

    def own_wins(self, power: Power) -> Mapping[Fact, tuple[Way, ...]]:
        """What it wins because roles trust it."""
        found = self._own.get(power)
        if found is None:
            technique = self._assuming
            roles = assumable(self.asking, self.asking.actor(power)) if technique else ()
            found = self._own[power] = {
                Fact(Win.REACHED, role): (Way(technique=technique, is_sure=is_sure, target=role, names=(role,)),)
                for role, is_sure in roles
                if technique
            }
        return found

    def _asked(self, actor: Actor) -> Mapping[Fact, tuple[Way, ...]]:
        found = dict[Fact, list[Way]]()
        for technique in self._techniques:
            if all(need.is_trusted or self.asking.may(actor, need.action.lower()) for need in technique.needs):
                for fact, way in self._won(actor, technique, found):
                    found.setdefault(fact, []).append(way)
        return {fact: tuple(sorted(ways, key=_plainness)) for fact, ways in found.items()}

    def _won(self, actor: Actor, technique: Technique, before: Mapping[Fact, list[Way]]) -> Iterator[tuple[Fact, Way]]:
        free = self._free(actor, [need for need in technique.needs if not _is_bound(need)])
        if free is None:
            return
        bound = [need for need in technique.needs if _is_bound(need)]
        is_same = not any(self.asking.is_targeted(actor, need.action.lower()) for need in bound)
        known = dict[tuple[str, str], tuple[dict[str, str], bool | None]]()
        for aim in self._sieved(actor, technique, before):
            # Where no statement tells the things apart, the answer for one is that for all.
            key = ("*", "") if "*" in aim.arn else (aim.service, aim.policy) if is_same else (aim.arn, aim.policy)
            if key not in known:
                known[key] = self._judged(actor, bound, aim)
            names, answer = known[key]
            if answer is False:
                continue
            is_sure = bool(answer) and free[1] and aim.is_sure and not technique.is_only_possible
            way = _way(technique, aim, {**names, **free[0]}, is_sure=is_sure)
            wins = (Fact(Win.CREATED, way.names[0]),) if technique.makes is Effect.CREATES else aim.wins
            yield from ((fact, way) for fact in wins)

    def _judged(self, actor: Actor, bound: list[Need], aim: Aim) -> tuple[dict[str, str], bool | None]:
        if "*" not in aim.arn:
            return {}, self._bound(actor, bound, aim)
        shaped = self._free(actor, bound, aim.arn)
        return ({}, False) if shaped is None else (shaped[0], shaped[1] or None)

    def _sieved(self, actor: Actor, technique: Technique, before: Mapping[Fact, list[Way]]) -> Iterable[Aim]:
        """Without the things that no statement of the actor's own policies speaks of, and those that bring nobody further."""
        bound = [need.action.lower() for need in technique.needs if need.on == "{target}" and not need.is_trusted]
        sieve = self.asking.sieve(actor, bound[0]) if bound else None
        if technique.target is Target.EXISTING_POLICY:
            return self._policies_to_add(actor, technique, sieve, before)
        if sieve is None:
            return self._aimed(actor, technique)
        if sieve.only is not None:
            by_arn = self._aimed_by_arn(actor, technique)
            return [aim for arn in (*sorted(sieve.only), _SHAPED) for aim in by_arn.get(arn, ())]
        key = actor.account.account, technique.id, sieve
        if key not in self._sieves:
            self._sieves[key] = tuple(
                aim for aim in self._aimed(actor, technique) if "*" in aim.arn or sieve.lets(aim.arn)
            )
        return self._sieves[key]

    def _policies_to_add(
        self, actor: Actor, technique: Technique, sieve: Sieve | None, before: Mapping[Fact, list[Way]]
    ) -> Iterator[Aim]:
        """For whom not every permission may be given anyway."""
        account = actor.account
        is_role = any(need.action.endswith("RolePolicy") for need in technique.needs)
        for who in account.roles if is_role else account.users:
            is_won = any(way.is_sure for way in before.get(Fact(Win.CONTROLLED, who.arn), ()))
            if not is_won and not who.is_service_linked and (sieve is None or sieve.lets(who.arn)):
                yield from existing_policy_aims(account, who)

    def _aimed_by_arn(self, actor: Actor, technique: Technique) -> Mapping[str, list[Aim]]:
        key = actor.account.account, technique.id
        if key not in self._aims_by_arn:
            found = self._aims_by_arn[key] = defaultdict(list)
            for aim in self._aimed(actor, technique):
                found[_SHAPED if "*" in aim.arn else aim.arn].append(aim)
        return self._aims_by_arn[key]

    def _aimed(self, actor: Actor, technique: Technique) -> tuple[Aim, ...]:
        key = actor.account.account, technique.id
        if key not in self._aims:
            found = aims(self.world, actor.account, technique)
            if technique.makes is Effect.JOINS:
                # A group that allows nothing brings nobody further.
                found = (aim for aim in found if any(each.allows for each in self.asking.policies_added(aim.arn)))
            self._aims[key] = tuple(found)
        return self._aims[key]

    # -- calls on what the attacker picks --------------------------------------------------------

    def _free(self, actor: Actor, needs: list[Need], shape: str = "") -> tuple[dict[str, str], bool] | None:
        """For each template a name that the policies let pass, and whether surely; None: refused everywhere.

        `shape` stands for a thing aimed at of which none was told.
        """
        best: tuple[dict[str, str], bool] | None = None
        for region in self.world.regions if needs else ("",):
            found = self._free_in(actor, needs, shape, region)
            if found and found[1]:
                return found
            best = best or found
        return best

    def _free_in(self, actor: Actor, needs: list[Need], shape: str, region: str) -> tuple[dict[str, str], bool] | None:
        names, is_sure = dict[str, str](), True
        places = {"partition": actor.account.partition, "account": actor.account.account, "region": region}
        for on, group in groupby(sorted(needs, key=lambda each: each.on), key=lambda each: each.on):
            template = _placed(on.replace("{target}", shape), places)
            name, answer = self._named(actor, list(group), template, region)
            if answer is False:
                return None
            names[on], is_sure = name, is_sure and bool(answer)
        return names, is_sure

    def _named(self, actor: Actor, needs: list[Need], template: str, region: str) -> tuple[str, bool | None]:
        best: tuple[str, bool | None] = template, False
        actions = tuple(need.action.lower() for need in needs)
        where: Carried = (("aws:requestedregion", (region,)),) if self.world.is_regional else ()
        for name in candidates(actor, actions, template):
            answer = every(self._one(actor, need, name, where) for need in needs)
            if answer:
                return name, True
            if answer is None and best[1] is False:
                best = name, None
        return best

    def _one(self, actor: Actor, need: Need, name: str, where: Carried) -> bool | None:
        if need.is_trusted:
            return self.asking.trusted(actor, name)
        return self.asking.allowed(actor, need.action, name, (*where, *_carried(need, None)))

    # -- calls on the thing aimed at -------------------------------------------------------------

    def _bound(self, actor: Actor, bound: list[Need], aim: Aim) -> bool | None:
        answer: bool | None = True
        for need in bound:
            name = _filled(need.on, aim)
            if need.is_trusted:
                found = self.asking.trusted(actor, name)
            else:
                about = self.asking.about(name, need.action)
                found = self.asking.allowed(actor, need.action, name, _carried(need, aim), about)
                # A policy of the thing's own that was not read may deny it.
                found = None if found and self.asking.is_policy_unread(actor, name) else found
            if found is False:
                return False
            answer = None if found is None else answer
        return answer


def _way(technique: Technique, aim: Aim, names: Mapping[str, str], *, is_sure: bool) -> Way:
    resources = tuple(names.get(need.on) or _filled(need.on, aim) for need in technique.needs)
    return Way(
        technique=technique, is_sure=is_sure, target="" if "*" in aim.arn else aim.arn, names=resources,
        service=aim.service, policy=aim.policy,
    )  # fmt: skip


def _is_bound(need: Need) -> bool:
    return any(place in need.on for place in _BOUND) or any("{" in value for value in need.context.values())


def _filled(on: str, aim: Aim) -> str:
    return on.replace("{target}", aim.arn).replace("{policy}", aim.policy)


def _placed(template: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _carried(need: Need, aim: Aim | None) -> Carried:
    filled = need.context.items()
    if aim:
        places = {"policy": aim.policy, "service": aim.service, "target": aim.arn}
        filled = [(key, _placed(value, places)) for key, value in filled]
    return tuple((key, (value,)) for key, value in filled)


def carried_by(need: Need, way: Way) -> Carried:
    """What the call of a way carries."""
    return _carried(need, Aim(arn=way.target, wins=(), service=way.service, policy=way.policy))


def _plainness(way: Way) -> tuple[bool, int, int]:
    """Surer ways first, then those of fewer calls, then in the catalogue's order."""
    return not way.is_sure, len(way.technique.needs), way.technique.order
