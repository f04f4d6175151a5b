"""Random sentences that make sense, of about the length asked for."""

import random
from dataclasses import replace

from grammar.lexicon import Lexicon
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place, Sentence, Unit
from grammar.phrases import Phrases, Style

_TENSES = {"past": 0.45, "present": 0.34, "future": 0.21}


class Sampler:
    """Draws sentences; the same seed draws the same ones."""

    def __init__(self, lexicon: Lexicon, seed: int):
        self.lexicon, self.random = lexicon, random.Random(seed)
        self.phrases = Phrases(lexicon, self.random)
        self.chance, self.pick = self.phrases.chance, self.phrases.pick
        self.same = NounPhrase(SAME, "none")
        self.words = list(lexicon.verbs)
        self.intransitive = [name for name, verb in lexicon.verbs.items() if not verb.frames[0][1] and not verb.required]

    def sentence(self, length: int) -> Sentence | None:
        """Draw a sentence whose English is roughly `length` tokens; None where the dice made no sense."""
        rich = min(0.95, max(0.0, (length - 3) / 9))
        if length <= 5:
            plan = "simple"
        elif length <= 9:
            plan = self.pick(simple=0.75, linked=0.12, joined=0.13)
        elif length <= 16:
            plan = self.pick(simple=0.4, linked=0.34, joined=0.26)
        elif length <= 22:
            plan = self.pick(simple=0.12, linked=0.42, joined=0.36, both=0.1)
        else:
            plan = self.pick(linked=0.15, joined=0.2, both=0.65)
        if plan != "simple":
            rich = min(0.95, max(0.05, (length - 8) / 14))
        relatives = 0 if length < 7 else self.random.choice([0, 0, 1]) if length < 17 else self.random.choice([0, 1, 2])
        style = Style(rich, relatives)
        if plan == "simple":
            clause = self.simple(style)
            return Sentence((Unit(clause),)) if clause else None
        if plan == "linked":
            unit = self.linked(style)
            return Sentence((unit,)) if unit else None
        return self.joined(style, both=plan == "both")

    # --- one clause

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
        tense = self.pick(**_TENSES)
        question = None
        if self.chance(0.09):
            question = self.pick(who=0.25, what=0.3, where=0.2, when=0.12, why=0.13)
        extra: dict[str, object] = {"negative": self.chance(0.19)}
        if self.chance(0.12) and tense != "future":
            extra["modal"] = self.pick(can=0.4, want=0.35, must=0.25)
            extra["negative"] = extra["negative"] and extra["modal"] != "must"
        elif tense == "present" and self.chance(0.42) or tense == "past" and self.chance(0.08):
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
        if clause.subject.noun in ("I", "we") or clause.progressive and question == "when":
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
        if not able or clause.kind == "event" and clause.word in ("like", "hate", "love", "know", "understand", "want"):
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
        adjectives = (self.random.choice(able),) if able and self.chance(0.5 * style.rich) else ()
        phrase = NounPhrase(noun.name, "indefinite", adjectives=adjectives)
        return Clause("identity", noun.name, subject, object=phrase, tense=self.pick(present=0.8, past=0.2),
                      negative=self.chance(0.15))  # fmt: skip

    def _spot(self, inside: bool, style: Style) -> tuple[str, Place]:
        """Draw a place where something can be, and the group of what can be there."""
        relation = self.random.choice(list(self.lexicon.relations) if inside else ["at"])
        if relation == "at":
            name = self.random.choice(["park", "garden", "forest", "street", "village", "farm", "beach", "lake", "river"])
            return ("frog duck".split(), Place("at", NounPhrase(name))) if name in ("lake", "river") else (
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
        tense = self.pick(**_TENSES)
        clause = Clause("weather", word, None, tense=tense, negative=self.chance(0.15))
        if adjective:
            clause = replace(clause, very=self.chance(0.3))
        elif tense == "present":
            return replace(clause, progressive=True, time="now" if self.chance(0.3 * style.rich) else None)
        able = [name for name, row in self.lexicon.times.items() if tense in row["tenses"] and "every" not in name]
        if tense == "present":
            able = ["today", "now"]
        return replace(clause, time=self.random.choice(able)) if self.chance(0.2 + style.rich) else clause

    # --- two clauses

    def linked(self, style: Style, plain: bool = False) -> Unit | None:
        """Draw a main clause with a subordinate one."""
        link = self.pick(because=0.42, when=0.33, **({} if plain else {"if": 0.25}))
        return getattr(self, f"_{link}")(style)

    def _other(self, main: Clause) -> tuple[str, ...]:
        """Return the subjects that a second clause may not have, lest it look like the first."""
        taken = main.subject.noun if main.subject else ""
        return (taken, "he", "she", "they")

    def _because(self, style: Style) -> Unit | None:
        reason = self.random.choice(list(self.lexicon.reasons))
        row = self.lexicon.reasons[reason]
        sort = self.pick(does=0.42, avoids=0.3, after=0.28)
        if reason in self.lexicon.weather:
            return self._because_of_weather(reason, row, "does" if sort == "after" else sort, style)
        if not row[sort]:
            return None
        tense = self.pick(past=0.7, present=0.3)
        if sort == "after":
            main = self.phrases.quality(None, tense, style, [reason])
            if main is None or main.subject.noun not in self.lexicon.members["human"]:
                return None
            cause = self.phrases.event(row["after"], self.same, "past", style, given=self._given(main))
            cause = replace(cause, subject=self.same) if cause else None
            return Unit(main, "because", cause) if cause else None
        feeling = Clause("quality", reason, self.same, tense=tense, very=self.chance(0.2))
        main = self._deed(row[sort], tense, style, sort == "avoids")
        if main is None or main.subject.noun not in self.phrases.qualities[reason]:
            return None
        return Unit(main, "because", feeling)

    def _given(self, main: Clause) -> NounPhrase:
        """Return the subject that a clause with the same subject has, for the choice of its words."""
        return main.subject

    def _deed(self, words: list[str], tense: str, style: Style, avoided: bool) -> Clause | None:
        extra: dict[str, object] = {"negative": avoided}
        if avoided and self.chance(0.4):
            extra["modal"] = self.pick(can=0.5, want=0.5)
        elif tense == "present":
            extra["progressive"] = True
        return self.phrases.event(words, None, tense, style, **extra)

    def _because_of_weather(self, reason: str, row: dict, sort: str, style: Style) -> Unit | None:
        tense = self.pick(past=0.75, present=0.25)
        main = self._deed(row[sort], tense, style, sort == "avoids")
        if main is None or main.subject.noun == "it":
            return None
        return Unit(main, "because", self._weather_like(reason, tense))

    def _weather_like(self, word: str, tense: str, simple: bool = False) -> Clause:
        adjective = self.lexicon.weather[word].get("adjective", False)
        clause = Clause("weather", word, None, tense=tense, very=adjective and self.chance(0.15))
        return clause if adjective or simple else replace(clause, progressive=True)

    def _when(self, style: Style) -> Unit | None:
        together = self.lexicon.together
        if self.chance(0.2):  # a habit
            word = self.random.choice(list(self.lexicon.reasons))
            main = self.phrases.event(self.lexicon.reasons[word]["does"], None, "present", style)
            if main is None:
                return None
            if self.chance(0.3):
                main = replace(main, frequency=self.random.choice(list(self.lexicon.frequencies)))
            if word in self.lexicon.weather:
                return Unit(main, "when", self._weather_like(word, "present", simple=True))
            if main.subject.noun not in self.phrases.qualities[word]:
                return None
            return Unit(main, "when", Clause("quality", word, self.same, tense="present"))
        kind = self.pick(progressive=0.6, feeling=0.25, event=0.15)
        if kind == "feeling":
            feelings = ["happy", "sad", "tired", "busy", "lonely", "sick", "hungry"]
            main = self.phrases.quality(self.phrases.subject("human", style), "past", style, feelings)
        else:
            words = together["actions"] if kind == "progressive" else ["cry", "laugh", "sing", "leave", "run", "sleep"]
            main = self.phrases.event(words, None, "past", style, progressive=kind == "progressive")
        if main is None or main.subject.noun not in self.lexicon.members["human"]:
            return None
        if kind == "feeling" and self.chance(0.4):
            sub = self.phrases.event(together["moments"], self.same, "past", style, given=self._given(main))
            sub = replace(sub, subject=self.same) if sub else None
        else:
            sub = self._of_another(together["moments"], "past", style, main)
        return Unit(main, "when", sub) if sub else None

    def _of_another(self, words: list[str], tense: str, style: Style, main: Clause, **extra) -> Clause | None:
        """Draw an event of someone else than the main clause's subject."""
        clause = self.phrases.event(words, None, tense, style, self._other(main), **extra)
        if clause is None or clause.subject.noun not in self.lexicon.members["human"]:
            return None
        return None if main.object and clause.object and main.object.noun == clause.object.noun else clause

    def _if(self, style: Style) -> Unit | None:
        together = self.lexicon.together
        extra: dict[str, object] = {"tense": "future", "negative": self.chance(0.15)}
        if self.chance(0.25):
            extra = {"tense": "present", "modal": self.pick(can=0.5, must=0.5)}
        main = self.phrases.event(together["plans"], None, extra.pop("tense"), style, **extra)
        if main is None:
            return None
        sort = self.pick(weather=0.35, feeling=0.3, other=0.35)
        if sort == "weather":
            sub = self._weather_like(self.random.choice(list(self.lexicon.weather)), "present", simple=True)
        elif sort == "feeling":
            word = self.pick(tired=0.2, sick=0.2, happy=0.15, busy=0.2, hungry=0.15, thirsty=0.05, sad=0.05)
            if main.subject.noun not in self.phrases.qualities[word]:
                return None
            sub = Clause("quality", word, self.same, tense="present", negative=self.chance(0.3))
        else:
            sub = self._of_another(together["moments"], "present", style, main, negative=self.chance(0.25))
        return Unit(main, "if", sub) if sub else None

    # --- two units

    def joined(self, style: Style, both: bool) -> Sentence | None:
        """Draw two main clauses joined by and / but; `both`: each may have a subordinate clause."""
        if both:
            first = self.linked(style, plain=True)
            if first is None or first.main.tense == "future":
                return None
            second = self.linked(style, plain=True) if self.chance(0.6) else self._second(first, style)
            if second is None or not self._fits(first, second):
                return None
            return Sentence((first, second), self.pick(and_=0.6, but=0.4).rstrip("_"))
        return getattr(self, "_" + self.pick(sequence=0.32, pairing=0.3, contrast=0.18, wish=0.1, tastes=0.1))(style)

    def _second(self, first: Unit, style: Style) -> Unit | None:
        clause = self._of_another(self.lexicon.together["actions"], first.main.tense, style, first.main,
                                  progressive=first.main.progressive)  # fmt: skip
        return Unit(clause) if clause else None

    def _fits(self, first: Unit, second: Unit) -> bool:
        """Say whether two units can stand side by side: same tense, subjects that cannot be mixed up."""
        nouns = [clause.subject.noun for unit in (first, second) for clause in (unit.main, unit.subordinate)
                 if clause and clause.subject and clause.subject.noun != SAME]  # fmt: skip
        free = second.main.subject is None or second.main.subject.noun not in ("he", "she", "they")
        alike = first.link == second.link and first.subordinate.word == second.subordinate.word
        return first.main.tense == second.main.tense and len(set(nouns)) == len(nouns) and free and not alike

    def _sequence(self, style: Style) -> Sentence | None:
        words = self.lexicon.together["sequence"]
        tense = self.pick(past=0.65, future=0.35)
        first = self.phrases.event(words, None, tense, style)
        if first is None or first.subject.noun not in self.lexicon.members["human"]:
            return None
        first = replace(first, companion=None)
        second = self.phrases.event([word for word in words if word != first.word], self.same, tense, style,
                                    given=first.subject)  # fmt: skip
        if second is None or (first.object and second.object and first.object.noun == second.object.noun):
            return None
        return Sentence((Unit(first), Unit(replace(self._timed(second, style), subject=self.same, frequency=None))), "and")

    def _pairing(self, style: Style) -> Sentence | None:
        tense = self.pick(**_TENSES)
        words, extra = self.lexicon.together["actions"], {"progressive": tense == "present"}
        first = self.phrases.event(words, None, tense, style, **extra)
        if first is None:
            return None
        second = self._of_another([word for word in words if word != first.word], tense, style, first, **extra)
        return Sentence((Unit(first), Unit(second)), "and") if second else None

    def _contrast(self, style: Style) -> Sentence | None:
        if self.chance(0.5):  # the hat is pretty, but it is expensive
            together, tense = self.lexicon.together, self.pick(present=0.7, past=0.3)
            good, bad = together["praise"], together["fault"]
            first = self.phrases.quality(None, tense, style, good)
            if first is None:
                return None
            second = self.phrases.quality(first.subject, tense, style, bad)
            opposite = {("big", "small"), ("clean", "dirty"), ("easy", "difficult")}
            if second is None or (first.word, second.word) in opposite:
                return None
            return Sentence((Unit(first), Unit(replace(second, subject=self.same))), "but")
        tense = self.pick(past=0.6, future=0.4)
        first = self.phrases.event(self.lexicon.together["plans"], None, tense, style)
        if first is None or not first.object:
            return None
        second = self._of_another([first.word], tense, style, first, negative=self.chance(0.4))
        return Sentence((Unit(first), Unit(second)), "but") if second else None

    def _wish(self, style: Style) -> Sentence | None:
        tense = self.pick(past=0.6, present=0.4)
        first = self.phrases.event(self.lexicon.together["plans"], None, tense, style, modal="want")
        if first is None or first.subject.noun not in self.lexicon.members["human"]:
            return None
        second = Clause("quality", self.pick(tired=0.35, busy=0.4, sick=0.25), self.same, tense=tense, very=self.chance(0.3))
        if self.chance(0.4):
            second = self._weather_like(self.pick(rain=0.4, snow=0.3, cold=0.3), tense)
        return Sentence((Unit(first), Unit(second)), "but")

    def _tastes(self, style: Style) -> Sentence | None:
        first = self.phrases.event(["like"], None, "present", style)
        if first is None or not first.object:
            return None
        if self.chance(0.5):
            second = self.phrases.event(["like"], self.same, "present", style, given=first.subject, negative=True)
            second = replace(second, subject=self.same) if second else None
        else:
            second = self._of_another(["hate", "like"], "present", style, first, negative=self.chance(0.3))
        if second is None or not second.object or second.object.noun == first.object.noun:
            return None
        return Sentence((Unit(first), Unit(second)), "but")
