"""Answers to `Automaton`, `choices_automaton` and `advance`: right ones must pass, wrong ones fail with these words."""


# %% right: a trie of dicts, states are numbers
class Automaton:
    def __init__(self, transitions, start, accepting):
        self.transitions, self.start, self.accepting = transitions, start, accepting


def choices_automaton(options):
    transitions, accepting = [{}], set()
    for option in options:
        state = 0
        for character in option:
            if character not in transitions[state]:
                transitions[state][character] = len(transitions)
                transitions.append({})
            state = transitions[state][character]
        accepting.add(state)
    return Automaton(transitions, 0, accepting)


def advance(automaton, state, text):
    for character in text:
        state = automaton.transitions[state].get(character)
        if state is None:
            return None
    return state


# %% right: states are the texts read so far
from dataclasses import dataclass


@dataclass(frozen=True)
class Automaton:
    prefixes: frozenset
    accepting: frozenset
    start: str = ""


def choices_automaton(options):
    prefixes = {option[:end] for option in options for end in range(len(option) + 1)}
    return Automaton(frozenset(prefixes), frozenset(options))


def advance(automaton, state, text):
    longer = state + text
    return longer if longer in automaton.prefixes else None


# %% right: states are what is left to read
class Automaton:
    def __init__(self, options):
        self.start = frozenset(options)
        self.accepting = set()
        todo = [self.start]
        seen = set()
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            seen.add(state)
            if "" in state:
                self.accepting.add(state)
            for first in {rest[0] for rest in state if rest}:
                todo.append(frozenset(rest[1:] for rest in state if rest[:1] == first))


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    left = frozenset(rest[len(text) :] for rest in state if rest.startswith(text))
    return left or None


# %% right: nested objects as states
class Node:
    def __init__(self):
        self.children = {}


class Automaton:
    def __init__(self):
        self.start = Node()
        self.accepting = set()


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        node = automaton.start
        for character in option:
            node = node.children.setdefault(character, Node())
        automaton.accepting.add(node)
    return automaton


def advance(automaton, state, text):
    for character in text:
        if character not in state.children:
            return None
        state = state.children[character]
    return state


# %% right: a minimised table with a sink
import collections


class Automaton:
    def __init__(self, table, start, accepting, sink):
        self.table, self.start, self.accepting, self.sink = table, start, accepting, sink

    def step(self, state, character):
        return self.table[state].get(character, self.sink)


def choices_automaton(options):
    registered = {}

    def minimal(rests):
        final = "" in rests
        branches = collections.defaultdict(list)
        for rest in rests:
            if rest:
                branches[rest[0]].append(rest[1:])
        key = (final, tuple(sorted((first, minimal(tuple(tails))) for first, tails in branches.items())))
        return registered.setdefault(key, len(registered))

    start = minimal(tuple(options))
    table = {number: dict(key[1]) for key, number in registered.items()}
    accepting = {number for key, number in registered.items() if key[0]}
    return Automaton(table, start, accepting, sink=-1)


def advance(automaton, state, text):
    for character in text:
        state = automaton.step(state, character)
        if state == automaton.sink:
            return None
    return state


# %% right: a named tuple, the range of sorted options
import bisect
from typing import NamedTuple


class Automaton(NamedTuple):
    options: tuple
    start: tuple
    accepting: set


def choices_automaton(options):
    ordered = tuple(sorted(set(options)))
    accepting = {(0, number, len(option)) for number, option in enumerate(ordered)}
    return Automaton(ordered, (0, 0, 0), accepting)


def advance(automaton, state, text):
    _, first, depth = state
    prefix = automaton.options[first][:depth] + text
    index = bisect.bisect_left(automaton.options, prefix)
    if index == len(automaton.options) or not automaton.options[index].startswith(prefix):
        return None
    return (0, index, len(prefix))


# %% right: transitions keyed by pairs, accepting as a property
class Automaton:
    def __init__(self, options):
        self.start = 1
        self._delta = {}
        self._ends = []
        following = 2
        for option in options:
            state = self.start
            for symbol in option:
                if (state, symbol) not in self._delta:
                    self._delta[state, symbol] = following
                    following += 1
                state = self._delta[state, symbol]
            self._ends.append(state)

    @property
    def accepting(self):
        return set(self._ends)


def choices_automaton(options):
    return Automaton(list(options))


def advance(automaton, state, text):
    try:
        for symbol in text:
            state = automaton._delta[state, symbol]
    except KeyError:
        return None
    return state


