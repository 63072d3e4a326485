"""Exercise `supported`: does everything that an answer says stand in its sources?"""

# %% solution
from collections.abc import Sequence


def supported(
    answer: Sequence[tuple[str, str, str]], sources: Sequence[Sequence[tuple[str, str, str]]]
) -> bool:
    """Return whether every fact of an answer stands in some source; they need not share one.

    An answer without facts is supported: it says nothing that would need a source. Answers are so
    checked, fact by fact, against what was looked up for them (FActScore: Min et al., 2023).

    Args:
        answer: facts, each (subject, relation, object).
        sources: the facts of each source.
    """
    ### BEGIN SOLUTION
    known = {fact for source in sources for fact in source}
    return all(fact in known for fact in answer)
    ### END SOLUTION


# %% hints
HINTS = (
    "Does it matter which source a fact stands in? And how many facts without a source does it take"
    " for an answer to be unsupported?",
    "Put the facts of all sources into one set. Then `all(fact in known for fact in answer)`, which is"
    " True for an answer without facts.",
)
EXPLANATION = """
Which source a fact comes from does not matter, so all sources become one set of facts, in which a look-up takes the same
time however many there are. `all(any(...) for fact in answer)` says the same with loops; `any(all(...) for source in
sources)` would ask for one source that holds everything. A fact is the whole triple: a known subject with another object
is just what an invented fact looks like, and "Bern, capital of, Switzerland" does not say that Switzerland is the
capital of Bern. `all` of nothing is True, as it should be: who says nothing invents nothing.
"""

# %% helpers
from utils.notebook.checks import Diagnosis, case_rng, check, forbidden, inputs_unchanged

EVERY_FACT = "Every fact of the answer must stand in some source, whichever it is."
NEEDED = "Every fact is needed: one without a source is enough to say no."
MORE = "A source may say more than the answer: what the answer says must stand in it, not the other way round."
ONE_SOURCE = "One source for a fact is enough: not every one must hold it, and later ones do not take that back."
MANY = "Any number of facts and sources is possible, and each fact counts."
WHOLE = "A fact is known when the same subject, relation and object stand together in a source."
NO_BOOL = "Return True or False."
COURSE = ("utils.evaluation.hallucination.supported",)

PLACES = ("Bern", "Kyiv", "Lima", "Oslo", "Quito", "Riga", "Rome", "Turin")
RELATIONS = ("is larger than", "lies north of", "trades with", "is older than")


def no_bool(got):
    """Return whether a value is no truth value of Python, numpy or torch."""
    return str(got) not in ("True", "False", "tensor(True)", "tensor(False)")


def drawn_facts(rng, n):
    """Return n different facts about places: no two of them share more than one part, and no fact is turned round."""
    facts = []
    while len(facts) < n:
        x, y = sorted(rng.sample(PLACES, 2))
        fact = x, rng.choice(RELATIONS), y
        if all(sum(a == b for a, b in zip(fact, other)) < 2 for other in facts):
            facts.append(fact)
    return facts


def judge_cases(cases):
    """Check an answer on cases of (what, answer, sources, right value, hint)."""
    for what, facts, sources, want, hint in cases:
        # Facts are made anew, with their texts: equal ones need not be the same object.
        answer = [tuple("".join([*part]) for part in fact) for fact in facts]
        with inputs_unchanged(answer, sources), forbidden(*COURSE):
            check(
                lambda: supported(answer, sources),
                want,
                f"{what}: the answer {answer[:3]}, sources {sources[:3]}",
                mistakes={NO_BOOL: no_bool},
                otherwise=hint,
                if_raises="Sources may hold any number of facts, and so may the answer.",
            )


