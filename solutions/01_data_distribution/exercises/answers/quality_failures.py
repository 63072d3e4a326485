"""Answers to `quality_failures`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: a comprehension
def quality_failures(text, rules):
    return [name for name, passes in rules if not passes(text)]


# %% right: a loop
def quality_failures(text, rules):
    failed = []
    for rule in rules:
        name, predicate = rule
        if predicate(text):
            continue
        failed.append(name)
    return failed


# %% right: recursion, a note on stderr for every failure
import sys


def quality_failures(text, rules):
    if not rules:
        return []
    (name, predicate), *rest = rules
    if predicate(text):
        return quality_failures(text, rest)
    print(f"failed: {name}", file=sys.stderr)
    return [name, *quality_failures(text, rest)]


# %% right: itertools.compress over the two columns, a tuple as result
from itertools import compress


def quality_failures(text, rules):
    names = [name for name, _ in rules]
    failed = [not predicate(text) for _, predicate in rules]
    return tuple(compress(names, failed))


# %% wrong: the rules that passed | expects: pass
def quality_failures(text, rules):
    return [name for name, passes in rules if passes(text)]


# %% wrong: stops at the first failure | expects: first failure / every rule / all rules / every failed / first failed / all the / stop
def quality_failures(text, rules):
    for name, passes in rules:
        if not passes(text):
            return [name]
    return []


# %% wrong: names in alphabetical order | expects: order
def quality_failures(text, rules):
    return sorted(name for name, passes in rules if not passes(text))


# %% wrong: names in reverse order | expects: order
def quality_failures(text, rules):
    failed = []
    for name, passes in rules:
        if not passes(text):
            failed.insert(0, name)
    return failed


# %% wrong: a verdict instead of names | expects: names / list
def quality_failures(text, rules):
    return any(not passes(text) for _, passes in rules)


# %% wrong: the number of failures | expects: names / list / how many
def quality_failures(text, rules):
    return sum(not passes(text) for _, passes in rules)


# %% wrong: None when every rule passes | expects: return / empty list / None
def quality_failures(text, rules):
    failed = [name for name, passes in rules if not passes(text)]
    return failed if failed else None


# %% wrong: the rules instead of their names | expects: name
def quality_failures(text, rules):
    return [rule for rule in rules if not rule[1](text)]


# %% wrong: the positions instead of the names | expects: name / position / index
def quality_failures(text, rules):
    return [index for index, (_, passes) in enumerate(rules) if not passes(text)]


# %% wrong: one string of names | expects: list / string / joined
def quality_failures(text, rules):
    return ", ".join(name for name, passes in rules if not passes(text))


# %% wrong: the text is lower-cased before the rules see it | expects: unchanged / lower / as it is / as given / itself
def quality_failures(text, rules):
    return [name for name, passes in rules if not passes(text.lower())]


# %% wrong: the text is stripped before the rules see it | expects: unchanged / strip / as it is / as given / itself / space
def quality_failures(text, rules):
    text = text.strip()
    return [name for name, passes in rules if not passes(text)]


# %% wrong: an empty text passes without being looked at | expects: empty
def quality_failures(text, rules):
    if not text:
        return []
    return [name for name, passes in rules if not passes(text)]


# %% wrong: the rule list is used up | expects: in place / modified
def quality_failures(text, rules):
    failed = []
    while rules:
        name, passes = rules.pop(0)
        if not passes(text):
            failed.append(name)
    return failed


# %% wrong: failures kept between calls | expects: between calls / earlier call / second call / state / previous
def quality_failures(text, rules, failed=[]):
    for name, passes in rules:
        if not passes(text):
            failed.append(name)
    return failed


# %% wrong: only the rules known from the notebook | expects: any rule / other rule / given rules / rules / name
def quality_failures(text, rules):
    known = ("word_count", "mean_word_length", "symbol_ratio", "alphabetic_words", "stop_words")
    return [name for name, passes in rules if name in known and not passes(text)]


# %% wrong: prints instead of returning | expects: return
def quality_failures(text, rules):
    for name, passes in rules:
        if not passes(text):
            print(name)


# %% right: filterfalse
from itertools import filterfalse


def quality_failures(text, rules):
    return [name for name, _ in filterfalse(lambda rule: rule[1](text), rules)]


# %% wrong: None counts as passed | expects: None
def quality_failures(text, rules):
    return [name for name, passes in rules if passes(text) is False]


# %% wrong: compared with False, which None is not | expects: None
def quality_failures(text, rules):
    return [name for name, passes in rules if passes(text) == False]  # noqa: E712


# %% wrong: only the last failure | expects: all rules
def quality_failures(text, rules):
    failed = []
    for name, passes in rules:
        if not passes(text):
            failed = [name]
    return failed


# %% wrong: the first failure without a list | expects: all rules
def quality_failures(text, rules):
    for name, passes in rules:
        if not passes(text):
            return name
    return []


# %% wrong: no rules raise | expects: without rules
def quality_failures(text, rules):
    names, predicates = zip(*rules)
    return [name for name, passes in zip(names, predicates) if not passes(text)]


# %% wrong: the predicates see words | expects: as it is
def quality_failures(text, rules):
    return [name for name, passes in rules if not passes(text.split())]


# %% wrong: ends before the last rule | expects: all rules / names of the rules
def quality_failures(text, rules):
    return [name for name, passes in rules[:-1] if not passes(text)]


# %% wrong: the text is normalised first | expects: as it is
import unicodedata


def quality_failures(text, rules):
    return [n for n, p in rules if not p(unicodedata.normalize("NFC", text))]


# %% wrong: a ready-made rule is known by its name | expects: A name is a label
from utils.text.quality import GOPHER_RULES


def quality_failures(text, rules):
    own = dict(GOPHER_RULES)
    return [n for n, p in rules if not own.get(n, p)(text)]


# %% wrong: an empty text fails everything | expects: empty text
def quality_failures(text, rules):
    if not text.strip():
        return [n for n, p in rules]
    return [n for n, p in rules if not p(text)]


# %% wrong: verdicts kept by name and text | expects: earlier call is used again
_known = {}


def quality_failures(text, rules):
    out = []
    for n, p in rules:
        if (n, text) not in _known:
            _known[n, text] = p(text)
        if not _known[n, text]:
            out.append(n)
    return out


# %% wrong: the name of the rule before | expects: names of the rules
def quality_failures(text, rules):
    return [rules[k - 1][0] for k, (_, passes) in enumerate(rules) if not passes(text)]


# %% wrong: names only where every rule fails | expects: No rule is named
def quality_failures(text, rules):
    return [] if any(p(text) for n, p in rules) else [n for n, p in rules]


# %% wrong: all names where one rule fails | expects: All rules are named
def quality_failures(text, rules):
    return [] if all(p(text) for n, p in rules) else [n for n, p in rules]


# %% wrong: only the first five rules are asked | expects: before the last rules
def quality_failures(text, rules):
    return [n for n, p in rules[:5] if not p(text)]
