"""Answers to `beam_search`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: plain lists
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        extensions = []
        for ids, total in beam:
            logprobs = next_logprobs(list(prompt_ids) + ids)
            for token, logprob in enumerate(logprobs.tolist()):
                extensions.append((ids + [token], total + logprob))
        extensions.sort(key=lambda extension: extension[1], reverse=True)
        beam = []
        for extension in extensions[:width]:
            (finished if extension[0][-1] == eos_id else beam).append(extension)
        if not beam:
            break
    ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)


# %% right: torch, the beam as a tensor of totals
import torch


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    sequences, totals, done = [[]], torch.zeros(1, dtype=torch.float64), []
    for _ in range(max_new_tokens):
        if not sequences:
            break
        table = torch.stack([next_logprobs([*prompt_ids, *ids]).double() for ids in sequences]) + totals[:, None]
        best = table.flatten().topk(min(width, table.numel()))
        survivors, kept = [], []
        for value, place in zip(best.values, best.indices):
            row, token = divmod(place.item(), table.shape[1])
            if token == eos_id:
                done.append((sequences[row] + [token], value.item()))
            else:
                survivors.append(sequences[row] + [token])
                kept.append(value)
        sequences, totals = survivors, torch.stack(kept) if kept else torch.zeros(0)
    done.extend((ids, total.item()) for ids, total in zip(sequences, totals))
    done = [(ids, total / len(ids)) for ids, total in done]
    done.sort(key=lambda pair: -pair[1])
    return done


# %% right: a heap, tuples of ids
import heapq


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    live, results = [(0.0, ())], []
    for step in range(max_new_tokens):
        candidates = (
            (score + float(logprob), ids + (token,))
            for score, ids in live
            for token, logprob in enumerate(next_logprobs(list(prompt_ids) + list(ids)))
        )
        chosen = heapq.nlargest(width, candidates)
        live = [(score, ids) for score, ids in chosen if ids[-1] != eos_id]
        results += [(score, ids) for score, ids in chosen if ids[-1] == eos_id]
    results += live
    ordered = sorted(results, key=lambda item: item[0] / len(item[1]), reverse=True)
    return [(list(ids), score / len(ids)) for score, ids in ordered]


# %% right: a small class, ids as tensors
from dataclasses import dataclass

import torch


@dataclass
class Hypothesis:
    ids: list
    logprobs: list

    @property
    def total(self):
        return sum(self.logprobs)

    @property
    def average(self):
        return self.total / len(self.logprobs)


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    prompt = torch.tensor(prompt_ids, dtype=torch.long)
    beam, complete = [Hypothesis([], [])], []
    while beam and len(beam[0].ids) < max_new_tokens:
        grown = []
        for one in beam:
            logprobs = next_logprobs(torch.cat([prompt, torch.tensor(one.ids, dtype=torch.long)]))
            # No more than `width` extensions of one hypothesis can be among the best.
            for value, token in zip(*logprobs.topk(min(width, len(logprobs)))):
                grown.append(Hypothesis(one.ids + [token.item()], one.logprobs + [value.item()]))
        best = sorted(grown, key=lambda one: one.total)[-width:]
        complete.extend(one for one in best if one.ids[-1] == eos_id)
        beam = [one for one in best if one.ids[-1] != eos_id]
    return [(one.ids, one.average) for one in sorted(complete + beam, key=lambda one: -one.average)]


# %% right: the best `width` of the result, as lists | of: plain lists
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     ranked.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return [[ids, average] for ids, average in ranked[:width]]


# %% wrong: ranked by total | of: plain lists | expects: total / average
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return sorted(ranked, key=lambda hypothesis: hypothesis[1] * len(hypothesis[0]), reverse=True)


# %% wrong: totals come back | of: plain lists | expects: total / average
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total) for ids, total in finished + beam]


# %% wrong: ranked by average, with totals | of: plain lists | expects: total / average
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     ranked = [(ids, total) for ids, total in finished + beam]
# +     return sorted(ranked, key=lambda hypothesis: hypothesis[1] / len(hypothesis[0]), reverse=True)


# %% wrong: worst first | of: plain lists | expects: best first / order
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return sorted(ranked, key=lambda hypothesis: hypothesis[1])


# %% wrong: the beam is kept by average | of: plain lists | expects: total / average
# -         extensions = []
# +         extensions = [(ids, total) for ids, total in finished]
# +         finished = []

# -         extensions.sort(key=lambda extension: extension[1], reverse=True)
# +         extensions.sort(key=lambda extension: extension[1] / len(extension[0]), reverse=True)


# %% wrong: finished ones stay in the beam | of: plain lists | expects: leaves the beam / finished
# -         extensions = []
# +         extensions, finished = list(finished), []


# %% wrong: finished ones stay, and end when all have finished | expects: leaves the beam / finished
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam = [([], 0.0)]
    for _ in range(max_new_tokens):
        extensions = []
        for ids, total in beam:
            if ids and ids[-1] == eos_id:
                extensions.append((ids, total))
                continue
            for token, logprob in enumerate(next_logprobs(list(prompt_ids) + ids).tolist()):
                extensions.append((ids + [token], total + logprob))
        beam = sorted(extensions, key=lambda extension: -extension[1])[:width]
        if all(ids[-1] == eos_id for ids, _ in beam):
            break
    return sorted([(ids, total / len(ids)) for ids, total in beam], key=lambda hypothesis: -hypothesis[1])


# %% wrong: finished ones are written on | of: plain lists | expects: written on / after the eos / finished / eos
# -             (finished if extension[0][-1] == eos_id else beam).append(extension)
# +             beam.append(extension)


# %% wrong: finished ones are lost | of: plain lists | expects: finished / lost
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / len(ids)) for ids, total in beam]


# %% wrong: unfinished ones are lost | of: plain lists | expects: unfinished / max_new_tokens
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / len(ids)) for ids, total in finished]


# %% wrong: unfinished ones are lost when any has finished | of: plain lists | expects: unfinished / max_new_tokens
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / len(ids)) for ids, total in (finished or beam)]


# %% wrong: the eos is cut off | of: plain lists | expects: eos
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids[:-1] if ids[-1] == eos_id else ids, total / len(ids)) for ids, total in finished + beam]


# %% wrong: the eos does not count in the average | of: plain lists | expects: eos
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / max(1, len([i for i in ids if i != eos_id]))) for ids, total in finished + beam]


# %% wrong: the eos is counted twice | of: plain lists | expects: eos / length
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / (len(ids) + (ids[-1] == eos_id))) for ids, total in finished + beam]


# %% wrong: the prompt counts in the average | of: plain lists | expects: prompt
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / (len(prompt_ids) + len(ids))) for ids, total in finished + beam]


# %% wrong: the prompt comes back | of: plain lists | expects: prompt
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(list(prompt_ids) + ids, total / len(ids)) for ids, total in finished + beam]


# %% wrong: the prompt is not read | of: plain lists | expects: prompt
# -             logprobs = next_logprobs(list(prompt_ids) + ids)
# +             logprobs = next_logprobs(ids if ids else list(prompt_ids))


# %% wrong: greedy | of: plain lists | expects: greedy / width
# -         for extension in extensions[:width]:
# +         for extension in extensions[:1]:


# %% wrong: the best token of each hypothesis | expects: width / each hypothesis / all extensions
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    first = next_logprobs(list(prompt_ids))
    beam, finished = [], []
    for value, token in zip(*first.topk(width)):
        (finished if token.item() == eos_id else beam).append(([token.item()], value.item()))
    for _ in range(max_new_tokens - 1):
        grown = []
        for ids, total in beam:
            logprobs = next_logprobs(list(prompt_ids) + ids)
            token = int(logprobs.argmax())
            extension = (ids + [token], total + float(logprobs[token]))
            (finished if token == eos_id else grown).append(extension)
        beam = grown
    ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)


# %% wrong: `width` extensions of each hypothesis | expects: width / grows / each hypothesis
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        grown = []
        for ids, total in beam:
            for value, token in zip(*next_logprobs(list(prompt_ids) + ids).topk(width)):
                extension = (ids + [token.item()], total + value.item())
                (finished if token.item() == eos_id else grown).append(extension)
        beam = grown
    ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)


# %% wrong: extensions ranked by their last token alone | of: plain lists | expects: total / last token
# -                 extensions.append((ids + [token], total + logprob))
# -         extensions.sort(key=lambda extension: extension[1], reverse=True)
# +                 extensions.append((ids + [token], total + logprob, logprob))
# +         extensions.sort(key=lambda extension: extension[2], reverse=True)

# -             (finished if extension[0][-1] == eos_id else beam).append(extension)
# +             (finished if extension[0][-1] == eos_id else beam).append(extension[:2])


# %% wrong: the beam is filled up where one has finished | of: plain lists | expects: filled / refill / leaves
# -         for extension in extensions[:width]:
# +         for extension in extensions:
# +             if len(beam) == width:
# +                 break


# %% wrong: twice the width as candidates, as in libraries | of: plain lists | expects: filled / refill / leaves
# -         for extension in extensions[:width]:
# -             (finished if extension[0][-1] == eos_id else beam).append(extension)
# +         for rank, extension in enumerate(extensions[: 2 * width]):
# +             if extension[0][-1] == eos_id:
# +                 if rank < width:
# +                     finished.append(extension)
# +             elif len(beam) < width:
# +                 beam.append(extension)


# %% wrong: the beam shrinks with each finished one | of: plain lists | expects: shrink / width
# -         for extension in extensions[:width]:
# +         for extension in extensions[: width - len(finished)]:


# %% wrong: ends when the first has finished | of: plain lists | expects: goes on / end / first
# -         if not beam:
# +         if finished or not beam:


# %% wrong: ends when `width` have finished | of: plain lists | expects: goes on / end / finished
# -         if not beam:
# +         if len(finished) >= width or not beam:


# %% wrong: one token too many | of: plain lists | expects: max_new_tokens / too many
# -     for _ in range(max_new_tokens):
# +     for _ in range(max_new_tokens + 1):


# %% wrong: one token too few | of: plain lists | expects: max_new_tokens / too few
# -     for _ in range(max_new_tokens):
# +     for _ in range(max_new_tokens - 1):


# %% wrong: only the best comes back | of: plain lists | expects: all / list / hypotheses
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return [max(ranked, key=lambda hypothesis: hypothesis[1])]


# %% wrong: probabilities are added | of: plain lists | expects: log / probabilities / sum
# -             for token, logprob in enumerate(logprobs.tolist()):
# +             for token, logprob in enumerate(logprobs.exp().tolist()):


# %% wrong: a temperature of one half | of: plain lists | expects: as next_logprobs gives them
# -             for token, logprob in enumerate(logprobs.tolist()):
# +             for token, logprob in enumerate((2 * logprobs).log_softmax(-1).tolist()):


# %% wrong: the probability in place of the average | of: plain lists | expects: average / exp / log
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, __import__('math').exp(total / len(ids))) for ids, total in finished + beam]


# %% wrong: an endless beam of stale ids: lists are shared | of: plain lists | expects: shared / copy / in place / hypothes
# -                 extensions.append((ids + [token], total + logprob))
# +                 ids.append(token) if len(ids) == _ else ids.__setitem__(-1, token)
# +                 extensions.append((ids, total + logprob))


# %% wrong: (average, ids) instead of (ids, average) | of: plain lists | expects: order / (ids, average) / pair
# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return [(average, ids) for ids, average in sorted(ranked, key=lambda hypothesis: -hypothesis[1])]


# %% wrong: the length penalty of machine translation | of: plain lists | expects: average / length
# -     ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
# +     ranked = [(ids, total / ((5 + len(ids)) / 6) ** 0.6) for ids, total in finished + beam]


# %% wrong: raises once the beam is empty | of: plain lists | expects: empty / raised
# -                 extensions.append((ids + [token], total + logprob))
# +                 extensions.append((ids + [token], total + logprob))
# +         longest = max(len(ids) for ids, _ in extensions)

# -         if not beam:
# -             break


# %% wrong: eos id 0 is taken for none | expects: 0 is an id
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    eos_id = eos_id or None
    beam, done = [([], 0.0)], []
    for s in range(max_new_tokens):
        ext = [(ids + [k], t + x) for ids, t in beam for k, x in enumerate(next_logprobs([*prompt_ids, *ids]).tolist())]
        ext.sort(key=lambda e: -e[1])
        done += [e for e in ext[:width] if e[0][-1] == eos_id]
        beam = [e for e in ext[:width] if e[0][-1] != eos_id]
    return sorted(((i, t / len(i)) for i, t in done + beam), key=lambda h: -h[1])

# %% right: recursion over the steps
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    def step(beam, left):
        if not left or not beam:
            return beam
        ext = []
        for ids, tot in beam:
            lp = next_logprobs(list(prompt_ids) + list(ids))
            ext.extend((ids + (v,), tot + lp[v].item()) for v in range(len(lp)))
        ext.sort(key=lambda e: e[1])
        kept = ext[-width:]
        fin = [k for k in kept if k[0][-1] == eos_id]
        go = [k for k in kept if k[0][-1] != eos_id]
        return fin + step(go, left - 1)
    return sorted(([list(i), t / len(i)] for i, t in step([((), 0.0)], max_new_tokens)), key=lambda h: h[1], reverse=True)

# %% right: helpers with everyday names
def rows(model, prompt, hypotheses):
    return [(ids, total, model([*prompt, *ids]).tolist()) for ids, total in hypotheses]


def table(found):
    return [([*ids, token], total + logprob) for ids, total, row in found for token, logprob in enumerate(row)]


def average(hypothesis):
    ids, total = hypothesis
    return total / len(ids)


def check(hypothesis, eos):
    return hypothesis[0][-1] == eos


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    found, seen = [([], 0.0)], []
    for _ in range(max_new_tokens):
        best = sorted(table(rows(next_logprobs, prompt_ids, found)), key=lambda one: one[1])[::-1][:width]
        seen.extend(one for one in best if check(one, eos_id))
        found = [one for one in best if not check(one, eos_id)]
    return [(one[0], average(one)) for one in sorted(seen + found, key=average, reverse=True)]


# %% wrong: probabilities are multiplied | expects: underflow
import math


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 1.0)], []
    for _ in range(max_new_tokens):
        extensions = [
            (ids + [token], product * math.exp(logprob))
            for ids, product in beam
            for token, logprob in enumerate(next_logprobs(list(prompt_ids) + ids).tolist())
        ]
        best = sorted(extensions, key=lambda one: one[1], reverse=True)[:width]
        finished += [one for one in best if one[0][-1] == eos_id]
        beam = [one for one in best if one[0][-1] != eos_id]
    ranked = [(ids, math.log(product) / len(ids) if product else -math.inf) for ids, product in finished + beam]
    return sorted(ranked, key=lambda one: -one[1])


# %% wrong: topk needs as many tokens as the width | expects: extensions / width
import torch


def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        if not beam:
            break
        table = torch.stack([next_logprobs(list(prompt_ids) + ids).double() + total for ids, total in beam])
        best, places = table.flatten().topk(width)
        rows = [
            (beam[place // table.shape[1]][0] + [place % table.shape[1]], total)
            for total, place in zip(best.tolist(), places.tolist())
        ]
        finished += [one for one in rows if one[0][-1] == eos_id]
        beam = [one for one in rows if one[0][-1] != eos_id]
    ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda one: -one[1])


# %% wrong: the length is one too large | expects: one too large / new tokens
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        extensions = [
            (ids + [token], total + logprob)
            for ids, total in beam
            for token, logprob in enumerate(next_logprobs(list(prompt_ids) + ids).tolist())
        ]
        best = sorted(extensions, key=lambda one: one[1], reverse=True)[:width]
        finished += [one for one in best if one[0][-1] == eos_id]
        beam = [one for one in best if one[0][-1] != eos_id]
    ranked = [(ids, total / (len(ids) + 1)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda one: -one[1])


# %% wrong: a batch of one row is read | expects: one row
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        extensions = [
            (ids + [token], total + logprob)
            for ids, total in beam
            for token, logprob in enumerate(next_logprobs(list(prompt_ids) + ids)[0].tolist())
        ]
        best = sorted(extensions, key=lambda one: one[1], reverse=True)[:width]
        finished += [one for one in best if one[0][-1] == eos_id]
        beam = [one for one in best if one[0][-1] != eos_id]
    return sorted([(ids, total / len(ids)) for ids, total in finished + beam], key=lambda one: -one[1])


# %% wrong: the worst extensions are kept | expects: worst extensions were kept
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, finished = [([], 0.0)], []
    for _ in range(max_new_tokens):
        extensions = []
        for ids, total in beam:
            logprobs = next_logprobs(list(prompt_ids) + ids)
            for token, logprob in enumerate(logprobs.tolist()):
                extensions.append((ids + [token], total + logprob))
        extensions.sort(key=lambda extension: extension[1])
        best = extensions[:width]
        finished += [extension for extension in best if extension[0][-1] == eos_id]
        beam = [extension for extension in best if extension[0][-1] != eos_id]
    ranked = [(ids, total / len(ids)) for ids, total in finished + beam]
    return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)


# %% wrong: extensions are sorted by their ids | of: the worst extensions are kept | expects: ranked by their ids
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(reverse=True)


# %% wrong: the total is not added to | of: the worst extensions are kept | expects: last token alone. Add
# -                 extensions.append((ids + [token], total + logprob))
# -         extensions.sort(key=lambda extension: extension[1])
# +                 extensions.append((ids + [token], logprob))
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)


# %% wrong: the finished ones of earlier steps are overwritten | of: the worst extensions are kept | expects: the place of replacing
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)

# -         finished += [extension for extension in best if extension[0][-1] == eos_id]
# +         finished = [extension for extension in best if extension[0][-1] == eos_id]


# %% wrong: finished ones are copied aside, and stay in the beam | of: the worst extensions are kept | expects: stayed in the beam as well
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)

# -         beam = [extension for extension in best if extension[0][-1] != eos_id]
# +         beam = best


# %% wrong: everything that is kept counts as finished | of: the worst extensions are kept | expects: came back twice
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)

# -         finished += [extension for extension in best if extension[0][-1] == eos_id]
# +         finished += best


# %% wrong: the result is not sorted | of: the worst extensions are kept | expects: not in order
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)

# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return ranked


# %% wrong: the result is sorted by the ids | of: the worst extensions are kept | expects: not in order
# -         extensions.sort(key=lambda extension: extension[1])
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)

# -     return sorted(ranked, key=lambda hypothesis: hypothesis[1], reverse=True)
# +     return sorted(ranked, reverse=True)


# %% wrong: all extensions stay | of: the worst extensions are kept | expects: than a beam of this width can hold
# -         extensions.sort(key=lambda extension: extension[1])
# -         best = extensions[:width]
# +         extensions.sort(key=lambda extension: extension[1], reverse=True)
# +         best = extensions


# %% wrong: eos appended to unfinished ones | expects: eos was added
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, done = [([], 0.0)], []
    for _ in range(max_new_tokens):
        every = []
        for new, total in beam:
            row = next_logprobs([*prompt_ids, *new]).tolist()
            every += [(new + [i], total + v) for i, v in enumerate(row)]
        every.sort(key=lambda e: -e[1])
        every = every[:width]
        done += [e for e in every if e[0][-1] == eos_id]
        beam = [e for e in every if e[0][-1] != eos_id]
    found = [(n, t / len(n)) for n, t in done if n] + [(n + [eos_id], t / len(n)) for n, t in beam if n]
    return sorted(found, key=lambda f: -f[1])


# %% wrong: an eos in the prompt finishes | expects: prompt that holds the eos
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, done = [(list(prompt_ids), 0.0)], []
    for _ in range(max_new_tokens):
        every = []
        for ids, total in beam:
            row = next_logprobs(ids).tolist()
            every += [(ids + [i], total + v) for i, v in enumerate(row)]
        every.sort(key=lambda e: -e[1])
        every = every[:width]
        done += [e for e in every if eos_id in e[0]]
        beam = [e for e in every if eos_id not in e[0]]
    n = len(prompt_ids)
    found = [(i[n:], t / len(i[n:])) for i, t in done + beam if i[n:]]
    return sorted(found, key=lambda f: -f[1])


# %% wrong: the eos is not allowed first | expects: first new token
def beam_search(next_logprobs, prompt_ids, width, max_new_tokens, eos_id):
    beam, done = [([], 0.0)], []
    for step in range(max_new_tokens):
        every = []
        for new, total in beam:
            row = next_logprobs([*prompt_ids, *new]).tolist()
            every += [(new + [i], total + v) for i, v in enumerate(row) if step or i != eos_id]
        every.sort(key=lambda e: -e[1])
        every = every[:width]
        done += [e for e in every if e[0][-1] == eos_id]
        beam = [e for e in every if e[0][-1] != eos_id]
    found = [(n, t / len(n)) for n, t in done + beam if n]
    return sorted(found, key=lambda f: -f[1])
