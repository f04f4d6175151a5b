"""Random main clauses that make sense: events, qualities, places, weather, and questions about them."""

import random
from dataclasses import replace

from grammar.lexicon import Lexicon
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place
from grammar.phrases import Phrases, Style

TENSES = {"past": 0.45, "present": 0.34, "future": 0.21}


class Clauses:
    """Draws main clauses with a generator seeded once."""

    def __init__(self, lexicon: Lexicon, seed: int):
        self.lexicon, self.random = lexicon, random.Random(seed)
        self.phrases = Phrases(lexicon, self.random)
        self.chance, self.pick = self.phrases.chance, self.phrases.pick
        self.same = NounPhrase(SAME, "none")
        self.words = list(lexicon.verbs)
        self.intransitive = [
            name for name, verb in lexicon.verbs.items() if not verb.frames[0][1] and not verb.required
        ]

    def simple(self, style: Style) -> Clause | None:
        """Draw a main clause that stands alone."""
        kind = self.pick(event=0.7, quality=0.13, identity=0.04, location=0.05, existence=0.04, weather=0.05)
        clause = getattr(self, f"_{kind}")(style)
        if clause is None or clause.question or kind == "weather":
            return clause
        if self.chance(0.11) and clause.subject.noun not in ("I", "we"):
            clause = replace(clause, question="yes")
        return clause

    def _event(self, style: Style) -> Clause | None:
        tense = self.pick(**TENSES)
        question = None
        if self.chance(0.09):
            question = self.pick(who=0.25, what=0.3, where=0.2, when=0.12, why=0.13)
        extra: dict[str, object] = {"negative": self.chance(0.19)}
        if self.chance(0.12) and tense != "future":
            extra["modal"] = self.pick(can=0.4, want=0.35, must=0.25)
            extra["negative"] = extra["negative"] and extra["modal"] != "must"
        elif (tense == "present" and self.chance(0.42)) or (tense == "past" and self.chance(0.08)):
            extra["progressive"] = True
        if question == "who":
            extra["given"] = NounPhrase(WHO, "none")
            extra["negative"] = False
        words = self.intransitive if style.rich < 0.2 and self.chance(0.5) else self.words
        clause = self.phrases.event(words, extra.pop("given", None), tense, style, **extra)
        if clause is None:
            return None
        return self._asked(self._timed(clause, style), question)

    def _asked(self, clause: Clause, question: str | None) -> Clause | None:
        verb = self.lexicon.verbs[clause.word]
        if question in (None, "who"):
            return replace(clause, question=question)
        if clause.subject.noun in ("I", "we") or (clause.progressive and question == "when"):
            return None
        if question == "what":
            able = clause.object and clause.object.noun in self.lexicon.nouns and not verb.prep and not verb.part
            people = able and self.lexicon.nouns[clause.object.noun].kind in ("person", "kin", "name", "animal")
            if not able or people or verb.fr_prep or clause.negative or clause.companion:
                return None
            return replace(clause, question="what", object=None, tool=None)
        if question == "where":
            if not verb.place or verb.place == "from" or clause.negative:
                return None
            return replace(clause, question="where", place=None)
        if question == "when" and (clause.tense == "present" or clause.negative):
            return None
        return replace(clause, question=question, time=None, frequency=None)

    def _timed(self, clause: Clause, style: Style) -> Clause:
        """Perhaps add a time or a frequency that goes with the tense."""
        event = clause.kind == "event"
        state = not event or self.lexicon.verbs[clause.word].state
        plain = not clause.progressive and not clause.modal
        if event and plain and not state and clause.tense == "present" and self.chance(0.6 * style.rich + 0.1):
            if self.chance(0.5):
                return replace(clause, frequency=self.random.choice(list(self.lexicon.frequencies)))
            return replace(clause, time=self.random.choice([name for name in self.lexicon.times if "every" in name]))
        elif plain and clause.tense == "past" and event and not clause.negative and self.chance(0.1 * style.rich):
            return replace(clause, frequency=self.random.choice(list(self.lexicon.frequencies)))
        if not self.chance(style.rich * 0.5):
            return clause
        sort = clause.tense
        if clause.progressive:
            sort = "progressive" if clause.tense == "present" else "past"
        elif clause.modal:
            sort = "past" if clause.tense == "past" else "state"
        elif clause.tense == "present" and state:
            sort = "state"
        able = [name for name, row in self.lexicon.times.items() if sort in row["tenses"]]
        if state and clause.tense == "past":
            able = ["yesterday", "today", "last_week", "last_year", "last_night"]
        if not able or (
            clause.kind == "event" and clause.word in ("like", "hate", "love", "know", "understand", "want")
        ):
            return clause
        return replace(clause, time=self.random.choice(able))

    def _quality(self, style: Style) -> Clause | None:
        tense = self.pick(past=0.4, present=0.6)
        clause = self.phrases.quality(None, tense, style)
        if clause is None:
            return None
        feeling = self.lexicon.adjectives[clause.word].feeling
        clause = replace(clause, negative=self.chance(0.2))
        return self._timed(clause, style) if feeling and clause.subject.noun != "story" else clause

    def _identity(self, style: Style) -> Clause | None:
        subject = self.phrases.subject(self.pick(name=0.6, pronoun=0.2, kin=0.2), Style(0))
        if subject.noun in ("we", "they", "you"):
            return None
        noun = self.lexicon.nouns[self.random.choice(self.phrases.professions)]
        able = [name for name in ("young", "famous", "kind", "brave", "clever", "lazy")
                if noun.name in self.phrases.qualities[name]]  # fmt: skip
        # French says "il est médecin", but "c'est un bon médecin": after he and she, no adjective
        adorned = able and subject.noun not in ("he", "she") and self.chance(0.5 * style.rich)
        adjectives = (self.random.choice(able),) if adorned else ()
        phrase = NounPhrase(noun.name, "indefinite", adjectives=adjectives)
        return Clause("identity", noun.name, subject, object=phrase, tense=self.pick(present=0.8, past=0.2),
                      negative=self.chance(0.15))  # fmt: skip

    def _spot(self, inside: bool, style: Style) -> tuple[str, Place]:
        """Draw a place where something can be, and the group of what can be there."""
        relation = self.random.choice(list(self.lexicon.relations) if inside else ["at"])
        if relation == "at":
            name = self.random.choice(
                ["park", "garden", "forest", "street", "village", "farm", "beach", "lake", "river"]
            )
            return (["frog", "duck"], Place("at", NounPhrase(name))) if name in ("lake", "river") else (
                self.lexicon.members["outdoor"], Place("at", NounPhrase(name)))  # fmt: skip
        pool = [noun for group in self.lexicon.relations[relation]["of"] for noun in self.lexicon.members[group]]
        name = self.random.choice(pool)
        indoors = self.lexicon.nouns[name].kind in ("furniture", "opening")
        noun = self.lexicon.nouns[name]
        where = Place(relation, NounPhrase(name, adjectives=self.phrases.adjectives(noun, style, 0.4)))
        return self.lexicon.members["indoor" if indoors else "outdoor"], where

    def _location(self, style: Style) -> Clause | None:
        tense = self.pick(present=0.65, past=0.35)
        if self.chance(0.3):
            subject = self.phrases.subject("human", style)
            name = self.random.choice(self.lexicon.members["place"])
            place = Place("at", NounPhrase(name))
        else:
            pool, place = self._spot(self.chance(0.8), style)
            subject = self.phrases.random_subject([name for name in pool if name != place.where.noun], style)
        clause = Clause("location", "", subject, place=place, tense=tense, negative=self.chance(0.15))
        if self.chance(0.2) and not clause.negative and subject.noun not in ("I", "we"):
            return replace(clause, place=None, question="where")
        return clause

    def _existence(self, style: Style) -> Clause:
        pool, place = self._spot(self.chance(0.7), style)
        noun = self.lexicon.nouns[self.random.choice([name for name in pool if name != place.where.noun])]
        negative = self.chance(0.15)
        det = "indefinite" if negative else self.pick(indefinite=0.6, two=0.2, three=0.1, many=0.1)
        phrase = NounPhrase(noun.name, det, det != "indefinite", self.phrases.adjectives(noun, style))
        return Clause("existence", "", phrase, place=place, tense=self.pick(present=0.6, past=0.4), negative=negative)

    def _weather(self, style: Style) -> Clause:
        word = self.random.choice(list(self.lexicon.weather))
        adjective = self.lexicon.weather[word].get("adjective", False)
        tense = self.pick(**TENSES)
        clause = Clause("weather", word, None, tense=tense, negative=self.chance(0.15))
        if adjective:
            clause = replace(clause, very=self.chance(0.3))
        elif tense == "present":
            return replace(clause, progressive=True, time="now" if self.chance(0.3 * style.rich) else None)
        able = [name for name, row in self.lexicon.times.items() if tense in row["tenses"] and "every" not in name]
        if tense == "present":
            able = ["today", "now"]
        return replace(clause, time=self.random.choice(able)) if self.chance(0.2 + style.rich) else clause
