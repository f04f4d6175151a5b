"""French: meaning → tokens, each with the keys of what it expresses."""

from grammar.conjugation import Conjugation
from grammar.lexicon import VOWELS, Agreement, Lexicon, Noun, keyed
from grammar.meaning import SAME, WHO, Clause, NounPhrase, Place, Sentence

Token = tuple[str, tuple[str, ...]]
_ELIDED = frozenset(["le", "la", "de", "ne", "que", "je", "me", "se"])
_BEFORE_VOWEL = {"ma": "mon", "sa": "son", "ce": "cet", "beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}
_POSSESSIVE = {
    "I": "mon ma mes", "you": "votre votre vos", "we": "notre notre nos", "they": "leur leur leurs",
}  # fmt: skip
_CLITIC = {(1, False): "me", (2, False): "vous", (1, True): "nous", (3, True): "se", (3, False): "se"}
_MODAL = {"can": "pouvoir", "want": "vouloir", "must": "devoir"}


def vowel_follows(text: str) -> bool:
    """Say whether a word makes the one before it elide: a vowel or a mute h (every h of the lexicon is mute)."""
    first = text[0].lower()
    return text == "y" or first == "h" or (first in VOWELS and first != "y")


def elide(tokens: list[Token]) -> list[Token]:
    """Write le, la, de, ne, que, je, me, se before a vowel, and si before il, with an apostrophe."""
    result = []
    for index, (text, keys) in enumerate(tokens):
        following = tokens[index + 1][0] if index + 1 < len(tokens) else "."
        if (text in _ELIDED and vowel_follows(following)) or (text == "si" and following in ("il", "ils")):
            text = text[:-1] + "'"
        result.append((text, keys))
    return result


def contract(tokens: list[Token]) -> list[Token]:
    """Melt the preposition de or à at the start with the article after it: du, des, au, aux."""
    (first, keys), (second, more), *rest = tokens
    melted = {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}.get(f"{first} {second}")
    return [(melted, keys + more), *rest] if melted else tokens


def form(forms: tuple[str, ...], agreement: Agreement) -> str:
    """Pick one of four forms by gender and number."""
    return forms[2 * agreement.plural + (agreement.gender == "f")]


def participle_forms(participle: str) -> tuple[str, ...]:
    """Return the four forms of a past participle."""
    plural = participle if participle.endswith("s") else participle + "s"
    return participle, participle + "e", plural, participle + "es"


class French:
    """Renders sentences into French tokens."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon, self.conjugation = lexicon, Conjugation(lexicon.conjugation)

    def _noun(self, noun: Noun, plural: bool) -> str:
        if not plural:
            return noun.fr
        if noun.frpl or noun.fr.endswith(("s", "x", "z")):
            return noun.frpl or noun.fr
        return noun.fr + ("x" if noun.fr.endswith(("eau", "au", "eu")) else "s")

    def noun_phrase(
        self, phrase: NounPhrase, path: str, owner: Agreement, role: str = "", denied: bool = False
    ) -> list[Token]:
        """Render a noun phrase; `denied`: the object of a negated verb, where un and du become de."""
        noun_key, det = (f"{path}.noun",), (f"{path}.det",)
        if phrase.noun in self.lexicon.pronouns:
            strong = {"I": "moi", "he": "lui", "they": "eux"}
            subject = self.lexicon.pronouns[phrase.noun]["fr"].split()[0]
            return [(subject if role == "subject" else strong.get(phrase.noun, subject), noun_key)]
        noun = self.lexicon.nouns[phrase.noun]
        agreement = Agreement(3, phrase.plural, noun.g, "")
        tokens: list[Token] = []
        for name in phrase.adjectives:
            adjective = self.lexicon.adjectives[name]
            if adjective.before:
                tokens.append((form(adjective.fr, agreement), (f"{path}.{name}",)))
        tokens.append((self._noun(noun, phrase.plural), noun_key))
        for name in reversed(phrase.adjectives):
            adjective = self.lexicon.adjectives[name]
            if not adjective.before:
                tokens.append((form(adjective.fr, agreement), (f"{path}.{name}",)))
        article = self._determiner(phrase, noun, owner, denied)
        tokens = [(text, det) for text in article] + tokens
        tokens = self._before_vowels(tokens, phrase)
        if phrase.det == "that":
            tokens.append(("+-là", det))
        if phrase.relative:
            clause = phrase.relative
            tokens.append(("qui" if clause.gap == "subject" else "que", (f"{path}.rel",)))
            tokens += self.clause(clause, f"{path}.r", self.lexicon.agreement(phrase))
        tokens = elide(tokens)
        return contract(tokens) if article[:1] == ["de"] and phrase.det == "bare" else tokens

    def _before_vowels(self, tokens: list[Token], phrase: NounPhrase) -> list[Token]:
        """Use mon, cet, bel, nouvel, vieil before a vowel (singular only, and not after the noun)."""
        result, noun_passed = [], False
        for index, (text, keys) in enumerate(tokens):
            noun_passed = noun_passed or keys[0].endswith(".noun")
            if not phrase.plural and not noun_passed and vowel_follows(tokens[index + 1][0]):
                text = _BEFORE_VOWEL.get(text, text)
            result.append((text, keys))
        return result

    def _determiner(self, phrase: NounPhrase, noun: Noun, owner: Agreement, denied: bool) -> list[str]:
        index = 2 if phrase.plural else int(noun.g == "f")
        det = phrase.det
        if det in ("definite", "customary", "generic"):
            return [["le", "la", "les"][index]]
        if det in ("indefinite", "bare") and denied:
            return ["de"]
        if det == "indefinite":
            return [["un", "une", "des"][index]]
        if det == "bare":
            return ["de", ["le", "la", "les"][index]]
        if det in ("this", "that"):
            return [["ce", "cette", "ces"][index]]
        if det in ("my", "your", "our", "own"):
            who = {"my": "I", "your": "you", "our": "we"}.get(det) or owner.pronoun
            return [_POSSESSIVE.get(who, "son sa ses").split()[index]]
        return {"two": ["deux"], "three": ["trois"], "many": ["beaucoup", "de"]}.get(det, [])

    def prepositional(self, words: str, key: str, tokens: list[Token]) -> list[Token]:
        """Put a preposition before a noun phrase; à le becomes au, de le becomes du."""
        *before, last = [(word, (key,)) for word in words.split()]
        return before + contract([last, *tokens])

    def place(self, place: Place, path: str, owner: Agreement) -> list[Token]:
        """Render a phrase of place."""
        words = {"to": "à", "back": "à", "from": "de"}.get(place.relation)
        if place.relation in ("at", "in"):
            noun = self.lexicon.nouns[place.where.noun]
            particular = place.where.adjectives or place.where.det != "definite"
            words = noun.fr_in if particular else noun.fr_at  # à la plage, but sur cette plage
        elif words is None:
            words = self.lexicon.relations[place.relation]["fr"]
        return self.prepositional(words, f"{path}.prep", self.noun_phrase(place.where, path, owner))

    def _group(self, clause: Clause, agreement: Agreement, path: str, preceding: Agreement | None):
        """Return the finite verb and what follows it in the verb group (infinitive, participle)."""
        conjugate, lexicon = self.conjugation, self.lexicon
        head, tense = (f"{path}.verb",), (f"{path}.tense",)
        verb = lexicon.verbs[clause.word] if clause.kind == "event" else None
        state = verb is None or verb.state
        if clause.kind == "weather":
            row = lexicon.weather[clause.word]
            # "il pleut" is all that French says for "it is raining", "il pleuvait" for "it was raining"
            lemma, state = ("faire", True) if row.get("adjective") else (row["fr"], clause.progressive)
        elif clause.kind == "quality" and lexicon.adjectives[clause.word].have or clause.kind == "existence":
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
        auxiliary = conjugate("être" if etre else "avoir", "present", agreement)
        return (auxiliary, tense), [(form(forms, with_whom), head)]

    def clause(self, clause: Clause, path: str, antecedent: Agreement | None, drop: bool = False) -> list[Token]:
        """Render a clause; `drop` leaves out a subject shared with the clause before."""
        lexicon, subject = self.lexicon, clause.subject
        if clause.gap == "subject":
            agreement, drop = antecedent, True
        elif subject is None or clause.kind == "existence":
            agreement = Agreement(3, False, "m", "it")
        else:
            agreement = lexicon.agreement(subject, antecedent)
        clitic = clause.object is not None and clause.object.noun in lexicon.pronouns
        preceding = lexicon.agreement(clause.object) if clitic else antecedent if clause.gap == "object" else None
        finite, rest = self._group(clause, agreement, path, preceding)
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
        group += manner if inside else []
        if late:
            group += [*rest[:-1], *pronouns, rest[-1]]
        else:
            group += rest
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
            subordinate = link + self.clause(unit.subordinate, f"s{index}", antecedent)
            if unit.link == "if":
                tokens += [*subordinate, (",", (f"comma{index}",)), *main]
            else:
                tokens += main + subordinate
        question = any(unit.main.question for unit in sentence.units)
        return elide([*tokens, ("?" if question else ".", ("end",))])