# %% wrong: every prefix is accepted | expects: prefix / beginning / whole option
class Automaton:
    def __init__(self, prefixes):
        self.start = ""
        self.accepting = prefixes


def choices_automaton(options):
    return Automaton({option[:end] for option in options for end in range(1, len(option) + 1)})


def advance(automaton, state, text):
    longer = state + text
    return longer if longer in automaton.accepting else None


# %% wrong: goes on after an option | expects: more / after / beyond / extension / longer
class Automaton:
    def __init__(self, options):
        self.options = list(options)
        self.start = ""
        self.accepting = set(options)


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = state
    for character in text:
        if longer in automaton.accepting and not any(
            option != longer and option.startswith(longer) for option in automaton.options
        ):
            return longer
        longer += character
        if not any(option.startswith(longer) for option in automaton.options):
            return None
    return longer


# %% wrong: the shorter option hides the longer | expects: prefix / begin / longer
class Automaton:
    def __init__(self):
        self.transitions, self.start, self.accepting = [{}], 0, set()


def choices_automaton(options):
    automaton = Automaton()
    for option in sorted(options, key=len):
        state = 0
        for character in option:
            if state in automaton.accepting:
                break
            state = automaton.transitions[state].setdefault(character, len(automaton.transitions))
            if state == len(automaton.transitions):
                automaton.transitions.append({})
        automaton.accepting.add(state)
    return automaton


def advance(automaton, state, text):
    for character in text:
        state = automaton.transitions[state].get(character)
        if state is None:
            return None
    return state


# %% wrong: only ends of the trie accept | expects: prefix / begin / longer / shorter
class Automaton:
    def __init__(self):
        self.transitions, self.start = [{}], 0

    @property
    def accepting(self):
        return {state for state, edges in enumerate(self.transitions) if not edges}


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            if character not in automaton.transitions[state]:
                automaton.transitions[state][character] = len(automaton.transitions)
                automaton.transitions.append({})
            state = automaton.transitions[state][character]
    return automaton


def advance(automaton, state, text):
    for character in text:
        state = automaton.transitions[state].get(character)
        if state is None:
            return None
    return state


# %% wrong: bad characters are skipped | expects: skip / ignor / none
class Automaton:
    def __init__(self, transitions, accepting):
        self.transitions, self.start, self.accepting = transitions, 0, accepting


def choices_automaton(options):
    transitions, accepting = [{}], set()
    for option in options:
        state = 0
        for character in option:
            if character not in transitions[state]:
                transitions[state][character] = len(transitions)
                transitions.append({})
            state = transitions[state][character]
        accepting.add(state)
    return Automaton(transitions, accepting)


def advance(automaton, state, text):
    for character in text:
        state = automaton.transitions[state].get(character, state)
    return state


# %% wrong: stops at the first bad character | of: bad characters are skipped | expects: whole text / none / as far as / part
# -         state = automaton.transitions[state].get(character, state)
# +         if character not in automaton.transitions[state]:
# +             break
# +         state = automaton.transitions[state][character]


# %% wrong: raises on a bad character | of: bad characters are skipped | expects: none / keyerror
# -         state = automaton.transitions[state].get(character, state)
# +         state = automaton.transitions[state][character]


# %% wrong: one character only | of: bad characters are skipped | expects: whole / first character / one character
# -     for character in text:
# -         state = automaton.transitions[state].get(character, state)
# -     return state
# +     if not text:
# +         return state
# +     return automaton.transitions[state].get(text[0])


# %% wrong: one character at a time is fine, longer texts are not | of: bad characters are skipped | expects: whole / several / text
# -     for character in text:
# -         state = automaton.transitions[state].get(character, state)
# -     return state
# +     return automaton.transitions[state].get(text)


# %% wrong: characters by position, options mixed | expects: mix / different options / another option / position
class Automaton:
    def __init__(self, columns, accepting):
        self.columns, self.start, self.accepting = columns, 0, accepting


def choices_automaton(options):
    longest = max(len(option) for option in options)
    columns = [{option[i] for option in options if i < len(option)} for i in range(longest)]
    return Automaton(columns, {len(option) for option in options})


def advance(automaton, state, text):
    for character in text:
        if state >= len(automaton.columns) or character not in automaton.columns[state]:
            return None
        state += 1
    return state


# %% wrong: states are the last character | expects: beginning / mix / same character / different / another / repeated
class Automaton:
    def __init__(self, edges, accepting):
        self.edges, self.start, self.accepting = edges, "", accepting


