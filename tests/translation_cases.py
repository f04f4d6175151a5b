"""Meanings for the grammar's tests, each named by its rule; `translation_cases.txt` says what is expected."""

from grammar.meaning import Clause, NounPhrase, Place, Sentence, Unit


def np(noun, det="definite", plural=False, *adjectives, **extra):
    return NounPhrase(noun, det, plural, adjectives, **extra)


def bare(noun):
    return NounPhrase(noun, "none")


def event(word, subject, thing=None, **extra):
    return Clause("event", word, subject, object=thing, **extra)


def single(clause, *link):
    """Return a sentence of one clause; `link` is a conjunction and the clause that follows it."""
    return Sentence((Unit(clause, *link),))


def joined(first, join, second):
    return Sentence((Unit(first), Unit(second)), join)


SAME, MINA, JIHUN, PAUL, SORA, ME, YOU, HE, SHE, WE, THEY = map(
    bare, ["same", "Mina", "Jihun", "Paul", "Sora", "I", "you", "he", "she", "we", "they"]
)
PRESENT, FUTURE = {"tense": "present"}, {"tense": "future"}

CASES = {
    "topic after a vowel 는, past with a merged vowel": single(event("drink", MINA, np("milk", "bare"))),
    "topic after a consonant 은, bare object is a": single(event("eat", JIHUN, np("apple", "indefinite"))),
    "object with 그 is the, h mute": single(event("meet", PAUL, np("man"))),
    "subject indefinite 한 … 이": single(event("cry", np("boy", "indefinite"))),
    "subject indefinite 한 … 가, an": single(event("come", np("engineer", "indefinite"))),
    "plural 들, people": single(event("laugh", np("child", "definite", True), **PRESENT, frequency="often")),
    "third person -s, -es": single(event("watch", MINA, np("movie", "indefinite"), **PRESENT, time="every_evening")),
    "third person -ies": single(event("study", SHE, np("history", "generic"), **PRESENT, manner="hard")),
    "first person": single(event("work", ME, place=Place("at", np("hospital")), **PRESENT, time="every_day")),
    "we": single(event("like", WE, np("music", "generic"), **PRESENT)),
    "they, être with a plural": single(event("arrive", THEY, manner="late")),
    "être with a feminine": single(event("leave", MINA, manner="early")),
    "reflexive": single(event("wake", SORA, time="this_morning", manner="early")),
    "future": single(event("sell", PAUL, np("car", "own"), **FUTURE)),
    "future after a consonant": single(event("read", JIHUN, np("letter"), **FUTURE, time="tomorrow")),
    "progressive": single(event("listen", HE, np("song", "indefinite"), **PRESENT, progressive=True)),
    "progressive in the past": single(event("run", np("dog"), place=Place("at", np("park")), progressive=True)),
    "negation of the past, pas de": single(event("buy", MINA, np("cake", "indefinite"), negative=True)),
    "negation of the present, do": single(event("know", THEY, np("song", "this"), **PRESENT, negative=True)),
    "negation of the future, won't": single(event("help", PAUL, ME, **FUTURE, negative=True)),
    "negation of the progressive": single(event("sleep", np("cat"), **PRESENT, progressive=True, negative=True)),
    "am not": single(Clause("quality", "tired", ME, **PRESENT, negative=True)),
    "can": single(event("swim", np("frog"), **PRESENT, modal="can")),
    "bien before the infinitive":
        single(event("sleep", np("princess", "definite", True), **PRESENT, progressive=True, manner="well")),
    "cannot": single(event("open", WE, np("window", "that"), **PRESENT, modal="can", negative=True)),
    "could": single(event("see", ME, np("moon", "customary"), modal="can")),
    "want, somebody else": single(event("learn", JIHUN, np("English", "generic"), **PRESENT, modal="want")),
    "want, I": single(event("rest", ME, **PRESENT, modal="want")),
    "want to, asked": single(event("dance", YOU, **PRESENT, modal="want", question="yes")),
    "must": single(event("wash", SHE, np("plate", "definite", True), **PRESENT, modal="must")),
    "had to": single(event("help", WE, THEY, modal="must")),
    "object pronoun and participle": single(event("invite", SORA, WE)),
    "possessive of the subject, her": single(event("call", MINA, np("brother", "own"))),
    "possessive of the subject, its": single(event("eat", np("rabbit"), np("carrot", "own"))),
    "mon before a vowel": single(event("invite", MINA, np("friend", "my"))),
    "possessive 당신의, votre": single(event("sing", np("aunt", "your"), **PRESENT, manner="well")),
    "adjectives around the noun": single(event("draw", PAUL, np("house", "indefinite", False, "big", "white"))),
    "vieux before a consonant": single(event("use", HE, np("umbrella", "definite", False, "old"))),
    "vieil before a vowel": single(event("sleep", HE, place=Place("at", np("hotel", "definite", False, "old")))),
    "bel before a vowel": single(event("draw", WE, np("tree", "indefinite", False, "beautiful"))),
    "nouvelle": single(event("wash", WE, np("car", "definite", False, "new"))),
    "feminine plural adjectives": single(event("buy", SHE, np("flower", "two", True, "beautiful", "red"))),
    "counters": single(event("read", np("student", "three", True), np("book", "two", True))),
    "many": single(event("pick", np("farmer"), np("strawberry", "many", True))),
    "du, de la, de l'": single(event("drink", np("horse", "this"), np("water", "bare", False, "cold"))),
    "ce … là": single(event("repair", np("grandfather", "my"), np("clock", "that"))),
    "identity after a vowel": single(Clause("identity", "doctor", MINA, object=np("doctor", "indefinite"), **PRESENT)),
    "identity after a consonant, past":
        single(Clause("identity", "student", ME, object=np("student", "indefinite"), tense="past")),
    "identity with an adjective":
        single(Clause("identity", "singer", SORA, object=np("singer", "indefinite", False, "famous"), **PRESENT)),
    "identity denied":
        single(Clause("identity", "lawyer", PAUL, object=np("lawyer", "indefinite"), **PRESENT, negative=True)),
    "quality, ㅂ irregular": single(Clause("quality", "heavy", np("box"), **PRESENT, very=True)),
    "quality, ㅎ irregular": single(Clause("quality", "red", np("apple", "definite", True), **PRESENT)),
    "avoir faim": single(Clause("quality", "hungry", np("cat", "definite", True), tense="past")),
    "location with a relation":
        single(Clause("location", "", np("key"), place=Place("under", np("table")), **PRESENT, negative=True)),
    "existence": single(Clause("existence", "", np("cat", "two", True, "white"), place=Place("beside", np("window")),
        **PRESENT)),
    "existence denied": single(Clause("existence", "", np("bird", "indefinite"), place=Place("at", np("garden")),
        tense="past", negative=True)),
    "weather": single(Clause("weather", "rain", None, **PRESENT, progressive=True)),
    "weather with an adjective": single(Clause("weather", "cold", None, tense="past", very=True, time="yesterday")),
    "instrument (으)로 after ㄹ": single(event("cut", np("father", "our"), np("bread"), tool="knife")),
    "instrument 으로 after a consonant": single(event("draw", ME, np("map", "indefinite"), tool="pencil")),
    "goal and means": single(event("go", WE, place=Place("to", np("beach")), by="subway", **FUTURE, time="sunday")),
    "goal 으로, au": single(event("return", np("queen"), place=Place("back", np("castle")))),
    "source": single(event("come", np("nurse"), place=Place("from", np("station")), by="bicycle")),
    "recipient":
        single(event("give", JIHUN, np("ring", "indefinite"), recipient=np("girl", "definite", False, "kind"))),
    "companion": single(event("play", np("son", "my"), companion=np("dog", "own"), place=Place("at", np("garden")))),
    "onto": single(event("put", SHE, np("phone", "my"), place=Place("on", np("bed")))),
    "yes or no": single(event("finish", YOU, np("lesson"), question="yes")),
    "yes or no, denied": single(event("find", np("boy"), np("ball", "own"), question="yes", negative=True)),
    "who": single(event("write", bare("who"), np("poem", "this"), question="who")),
    "what": single(event("cook", np("mother", "your"), None, question="what", **PRESENT, progressive=True)),
    "where": single(event("meet", YOU, PAUL, question="where")),
    "where is": single(Clause("location", "", np("teacher"), **PRESENT, question="where")),
    "when": single(event("leave", np("princess"), question="when", **FUTURE)),
    "why": single(event("cry", np("child"), question="why")),
    "relative clause, subject":
        single(event("phone", np("woman", relative=event("lose", None, np("bag", "own"), gap="subject")), MINA)),
    "relative clause, object": single(event("read", ME, np("letter", relative=event("write", PAUL, gap="object")),
        **PRESENT, progressive=True)),
    "relative clause, present and ㄹ": single(event("see", WE, np("man",
        relative=event("make", None, np("toy", "indefinite"), gap="subject", **PRESENT, progressive=True)))),
    "because, same subject": single(event("sleep", MINA), "because", Clause("quality", "tired", SAME)),
    "because, another subject": single(Clause("quality", "happy", np("girl"), **PRESENT), "because",
        event("come", np("friend", "my"))),
    "because, what had happened": single(Clause("quality", "sad", SHE, tense="past"), "because",
        event("lose", SAME, np("ring", "own"))),
    "because of the weather": single(event("go", PAUL, place=Place("to", np("park")), negative=True), "because",
        Clause("weather", "rain", None, progressive=True)),
    "when, two subjects": single(event("read", SORA, np("novel", "indefinite"), progressive=True), "when",
        event("arrive", JIHUN)),
    "when, a habit": single(event("sing", np("king"), **PRESENT, frequency="always"), "when",
        Clause("quality", "happy", SAME, **PRESENT)),
    "if, s'il": single(event("stay", ME, place=Place("in", np("hotel")), **FUTURE), "if",
        Clause("weather", "snow", None, **PRESENT)),
    "if, same subject": single(event("drink", np("bear"), np("milk", "bare"), **FUTURE), "if",
        Clause("quality", "thirsty", SAME, **PRESENT)),
    "and, shared subject": joined(event("open", MINA, np("door")), "and", event("sing", SAME)),
    "and, shared future": joined(event("open", MINA, np("door"), **FUTURE), "and", event("sing", SAME, **FUTURE)),
    "and, two subjects": joined(event("cook", HE, np("soup", "bare")), "and", event("wash", SORA, np("cup"))),
    "and, two futures": joined(event("dance", WE, **FUTURE), "and", event("sing", np("singer"), **FUTURE)),
    "but, same subject": joined(Clause("quality", "pretty", np("hat"), **PRESENT), "but",
        Clause("quality", "expensive", SAME, **PRESENT)),
    "but, denied": joined(event("like", PAUL, np("dog", "generic", True), **PRESENT), "but",
        event("like", SAME, np("cat", "generic", True), **PRESENT, negative=True)),
    "the piano": single(event("perform", np("sister", "my"), np("piano", "customary"), **PRESENT, manner="well")),
    "doesn't understand": single(event("understand", np("student"), np("question"), **PRESENT, negative=True)),
}  # fmt: skip
