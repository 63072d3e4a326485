"""Answers to `supported`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: all of any
def supported(answer, sources):
    return all(any(fact in source for source in sources) for fact in answer)


# %% right: sets
def supported(answer, sources):
    return set(answer) <= set().union(*sources)


# %% right: chain and difference
from itertools import chain


def supported(answer, sources):
    return not set(answer).difference(chain.from_iterable(sources))


# %% right: loops
def supported(answer, sources):
    for subject, relation, obj in answer:
        found = False
        for source in sources:
            for s, r, o in source:
                if s == subject and r == relation and o == obj:
                    found = True
        if not found:
            return False
    return True


# %% right: facts may come as lists
def supported(answer, sources):
    known = [tuple(fact) for source in sources for fact in source]
    missing = [fact for fact in answer if tuple(fact) not in known]
    return len(missing) == 0


# %% right: takes known facts off, source by source
def supported(answer, sources):
    open_facts = list(answer)
    for source in sources:
        open_facts = [fact for fact in open_facts if fact not in source]
    return not open_facts


# %% right: recursion
def supported(answer, sources):
    if not answer:
        return True
    return any(answer[0] in source for source in sources) and supported(answer[1:], sources)


# %% right: numpy, a truth value of its own
import numpy as np


def supported(answer, sources):
    held = [[fact in source for source in sources] for fact in answer]
    return np.all([np.any(row) for row in held])


# %% right: an index by subject
from collections import defaultdict


def supported(answer, sources):
    about = defaultdict(set)
    for source in sources:
        for subject, *rest in source:
            about[subject].add(tuple(rest))
    return all((relation, obj) in about[subject] for subject, relation, obj in answer)


# %% right: texts with a separator that none holds
import json


def supported(answer, sources):
    lines = {json.dumps(fact) for source in sources for fact in source}
    return lines.issuperset(map(json.dumps, answer))


# %% wrong: all facts in the same source | expects: in the same source
def supported(answer, sources):
    return any(all(fact in source for fact in answer) for source in sources)


# %% wrong: all facts in the same source, as sets | expects: in the same source
def supported(answer, sources):
    return any(set(answer) <= set(source) for source in sources) if answer else True


# %% wrong: facts must not all stand in the same source | expects: must stand in some source / source is enough
def supported(answer, sources):
    if not set(answer) <= set().union(*sources):
        return False
    return not answer or not any(set(answer) <= set(source) for source in sources)


# %% wrong: every fact in every source | expects: one source for a fact
def supported(answer, sources):
    return all(fact in source for fact in answer for source in sources)


# %% wrong: the facts of all sources, where all agree | expects: in the same source / one source for a fact
def supported(answer, sources):
    return (
        set(answer) <= set.intersection(*map(set, sources))
        if len(sources) > 1
        else supported_by_one(answer, sources)
    )


def supported_by_one(answer, sources):
    return set(answer) <= set(sources[0]) if sources else not answer


# %% wrong: a fact in most sources | expects: in the same source / one source for a fact
def supported(answer, sources):
    return all(2 * sum(fact in source for source in sources) > len(sources) for fact in answer)


# %% wrong: every source that says something of it must hold all of it | expects: in the same source
def supported(answer, sources):
    return all(set(answer) <= set(s) or not set(answer) & set(s) for s in sources) and all(
        any(x in s for s in sources) for x in answer
    )


# %% wrong: fact by fact, source by source | expects: in the same source / one source for a fact / not only the first
def supported(answer, sources):
    return all(fact in source for fact, source in zip(answer, sources))


# %% wrong: the longest source | expects: not only the first
def supported(answer, sources):
    return set(answer) <= set(max(sources, key=len, default=[]))


# %% wrong: a flag that later sources overwrite | expects: take that back
def supported(answer, sources):
    for fact in answer:
        found = False
        for source in sources:
            found = fact in source
        if not found:
            return False
    return True


# %% wrong: stops at an empty source | expects: up to an empty one
def supported(answer, sources):
    known = set()
    for source in sources:
        if not source:
            break
        known |= set(source)
    return set(answer) <= known


# %% wrong: the first source only | expects: not only the first
def supported(answer, sources):
    return all(fact in sources[0] for fact in answer)


# %% wrong: any fact | expects: every fact is needed
def supported(answer, sources):
    return any(fact in source for fact in answer for source in sources) or not answer


# %% wrong: any fact, as sets | expects: every fact is needed
def supported(answer, sources):
    return bool(set(answer) & set().union(*sources)) or not answer


# %% wrong: each source supports a fact | expects: one source for a fact
def supported(answer, sources):
    return all(any(fact in answer for fact in source) for source in sources if source)


# %% wrong: returns within the loop | expects: every fact is needed
def supported(answer, sources):
    known = set().union(*sources)
    for fact in answer:
        return fact in known
    return True


# %% wrong: the last fact only | expects: from the first one on
def supported(answer, sources):
    found = True
    for fact in answer:
        found = any(fact in source for source in sources)
    return found


# %% wrong: the first and the last fact | expects: the first and the last
def supported(answer, sources):
    return all(fact in set().union(*sources) for fact in (*answer[:1], *answer[-1:]))


# %% wrong: most facts | expects: every fact is needed
def supported(answer, sources):
    known = set().union(*sources)
    return (
        all(fact in known for fact in answer[:1])
        and 2 * sum(fact in known for fact in answer) > len(answer)
        if answer
        else True
    )


# %% wrong: everything in the sources must be said | expects: not the other way round
def supported(answer, sources):
    return set().union(*sources) <= set(answer)


# %% wrong: the same facts, and no others | expects: not the other way round
def supported(answer, sources):
    return set().union(*sources) == set(answer)


# %% wrong: uses a fact up | expects: said twice
from collections import Counter


def supported(answer, sources):
    return not Counter(answer) - Counter(fact for source in sources for fact in source)


# %% wrong: takes facts out of the sources | expects: modified its input
def supported(answer, sources):
    for fact in answer:
        for source in sources:
            if fact in source:
                source.remove(fact)
                break
        else:
            return False
    return True


# %% wrong: adds the sources to the first one | expects: modified its input
def supported(answer, sources):
    known = sources[0] if sources else []
    for source in sources[1:]:
        known += source
    return all(fact in known for fact in answer)


# %% wrong: looks at 64 facts | expects: each fact counts
def supported(answer, sources):
    return set(answer[:64]) <= set().union(*sources)


# %% wrong: looks at 64 sources | expects: any number of facts and sources
def supported(answer, sources):
    return set(answer) <= set().union(*sources[:64])


# %% wrong: a fact is looked for among the sources | expects: whichever
def supported(answer, sources):
    return all(fact in sources for fact in answer)


# %% wrong: the other way round: something is not supported | expects: whichever
def supported(answer, sources):
    return any(fact not in set().union(*sources) for fact in answer)


# %% wrong: a share | expects: True or False
def supported(answer, sources):
    return sum(fact in set().union(*sources) for fact in answer) / max(1, len(answer))


# %% wrong: the facts without a source | expects: True or False
def supported(answer, sources):
    return [fact for fact in answer if fact not in set().union(*sources)]


# %% wrong: 1 and 0 | expects: True or False
def supported(answer, sources):
    return int(set(answer) <= set().union(*sources))


# %% wrong: the facts are put into sets, of which the rest is returned | expects: True or False
def supported(answer, sources):
    return set(answer) & set().union(*sources)


# %% wrong: subject and relation only | expects: the object counts
def supported(answer, sources):
    def part(fact):
        return tuple(fact[i] for i in (0, 1))

    known = {part(fact) for source in sources for fact in source}
    return all(part(fact) in known for fact in answer)


# %% wrong: subject and object only | expects: the relation counts
def supported(answer, sources):
    def part(fact):
        return tuple(fact[i] for i in (0, 2))

    known = {part(fact) for source in sources for fact in source}
    return all(part(fact) in known for fact in answer)


# %% wrong: relation and object only | expects: the subject counts
def supported(answer, sources):
    def part(fact):
        return tuple(fact[i] for i in (1, 2))

    known = {part(fact) for source in sources for fact in source}
    return all(part(fact) in known for fact in answer)


# %% wrong: the subject only | expects: the object counts
def supported(answer, sources):
    return all(fact[0] in {f[0] for s in sources for f in s} for fact in answer)


# %% wrong: sets of parts, without direction | expects: direction
def supported(answer, sources):
    return all(any(set(fact) == set(f) for s in sources for f in s) for fact in answer)


# %% wrong: either direction | expects: direction
def supported(answer, sources):
    return all(any(fact in s or fact[::-1] in s for s in sources) for fact in answer)


# %% wrong: sorted parts | expects: direction
def supported(answer, sources):
    return {tuple(sorted(x)) for x in answer} <= {tuple(sorted(x)) for s in sources for x in s}


# %% wrong: each part somewhere | expects: not each somewhere / every fact
def supported(answer, sources):
    subjects, relations, objects = (
        {fact[i] for source in sources for fact in source} for i in range(3)
    )
    return all(s in subjects and r in relations and o in objects for s, r, o in answer)


# %% wrong: each part somewhere in the same source | expects: not each somewhere / every fact
def supported(answer, sources):
    def holds(source, fact):
        return all(any(fact[i] == other[i] for other in source) for i in range(3))

    return all(any(holds(source, fact) for source in sources) for fact in answer)


# %% wrong: two of three parts, from two facts | expects: no two of them / every fact
def supported(answer, sources):
    known = {fact for source in sources for fact in source}

    def held(s, r, o):
        pairs = [
            any((a, b) == (s, r) for a, b, _ in known),
            any((a, c) == (s, o) for a, _, c in known),
        ]
        return (s, r, o) in known or all(pairs)

    return all(held(*fact) for fact in answer)


# %% wrong: what follows in two steps | expects: might follow / every fact
def supported(answer, sources):
    known = {fact for source in sources for fact in source}
    known |= {(a, r, d) for a, r, b in known for c, s, d in known if b == c and r == s}
    return all(fact in known for fact in answer)


# %% wrong: parts that stand in parts | expects: longer name
def supported(answer, sources):
    return all(
        any(all(a in b for a, b in zip(fact, f)) for s in sources for f in s) for fact in answer
    )


# %% wrong: parts that hold the source's parts | expects: shorter name
def supported(answer, sources):
    return all(
        any(all(b in a for a, b in zip(fact, f)) for s in sources for f in s) for fact in answer
    )


# %% wrong: joined texts | expects: part by part
def supported(answer, sources):
    return {" ".join(x) for x in answer} <= {" ".join(x) for s in sources for x in s}


# %% wrong: a search in one long text | expects: longer name / part by part
def supported(answer, sources):
    return all(
        " ".join(fact) in "; ".join(" ".join(x) for s in sources for x in s) for fact in answer
    )


# %% wrong: a search in the printed sources | expects: not texts
def supported(answer, sources):
    return all(str(fact) in str(sources) for fact in answer)


# %% wrong: small letters | expects: as they are
def supported(answer, sources):
    return {tuple(p.lower() for p in x) for x in answer} <= {
        tuple(p.lower() for p in x) for s in sources for x in s
    }


# %% wrong: an answer without facts is not supported | expects: nothing that would need a source
def supported(answer, sources):
    return bool(answer) and set(answer) <= set().union(*sources)


# %% wrong: nothing is supported without sources | expects: nothing that would need a source / True or False
def supported(answer, sources):
    return any(sources) and set(answer) <= set().union(*sources)


# %% wrong: without sources everything is supported | expects: no fact is supported
def supported(answer, sources):
    return not any(sources) or set(answer) <= set().union(*sources)


# %% wrong: the first source is there | expects: no facts and no sources
def supported(answer, sources):
    known = set(sources[0])
    for source in sources[1:]:
        known |= set(source)
    return all(fact in known for fact in answer)


# %% wrong: a fact has two parts | expects: your code raised
def supported(answer, sources):
    known = {fact for source in sources for fact in source}
    return all((subject, obj) in known for subject, obj in answer)


# %% wrong: looks for the first fact without asking | expects: no facts and no sources
def supported(answer, sources):
    known = set().union(*sources)
    return answer[0] in known and all(fact in known for fact in answer)


# %% wrong: always | expects: whichever
def supported(answer, sources):
    return True


# %% wrong: never | expects: whichever
def supported(answer, sources):
    return False


# %% wrong: a generator of facts, gone through once | expects: only once
def supported(answer, sources):
    known = (fact for source in sources for fact in source)
    return all(fact in known for fact in answer)


# %% wrong: a contradiction takes support away | expects: takes nothing back
def supported(answer, sources):
    known = {fact for source in sources for fact in source}

    def contradicted(s, r, o):
        return any((a, b) == (s, r) and c != o for a, b, c in known)

    return all(fact in known and not contradicted(*fact) for fact in answer)


# %% wrong: at least two sources for each fact, where there are two | expects: one source for a fact
def supported(answer, sources):
    need = min(2, len(sources))
    return all(sum(fact in source for source in sources) >= need for fact in answer)


# %% wrong: four facts of five are enough | expects: every fact is needed
def supported(answer, sources):
    known = set().union(*sources)
    return sum(fact in known for fact in answer) >= 0.8 * len(answer)


# %% wrong: known as soon as a fact of the source was | expects: every fact
def supported(answer, sources):
    return all(any(set(source) & set(answer) for source in sources) for _ in answer)


# %% wrong: goes on from the source of the fact before | expects: order of facts
def supported(answer, sources):
    at = 0
    for fact in answer:
        while at < len(sources) and fact not in sources[at]:
            at += 1
        if at == len(sources):
            return False
    return True


# %% wrong: the course's own function | expects: does this exercise for you
from utils.evaluation.hallucination import supported as look_up


def supported(answer, sources):
    return look_up(answer, sources)


# %% wrong: the same objects | expects: two objects
def supported(answer, sources):
    known = {id(fact) for source in sources for fact in source}
    return all(id(fact) in known for fact in answer)


# %% wrong: facts of the same texts as objects | expects: two objects
def supported(answer, sources):
    facts = [fact for source in sources for fact in source]
    return all(any(all(x is y for x, y in zip(fact, one)) for one in facts) for fact in answer)


# %% wrong: the three parts run together | expects: letters, put together
def supported(answer, sources):
    known = {"".join(fact) for source in sources for fact in source}
    return all("".join(fact) in known for fact in answer)


# %% right: strikes off source by source what it holds
def supported(answer, sources):
    left = list(answer)
    for source in sources:
        left = [fact for fact in left if fact not in source]
    return not left


# %% right: subsets, numpy's truth value
import numpy as np


def supported(answer, sources):
    return np.bool_(set(answer) <= set().union(*map(set, sources)))


# %% wrong: the three parts with a bar between them | expects: words, put together
def supported(answer, sources):
    known = {"|".join(fact) for source in sources for fact in source}
    return all("|".join(fact) in known for fact in answer)


# %% wrong: one object for a subject and a relation, the first one | expects: takes nothing back
def supported(answer, sources):
    known = {}
    for source in sources:
        for subject, relation, obj in source:
            known.setdefault((subject, relation), obj)
    return all(known.get(fact[:2]) == fact[2] for fact in answer)


# %% wrong: parts without blanks at their ends | expects: blanks and accents
def supported(answer, sources):
    bare = lambda fact: tuple(part.strip() for part in fact)
    known = {bare(fact) for source in sources for fact in source}
    return all(bare(fact) in known for fact in answer)


# %% wrong: parts without accents | of: parts without blanks at their ends | expects: blanks and accents
# -     bare = lambda fact: tuple(part.strip() for part in fact)
# +     from unicodedata import normalize
# +
# +     bare = lambda fact: tuple(normalize("NFD", part).encode("ascii", "ignore") for part in fact)


# %% wrong: sources of earlier calls are kept | expects: from earlier calls
KNOWN = set()


def supported(answer, sources):
    KNOWN.update(fact for source in sources for fact in source)
    return KNOWN.issuperset(answer)