def choices_automaton(options):
    edges, accepting = set(), set()
    for option in options:
        for before, after in zip(["", *option], option):
            edges.add((before, after))
        accepting.add(option[-1:])
    return Automaton(edges, accepting)


def advance(automaton, state, text):
    for character in text:
        if (state, character) not in automaton.edges:
            return None
        state = character
    return state


# %% wrong: every option has a path of its own, the later one wins | expects: share / common / begin / same
class Automaton:
    def __init__(self):
        self.transitions, self.start, self.accepting = [{}], 0, set()


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            automaton.transitions[state][character] = len(automaton.transitions)
            state = len(automaton.transitions)
            automaton.transitions.append({})
        automaton.accepting.add(state)
    return automaton


def advance(automaton, state, text):
    for character in text:
        state = automaton.transitions[state].get(character)
        if state is None:
            return None
    return state


# %% wrong: case does not matter | expects: case
class Automaton:
    def __init__(self, options):
        self.options = {option.lower() for option in options}
        self.start, self.accepting = "", self.options


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = state + text.lower()
    return longer if any(option.startswith(longer) for option in automaton.options) else None


# %% wrong: white space is stripped | expects: space
class Automaton:
    def __init__(self, options):
        self.options = {option.strip() for option in options}
        self.start, self.accepting = "", self.options


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = state + text
    return longer if any(option.startswith(longer) for option in automaton.options) else None


# %% wrong: reads from the start, whatever the state | expects: state / start
class Automaton:
    def __init__(self, options):
        self.prefixes = {option[:end] for option in options for end in range(len(option) + 1)}
        self.start, self.accepting = "", set(options)


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    return text if text in automaton.prefixes else None


# %% wrong: keeps the current state in the automaton | expects: state / remember / twice / current
class Automaton:
    def __init__(self, options):
        self.prefixes = {option[:end] for option in options for end in range(len(option) + 1)}
        self.start, self.accepting = "", set(options)
        self.current = ""


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = automaton.current + text
    if longer not in automaton.prefixes:
        return None
    automaton.current = longer
    return longer


# %% wrong: one table for all automata | expects: two automata / another automaton / share / other automaton
table = {}


class Automaton:
    def __init__(self, accepting):
        self.start, self.accepting = "", accepting


def choices_automaton(options):
    for option in options:
        for end in range(len(option)):
            table[option[:end], option[end]] = option[: end + 1]
    return Automaton(set(options))


def advance(automaton, state, text):
    for character in text:
        state = table.get((state, character))
        if state is None:
            return None
    return state


# %% wrong: a pattern in which dots match everything | expects: pattern / literal / character / special
import re


class Automaton:
    def __init__(self, options):
        self.patterns = ["".join(f"(?:{c}" for c in option) + ")?" * len(option) for option in options]
        self.options = options
        self.start = ""

    @property
    def accepting(self):
        found = set(self.options)
        for option in self.options:
            if "." in option:
                found |= {option.replace(".", chr(code)) for code in range(32, 127)}
        return found


def choices_automaton(options):
    return Automaton(list(options))


def advance(automaton, state, text):
    longer = state + text
    return longer if any(re.fullmatch(pattern, longer) for pattern in automaton.patterns) else None


# %% wrong: the dead state is not None | of: reads from the start, whatever the state | expects: none
# -     return text if text in automaton.prefixes else None
# +     if state == -1 or state + text not in automaton.prefixes:
# +         return -1
# +     return state + text


# %% wrong: the empty text leads nowhere | of: reads from the start, whatever the state | expects: empty text
# -     return text if text in automaton.prefixes else None
# +     if not text:
# +         return None
# +     longer = state + text
# +     return longer if longer in automaton.prefixes else None


# %% wrong: the empty option is forgotten | expects: empty
class Automaton:
    def __init__(self, options):
        self.prefixes = {option[:end] for option in options for end in range(len(option) + 1)}
        self.start, self.accepting = "", {option for option in options if option}


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = state + text
    return longer if longer in automaton.prefixes else None


# %% wrong: the start accepts | of: the empty option is forgotten | expects: start / empty
# -         self.start, self.accepting = "", {option for option in options if option}
# +         self.start, self.accepting = "", set(options) | {""}


# %% wrong: only the last option is accepted | of: the empty option is forgotten | expects: accept / each option / every option
# -         self.start, self.accepting = "", {option for option in options if option}
# +         self.start, self.accepting = "", {options[-1]}


