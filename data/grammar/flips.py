"""Neighbours of a meaning: the same sentence with one feature changed, wherever the conventions allow the change."""

from collections.abc import Iterator
from dataclasses import replace

from grammar.lexicon import Lexicon
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place, Sentence, Unit
from grammar.render import Renderer

_COUNTED = ("two", "three", "many")
_OWNED = ("my", "your", "our")


class Flips:
    """Lists the legal one-feature changes of a sentence."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon = lexicon

    def sentence(self, sentence: Sentence) -> Iterator[Sentence]:
        """Yield each neighbour of a sentence."""
        units = sentence.units
        if sentence.join and units[1].main.subject and units[1].main.subject.noun != SAME:
            yield replace(sentence, join={"and": "but", "but": "and"}[sentence.join])
        tied = sentence.join == "and" and units[1].main.subject is not None and units[1].main.subject.noun == SAME
        for index, unit in enumerate(units):
            for main in self.clause(unit.main, unit.link or "", free=index == 0):
                if tied and main.tense != unit.main.tense:  # one tense for both: "-고" has none of its own
                    changed = [replace(other, main=replace(other.main, tense=main.tense)) for other in units]
                    yield replace(sentence, units=tuple(changed))
                elif not (main.progressive and main.tense == "future"):
                    yield self._with(sentence, index, replace(unit, main=main))
            if not unit.link:
                continue
            for subordinate in self.clause(unit.subordinate, unit.link, free=False, subordinate=True):
                yield self._with(sentence, index, replace(unit, subordinate=subordinate))
            if unit.link in ("because", "when") and unit.subordinate.kind != "weather":
                other = {"because": "when", "when": "because"}[unit.link]
                yield self._with(sentence, index, replace(unit, link=other))
            yield self._with(sentence, index, Unit(unit.main))

    @staticmethod
    def _with(sentence: Sentence, index: int, unit: Unit) -> Sentence:
        units = list(sentence.units)
        units[index] = unit
        return replace(sentence, units=tuple(units))

    def clause(self, clause: Clause, link: str, free: bool, subordinate: bool = False) -> Iterator[Clause]:
        """Yield each neighbour of a clause; `free`: its subject may be any pronoun."""
        lexicon = self.lexicon
        verb = lexicon.verbs.get(clause.word) if clause.kind == "event" else None
        yield from self._verbal(clause, link, subordinate)
        for name in ("time", "manner", "frequency", "companion", "tool", "by"):
            if getattr(clause, name):
                yield replace(clause, **{name: None})
        for name, table in (("time", lexicon.times), ("manner", lexicon.manners), ("frequency", lexicon.frequencies)):
            if getattr(clause, name):
                yield from (replace(clause, **{name: other}) for other in table if other != getattr(clause, name))
        if clause.place:
            yield from (replace(clause, place=place) for place in self.place(clause.place, verb))
            if not (verb is None or verb.required):
                yield replace(clause, place=None)
        yield from self._words(clause)
        subject = clause.subject
        if subject and subject.noun not in (SAME, WHO):
            asked = "existence" if clause.kind == "existence" else "subject"
            for phrase in self.phrase(subject, asked, clause, free):
                if not self._owns(clause) or phrase.noun not in ("I", "you", "we"):
                    yield replace(clause, subject=phrase)
        for role in ("object", "recipient", "companion"):
            phrase = getattr(clause, role)
            if phrase and clause.kind == "event":
                yield from (replace(clause, **{role: other}) for other in self.phrase(phrase, role, clause, False))

    def _owns(self, clause: Clause) -> bool:
        phrases = (clause.object, clause.recipient, clause.companion)
        return any(phrase and phrase.det == "own" for phrase in phrases)

    def _verbal(self, clause: Clause, link: str, subordinate: bool) -> Iterator[Clause]:
        """Yield changes of tense, aspect, modality, polarity, question and degree."""
        verb = self.lexicon.verbs.get(clause.word) if clause.kind == "event" else None
        falls = clause.kind == "weather" and not self.lexicon.weather[clause.word].get("adjective")
        if clause.tense != "past" and not clause.gap and link != "if":
            yield replace(clause, tense="past")
        if clause.tense != "present" and not falls and link != "if":
            yield replace(clause, tense="present")
        future = not (clause.modal or clause.progressive or clause.kind == "identity" or link or subordinate)
        if clause.tense != "future" and future:
            yield replace(clause, tense="future")
        if verb and not verb.state and not verb.noprog and not clause.modal and clause.tense != "future":
            yield replace(clause, progressive=not clause.progressive)
        if falls and clause.tense == "past" and link not in ("when", "if"):
            yield replace(clause, progressive=not clause.progressive)
        plain = not clause.progressive and not clause.gap and not subordinate and clause.tense != "future"
        if verb and not verb.state and plain:
            modals = (None, "can", "want") if clause.negative else (None, "can", "want", "must")
            yield from (replace(clause, modal=modal) for modal in modals if modal != clause.modal)
        counted = any(phrase and phrase.det in _COUNTED for phrase in (clause.object, clause.subject))
        if clause.question != "who" and clause.modal != "must" and not counted and not clause.gap:
            yield replace(clause, negative=not clause.negative)
        if clause.question in (None, "yes") and not clause.gap and not link and clause.kind != "weather":
            yield replace(clause, question=None if clause.question else "yes")
        if clause.question in ("when", "why"):
            yield replace(clause, question={"when": "why", "why": "when"}[clause.question])
        if clause.kind == "quality" or clause.very:
            yield replace(clause, very=not clause.very)

    def _words(self, clause: Clause) -> Iterator[Clause]:
        """Yield the clause with another verb, adjective or kind of weather that fits the same participants."""
        lexicon, members = self.lexicon, self.lexicon.members
        if clause.kind == "weather":
            adjective = lexicon.weather[clause.word].get("adjective", False)
            alike = [name for name, row in lexicon.weather.items() if row.get("adjective", False) == adjective]
            yield from (replace(clause, word=name) for name in alike if name != clause.word)
        elif clause.kind == "quality":
            for name, row in lexicon.adjectives.items():
                if row.ko and any(clause.subject.noun in (SAME, *members[group]) for group in row.of):
                    yield replace(clause, word=name)
        elif clause.kind == "event":
            verb = lexicon.verbs[clause.word]
            thing = clause.object.noun if clause.object else ""
            if clause.gap == "object" or clause.question == "what":
                return
            for name, other in lexicon.verbs.items():
                same = (other.state, other.noprog, other.place, other.recipient, other.dets) == (
                    verb.state, verb.noprog, verb.place, verb.recipient, verb.dets)  # fmt: skip
                fits = any(
                    thing in members[frame[1]] if thing and frame[1] else thing == frame[1] for frame in other.frames
                )
                if same and fits and name != clause.word:
                    yield replace(clause, word=name)

    def place(self, place: Place, verb) -> Iterator[Place]:
        """Yield other relations to the same thing, and the same relation to other things."""
        alike = self.lexicon.relations if place.relation in self.lexicon.relations else ()
        for relation in alike:
            if relation != place.relation:
                yield replace(place, relation=relation)
        for where in self.phrase(place.where, "place", None, False):
            yield replace(place, where=where)

    def phrase(self, phrase: NounPhrase, role: str, clause: Clause | None, free: bool) -> Iterator[NounPhrase]:
        """Yield each neighbour of a noun phrase."""
        lexicon = self.lexicon
        if phrase.noun in lexicon.pronouns:
            others = list(lexicon.pronouns) if free else ["I", "you", "we"] + ["they"] * (role == "object")
            yield from (replace(phrase, noun=name) for name in others if name != phrase.noun)
            return
        noun = lexicon.nouns[phrase.noun]
        alike = [other for other in lexicon.nouns.values() if other.kind == noun.kind and other.mass == noun.mass]
        if role == "place" and clause is None:
            alike = [other for other in alike if bool(other.at) == bool(noun.at) and other.goal >= noun.goal]
        yield from (
            replace(phrase, noun=other.name) for other in alike if other is not noun and other.only == noun.only
        )
        for index in range(len(phrase.adjectives)):
            before, after = phrase.adjectives[:index], phrase.adjectives[index + 1 :]
            yield replace(phrase, adjectives=before + after)
            for name, row in lexicon.adjectives.items():
                fits = any(phrase.noun in lexicon.members[group] for group in row.of)
                if fits and not row.predicate and name not in phrase.adjectives:
                    yield replace(phrase, adjectives=(*before, name, *after))
        if phrase.relative:
            yield replace(phrase, relative=None)
            for relative in self.clause(phrase.relative, "", free=False, subordinate=True):
                yield replace(phrase, relative=relative)
        if noun.kind == "name" or phrase.det in ("generic", "customary", "none"):
            return
        if (
            not noun.mass
            and noun.kind != "kin"
            and phrase.det in ("definite", "this", "own", *_OWNED)
            and role != "place"
        ):
            yield replace(phrase, plural=not phrase.plural)
        for det in self._determiners(phrase, role, clause):
            if det != phrase.det:
                plural = det in _COUNTED or (
                    phrase.plural and det not in ("indefinite",) and phrase.det not in _COUNTED
                )
                yield replace(phrase, det=det, plural=plural)

    def _determiners(self, phrase: NounPhrase, role: str, clause: Clause | None) -> list[str]:
        """Return the determiners that the conventions allow here."""
        noun = self.lexicon.nouns[phrase.noun]
        verb = self.lexicon.verbs.get(clause.word) if clause and clause.kind == "event" else None
        owned = [*_OWNED, *(["own"] if self._third(clause) and role not in ("subject", "existence") else [])]
        if phrase.relative:
            return ["definite"]
        if noun.kind == "kin":
            return owned
        near = ["this"] if phrase.adjectives else ["this", "that"]
        if role == "object" and verb and verb.dets == ["generic"]:
            return [*near, *owned]
        if role == "place":
            return ["definite", *near]
        if role == "existence":
            return ["indefinite"] if clause.negative else ["indefinite", *_COUNTED]
        if noun.mass:
            return ["definite", *near, *(["bare", *owned] if role != "subject" else [])]
        counted = [] if clause.negative else list(_COUNTED)
        return ["definite", "indefinite", *near, *owned, *counted]

    @staticmethod
    def _third(clause: Clause | None) -> bool:
        """Say whether the clause has a subject that an "own" can belong to."""
        if clause is None:
            return False
        if clause.gap == "subject":
            return True
        return clause.subject is not None and clause.subject.noun not in ("I", "you", "we", WHO, SAME)


def ambiguous(sentence: Sentence, renderer: Renderer, language: str, flips: Flips) -> tuple[str, str, str] | None:
    """Return a source with its two English meanings if a flip changes the English and not the source, else None."""
    source, english = renderer.text(sentence, language), renderer.text(sentence, "english")
    for other in flips.sentence(sentence):
        if renderer.text(other, language) == source and (meant := renderer.text(other, "english")) != english:
            return source, english, meant
    return None