# %% examples
def examples(check):
    a, b = ("Bern", "capital of", "Switzerland"), ("Bern", "lies on", "Aare")
    check(lambda: supported([a, b], [[a], [b]]), True, "each fact in another source")
    check(lambda: supported([a, b], [[a], [a]]), False, "one fact in no source")
    check(lambda: supported([("Switzerland", "capital of", "Bern")], [[a]]), False, "turned round")
    check(lambda: supported([], [[a]]), True, "an answer without facts")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    no_bool_here = {NO_BOOL: lambda got: str(got) not in ("True", "False")}
    return {
        "each fact in another source": Diagnosis(
            no_bool_here,
            "Facts need not stand in the same source, nor in all: ask for each fact whether some source holds it.",
            "The sources are lists of facts.",
        ),
        "one fact in no source": Diagnosis(
            no_bool_here, "One fact without a source is enough: the answer is not supported then."
        ),
        "turned round": Diagnosis(
            no_bool_here, "Subject and object are not to be exchanged: that is another fact."
        ),
        "an answer without facts": Diagnosis(
            no_bool_here,
            "An answer without facts says nothing that would need a source: True.",
            "An answer may have no facts.",
        ),
    }


# %% graded: 2 points | every fact in some source, not all in the same.
def test_every_fact_stands_in_some_source() -> None:
    for case in range(5):
        rng = case_rng("supported", case)
        a, b, c, d, e, f = drawn_facts(rng, 6)
        names = rng.sample(range(1_000), 90)
        long = [(f"town {i}", RELATIONS[i % 4], f"town {i + 1}") for i in names]
        many = [[fact, rng.choice(long)] for fact in long]
        judge_cases((
            ("one fact in one source", [a], [[a]], True,
             f"{EVERY_FACT} Compare facts with ==: equal ones may be two objects."),
            ("one fact in no source", [a], [[b]], False,
             f"{EVERY_FACT} Keep no source from earlier calls."),
            ("a source that says more", [b], [[a, b, c]], True, MORE),
            ("the first of three sources", [a], [[b, a], [c], [d]], True, ONE_SOURCE),
            ("the last source, behind an empty one", [a], [[c, d], [], [b, a]], True,
             "All sources are looked at: not only the first, and not only up to an empty one."),
            ("each fact in another source", [a, b, c], [[a, d], [b], [e, c]], True,
             "The facts need not all stand in the same source: some source for each is enough."),
            ("all facts in one of three sources", [a, b], [[c], [d, a, b], [e]], True, ONE_SOURCE),
            ("another order", [c, b, a], [[a, b], [c]], True,
             "The order of facts does not matter. (A generator of all facts can be gone through only once.)"),
            ("a fact that is said twice", [a, b, b, a], [[a, c], [b]], True,
             "A fact may be said twice: the source still holds it."),
            ("a fact that none holds, at the end", [a, b, f], [[a], [b, c]], False, NEEDED),
            ("a fact that none holds, at the beginning", [f, a, b], [[a], [b, c]], False,
             "All facts of the answer are looked at, from the first one on."),
            ("a fact that none holds, in the middle", [a, b, f, c, d], [[a, b], [c, d, e]], False,
             "Every fact is needed: most of them, or the first and the last, are not enough."),
            ("sources that hold less than the answer", [a, b, c], [[c, a], [a]], False, NEEDED),
            ("sources that say more", [b], [[a, b, c], [d, e]], True, MORE),
            ("sources with nothing of it", [a, b], [[e], [b], [f], [a], [d, c]], True, ONE_SOURCE),
            (f"{len(long)} facts and sources", long[::-1], many, True, MANY),
            (f"{len(long)} facts and sources, one fact in none", [*long, a], many, False, MANY),
            (f"{len(long)} facts in one source", long[::-1], [[b], long], True, MANY),
        ))  # fmt: skip


