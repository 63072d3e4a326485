"""Answers to `constrained_choice`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: with the automaton
import torch


def constrained_choice(next_logits, options, vocabulary):
    automaton = choices_automaton(options)
    state, ids, text = automaton.start, [], ""
    while True:
        allowed = [
            token
            for token, piece in enumerate(vocabulary)
            if (advance(automaton, state, piece) is not None if piece else state in automaton.accepting)
        ]
        logits = next_logits(ids)
        masked = torch.full_like(logits, -torch.inf)
        masked[allowed] = logits[allowed]
        token = int(masked.argmax())
        if vocabulary[token] == "":
            return text
        ids = [*ids, token]
        text += vocabulary[token]
        state = advance(automaton, state, vocabulary[token])


# %% right: prefixes of the options
def constrained_choice(next_logits, options, vocabulary):
    ids = []
    while True:
        text = "".join(vocabulary[i] for i in ids)
        scores = next_logits(list(ids)).tolist()
        candidates = [
            i
            for i, piece in enumerate(vocabulary)
            if (piece == "" and text in options)
            or (piece != "" and any(option.startswith(text + piece) for option in options))
        ]
        best = max(candidates, key=lambda i: scores[i])
        if vocabulary[best] == "":
            return text
        ids.append(best)


# %% right: what is left of each option; stops without asking when nothing is left to choose
import math


def constrained_choice(next_logits, options, vocabulary):
    left = {option: option for option in options}
    ids = []
    while len(left) > 1 or any(left.values()):
        best, best_score = None, -math.inf
        logits = next_logits(tuple(ids))
        for token, piece in enumerate(vocabulary):
            fits = any(rest == piece if piece == "" else rest.startswith(piece) for rest in left.values())
            if fits and float(logits[token]) > best_score:
                best, best_score = token, float(logits[token])
        piece = vocabulary[best]
        if piece == "":
            return next(option for option, rest in left.items() if rest == "")
        left = {option: rest[len(piece) :] for option, rest in left.items() if rest.startswith(piece)}
        ids.append(best)
    return next(iter(left))


# %% right: sorted tokens, recursion
import torch


def constrained_choice(next_logits, options, vocabulary):
    def go_on(ids, text):
        for token in torch.argsort(next_logits(ids), descending=True).tolist():
            piece = vocabulary[token]
            if not piece and text in set(options):
                return text
            if piece and any(option.startswith(text + piece) for option in options):
                return go_on(ids + [token], text + piece)
        raise ValueError(f"no token goes on from {text!r}")

    return go_on([], "")


# %% wrong: the option whose first token is most likely | expects: first token / first
def constrained_choice(next_logits, options, vocabulary):
    logits = next_logits([])
    best = max(
        (i for i, piece in enumerate(vocabulary) if piece and any(option.startswith(piece) for option in options)),
        key=lambda i: float(logits[i]),
    )
    return next(option for option in options if option.startswith(vocabulary[best]))


# %% wrong: the unconstrained text, then the nearest option | expects: nearest / unconstrained / mask
import difflib


def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    for _ in range(max(len(option) for option in options) + 1):
        token = int(next_logits(list(ids)).argmax())
        if vocabulary[token] == "":
            break
        ids.append(token)
        text += vocabulary[token]
    return difflib.get_close_matches(text, options, n=1, cutoff=0.0)[0]


# %% wrong: the unconstrained text | expects: option / mask / unconstrained
def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    for _ in range(20):
        token = int(next_logits(list(ids)).argmax())
        if vocabulary[token] == "":
            break
        ids.append(token)
        text += vocabulary[token]
    return text


# %% wrong: the ids are never fed back | expects: ids / fed / chosen so far
def constrained_choice(next_logits, options, vocabulary):
    text = ""
    while True:
        logits = next_logits([])
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if (text in options if not piece else any(option.startswith(text + piece) for option in options))
        ]
        best = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]


# %% wrong: only the last id is fed | expects: last / all / so far
def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while True:
        logits = next_logits(ids[-1:])
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if (text in options if not piece else any(option.startswith(text + piece) for option in options))
        ]
        best = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]
        ids.append(best)


# %% wrong: ends at the first option that is complete | expects: longer / end token / early / too soon
def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while text not in options:
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if piece and any(option.startswith(text + piece) for option in options)
        ]
        best = max(allowed, key=lambda i: float(logits[i]))
        text += vocabulary[best]
        ids.append(best)
    return text


# %% wrong: goes on as long as it can | expects: shorter / end token
def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while True:
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if piece and any(option.startswith(text + piece) for option in options)
        ]
        if not allowed:
            return text
        logits = next_logits(list(ids))
        best = max(allowed, key=lambda i: float(logits[i]))
        text += vocabulary[best]
        ids.append(best)


# %% wrong: the most likely option as a whole | expects: greedy / whole / total
import torch


def constrained_choice(next_logits, options, vocabulary):
    end = vocabulary.index("")

    def best_total(ids, rest):
        logprobs = torch.log_softmax(next_logits(list(ids)), dim=-1)
        if not rest:
            return float(logprobs[end])
        return max(
            float(logprobs[i]) + best_total([*ids, i], rest[len(piece) :])
            for i, piece in enumerate(vocabulary)
            if piece and rest.startswith(piece)
        )

    return max(options, key=lambda option: best_total([], option))


# %% wrong: the mask is 0 | expects: 0 / -inf / option / mask
import torch


def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    for _ in range(20):
        logits = next_logits(list(ids))
        keep = torch.tensor(
            [
                text in options if not piece else any(option.startswith(text + piece) for option in options)
                for piece in vocabulary
            ]
        )
        best = int((logits * keep).argmax())
        if not vocabulary[best]:
            break
        text += vocabulary[best]
        ids.append(best)
    return text


# %% wrong: the end token is allowed at any time | expects: end token / option / accepting
def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while True:
        logits = next_logits(list(ids))
        allowed = [
            i for i, piece in enumerate(vocabulary) if any(option.startswith(text + piece) for option in options)
        ]
        best = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]
        ids.append(best)


# %% wrong: single characters only | of: the end token is allowed at any time | expects: longer / several / token
# -             i for i, piece in enumerate(vocabulary) if any(option.startswith(text + piece) for option in options)
# +             i
# +             for i, piece in enumerate(vocabulary)
# +             if len(piece) < 2
# +             and (text in options if not piece else any(option.startswith(text + piece) for option in options))


# %% wrong: the first option, always | expects: logits / ignor / first option
def constrained_choice(next_logits, options, vocabulary):
    return options[0]


# %% wrong: the least likely token | of: only the last id is fed | expects: largest / least / smallest
# -         logits = next_logits(ids[-1:])
# +         logits = next_logits(list(ids))

# -         best = max(allowed, key=lambda i: float(logits[i]))
# +         best = min(allowed, key=lambda i: float(logits[i]))


# %% wrong: samples instead of taking the largest | expects: greedy / draw / sample / largest
import torch


def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while True:
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if (text in options if not piece else any(option.startswith(text + piece) for option in options))
        ]
        masked = torch.full_like(logits, -torch.inf)
        masked[allowed] = logits[allowed]
        best = int(torch.multinomial(torch.softmax(masked, dim=-1), 1))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]
        ids.append(best)


# %% wrong: returns the ids | of: only the last id is fed | expects: text / ids
# -         logits = next_logits(ids[-1:])
# +         logits = next_logits(list(ids))

# -             return text
# +             return ids


# %% wrong: the chosen texts are fed back | expects: ids / texts
def constrained_choice(next_logits, options, vocabulary):
    text, pieces = "", []
    while True:
        logits = next_logits(list(pieces))
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if (text in options if not piece else any(option.startswith(text + piece) for option in options))
        ]
        best = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]
        pieces.append(vocabulary[best])


# %% wrong: the end token is the last of the vocabulary | expects: end token / last
def constrained_choice(next_logits, options, vocabulary):
    text, ids, end = "", [], len(vocabulary) - 1
    while True:
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, piece in enumerate(vocabulary[:-1])
            if piece and any(option.startswith(text + piece) for option in options)
        ]
        if text in options:
            allowed.append(end)
        best = max(allowed, key=lambda i: float(logits[i]))
        if best == end:
            return text
        text += vocabulary[best]
        ids.append(best)


# %% wrong: a token may overshoot the option | expects: whole / first character / option
def constrained_choice(next_logits, options, vocabulary):
    text, ids = "", []
    while True:
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, piece in enumerate(vocabulary)
            if (text in options if not piece else any(option.startswith(text + piece[0]) for option in options))
        ]
        if not allowed:
            return text
        best = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[best]:
            return text
        text += vocabulary[best]
        ids.append(best)


# %% wrong: the sum of the first logits of each option's characters | expects: ids / greedy / so far
def constrained_choice(next_logits, options, vocabulary):
    logits = next_logits([])
    return max(options, key=lambda option: sum(float(logits[vocabulary.index(c)]) for c in option))


# %% wrong: the mean log-probability of the longest-match tokens | expects: greedy / whole / total / average
import torch


def constrained_choice(next_logits, options, vocabulary):
    end = vocabulary.index("")

    def score(option):
        ids, rest, total = [], option, 0.0
        while rest:
            token = max(
                (i for i, piece in enumerate(vocabulary) if piece and rest.startswith(piece)),
                key=lambda i: len(vocabulary[i]),
            )
            total += float(torch.log_softmax(next_logits(list(ids)), dim=-1)[token])
            ids.append(token)
            rest = rest[len(vocabulary[token]) :]
        total += float(torch.log_softmax(next_logits(list(ids)), dim=-1)[end])
        return total / (len(ids) + 1)

    return max(options, key=score)


# %% wrong: one token only | expects: option / one token / whole
def constrained_choice(next_logits, options, vocabulary):
    logits = next_logits([])
    allowed = [i for i, piece in enumerate(vocabulary) if piece and any(option.startswith(piece) for option in options)]
    return vocabulary[max(allowed, key=lambda i: float(logits[i]))]


# %% wrong: stops when one option is left, also where another has ended | expects: shorter / end token / prefix / longer
def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    left = list(options)
    while len(left) > 1:
        logits = next_logits(list(ids))
        allowed = [i for i, piece in enumerate(vocabulary) if piece and any(o.startswith(text + piece) for o in left)]
        best = max(allowed, key=lambda i: float(logits[i]))
        text += vocabulary[best]
        ids.append(best)
        left = [option for option in left if option.startswith(text) and option != text] or [text]
    return left[0]

# %% wrong: options in lower case, stripped | expects: case / strip
def constrained_choice(next_logits, options, vocabulary):
    options = [o.strip().lower() for o in options]
    ids, text = [], ""
    while True:
        logits = next_logits(list(ids))
        ok = [i for i, p in enumerate(vocabulary) if (p == "" and text in options) or (p and any(o.startswith(text + p) for o in options))]
        t = max(ok, key=lambda i: float(logits[i]))
        if vocabulary[t] == "":
            return text
        ids.append(t); text += vocabulary[t]

# %% right: down the sorted logits to the first that fits
def constrained_choice(next_logits, options, vocabulary):
    auto = choices_automaton(list(options))
    state, ids = auto.start, []
    out = []
    while True:
        order = next_logits(ids).argsort(descending=True).tolist()
        for t in order:
            piece = vocabulary[t]
            if piece == "":
                if state in auto.accepting:
                    return "".join(out)
                continue
            new = advance(auto, state, piece)
            if new is not None:
                state = new
                out.append(piece)
                ids = ids + [t]
                break


# %% wrong: the last token of the vocabulary ends | expects: not the last
def constrained_choice(next_logits, options, vocabulary):
    ids, text, end = [], "", len(vocabulary) - 1
    for _ in range(20):
        logits = next_logits(list(ids))
        allowed = [
            token
            for token, piece in enumerate(vocabulary)
            if piece and any(option.startswith(text + piece) for option in options)
        ]
        if text in options:
            allowed = sorted({*allowed, end})
        if not allowed:
            return text
        best = max(allowed, key=lambda token: float(logits[token]))
        ids.append(best)
        text += vocabulary[best]
    return text


# %% wrong: decodes freely, and takes the nearest option | expects: nearest
import difflib


def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    for _ in range(20):
        best = int(next_logits(list(ids)).argmax())
        if vocabulary[best] == "":
            break
        ids.append(best)
        text += vocabulary[best]
    return difflib.get_close_matches(text, options, n=1, cutoff=0.0)[0]


# %% wrong: a token for each option is expected | expects: single character
def constrained_choice(next_logits, options, vocabulary):
    logits = next_logits([])
    return max(options, key=lambda option: float(logits[vocabulary.index(option)]))


# %% wrong: a mask of -100 | expects: tokens were chosen / none of the options
def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    while True:
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, t in enumerate(vocabulary)
            if (t and any(o.startswith(text + t) for o in options)) or (not t and text in options)
        ]
        import torch

        m = torch.full_like(logits, -100.0)
        m[allowed] = 0
        k = int((logits + m).argmax())
        if not vocabulary[k]:
            return text
        ids.append(k)
        text += vocabulary[k]


# %% wrong: at most 20 tokens | expects: none of the options
def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    for _ in range(20):
        logits = next_logits(list(ids))
        allowed = [
            i
            for i, t in enumerate(vocabulary)
            if (t and any(o.startswith(text + t) for o in options)) or (not t and text in options)
        ]
        k = max(allowed, key=lambda i: float(logits[i]))
        if not vocabulary[k]:
            return text
        ids.append(k)
        text += vocabulary[k]


# %% wrong: takes options off the list | of: at most 20 tokens | expects: in place
# -     for _ in range(20):
# +     while True:

# -         text += vocabulary[k]
# +         text += vocabulary[k]
# +         options[:] = [o for o in options if o.startswith(text)]


# %% wrong: no return | expects: is a `return` missing
def constrained_choice(next_logits, options, vocabulary):
    ids, text = [], ""
    while True:
        logits = next_logits(list(ids))
        allowed = [
            token
            for token, piece in enumerate(vocabulary)
            if (any(option.startswith(text + piece) for option in options) if piece else text in options)
        ]
        best = max(allowed, key=lambda token: float(logits[token]))
        if vocabulary[best] == "":
            break
        ids.append(best)
        text += vocabulary[best]


# %% wrong: the largest logit without its sign | of: prefixes of the options | expects: without its sign
# -         best = max(candidates, key=lambda i: scores[i])
# +         best = max(candidates, key=lambda i: abs(scores[i]))


# %% wrong: logits in half precision | of: prefixes of the options | expects: by very little
# -         scores = next_logits(list(ids)).tolist()
# +         scores = next_logits(list(ids)).half().tolist()


# %% wrong: the last eight ids are fed | of: prefixes of the options | expects: however many
# -         scores = next_logits(list(ids)).tolist()
# +         scores = next_logits(ids[-8:]).tolist()


# %% wrong: the first id of the chosen text is fed | of: prefixes of the options | expects: ids that were chosen
# -         ids.append(best)
# +         ids.append(vocabulary.index(vocabulary[best]))


# %% wrong: a dictionary from texts to ids | of: prefixes of the options | expects: choose by the id
# -             for i, piece in enumerate(vocabulary)
# +             for piece, i in {piece: i for i, piece in enumerate(vocabulary)}.items()


# %% wrong: the empty option is left out | of: prefixes of the options | expects: may end at once
# -             if (piece == "" and text in options)
# +             if (piece == "" and text and text in options)


# %% wrong: a single option comes back stripped | of: prefixes of the options | expects: none of the options
# -     ids = []
# +     ids = []
# +     if len(options) == 1:
# +         return options[0].strip()
