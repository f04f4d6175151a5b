"""Random noun phrases and clauses that make sense: the lexicon says who can do what to what."""

import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from grammar.lexicon import Lexicon, Noun, Verb
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place

_WILD = "garden park forest farm street"  # where animals do what they do
_SPOTS = {
    "kitchen": "kitchen restaurant house",
    "market": "market market station village city",
    "waters": "river lake",
    "garden": "garden park forest farm",
    "soil": "garden park forest farm",
}
_KIND_WEIGHTS = {"name": 0.35, "person": 0.32, "pronoun": 0.21, "kin": 0.12, "other": 0.5}


@dataclass
class Style:
    """How much a clause may hold: `rich` is the chance of each extra; `relatives` how many relative clauses."""

    rich: float
    relatives: int = 0


class Phrases:
    """Draws noun phrases and clauses with a seeded generator."""

    def __init__(self, lexicon: Lexicon, generator: random.Random):
        self.lexicon, self.random = lexicon, generator
        self.professions = [
            name for name, noun in lexicon.nouns.items() if noun.kind == "person" and len(noun.fr_forms) == 2
        ]
        self.professions = [name for name in self.professions if name not in ("friend", "neighbor")]
        self.qualities = {
            name: list(dict.fromkeys(noun for group in row.of for noun in lexicon.members[group]))
            for name, row in lexicon.adjectives.items()
        }
        self.by_kind = {group: self._kinds(group) for group in lexicon.members}
        self.describing: dict[str, list[str]] = {}
        for name, nouns in self.qualities.items():
            row = lexicon.adjectives[name]
            for noun in () if row.predicate or row.feeling else nouns:
                self.describing.setdefault(noun, []).append(name)

    def chance(self, probability: float) -> bool:
        """Flip a coin."""
        return self.random.random() < probability

    def pick(self, **weights: float) -> str:
        """Choose a name by weight."""
        left = self.random.random() * sum(weights.values())
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return name

    # --- noun phrases

    def noun_of(self, group: str, avoid: tuple[str, ...] = ()) -> str:
        """Choose a member of a group; among people, first what kind of word names them."""
        kinds = self.by_kind[group]
        for _ in range(9):
            names = kinds[self.pick(**{kind: _KIND_WEIGHTS[kind] for kind in kinds})] if len(kinds) > 1 else None
            names = names or next(iter(kinds.values()))
            name = self.random.choice(names)
            if name not in avoid:
                return name
        return next(name for names in kinds.values() for name in names if name not in avoid)

    def _kinds(self, group: str) -> dict[str, list[str]]:
        """Sort a group's members into pronouns, names, kin, persons and others; frequent pronouns stand twice."""
        kinds: dict[str, list[str]] = {}
        for name in self.lexicon.members[group]:
            kind = "pronoun" if name in self.lexicon.pronouns else self.lexicon.nouns[name].kind
            names = kinds.setdefault(kind if kind in _KIND_WEIGHTS else "other", [])
            names += [name] * (2 if name in ("I", "you", "he", "she") else 1)
        return kinds

    def adjectives(self, noun: Noun, style: Style, scale: float = 1.0) -> tuple[str, ...]:
        """Choose none, one or two adjectives that fit, colour last."""
        able = self.describing.get(noun.name, ())
        if not able or not self.chance(style.rich * scale):
            return ()
        first = self.random.choice(able)
        colours = [name for name in able if self.lexicon.adjectives[name].colour]
        if colours and not self.lexicon.adjectives[first].colour and self.chance(style.rich * 0.4):
            return first, self.random.choice(colours)
        return (first,)

    def subject(self, group: str, style: Style, avoid: tuple[str, ...] = ()) -> NounPhrase:
        """Draw a subject from a group."""
        name = self.noun_of(group, avoid)
        if name in self.lexicon.pronouns:
            return NounPhrase(name, "none")
        return self.subject_noun(name, style)

    def subject_noun(self, name: str, style: Style) -> NounPhrase:
        """Draw a noun phrase around this noun, fit for a subject."""
        noun = self.lexicon.nouns[name]
        if noun.kind == "name":
            return NounPhrase(name, "none")
        if noun.only:
            return NounPhrase(name, "customary")
        if noun.kind == "subject":
            return NounPhrase(name, "generic")
        if noun.kind == "kin":
            det = self.pick(my=0.5, your=0.25, our=0.25)
            return NounPhrase(name, det)
        if noun.mass:
            return NounPhrase(name, self.pick(definite=0.8, this=0.2), adjectives=self.adjectives(noun, style, 0.3))
        if noun.rare:
            return NounPhrase(name, "definite", adjectives=self.adjectives(noun, style, 0.7))
        det = self.pick(definite=0.66, indefinite=0.14, this=0.07, that=0.05, two=0.05, three=0.03)
        plural = det in ("two", "three") or (det in ("definite", "this") and self.chance(0.22))
        if noun.kind == "thing" and det == "indefinite":
            det = "definite"
        adjectives = self.adjectives(noun, style, 0.8) if det != "that" else ()
        phrase = NounPhrase(name, det, plural, adjectives)
        return self.with_relative(phrase, style)

    def object(
        self, group: str, verb: Verb | None, style: Style, avoid: tuple[str, ...], own: bool, denied: bool = False
    ) -> NounPhrase:
        """Draw an object; `own`: the clause has a subject it can belong to."""
        name = self.noun_of(group, (*avoid, "he", "she"))
        if name in self.lexicon.pronouns:
            return NounPhrase(name, "none")
        return self.object_noun(name, verb, style, own, denied)

    def object_noun(self, name: str, verb: Verb | None, style: Style, own: bool, denied: bool) -> NounPhrase:
        """Draw a noun phrase around this noun, fit for an object."""
        noun = self.lexicon.nouns[name]
        if noun.kind == "name":
            return NounPhrase(name, "none")
        if noun.only or (verb and verb.dets == ["the"]):
            return NounPhrase(name, "customary")
        if noun.kind == "subject":
            return NounPhrase(name, "generic")
        mine = {"own": 0.6 if own else 0, "my": 0.18, "your": 0.12, "our": 0.1}
        if noun.kind == "kin":
            return NounPhrase(name, self.pick(**mine))
        if verb and verb.dets == ["generic"]:
            if noun.mass or self.chance(0.7):
                return NounPhrase(name, "generic", plural=not noun.mass)
            return NounPhrase(name, self.pick(this=0.3, that=0.2, **({"own": 0.5} if own else {"my": 0.5})))
        if noun.mass:
            det = self.pick(bare=0.6, definite=0.28, this=0.06, own=0.06 if own else 0)
            return NounPhrase(name, det, adjectives=self.adjectives(noun, style, 0.6))
        others = ("animal", "place", "person", "vehicle", "waters", "sky")
        possessed = 0.14 if noun.kind not in others or name in ("dog", "cat", "friend", "car", "bicycle") else 0
        count = 0.0 if denied or noun.kind == "place" else 0.05
        det = self.pick(
            definite=0.42, indefinite=0.0 if noun.kind == "place" else 0.27, this=0.05, that=0.04,
            own=possessed if own else 0, my=possessed / 4, your=possessed / 5, our=possessed / 8,
            two=count, three=count / 2, many=count,
        )  # fmt: skip
        plural = det in ("two", "three", "many") or (det in ("definite", "this", "own") and self.chance(0.15))
        adjectives = self.adjectives(noun, style) if det != "that" else ()
        phrase = NounPhrase(name, det, plural and noun.kind != "place", adjectives)
        return self.with_relative(phrase, style) if det == "definite" else phrase

    def with_relative(self, phrase: NounPhrase, style: Style) -> NounPhrase:
        """Perhaps add a relative clause; its head is always definite."""
        if style.relatives < 1 or phrase.det != "definite" or not self.chance(0.5):
            return phrase
        style.relatives -= 1
        noun, inner = self.lexicon.nouns[phrase.noun], Style(style.rich * 0.5)
        animate = noun.kind in ("person", "animal")
        if animate and self.chance(0.75):
            words, subject, gap = self.doers(noun.name), None, "subject"
        else:
            words, gap = self.deeds(noun.name), "object"
            people = ("I", "you", "we", *self.lexicon.members["name"])
            subject = NounPhrase(self.random.choice(people), "none")
        if not words:
            return phrase
        word = self.random.choice(words)
        verb = self.lexicon.verbs[word]
        tense = self.pick(past=0.7, present=0.3)
        if verb.noprog or (gap == "object" and self.chance(0.2)):
            tense = "past"
        progressive = tense == "present" and not verb.state
        group = self._frames(verb, subject=noun.name)[0][1] if gap == "subject" else ""
        given = {"subject": subject, "tense": tense, "progressive": progressive, "gap": gap}
        return replace(phrase, relative=self.fill(verb, group, inner, (noun.name,), given))

    @cache  # noqa: B019 - lives as long as the generator of one build
    def doers(self, noun: str) -> list[str]:
        """Return the verbs this noun can be the subject of in a relative clause, with an object if possible."""
        able = {name: self._frames(verb, subject=noun) for name, verb in self.lexicon.verbs.items() if not verb.state}
        full = [name for name, frames in able.items() if any(frame[1] for frame in frames)]
        return full or [name for name, frames in able.items() if frames]

    @cache  # noqa: B019
    def deeds(self, noun: str) -> list[str]:
        """Return the verbs this noun can be the direct object of in a relative clause."""
        return [
            name
            for name, verb in self.lexicon.verbs.items()
            if self._frames(verb, object=noun) and not (verb.fr_prep or verb.part or verb.required)
        ]

    def _frames(self, verb: Verb, subject: str = "", object: str = "") -> list[list[str]]:
        members = self.lexicon.members
        return [
            frame
            for frame in verb.frames
            if (not subject or subject in members[frame[0]])
            and (not object or (frame[1] and object in members[frame[1]]))
        ]

    # --- clauses

    def where(self, verb: Verb, style: Style, animal: bool = False) -> Place:
        """Draw a place that fits the verb; animals are met outdoors."""
        members, kind = self.lexicon.members, verb.place
        if kind == "onto":
            relation = (
                self.pick(on=0.6, under=0.2, beside=0.2) if verb.name == "hide" else self.pick(on=0.8, beside=0.2)
            )
            nouns = members["furniture"] if relation != "beside" else ["table", "bed", "door", "window"]
            relation = "under" if verb.name == "hide" and relation == "on" else relation
            name = self.random.choice(nouns)
        elif kind in ("to", "back", "from") or verb.goalonly:
            relation = "in" if verb.goalonly else kind
            name = self.random.choice([name for name in members["place"] if self.lexicon.nouns[name].goal])
        elif kind in ("waters", "kitchen", "market", "garden", "soil"):
            name = self.random.choice(_SPOTS[kind].split())
            relation = "in" if kind == "soil" else "at"
        else:
            relation = kind
            name = self.random.choice((_WILD if animal else verb.spots or _WILD).split())
            if kind == "at" and self.chance(0.12):
                relation, name = self.pick(under=0.3, behind=0.35, front=0.35), "tree"
                if relation != "under":
                    name = self.random.choice(["house", "school", "church", "station", "library"])
        det = self.pick(definite=0.86, this=0.07, that=0.07) if relation in ("at", "in") else "definite"
        noun = self.lexicon.nouns[name]
        adjectives = self.adjectives(noun, style, 0.5) if det != "that" else ()
        return Place(relation, NounPhrase(name, det, adjectives=adjectives))

    def fill(self, verb: Verb, group: str, style: Style, avoid: tuple[str, ...], given: dict[str, Any]) -> Clause:
        """Make a clause of what is given, with an object from `group` and what the verb wants and the style allows."""
        phrase, gap, negative = given.get("subject"), given.get("gap"), given.get("negative", False)
        human = gap == "subject" or (phrase is not None and phrase.noun != WHO)
        subject = phrase.noun if phrase else ""
        own = human and subject not in ("I", "you", "we")
        avoid = (*avoid, subject)
        first_persons = ("I", "we") if subject in ("I", "we") else ()
        changes: dict[str, Any] = {}
        if group and gap != "object":
            changes["object"] = self.object(group, verb, style, (*avoid, *first_persons), own, negative)
        thing = changes["object"].noun if "object" in changes else ""
        if verb.recipient:
            taken = (*avoid, thing, "I", "you", "we", "they")
            changes["recipient"] = self.object("human", None, Style(0), taken, own)
        if verb.place and (verb.required or self.chance(style.rich * 0.7)):
            beast = subject in self.lexicon.members["animal"] or (
                gap == "subject" and avoid[0] in self.lexicon.members["animal"]
            )
            changes["place"] = self.where(verb, style, beast)
        if verb.manner and self.chance(style.rich * 0.35) and not given.get("modal"):
            changes["manner"] = self.random.choice(verb.manner)
        if verb.tool and self.chance(style.rich * 0.5):
            changes["tool"] = self.random.choice(verb.tool)
        if verb.by and self.chance(style.rich * 0.5):
            changes["by"] = self.random.choice(self.lexicon.members["vehicle"])
        if not gap and human and not verb.tool and self.chance(style.rich * 0.16) and self._social(verb):
            taken = (*avoid, thing, "I", "you", "we", "they")
            changes["companion"] = self.object("human", None, Style(0), taken, own)
        return Clause("event", verb.name, **{**given, **changes})

    @staticmethod
    def _social(verb: Verb) -> bool:
        return (
            not verb.alone
            and not verb.state
            and not verb.noprog
            and not verb.recipient
            and verb.place in ("at", "to", "waters", "kitchen")
        )

    def event(
        self,
        words: list[str],
        subject: NounPhrase | None,
        tense: str,
        style: Style,
        avoid: tuple[str, ...] = (),
        **extra,
    ) -> Clause | None:
        """Draw an event with one of these verbs; a subject is drawn unless one is given."""
        verb = self.lexicon.verbs[self.random.choice(words)]
        doer = extra.pop("given", subject)
        if doer is None:
            frames = [frame for frame in verb.frames if set(self.lexicon.members[frame[0]]) - set(avoid)]
        else:
            frames = self._frames(verb, subject=doer.noun) if doer.noun not in (SAME, WHO) else verb.frames[:1]
        if not frames or ((extra.get("progressive") or extra.get("modal")) and verb.state):
            return None
        if extra.get("progressive") and verb.noprog:
            return None
        group, objects = self.random.choice(frames)
        if subject is None:
            subject = self.subject(group, style, avoid)
        given = {"subject": subject, "tense": tense, **extra}
        clause = self.fill(verb, objects, style, (*avoid, doer.noun if doer else ""), given)
        inner = [phrase.relative for phrase in (clause.subject, clause.object) if phrase and phrase.relative]
        return None if any(relative.word == verb.name for relative in inner) else clause

    def quality(
        self, subject: NounPhrase | None, tense: str, style: Style, words: list[str] | None = None
    ) -> Clause | None:
        """Draw "somebody or something is …"."""
        lexicon = self.lexicon
        able = [
            name
            for name in words or list(lexicon.adjectives)
            if not lexicon.adjectives[name].attr
            and (subject is None or subject.noun == SAME or subject.noun in self.qualities[name])
        ]
        if not able:
            return None
        word = self.random.choice(able)
        if subject is None:
            nouns = self.qualities[word]
            if len(nouns) > 30 and self.chance(0.5):
                subject = self.subject("human", style) if "Mina" in nouns else None
            subject = subject or self.random_subject(nouns, style)
        colours = [name for name in subject.adjectives if lexicon.adjectives[name].colour]
        kept = () if lexicon.adjectives[word].colour else tuple(colours)
        subject = replace(subject, adjectives=kept)  # no "the red car is blue", no "the old hat is new"
        very = self.chance(0.25) and not lexicon.adjectives[word].extreme
        return Clause("quality", word, subject, tense=tense, very=very)

    def random_subject(self, nouns: list[str], style: Style) -> NounPhrase:
        """Draw a subject among these nouns."""
        name = self.random.choice(nouns)
        if name in self.lexicon.pronouns:
            return NounPhrase(name, "none")
        phrase = self.subject_noun(name, style)
        return replace(phrase, det="definite") if phrase.det == "indefinite" else phrase