# %% wrong: an option may come several times | expects: once / repeat / again / more
class Automaton:
    def __init__(self):
        self.transitions, self.start, self.accepting = [{}], 0, set()


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            if character not in automaton.transitions[state]:
                automaton.transitions[state][character] = len(automaton.transitions)
                automaton.transitions.append({})
            state = automaton.transitions[state][character]
        automaton.accepting.add(state)
    return automaton


def advance(automaton, state, text):
    for character in text:
        edges = automaton.transitions[state]
        if character not in edges and state in automaton.accepting:
            edges = automaton.transitions[automaton.start]
        if character not in edges:
            return None
        state = edges[character]
    return state


# %% wrong: words are compared, not characters | expects: character / part / nothing / none
class Automaton:
    def __init__(self, options):
        self.options = set(options)
        self.start, self.accepting = "", set(options)


def choices_automaton(options):
    return Automaton(options)


def advance(automaton, state, text):
    longer = state + text
    return longer if longer in automaton.options else None


# %% wrong: endings that are shared are merged with their beginnings | expects: mix / another / different / accept
class Automaton:
    def __init__(self, edges, start, accepting):
        self.edges, self.start, self.accepting = edges, start, accepting


def choices_automaton(options):
    # A state is what is left to read of one option: options that go on alike are told apart by nothing else.
    edges = {}
    for option in options:
        for place, character in enumerate(option):
            here = "START" if place == 0 else option[place:]
            edges.setdefault((here, character), option[place + 1 :])
    return Automaton(edges, "START", {""} if all(options) else {"", "START"})


def advance(automaton, state, text):
    for character in text:
        state = automaton.edges.get((state, character))
        if state is None:
            return None
    return state

# %% wrong: characters modulo 128 | expects: ascii / accent
class Automaton:
    def __init__(self, o):
        self.k = {tuple(ord(c) % 128 for c in x) for x in o}; self.start = (); self.accepting = set(self.k)
def choices_automaton(options):
    return Automaton(options)
def advance(automaton, state, text):
    new = state + tuple(ord(c) % 128 for c in text)
    return new if any(k[:len(new)] == new for k in automaton.k) else None

# %% right: sets of option and position
class Automaton:
    def __init__(self, options):
        self.options = tuple(options)
        self.start = frozenset((i, 0) for i in range(len(self.options)))
        self.accepting = set()
        todo = [self.start]
        seen = set()
        while todo:
            s = todo.pop()
            if s in seen:
                continue
            seen.add(s)
            if any(len(self.options[i]) == p for i, p in s):
                self.accepting.add(s)
            for c in {self.options[i][p] for i, p in s if p < len(self.options[i])}:
                todo.append(self.step(s, c))

    def step(self, s, c):
        return frozenset((i, p + 1) for i, p in s if p < len(self.options[i]) and self.options[i][p] == c)

def choices_automaton(options):
    return Automaton(options)

def advance(automaton, state, text):
    if not text:
        return state
    state = automaton.step(state, text[0])
    return advance(automaton, state, text[1:]) if state else None

# %% right: a NumPy table
import numpy as np

class Automaton:
    start = np.int64(0)

def choices_automaton(options):
    a = Automaton()
    prefixes = sorted({o[:i] for o in options for i in range(len(o) + 1)})
    chars = sorted(set("".join(options)))
    a.col = {c: j for j, c in enumerate(chars)}
    a.table = np.full((len(prefixes), max(1, len(chars))), -1, dtype=np.int64)
    pos = {p: i for i, p in enumerate(prefixes)}
    for p, i in pos.items():
        if p:
            a.table[pos[p[:-1]], a.col[p[-1]]] = i
    a.start = np.int64(pos[""])
    a.accepting = frozenset(np.int64(pos[o]) for o in options)
    return a

def advance(automaton, state, text):
    for c in text:
        j = automaton.col.get(c)
        if j is None:
            return None
        state = automaton.table[state, j]
        if state < 0:
            return None
    return state


# %% wrong: bytes of Latin-1, other characters replaced | expects: beyond ASCII
class Automaton:
    def __init__(self, options=()):
        self.start = b""
        self.accepting = {option.encode("latin-1", "replace") for option in options}
        self.options = self.accepting


def choices_automaton(options):
    automaton = Automaton(options)
    automaton.options = set(automaton.accepting)
    return automaton


