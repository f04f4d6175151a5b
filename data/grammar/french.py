"""French: meaning → tokens, each with the keys of what it expresses."""

from grammar.conjugation import Conjugation
from grammar.french_nouns import FrenchNouns, Token, elide, form
from grammar.lexicon import Agreement, Lexicon, keyed
from grammar.meaning import SAME, Clause, NounPhrase, Sentence

_CLITIC = {(1, False): "me", (2, False): "vous", (1, True): "nous", (3, True): "se", (3, False): "se"}
_MODAL = {"can": "pouvoir", "want": "vouloir", "must": "devoir"}


def participle_forms(participle: str) -> tuple[str, ...]:
    """Return the four forms of a past participle."""
    plural = participle if participle.endswith("s") else participle + "s"
    return participle, participle + "e", plural, participle + "es"


class French(FrenchNouns):
    """Renders sentences into French tokens."""

    def __init__(self, lexicon: Lexicon):
        super().__init__(lexicon)
        self.conjugation = Conjugation(lexicon.conjugation)

    def _group(self, clause: Clause, agreement: Agreement, path: str, preceding: Agreement | None, earlier: bool):
        """Return the finite verb and what follows it in the verb group (infinitive, participle)."""
        conjugate, lexicon = self.conjugation, self.lexicon
        head, tense = (f"{path}.verb",), (f"{path}.tense",)
        verb = lexicon.verbs[clause.word] if clause.kind == "event" else None
        state = verb is None or verb.state
        if clause.kind == "weather":
            row = lexicon.weather[clause.word]
            # "il pleut" is all that French says for "it is raining", "il pleuvait" for "it was raining"
            lemma, state = ("faire", True) if row.get("adjective") else (row["fr"], clause.progressive)
        elif (clause.kind == "quality" and lexicon.adjectives[clause.word].have) or clause.kind == "existence":
            lemma = "avoir"
        else:
            lemma = verb.fr if verb else "être"
        now = "imperfect" if clause.tense == "past" else "present"
        infinitive = [(lemma, head)]
        if clause.modal:
            return (conjugate(_MODAL[clause.modal], now, agreement), (f"{path}.modal", *tense)), infinitive
        if clause.progressive and clause.kind != "weather":
            key = (f"{path}.progressive",)
            words = [("en", key), ("train", key), ("de", key)]
            return (conjugate("être", now, agreement), key + tense), words + infinitive
        if clause.tense == "future":
            return (conjugate(lemma, "future", agreement), head + tense), []
        if clause.tense == "present" or state:
            return (conjugate(lemma, now, agreement), head + tense), []
        etre = verb is not None and (verb.etre or verb.fr_self)
        forms = participle_forms(conjugate.participle(lemma))
        with_whom = agreement if etre else preceding or Agreement(3, False, "m", "")
        auxiliary = conjugate("être" if etre else "avoir", "imperfect" if earlier else "present", agreement)
        return (auxiliary, tense), [(form(forms, with_whom), head)]

    def clause(
        self, clause: Clause, path: str, antecedent: Agreement | None, drop: bool = False, earlier: bool = False
    ) -> list[Token]:
        """Render a clause; `drop` leaves out a subject shared with the clause before; `earlier`: pluperfect."""
        lexicon, subject = self.lexicon, clause.subject
        if clause.gap == "subject":
            agreement, drop = antecedent, True
        elif subject is None or clause.kind == "existence":
            agreement = Agreement(3, False, "m", "it")
        else:
            agreement = lexicon.agreement(subject, antecedent)
        clitic = clause.object is not None and clause.object.noun in lexicon.pronouns
        preceding = lexicon.agreement(clause.object) if clitic else antecedent if clause.gap == "object" else None
        finite, rest = self._group(clause, agreement, path, preceding, earlier)
        pronouns: list[Token] = []
        verb = lexicon.verbs[clause.word] if clause.kind == "event" else None
        if verb and verb.fr_self:
            pronouns.append((_CLITIC[agreement.person, agreement.plural], ()))
        if clitic:
            pronouns.append((lexicon.pronouns[clause.object.noun]["fr"].split()[1], (f"{path}.object.noun",)))
        if clause.kind == "existence":
            pronouns.append(("y", (f"{path}.verb",)))
        late = bool(clause.modal or (clause.progressive and clause.kind != "weather"))
        group = [*([] if late else pronouns), finite]
        if clause.negative:
            key = (f"{path}.not",)
            group = [("ne", key), *group, ("pas", key)]
        if clause.frequency:
            group += keyed(lexicon.frequencies[clause.frequency]["fr"], f"{path}.frequency")
        inside = bool(clause.manner) and lexicon.manners[clause.manner].get("inside", False)
        manner = keyed(lexicon.manners[clause.manner]["fr"], f"{path}.manner") if clause.manner else []
        if late:
            group += [*rest[:-1], *(manner if inside else []), *pronouns, rest[-1]]
        else:
            group += (manner if inside else []) + rest
        group += [] if inside else manner
        named = subject is not None and subject.noun in lexicon.nouns
        if clause.kind == "location" and clause.question == "where" and named and not clause.negative:
            asked = [("où", (f"{path}.where",)), (finite[0], (*finite[1], f"{path}.question"))]
            return asked + self.noun_phrase(subject, f"{path}.subject", agreement, "subject")  # "où est Junho"
        return self._subject(clause, path, agreement, drop) + group + self._complements(clause, path, agreement, clitic)

    def _subject(self, clause: Clause, path: str, agreement: Agreement, drop: bool) -> list[Token]:
        """Render the question words and the subject."""
        question, subject = clause.question, clause.subject
        key = f"{path}.subject.noun"
        if question == "who":
            return [("qui", (key,))]
        tokens: list[Token] = []
        if question == "what":
            tokens.append(("que", (f"{path}.what",)))
        elif question in ("where", "when", "why"):
            tokens.append(({"where": "où", "when": "quand", "why": "pourquoi"}[question], (f"{path}.{question}",)))
        if question:
            tokens += [("est-ce", (f"{path}.question",)), ("que", (f"{path}.question",))]
        if clause.gap == "subject":
            pass
        elif subject is None:
            tokens.append(("il", (f"{path}.it",)))
        elif clause.kind == "existence":
            tokens.append(("il", (f"{path}.verb",)))
        elif drop:
            pass
        elif subject.noun == SAME:
            if agreement.pronoun in ("he", "she", "it", "they"):
                text = {"m": "il", "f": "elle"}[agreement.gender] + ("s" if agreement.plural else "")
            else:
                text = self.lexicon.pronouns[agreement.pronoun]["fr"].split()[0]
            tokens.append((text, (key,)))
        else:
            tokens += self.noun_phrase(subject, f"{path}.subject", agreement, "subject")
        return tokens

    def _complements(self, clause: Clause, path: str, agreement: Agreement, clitic: bool) -> list[Token]:
        lexicon, tokens = self.lexicon, []
        if clause.very:
            tokens.append(("très", (f"{path}.very",)))
        if clause.kind == "quality":
            tokens.append((form(lexicon.adjectives[clause.word].fr, agreement), (f"{path}.quality",)))
        elif clause.kind == "weather" and lexicon.weather[clause.word].get("adjective"):
            tokens.append((lexicon.weather[clause.word]["fr"], (f"{path}.quality",)))
        verb = lexicon.verbs[clause.word] if clause.kind == "event" else None
        if clause.kind == "identity":
            tokens += self._identity(clause.object, f"{path}.object", agreement, clause.negative)
        elif clause.object and not clitic:
            noun = self.noun_phrase(clause.object, f"{path}.object", agreement, denied=clause.negative)
            tokens += self.prepositional(verb.fr_prep, f"{path}.verb", noun) if verb.fr_prep else noun
        if clause.kind == "existence":
            tokens += self.noun_phrase(clause.subject, f"{path}.subject", agreement, denied=clause.negative)
        if clause.recipient:
            noun = self.noun_phrase(clause.recipient, f"{path}.recipient", agreement)
            tokens += self.prepositional("à", f"{path}.recipient.prep", noun)
        if clause.place:
            tokens += self.place(clause.place, f"{path}.place", agreement)
        if clause.companion:
            noun = self.noun_phrase(clause.companion, f"{path}.companion", agreement)
            tokens += [("avec", (f"{path}.companion.prep",)), *noun]
        if clause.tool:
            tool = self.noun_phrase(NounPhrase(clause.tool, "indefinite"), f"{path}.tool", agreement)
            tokens += [("avec", (f"{path}.tool.prep",)), *tool]
        if clause.by:
            noun = lexicon.nouns[clause.by]
            tokens += [(noun.fr_by, (f"{path}.by.prep",)), (noun.fr, (f"{path}.by.noun",))]
        return tokens + (keyed(lexicon.times[clause.time]["fr"], f"{path}.time") if clause.time else [])

    def _identity(self, phrase: NounPhrase, path: str, agreement: Agreement, denied: bool) -> list[Token]:
        """Render a profession: its form follows the subject, and it takes an article only with an adjective."""
        noun = self.lexicon.nouns[phrase.noun]
        text = noun.fr_forms[-1] if agreement.gender == "f" else noun.fr_forms[0]
        if not phrase.adjectives:
            return [(text, (f"{path}.noun",))]
        before, after = [], []
        for name in phrase.adjectives:
            adjective = self.lexicon.adjectives[name]
            target = before if adjective.before else after
            target.append((form(adjective.fr, agreement._replace(plural=False)), (f"{path}.{name}",)))
        article = "une" if agreement.gender == "f" else "un"
        return [(article, (f"{path}.det",)), *before, (text, (f"{path}.noun",)), *after]

    def sentence(self, sentence: Sentence) -> list[Token]:
        """Render a whole sentence."""
        tokens: list[Token] = []
        antecedent = None
        for index, unit in enumerate(sentence.units):
            shared = index == 1 and unit.main.subject is not None and unit.main.subject.noun == SAME
            if index:
                comma = [] if shared and sentence.join == "and" else [(",", ("comma",))]
                tokens += [*comma, ({"and": "et", "but": "mais"}[sentence.join], ("join",))]
            before = antecedent
            antecedent = self.lexicon.agreement(unit.main.subject, before) if unit.main.subject else None
            main = self.clause(unit.main, f"m{index}", before, drop=shared and sentence.join == "and")
            if not unit.link:
                tokens += main
                continue
            words = {"because": "parce que", "when": "quand", "if": "si"}[unit.link].split()
            link = [(word, (f"link{index}",)) for word in words]
            # "était fatiguée parce qu'elle avait dansé": what made her so had happened before
            earlier = unit.link == "because" and unit.main.kind == "quality" and unit.main.tense == "past"
            subordinate = link + self.clause(unit.subordinate, f"s{index}", antecedent, earlier=earlier)
            if unit.link == "if":
                tokens += [*subordinate, (",", (f"comma{index}",)), *main]
            else:
                tokens += main + subordinate
        question = any(unit.main.question for unit in sentence.units)
        return elide([*tokens, ("?" if question else ".", ("end",))])
