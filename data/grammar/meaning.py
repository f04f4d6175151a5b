"""What a sentence says, before any language says it: a tree of clauses and noun phrases."""

from dataclasses import dataclass

SAME = "same"  # the noun of a subject that is the one of the main clause before it
WHO = "who"  # the noun of a subject that is asked for


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """Somebody or something.

    `det` is one of: none (names, pronouns), definite, indefinite, this, that, my, our, your, own (belonging to the
    clause's subject), two, three, many, bare (a mass: "bread"), generic (all of a kind: "dogs"), customary
    ("the piano", "the moon").
    """

    noun: str
    det: str = "definite"
    plural: bool = False
    adjectives: tuple[str, ...] = ()
    relative: "Clause | None" = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where: `relation` is at, in, to, from, or one of the lexicon's relations (on, under …)."""

    relation: str
    where: NounPhrase


@dataclass(frozen=True, slots=True)
class Clause:
    """One predicate with its participants.

    `kind` is event (`word` is a verb), quality (an adjective), identity (a noun), location, existence or weather;
    `question` is yes, who, what, where, when or why; `gap` says which role a relative clause's head fills.
    """

    kind: str
    word: str
    subject: NounPhrase | None
    object: NounPhrase | None = None
    recipient: NounPhrase | None = None
    place: Place | None = None
    companion: NounPhrase | None = None
    tool: str | None = None
    by: str | None = None
    time: str | None = None
    manner: str | None = None
    frequency: str | None = None
    very: bool = False
    tense: str = "past"
    progressive: bool = False
    modal: str | None = None
    negative: bool = False
    question: str | None = None
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A main clause, perhaps with a subordinate one; `link` is because, when or if."""

    main: Clause
    link: str | None = None
    subordinate: Clause | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One unit, or two joined by and / but."""

    units: tuple[Unit, ...]
    join: str | None = None
