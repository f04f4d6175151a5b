"""The words of `lexicon.toml`, as records, and what the three languages need to know about a noun phrase."""

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from grammar.meaning import SAME, WHO, NounPhrase

VOWELS = frozenset("aeiouyàâéèêëîïôœù")


@dataclass(frozen=True)
class Noun:
    """A noun in three languages; `fr` is its French form for the gender `g`."""

    name: str
    kind: str
    ko: str
    fr: str
    g: str
    sex: str = ""
    mass: bool = False
    only: bool = False
    rare: bool = False
    pl: str = ""
    frpl: str = ""
    counter: str = ""
    at: str = ""
    fr_at: str = ""
    fr_in: str = "dans"
    fr_by: str = ""
    goal: bool = False
    fr_forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Adjective:
    """An adjective; `fr` holds its four French forms: m, f, m plural, f plural."""

    name: str
    of: list[str]
    fr: tuple[str, ...]
    ko: str = ""
    irr: str = ""
    attr: str = ""
    before: bool = False
    have: bool = False
    feeling: bool = False
    predicate: bool = False
    extreme: bool = False
    colour: bool = False


@dataclass(frozen=True)
class Verb:
    """A verb and its frames; see the head of `lexicon.toml` for the fields."""

    name: str
    past: str
    ko: str
    fr: str
    frames: list[list[str]]
    base: str = ""
    ing: str = ""
    third: str = ""
    after: str = ""
    prep: str = ""
    part: str = ""
    fr_prep: str = ""
    irr: str = ""
    manner: list[str] = field(default_factory=list)
    place: str = ""
    spots: str = ""
    tool: list[str] = field(default_factory=list)
    dets: list[str] = field(default_factory=list)
    alone: bool = False
    required: bool = False
    goalonly: bool = False
    by: bool = False
    recipient: bool = False
    state: bool = False
    noprog: bool = False
    etre: bool = False
    fr_self: bool = False
    fails: bool = False


class Agreement(NamedTuple):
    """What a verb, an adjective or a possessive has to agree with."""

    person: int
    plural: bool
    gender: str
    pronoun: str


def _french_forms(spec: str) -> tuple[str, ...]:
    if "|" in spec:
        return tuple(spec.split("|"))
    if spec.endswith("eux"):
        return spec, spec[:-1] + "se", spec, spec[:-1] + "ses"
    feminine = spec if spec.endswith("e") else spec + "e"
    return spec, feminine, spec + "s", feminine + "s"


class Lexicon:
    """The words by table and name."""

    def __init__(self, path: Path = Path(__file__).parent.parent / "lexicon.toml"):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        self.nouns: dict[str, Noun] = {}
        for kind, rows in raw["nouns"].items():
            for name, row in rows.items():
                forms = tuple(row["fr"].split("|"))
                extra = {"fr": forms[-1] if row["g"] == "f" else forms[0], "fr_forms": forms}
                counter = row.get("counter") or raw["counters"].get(kind, "개")
                self.nouns[name] = Noun(name, kind, **{**row, **extra, "counter": counter})
        self.adjectives = {
            name: Adjective(name, **{**row, "fr": _french_forms(row["fr"])}) for name, row in raw["adjectives"].items()
        }
        self.verbs = {name: Verb(name, **row) for name, row in raw["verbs"].items()}
        self.groups: dict[str, list[str]] = raw["groups"]
        self.pronouns, self.weather, self.relations = raw["pronouns"], raw["weather"], raw["relations"]
        self.times, self.manners, self.frequencies = raw["times"], raw["manners"], raw["frequencies"]
        self.conjugation, self.reasons, self.together = raw["conjugation"], raw["reasons"], raw["together"]

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Group, kind or noun → the nouns in it, in the lexicon's order ("pronoun" stands for the pronouns)."""
        found: dict[str, list[str]] = {"pronoun": list(self.pronouns)}
        for name, noun in self.nouns.items():
            found.setdefault(noun.kind, []).append(name)
        kinds = dict(found)

        def expand(name: str, seen: tuple[str, ...]) -> list[str]:
            if name in self.groups and name not in seen:
                parts = [expand(part, (*seen, name)) for part in self.groups[name]]
                return list(dict.fromkeys(noun for part in parts for noun in part))
            return kinds[name] if name in kinds else [self.nouns[name].name]

        names = [*self.groups, *kinds, *self.nouns]
        return {name: expand(name, ()) for name in names}

    def agreement(self, phrase: NounPhrase, antecedent: Agreement | None = None) -> Agreement:
        """Return person, number, French gender and English pronoun of a subject or an object."""
        if phrase.noun == SAME:
            return antecedent
        if phrase.noun == WHO:
            return Agreement(3, False, "m", "he")
        if phrase.noun in self.pronouns:
            row = self.pronouns[phrase.noun]
            return Agreement(row["person"], row.get("plural", False), row["sex"], phrase.noun)
        noun = self.nouns[phrase.noun]
        single = {"m": "he", "f": "she"}.get(noun.sex, "it")
        return Agreement(3, phrase.plural, noun.g, "they" if phrase.plural else single)


def keyed(spec: str, path: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read a lexicon phrase (`last:l week:n`) as tokens with keys under `path`."""
    tokens = []
    for word in spec.split():
        text, _, keys = word.partition(":")
        tokens.append((text, tuple(f"{path}.{key}" for key in keys.split(",") if key)))
    return tokens
