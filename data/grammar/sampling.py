"""Random sentences that make sense, of about the length asked for."""

from dataclasses import replace

from grammar.clauses import TENSES, Clauses
from grammar.meaning import SAME, Clause, NounPhrase, Sentence, Unit
from grammar.phrases import Style


class Sampler(Clauses):
    """Draws sentences of one to four clauses; the same seed draws the same ones."""

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
        if main is None or not self._airs(main):
            return None
        main = self._sheltered(main) if sort == "does" and reason in ("rain", "snow", "cold") else main
        return Unit(main, "because", self._weather_like(reason, tense))

    def _airs(self, main: Clause) -> bool:
        """Say whether what is opened or closed for the weather is a door or a window."""
        return main.word not in ("open", "close") or main.object.noun in self.lexicon.members["opening"]

    def _sheltered(self, main: Clause) -> Clause:
        """Return what is done in bad weather without a place out of doors."""
        return main if main.word == "stay" else replace(main, place=None)

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
        sort = self.pick(reason=0.6, other=0.4)
        reason = self.random.choice(list(self.lexicon.reasons))
        row = self.lexicon.reasons[reason]
        weather = reason in self.lexicon.weather
        does, denied = self.chance(0.5), not weather and self.chance(0.3)
        extra: dict[str, object] = {"tense": "future"}
        if sort == "other":
            words = self.lexicon.together["plans"]
            extra["negative"] = self.chance(0.15)
        elif denied:  # if she isn't tired, she will work
            words = row["avoids"]
        else:
            words = row["does" if does else "avoids"]
            extra["negative"] = not does
        if self.chance(0.25):
            modal = "can" if extra.get("negative") else self.pick(can=0.5, must=0.5)
            extra |= {"tense": "present", "modal": modal}
        main = self.phrases.event(words, None, extra.pop("tense"), style, **extra)
        if main is None:
            return None
        if sort == "other":
            sub = self._of_another(self.lexicon.together["moments"], "present", style, main, negative=self.chance(0.25))
        elif weather and not self._airs(main):
            return None
        elif weather:
            main = self._sheltered(main) if does else main
            sub = self._weather_like(reason, "present", simple=True)
        elif main.subject.noun in self.phrases.qualities[reason]:
            sub = Clause("quality", reason, self.same, tense="present", negative=denied)
        else:
            return None
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
        return Sentence(
            (Unit(first), Unit(replace(self._timed(second, style), subject=self.same, frequency=None))), "and"
        )

    def _pairing(self, style: Style) -> Sentence | None:
        tense = self.pick(**TENSES)
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
        outside = self.chance(0.4)
        words = self.lexicon.reasons["rain"]["avoids"] if outside else self.lexicon.together["plans"]
        first = self.phrases.event(words, None, tense, style, modal="want")
        if first is None or first.subject.noun not in self.lexicon.members["human"]:
            return None
        second = Clause(
            "quality", self.pick(tired=0.35, busy=0.4, sick=0.25), self.same, tense=tense, very=self.chance(0.3)
        )
        if outside:
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
