"""Answers to `allowed_tokens`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: a comprehension
def allowed_tokens(automaton, state, vocabulary):
    return {
        index
        for index, text in enumerate(vocabulary)
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }


# %% right: a loop
def allowed_tokens(automaton, state, vocabulary):
    ids = set()
    for token_id in range(len(vocabulary)):
        token = vocabulary[token_id]
        if token == "":
            if state in automaton.accepting:
                ids.add(token_id)
        elif advance(automaton, state, token) is not None:
            ids.add(token_id)
    return ids


# %% right: character by character, a frozenset
def allowed_tokens(automaton, state, vocabulary):
    def readable(text):
        here = state
        for character in text:
            here = advance(automaton, here, character)
            if here is None:
                return False
        return True

    ends = {i for i, text in enumerate(vocabulary) if not text}
    found = {i for i, text in enumerate(vocabulary) if text and readable(text)}
    return frozenset(found | ends if state in automaton.accepting else found)


# %% right: texts grouped, common beginnings read once
def allowed_tokens(automaton, state, vocabulary):
    reached = {"": state}
    found = set()
    for token, text in sorted(enumerate(vocabulary), key=lambda pair: pair[1]):
        for end in range(1, len(text) + 1):
            piece = text[:end]
            if piece not in reached:
                before = reached[text[: end - 1]]
                reached[piece] = None if before is None else advance(automaton, before, text[end - 1])
        if text and reached[text] is not None:
            found.add(token)
        if not text and any(state == other for other in automaton.accepting):
            found.add(token)
    return found


# %% wrong: the first character only | expects: whole / first character
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for index, text in enumerate(vocabulary):
        if text == "":
            if state in automaton.accepting:
                found.add(index)
        elif advance(automaton, state, text[0]) is not None:
            found.add(index)
    return found


# %% wrong: the end token is always allowed | expects: end token
def allowed_tokens(automaton, state, vocabulary):
    return {index for index, text in enumerate(vocabulary) if advance(automaton, state, text) is not None}


# %% wrong: the end token is never allowed | expects: end token
def allowed_tokens(automaton, state, vocabulary):
    return {index for index, text in enumerate(vocabulary) if text and advance(automaton, state, text) is not None}


# %% wrong: from the start, whatever the state | expects: state / start
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for index, text in enumerate(vocabulary):
        if text == "":
            if state in automaton.accepting:
                found.add(index)
        elif advance(automaton, automaton.start, text) is not None:
            found.add(index)
    return found


# %% wrong: only tokens that complete an option | expects: complete / accepting / end of an option / part
def allowed_tokens(automaton, state, vocabulary):
    return {index for index, text in enumerate(vocabulary) if advance(automaton, state, text) in automaton.accepting}


# %% wrong: texts instead of ids | expects: ids / texts / index
def allowed_tokens(automaton, state, vocabulary):
    return {
        text
        for text in vocabulary
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }


# %% wrong: state 0 counts as nothing | expects: none / falsy / state
def allowed_tokens(automaton, state, vocabulary):
    return {index for index, text in enumerate(vocabulary) if (state in automaton.accepting if not text else False)}


# %% wrong: the end token only where nothing else is allowed | expects: end token / both
def allowed_tokens(automaton, state, vocabulary):
    found = {index for index, text in enumerate(vocabulary) if text and advance(automaton, state, text) is not None}
    if not found and state in automaton.accepting:
        found.add(vocabulary.index(""))
    return found


# %% wrong: nothing but the end token in an accepting state | expects: end token / both / only
def allowed_tokens(automaton, state, vocabulary):
    if state in automaton.accepting:
        return {vocabulary.index("")}
    return {index for index, text in enumerate(vocabulary) if text and advance(automaton, state, text) is not None}


# %% wrong: the end token must be the last of the vocabulary | expects: end token / last
def allowed_tokens(automaton, state, vocabulary):
    found = {
        index for index, text in enumerate(vocabulary[:-1]) if text and advance(automaton, state, text) is not None
    }
    if state in automaton.accepting:
        found.add(len(vocabulary) - 1)
    return found


# %% wrong: the end token must be number 0 | expects: not always the end token
def allowed_tokens(automaton, state, vocabulary):
    found = {
        index + 1 for index, text in enumerate(vocabulary[1:]) if text and advance(automaton, state, text) is not None
    }
    if state in automaton.accepting:
        found.add(0)
    return found


# %% wrong: a text that comes twice has one id | expects: twice / same text / each id / both
def allowed_tokens(automaton, state, vocabulary):
    return {
        vocabulary.index(text)
        for text in vocabulary
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }


# %% wrong: white space is stripped from tokens | expects: space
def allowed_tokens(automaton, state, vocabulary):
    return {
        index
        for index, text in enumerate(vocabulary)
        if (advance(automaton, state, text.strip()) is not None if text.strip() else state in automaton.accepting)
    }


# %% wrong: as far as it goes is enough | expects: whole / first character
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for index, text in enumerate(vocabulary):
        if not text:
            if state in automaton.accepting:
                found.add(index)
        elif any(advance(automaton, state, text[:end]) is not None for end in range(1, len(text) + 1)):
            found.add(index)
    return found


# %% wrong: single characters only | expects: several / longer / single
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for index, text in enumerate(vocabulary):
        if not text:
            if state in automaton.accepting:
                found.add(index)
        elif len(text) == 1 and advance(automaton, state, text) is not None:
            found.add(index)
    return found


# %% wrong: only the longest readable tokens | expects: all / short / longest
def allowed_tokens(automaton, state, vocabulary):
    found = {index for index, text in enumerate(vocabulary) if text and advance(automaton, state, text) is not None}
    longest = max((len(vocabulary[index]) for index in found), default=0)
    found = {index for index in found if len(vocabulary[index]) == longest}
    return found | ({vocabulary.index("")} if state in automaton.accepting else set())


# %% wrong: the characters in any order | expects: order / whole
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for index, text in enumerate(vocabulary):
        if not text:
            if state in automaton.accepting:
                found.add(index)
        elif all(advance(automaton, state, character) is not None for character in text):
            found.add(index)
    return found


# %% wrong: the end token where an option could be completed by it | expects: end token / accepting
def allowed_tokens(automaton, state, vocabulary):
    found = {index for index, text in enumerate(vocabulary) if text and advance(automaton, state, text) is not None}
    if state in automaton.accepting or any(
        advance(automaton, state, vocabulary[index]) in automaton.accepting for index in found
    ):
        found.add(vocabulary.index(""))
    return found


# %% wrong: what cannot be read | expects: cannot / inverted / other
def allowed_tokens(automaton, state, vocabulary):
    return {
        index
        for index, text in enumerate(vocabulary)
        if (advance(automaton, state, text) is None if text else state not in automaton.accepting)
    }


# %% wrong: a list of flags | expects: set / ids
def allowed_tokens(automaton, state, vocabulary):
    return [
        advance(automaton, state, text) is not None if text else state in automaton.accepting for text in vocabulary
    ]


# %% wrong: compares None with a number | expects: None
def allowed_tokens(automaton, state, vocabulary):
    return {
        token
        for token, text in enumerate(vocabulary)
        if (advance(automaton, state, text) >= 0 if text else state in automaton.accepting)
    }


# %% wrong: the first 64 tokens | expects: the ids of all / whole text / in your set
def allowed_tokens(automaton, state, vocabulary):
    return {
        token
        for token, text in enumerate(vocabulary[:64])
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }


# %% right: filter, with a helper of its own
def _fits(automaton, state, text):
    if len(text) == 0:
        return state in set(automaton.accepting)
    return advance(automaton, state, text) is not None


def allowed_tokens(automaton, state, vocabulary):
    return set(filter(lambda token: _fits(automaton, state, vocabulary[token]), range(len(vocabulary))))


# %% wrong: tokens beyond ASCII are left out | expects: beyond ASCII
def allowed_tokens(automaton, state, vocabulary):
    found = set()
    for token, text in enumerate(vocabulary):
        if text == "":
            if state in automaton.accepting:
                found.add(token)
        elif text.isascii() and advance(automaton, state, text) is not None:
            found.add(token)
    return found


# %% wrong: no return | expects: is a `return` missing
def allowed_tokens(automaton, state, vocabulary):
    allowed = set()
    for token, text in enumerate(vocabulary):
        if advance(automaton, state, text) is not None if text else state in automaton.accepting:
            allowed.add(token)


# %% wrong: nothing may end at the start | expects: the start is accepting
def allowed_tokens(automaton, state, vocabulary):
    may_end = state != automaton.start and state in automaton.accepting
    return {
        token
        for token, text in enumerate(vocabulary)
        if (advance(automaton, state, text) is not None if text else may_end)
    }


# %% wrong: kept by state and vocabulary, whatever the automaton | expects: keep nothing from another call
KEPT = {}


def allowed_tokens(automaton, state, vocabulary):
    key = (state, tuple(vocabulary))
    if key not in KEPT:
        KEPT[key] = {
            token
            for token, text in enumerate(vocabulary)
            if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
        }
    return KEPT[key]


# %% wrong: the first 256 tokens | expects: the ids of all
def allowed_tokens(automaton, state, vocabulary):
    return {
        token
        for token, text in enumerate(vocabulary[:256])
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }


# %% wrong: tokens in small letters | of: the first 256 tokens | expects: capital letter
# -         for token, text in enumerate(vocabulary[:256])
# -         if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
# +         for token, text in enumerate(vocabulary)
# +         if (advance(automaton, state, text.lower()) is not None if text else state in automaton.accepting)


# %% wrong: id 0 is taken for nothing | of: the first 256 tokens | expects: id 0 is an id
# -         for token, text in enumerate(vocabulary[:256])
# +         for token, text in enumerate(vocabulary)
# +         if token


# %% wrong: white space at the beginning is stripped | of: the first 256 tokens | expects: do not strip
# -         for token, text in enumerate(vocabulary[:256])
# -         if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
# +         for token, text in enumerate(vocabulary)
# +         if (advance(automaton, state, text.lstrip()) is not None if text else state in automaton.accepting)