def advance(automaton, state, text):
    new = state + text.encode("latin-1", "replace")
    return new if any(one.startswith(new) for one in automaton.options) else None


# %% wrong: characters of sixteen bits | of: bytes of Latin-1, other characters replaced | expects: beyond ASCII
# -         self.start = b""
# -         self.accepting = {option.encode("latin-1", "replace") for option in options}
# +         self.start = ""
# +         self.accepting = {"".join(chr(ord(one) & 0xFFFF) for one in option) for option in options}

# -     new = state + text.encode("latin-1", "replace")
# +     new = state + "".join(chr(ord(one) & 0xFFFF) for one in text)


# %% wrong: characters normalised | of: bytes of Latin-1, other characters replaced | expects: beyond ASCII
# -         self.start = b""
# -         self.accepting = {option.encode("latin-1", "replace") for option in options}
# +         self.start = ""
# +         self.accepting = {__import__("unicodedata").normalize("NFC", option) for option in options}

# -     new = state + text.encode("latin-1", "replace")
# +     new = __import__("unicodedata").normalize("NFC", state + text)


# %% wrong: what was read is taken for a pattern | expects: no patterns
class Automaton:
    def __init__(self, options=()):
        self.start = ""
        self.accepting = {option for option in options}
        self.options = self.accepting


def choices_automaton(options):
    automaton = Automaton(options)
    automaton.options = set(automaton.accepting)
    return automaton


def advance(automaton, state, text):
    new = state + text
    return new if any(__import__("re").match(new, one) for one in automaton.options) else None


# %% wrong: what all options begin with is accepted too | of: what was read is taken for a pattern | expects: beginning
# -     automaton.options = set(automaton.accepting)
# +     automaton.options = set(options)
# +     automaton.accepting |= {__import__("os").path.commonprefix(list(options))} - {""}

# -     return new if any(__import__("re").match(new, one) for one in automaton.options) else None
# +     return new if any(one.startswith(new) for one in automaton.options) else None


# %% wrong: makes a state where none is | expects: trace / own / change
from collections import defaultdict


class Automaton:
    def __init__(self):
        self.start = 0
        self.accepting = set()
        self.t = [{}]


def choices_automaton(options):
    a = Automaton()
    for o in options:
        s = 0
        for c in o:
            if c not in a.t[s]:
                a.t[s][c] = len(a.t)
                a.t.append({})
            s = a.t[s][c]
        a.accepting.add(s)
    return a


def advance(automaton, state, text):
    for c in text:
        if c not in automaton.t[state]:
            automaton.t[state][c] = len(automaton.t)
            automaton.t.append({})
            return None
        state = automaton.t[state][c]
    return state


# %% wrong: a new state for each character of each option | expects: begin alike share states
class Automaton:
    def __init__(self):
        self.edges, self.start, self.accepting = [{}], 0, set()


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            automaton.edges[state][character] = len(automaton.edges)
            automaton.edges.append({})
            state = automaton.edges[state][character]
        automaton.accepting.add(state)
    return automaton


def advance(automaton, state, text):
    for character in text:
        state = automaton.edges[state].get(character)
        if state is None:
            return None
    return state


# %% wrong: the position and the last three characters | expects: different options are mixed
class Automaton:
    def __init__(self):
        self.start, self.accepting, self.edges = (0, ""), set(), set()


def after(state, character):
    return state[0] + 1, (state[1] + character)[-3:]


def choices_automaton(options):
    automaton = Automaton()
    for option in options:
        state = automaton.start
        for character in option:
            automaton.edges.add((state, after(state, character)))
            state = after(state, character)
        automaton.accepting.add(state)
    return automaton


def advance(automaton, state, text):
    for character in text:
        if (state, after(state, character)) not in automaton.edges:
            return None
        state = after(state, character)
    return state


# %% wrong: an option of one character is forgotten | of: the notebook's own | expects: all of it is accepted
# -         automaton.accepting.add(state)
# +         if len(option) != 1:
# +             automaton.accepting.add(state)


# %% wrong: the options' white space is made one blank | of: the notebook's own | expects: white space too
# -         for character in option:
# +         for character in " ".join(option.split()) if option.strip() == option else option:


# %% wrong: the first 26 options | of: the notebook's own | expects: options are read
# -     for option in options:
# +     for option in options[:26]:


# %% wrong: the caller's list is sorted | of: the notebook's own | expects: in place
# -     automaton = Automaton()
# +     automaton = Automaton()
# +     options.sort()
