"""Korean: meaning → tokens, each with the keys of what it expresses."""

from grammar import hangul
from grammar.hangul import Stem
from grammar.korean_verbs import Chain, Token, close, ending
from grammar.lexicon import Lexicon, keyed
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place, Sentence

_QUESTION = {"where": "어디", "when": "언제", "why": "왜", "what": "무엇"}
_HAVE, _LACK, _NOT, _FAIL, _DO, _WISH = (Stem(text) for text in ("있", "없", "않", "못하", "하", "싶"))


class Korean:
    """Renders sentences into Korean tokens, polite style."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon = lexicon

    def noun_phrase(self, phrase: NounPhrase, path: str, role: str, extra: tuple[str, ...] = ()) -> list[Token]:
        """Render a noun phrase without its particle; bare means "the" for subjects and places, else "a"."""
        if phrase.noun in self.lexicon.pronouns:
            row = self.lexicon.pronouns[phrase.noun]
            return [(row["subject" if role == "nominative" else "ko"], (f"{path}.noun", *extra))]
        noun, det = self.lexicon.nouns[phrase.noun], (f"{path}.det",)
        tokens: list[Token] = []
        if phrase.relative:
            clause = phrase.relative
            tokens += self.clause(clause, f"{path}.r", "relative", f"{path}.rel")
        if phrase.det in ("my", "your", "our"):
            owner = {"my": "I", "your": "you", "our": "we"}[phrase.det]
            first, *rest = self.lexicon.pronouns[owner]["possessive"].split()
            tokens += [(first, det), *((word, det) for word in rest)]
        elif phrase.det == "many":
            tokens += [("많", det), ("+은", ())]
        else:
            plain = role in ("topic", "nominative", "place") or phrase.relative is not None
            marks = {"this": "이", "that": "저", "own": "자기"}
            marks |= {"indefinite": "한"} if plain else {"definite": "그"}
            if phrase.det in marks:
                tokens.append((marks[phrase.det], det))
        for name in phrase.adjectives:
            tokens += self._attribute(name, f"{path}.{name}")
        tokens.append((noun.ko, (f"{path}.noun", *extra)))
        if phrase.det in ("two", "three"):
            tokens += [({"two": "두", "three": "세"}[phrase.det], det), (noun.counter, det)]
        elif phrase.plural and phrase.det not in ("generic", "many"):
            tokens.append(("+들", (f"{path}.plural",)))
        return tokens

    def _attribute(self, name: str, key: str) -> list[Token]:
        adjective = self.lexicon.adjectives[name]
        if adjective.attr:
            return [(adjective.attr, (key,))]
        if adjective.ko.endswith("있"):
            return [(adjective.ko, (key,)), ("+는", ())]
        text, ending = hangul.soft(Stem(adjective.ko, adjective.irr), "ㄴ")
        return [(text, (key,)), (ending, ())]

    def _with(self, tokens: list[Token], role: str, keys: tuple[str, ...] = ()) -> list[Token]:
        """Add the particle that fits the last syllable."""
        last = tokens[-1][0].lstrip("+")
        return [*tokens, (hangul.particle(last, role), keys)]

    def place(self, place: Place, path: str, dynamic: bool) -> list[Token]:
        """Render a phrase of place; `dynamic`: something happens there (에서), rather than is there (에)."""
        tokens = self.noun_phrase(place.where, path, "place")
        key = (f"{path}.prep",)
        if place.relation in self.lexicon.relations:
            tokens.append((self.lexicon.relations[place.relation]["ko"], key))
        if place.relation == "back":
            return self._with(tokens, "by", key)
        started = place.relation == "from" or (place.relation not in ("to", "in") and dynamic)
        return [*tokens, ("+에서" if started else "+에", key)]

    def clause(self, clause: Clause, path: str, form: str, link: str = "", extra: tuple[str, ...] = ()) -> list[Token]:
        """Render a clause; `form` is final, drop, because, when, if, and, but, sequence or relative."""
        return self.subject(clause, path, form, extra) + self.predicate(clause, path, form, link)

    def subject(self, clause: Clause, path: str, form: str, extra: tuple[str, ...] = ()) -> list[Token]:
        """Render the subject with its particle: 은/는 for what a main clause is about, else 이/가."""
        phrase = clause.subject
        if phrase is None or phrase.noun == SAME or clause.gap == "subject" or clause.kind == "existence":
            return []
        if phrase.noun == WHO:
            return [("누가", (f"{path}.subject.noun",))]
        main = form in ("final", "and", "but", "sequence")
        known = phrase.det not in ("indefinite", "two", "three", "many")
        role = "topic" if main and known else "subject"
        noun = self.noun_phrase(phrase, f"{path}.subject", "topic" if role == "topic" else "nominative", extra)
        return self._with(noun, role)

    def predicate(self, clause: Clause, path: str, form: str, link: str = "") -> list[Token]:
        """Render everything after the subject, the verb last."""
        lexicon, tokens = self.lexicon, []
        verb = lexicon.verbs[clause.word] if clause.kind == "event" else None
        if clause.question == "why":
            tokens.append(("왜", (f"{path}.why",)))
        if clause.question == "when":
            tokens.append(("언제", (f"{path}.when",)))
        if clause.time:
            tokens += keyed(lexicon.times[clause.time]["ko"], f"{path}.time")
        if clause.frequency:
            tokens += keyed(lexicon.frequencies[clause.frequency]["ko"], f"{path}.frequency")
        dynamic = clause.kind == "event" and not (verb.place == "onto" and clause.place)
        if clause.by:
            noun = [(lexicon.nouns[clause.by].ko, (f"{path}.by.noun",))]
            tokens += self._with(noun, "by", (f"{path}.by.prep",))
        place: list[Token] = []
        if clause.place:
            place = self.place(clause.place, f"{path}.place", dynamic)
        elif clause.question == "where":
            static = not dynamic or verb.place in ("in", "to", "back", "soil", "onto")
            place = [("어디", (f"{path}.where",)), ("+에" if static else "+에서", ())]
        late = verb is not None and verb.place == "onto"
        tokens += [] if late else place
        if clause.companion:
            key = (f"{path}.companion.prep",)
            noun = self.noun_phrase(clause.companion, f"{path}.companion", "other")
            tokens += [*self._with(noun, "with", key), ("함께", key)]
        if clause.tool:
            noun = [(lexicon.nouns[clause.tool].ko, (f"{path}.tool.noun",))]
            tokens += self._with(noun, "by", (f"{path}.tool.prep",))
        if clause.recipient:
            tokens += self.noun_phrase(clause.recipient, f"{path}.recipient", "other")
            tokens.append(("+에게", (f"{path}.recipient.prep",)))
        if clause.object and verb:
            noun = self.noun_phrase(clause.object, f"{path}.object", "other")
            tokens += [*noun, ("+" + verb.part, (f"{path}.verb",))] if verb.part else self._with(noun, "object")
        elif clause.question == "what":
            tokens += [("무엇", (f"{path}.what",)), ("+을", ())]
        tokens += place if late else []
        if clause.kind == "existence":
            noun = self.noun_phrase(clause.subject, f"{path}.subject", "other")
            tokens += self._with(noun, "subject")
        if clause.manner:
            tokens += keyed(lexicon.manners[clause.manner]["ko"], f"{path}.manner")
        if clause.kind == "weather":
            first, second = lexicon.weather[clause.word]["ko"].split()
            tokens += [
                (first, () if lexicon.weather[clause.word].get("adjective") else (f"{path}.verb",)),
                (second, ()),
            ]
        if clause.very:
            tokens.append(("아주", (f"{path}.very",)))
        if clause.kind == "identity":
            return tokens + self._identity(clause, path, form, link)
        return tokens + self._verb(clause, path, form, link)

    def _stem(self, clause: Clause, path: str) -> Chain:
        lexicon = self.lexicon
        if clause.kind == "event":
            verb = lexicon.verbs[clause.word]
            return Chain(Stem(verb.ko, verb.irr), (f"{path}.verb",))
        if clause.kind == "quality":
            adjective = lexicon.adjectives[clause.word]
            return Chain(Stem(adjective.ko, adjective.irr), (f"{path}.quality",))
        if clause.kind == "weather":
            row = lexicon.weather[clause.word]
            key = f"{path}.quality" if row.get("adjective") else f"{path}.verb"
            return Chain(Stem(row["stem"], row.get("irr", "")), (key,))
        return Chain(_HAVE, (f"{path}.verb",))

    def _verb(self, clause: Clause, path: str, form: str, link: str) -> list[Token]:
        chain = self._stem(clause, path)
        modal, negation = (f"{path}.modal",), (f"{path}.not",)
        if clause.progressive:
            chain.then("고", (f"{path}.progressive",), _HAVE)
        if clause.modal == "can":
            chain.soft("ㄹ", modal)
            chain.tokens.append(("수", modal))
            chain.stem, chain.keys = (_LACK, modal + negation) if clause.negative else (_HAVE, modal)
        elif clause.modal == "want":
            chain.then("고", modal, _WISH)
            first_or_second = clause.subject is not None and clause.subject.noun in ("I", "you", "we")
            if not first_or_second:  # another's wish is seen from outside: 싶어 하다
                chain.open("", modal)
                chain.stem = _DO
        elif clause.modal == "must":
            chain.open("야", modal)
            chain.stem, chain.keys = _DO, modal
        if clause.negative and clause.modal != "can":
            if clause.kind in ("location", "existence"):
                chain.stem, chain.keys = _LACK, chain.keys + negation
            elif clause.word == "know":
                chain.stem, chain.keys = Stem("모르", "르"), chain.keys + negation
            else:
                verb = self.lexicon.verbs.get(clause.word)
                chain.then("지", negation, _FAIL if verb and verb.fails else _NOT)
        return ending(chain, clause, path, form, link)

    def _identity(self, clause: Clause, path: str, form: str, link: str) -> list[Token]:
        """Render "is a …": the noun with 이다, or with 이/가 아니다; both have shapes of their own."""
        noun = self.noun_phrase(clause.object, f"{path}.object", "other")
        head, tense, linked = (f"{path}.verb",), (f"{path}.tense",), (link,) if link else ()
        if clause.negative:
            noun, chain = self._with(noun, "subject"), Chain(Stem("아니"), (*head, f"{path}.not"))
            past, present = [("아니", chain.keys), ("+었", tense)], [("아니", chain.keys), ("+에요", ())]
        else:
            closed, chain = hangul.final(noun[-1][0]), Chain(Stem("+이"), head)
            past = [("+이", head), ("+었", tense)] if closed else [("+였", head + tense)]
            present = [("+이에요" if closed else "+예요", head)]
        if clause.tense == "past":
            chain.tokens, chain.past = past, True
        elif form == "final":
            return noun + present
        return noun + close(chain, form, linked)

    def sentence(self, sentence: Sentence) -> list[Token]:
        """Render a whole sentence: what is subordinate first, then the main clause."""
        tokens: list[Token] = []
        units = sentence.units
        shared = len(units) == 2 and units[1].main.subject is not None and units[1].main.subject.noun == SAME
        for index, unit in enumerate(units):
            main, path = unit.main, f"m{index}"
            form, link = "final", ""
            if index < len(units) - 1:
                form, link = sentence.join, "join"
                if shared and form == "and":
                    form = "sequence"
            extra: tuple[str, ...] = ("m1.subject.noun",) if index == 0 and shared else ()
            if not unit.link:
                tokens += self.clause(main, path, form, link, extra)
                if index and shared and sentence.join == "and":  # one tense for both: 열고 노래했어요
                    tokens = [(text, (*keys, "m0.tense") if "m1.tense" in keys else keys) for text, keys in tokens]
                continue
            sub, sub_path, sub_link = unit.subordinate, f"s{index}", f"link{index}"
            if sub.subject is not None and sub.subject.noun == SAME:  # one topic for both clauses
                extra = (*extra, f"{sub_path}.subject.noun")
                tokens += self.subject(main, path, form, extra)
                tokens += self.predicate(sub, sub_path, unit.link, sub_link)
                tokens += self.predicate(main, path, form, link)
            else:
                tokens += self.clause(sub, sub_path, unit.link, sub_link)
                tokens += self.clause(main, path, form, link, extra)
        question = any(unit.main.question for unit in units)
        return [*tokens, ("?" if question else ".", ("end",))]
