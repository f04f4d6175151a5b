"""English: meaning → tokens, each with the keys of what it expresses."""

from grammar.lexicon import Agreement, Lexicon, keyed
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place, Sentence

Token = tuple[str, tuple[str, ...]]
_BE = {"present": ("am", "are", "is"), "past": ("was", "were", "was")}
_AN = ("hour",)


def plural(noun) -> str:
    """Return the plural of a noun: dogs, boxes, cities, or what the lexicon says."""
    name = noun.name
    if name.endswith("y") and name[-2] not in "aeiou":
        name = name[:-1] + "ie"
    return noun.pl or name + ("es" if name.endswith(("s", "sh", "ch", "x", "z")) else "s")


def third(base: str) -> str:
    """Return the third person singular of the present: goes, carries, reads."""
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def gerund(base: str) -> str:
    """Return the -ing form of a verb whose final consonant is not doubled."""
    return (base[:-1] if base.endswith("e") and not base.endswith("ee") else base) + "ing"


def be(agreement: Agreement, tense: str) -> str:
    """Return the finite form of "be"."""
    forms = _BE[tense]
    if agreement.plural or agreement.person == 2:
        return forms[1]
    return forms[0] if agreement.person == 1 else forms[2]


class English:
    """Renders sentences into English tokens."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon = lexicon

    def noun_phrase(self, phrase: NounPhrase, path: str, owner: Agreement, role: str) -> list[Token]:
        """Render a noun phrase; `owner` is what an "own" belongs to, `role` picks I or me."""
        noun_key = (f"{path}.noun",)
        if phrase.noun in self.lexicon.pronouns:
            forms = self.lexicon.pronouns[phrase.noun]["en"].split()
            return [(forms[0 if role == "subject" else 1], noun_key)]
        noun = self.lexicon.nouns[phrase.noun]
        tokens: list[Token] = [(name, (f"{path}.{name}",)) for name in phrase.adjectives]
        if phrase.plural:
            tokens.append((plural(noun), (*noun_key, f"{path}.plural")))
        else:
            tokens.append((noun.name, noun_key))
        if phrase.det not in ("none", "bare", "generic"):
            tokens.insert(0, (self._determiner(phrase, tokens[0][0], owner), (f"{path}.det",)))
        if phrase.relative:
            clause = phrase.relative
            agreement = self.lexicon.agreement(phrase)
            people = noun.kind in ("person", "kin", "name")
            tokens.append(("who" if people and clause.gap == "subject" else "that", (f"{path}.rel",)))
            tokens += self.clause(clause, f"{path}.r", agreement)
        return tokens

    def _determiner(self, phrase: NounPhrase, following: str, owner: Agreement) -> str:
        if phrase.det == "indefinite":
            return "an" if following[0] in "aeiouE" or following in _AN else "a"
        if phrase.det == "own":
            return {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our", "they": "their"}.get(
                owner.pronoun, "its"
            )
        if phrase.plural and phrase.det in ("this", "that"):
            return {"this": "these", "that": "those"}[phrase.det]
        return {"definite": "the", "customary": "the"}.get(phrase.det, phrase.det)

    def place(self, place: Place, path: str, owner: Agreement) -> list[Token]:
        """Render a phrase of place, preposition first."""
        words = {"to": "to", "back": "to", "from": "from"}.get(place.relation)
        if place.relation in ("at", "in"):
            words = self.lexicon.nouns[place.where.noun].at
        elif words is None:
            words = self.lexicon.relations[place.relation]["en"]
        preposition = [(word, (f"{path}.prep",)) for word in words.split()]
        return preposition + self.noun_phrase(place.where, path, owner, "place")

    def _group(self, clause: Clause, agreement: Agreement, path: str, inverted: bool):
        """Return the operator (what moves to the front, what n't hangs on) and the rest of the verb group."""
        verb = self.lexicon.verbs.get(clause.word) if clause.kind == "event" else None
        if clause.kind == "weather" and not self.lexicon.weather[clause.word].get("adjective"):
            base, past = clause.word, clause.word + "ed"
        elif verb:
            base, past = verb.base or verb.name, verb.past
        else:
            base, past = "be", ""
        head, tense = (f"{path}.verb",), (f"{path}.tense",)
        modal, progressive = (f"{path}.modal",), (f"{path}.progressive",)
        if clause.modal == "can":
            return [("could" if clause.tense == "past" else "can", modal + tense)], [(base, head)]
        if clause.modal:
            lemma = "want" if clause.modal == "want" else "have"
            forms = {"want": ("want", "wants", "wanted"), "have": ("have", "has", "had")}[lemma]
            finite, rest, keys = forms, [("to", modal), (base, head)], modal
        elif clause.tense == "future":
            return [("will", tense)], [(base, head)]
        elif clause.progressive:
            form = (verb.ing if verb else "") or gerund(base)
            return [(be(agreement, clause.tense), progressive + tense)], [(form, head)]
        elif base == "be":
            return [(be(agreement, clause.tense), head + tense)], []
        else:
            finite, rest, keys = (base, (verb.third if verb else "") or third(base), past), [], head
        singular = agreement.person == 3 and not agreement.plural
        if clause.negative or inverted:
            do = "did" if clause.tense == "past" else "does" if singular else "do"
            return [(do, tense)], [(finite[0], keys), *rest]
        index = 2 if clause.tense == "past" else 1 if singular else 0
        return [], [(finite[index], keys + tense), *rest]

    def clause(self, clause: Clause, path: str, antecedent: Agreement | None, drop: bool = False) -> list[Token]:
        """Render a clause; `drop` leaves out a subject shared with the clause before."""
        lexicon, subject = self.lexicon, clause.subject
        if clause.gap == "subject":
            agreement, drop = antecedent, True
        elif subject is None:  # weather
            agreement = Agreement(3, False, "m", "it")
        else:
            agreement = lexicon.agreement(subject, antecedent)
        inverted = clause.question not in (None, "who")
        operator, rest = self._group(clause, agreement, path, inverted)
        if clause.negative:
            text, keys = operator[0]
            mark = "not" if text == "am" else "+n't"
            text = {"can": "ca", "will": "wo"}.get(text, text)
            operator = [(text, keys), (mark, (f"{path}.not",))]
        if clause.kind == "existence":
            who: list[Token] = [("there", (f"{path}.verb",))]
        elif subject is None:
            who = [] if clause.gap else [("it", (f"{path}.it",))]
        elif subject.noun == WHO:
            who = [("who", (f"{path}.subject.noun",))]
        elif subject.noun == SAME:
            if drop and operator and operator[0][0] == "will":  # "will open the door and sing": said once
                operator, rest = [], [(rest[0][0], (*rest[0][1], *operator[0][1])), *rest[1:]]
            who = [] if drop else [(agreement.pronoun, (f"{path}.subject.noun",))]
        else:
            who = [] if drop else self.noun_phrase(subject, f"{path}.subject", agreement, "subject")
        front = (
            [(clause.question, (f"{path}.{clause.question}",))]
            if clause.question in ("what", "where", "when", "why")
            else []
        )
        if inverted:
            moved = [(operator[0][0], (*operator[0][1], f"{path}.question")), *operator[1:]]
            tokens = front + moved + who
        else:
            tokens = who + operator
        if clause.frequency:
            tokens = tokens + keyed(lexicon.frequencies[clause.frequency]["en"], f"{path}.frequency")
        return tokens + rest + self._complements(clause, path, agreement)

    def _complements(self, clause: Clause, path: str, agreement: Agreement) -> list[Token]:
        lexicon = self.lexicon
        tokens: list[Token] = []
        if clause.very:
            tokens.append(("very", (f"{path}.very",)))
        if clause.kind == "quality" or (clause.kind == "weather" and lexicon.weather[clause.word].get("adjective")):
            tokens.append((clause.word, (f"{path}.quality",)))
        verb = lexicon.verbs.get(clause.word) if clause.kind == "event" else None
        if verb and verb.after:
            tokens.append((verb.after, (f"{path}.verb",)))
        if verb and verb.prep:
            tokens.append((verb.prep, (f"{path}.verb",)))
        if clause.object:
            tokens += self.noun_phrase(clause.object, f"{path}.object", agreement, "object")
        if clause.kind == "existence":
            tokens += self.noun_phrase(clause.subject, f"{path}.subject", agreement, "object")
        if clause.recipient:
            tokens.append(("to", (f"{path}.recipient.prep",)))
            tokens += self.noun_phrase(clause.recipient, f"{path}.recipient", agreement, "object")
        if clause.manner:
            tokens += keyed(lexicon.manners[clause.manner]["en"], f"{path}.manner")
        if clause.place:
            tokens += self.place(clause.place, f"{path}.place", agreement)
        if clause.companion:
            tokens.append(("with", (f"{path}.companion.prep",)))
            tokens += self.noun_phrase(clause.companion, f"{path}.companion", agreement, "object")
        if clause.tool:
            tokens.append(("with", (f"{path}.tool.prep",)))
            tokens += self.noun_phrase(NounPhrase(clause.tool, "indefinite"), f"{path}.tool", agreement, "object")
        if clause.by:
            tokens += [("by", (f"{path}.by.prep",)), (clause.by, (f"{path}.by.noun",))]
        if clause.time:
            tokens += keyed(lexicon.times[clause.time]["en"], f"{path}.time")
        return tokens

    def sentence(self, sentence: Sentence) -> list[Token]:
        """Render a whole sentence."""
        tokens: list[Token] = []
        antecedent = None
        for index, unit in enumerate(sentence.units):
            shared = index == 1 and unit.main.subject is not None and unit.main.subject.noun == SAME
            if index:
                comma = [] if shared and sentence.join == "and" else [(",", ("comma",))]
                tokens += [*comma, (sentence.join, ("join",))]
            before = antecedent
            antecedent = self.lexicon.agreement(unit.main.subject, before) if unit.main.subject else None
            main = self.clause(unit.main, f"m{index}", before, drop=shared and sentence.join == "and")
            if not unit.link:
                tokens += main
                continue
            subordinate = [(unit.link, (f"link{index}",)), *self.clause(unit.subordinate, f"s{index}", antecedent)]
            if unit.link == "if":
                tokens += [*subordinate, (",", (f"comma{index}",)), *main]
            else:
                tokens += main + subordinate
        question = any(unit.main.question for unit in sentence.units)
        return [*tokens, ("?" if question else ".", ("end",))]