# %% graded: 1 point | a fact is subject, relation and object, as they stand together.
def test_a_fact_is_the_whole_triple() -> None:
    for case in range(3):
        rng = case_rng("supported", f"triples {case}")
        (x, y, z, w), (r, s) = rng.sample(PLACES, 4), rng.sample(RELATIONS, 2)
        fact = (x, r, y)
        contradicted = "A source that says something else takes nothing back: some source holds the fact."
        as_it_is = "Compare the three parts as they are: blanks and accents count."
        inferred = "Only what stands in a source counts, not what might follow from it."
        judge_cases((
            ("the fact itself", [fact], [[(z, s, w)], [fact]], True, WHOLE),
            ("another object", [(x, r, z)], [[fact]], False,
             "The object counts: a known subject and relation with another object is an invented fact."),
            ("another relation", [(x, s, y)], [[fact]], False,
             "The relation counts: two things may be known, and not that one about them."),
            ("another subject", [(z, r, y)], [[fact]], False,
             "The subject counts: of another one the same may be wrong."),
            ("subject and object exchanged", [(y, r, x)], [[fact]], False,
             "A relation has a direction: subject and object are not to be exchanged."),
            ("the parts of three facts", [fact], [[(x, s, z), (w, r, z), (w, s, y)]], False,
             "The three parts must stand together in one fact, not each somewhere."),
            ("the parts of two facts", [fact], [[(x, r, z)], [(x, s, y), (w, r, y)]], False,
             "The three parts must stand together in one fact: no two of them are enough."),
            ("two steps, of which each is known", [fact], [[(x, r, z), (z, r, y)]], False, inferred),
            ("a longer name", [(x, r, y)], [[(f"{x} West", r, f"{y} East")]], False,
             "Compare the three parts with ==: a longer name is another one."),
            ("a shorter name", [(f"{x} West", r, y)], [[(x, r, y)]], False,
             "Compare the three parts with ==: a shorter name is another one."),
            *((f"words that are shared out differently, with {by!r} between",
               [(x, f"{r}{by}{y}", z)], [[(f"{x}{by}{r}", y, z)]], False,
               "Compare part by part: the same words, put together, are not the same fact.")
              for by in (" ", ",", ", ", "|", "\t", "\n", "-", ";", " | ")),
            ("letters that are shared out differently", [(x, f"{r}{y[0]}", y[1:])], [[fact]], False,
             "Compare part by part: the same letters, put together, are not the same fact."),
            ("a text that quotes the fact", [fact], [[(z, "said", f"that {fact}")]], False,
             "Compare facts, not texts made of them."),
            ("other letters", [("us", r, x)], [[("US", r, x)]], False,
             "Compare the three parts as they are: \"us\" is not \"US\"."),
            ("a blank more", [(x, r, f"{y} ")], [[fact]], False, as_it_is),
            ("an accent", [("Sao Paulo", r, x)], [[("São Paulo", r, x)]], False, as_it_is),
            ("sources that contradict each other", [fact], [[fact], [(x, r, z)], [(y, r, x)]], True,
             contradicted),
            ("sources of which the first contradicts", [fact], [[(x, r, z)], [fact]], True, contradicted),
            ("a source that contradicts itself", [fact], [[(x, r, z), fact, (x, r, w)]], True, contradicted),
        ))  # fmt: skip


# %% graded: 1 point | an answer without facts is supported, one with facts needs a source.
def test_answers_without_facts_and_no_sources() -> None:
    rng = case_rng("supported", "empty")
    a, b, c = drawn_facts(rng, 3)
    nothing = "An answer without facts says nothing that would need a source: it is supported."
    no_source = "Without sources, or with empty ones, no fact is supported."
    for answer, sources, want in (
        ([], [[a, b], [c]], True),
        ([], [[]], True),
        ([], [], True),
        ([a], [], False),
        ([b], [[]], False),
        ([a, c], [[], [], []], False),
        ([a], [[], [a], []], True),
    ):
        with inputs_unchanged(answer, sources), forbidden(*COURSE):
            check(
                lambda: supported(answer, sources),
                want,
                f"the answer {answer} with the sources {sources}",
                mistakes={
                    NO_BOOL: no_bool,
                    nothing: lambda got: not answer,
                    no_source: lambda got: answer and not want,
                },
                otherwise="A source without facts leaves the others as they are.",
                if_raises="There may be no facts and no sources.",
            )
