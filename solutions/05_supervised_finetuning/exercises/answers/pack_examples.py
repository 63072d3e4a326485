"""Answers to `pack_examples`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: a loop with an else
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return packs


# %% right: room kept apart
def pack_examples(examples, max_length):
    packs, room = [], []
    for place, example in enumerate(examples):
        size = len(example)
        if size > max_length:
            raise ValueError(f"examples[{place}] is longer than max_length = {max_length}")
        which = next((number for number, left in enumerate(room) if size <= left), None)
        if which is None:
            which = len(packs)
            packs.append([])
            room.append(max_length)
        packs[which] = packs[which] + list(example)
        room[which] -= size
    return packs


# %% right: pack after pack instead of example after example
def pack_examples(examples, max_length):
    left = [list(example) for example in examples]
    if any(len(example) > max_length for example in left):
        raise ValueError("max_length is less than the longest of examples: " + str(max_length))
    packs = []
    while left:
        pack, rest = [], []
        for example in left:
            if len(pack) + len(example) <= max_length:
                pack += example
            else:
                rest.append(example)
        packs.append(pack)
        left = rest
    return packs


# %% right: tuples
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(
                f"max_length {max_length} is too small for an example of {len(example)} ids"
            )
        for number, pack in enumerate(packs):
            if max_length - len(pack) >= len(example):
                packs[number] = pack + tuple(example)
                break
        else:
            packs.append(tuple(example))
    return packs


# %% right: all lengths looked at first
import numpy as np


def pack_examples(examples, max_length):
    longest = max(map(len, examples), default=0)
    if longest > max_length:
        raise ValueError(f"max_length = {max_length}, but an example has {longest}")
    assigned = {}
    sizes = np.zeros(len(examples) + 1, int)
    for number, example in enumerate(examples):
        pack = int(np.argmax(sizes + len(example) <= max_length))
        sizes[pack] += len(example)
        assigned.setdefault(pack, []).extend(example)
    return [assigned[pack] for pack in sorted(assigned)]


# %% wrong: only the last pack is open (next-fit) | expects: last pack
def pack_examples(examples, max_length):
    packs = [[]]
    for example in examples:
        if len(example) > max_length:
            raise ValueError("too long")
        if len(packs[-1]) + len(example) > max_length:
            packs.append([])
        packs[-1].extend(example)
    return packs


# %% wrong: best-fit | expects: best-fit
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
        fits = [pack for pack in packs if len(pack) + len(example) <= max_length]
        if fits:
            max(fits, key=len).extend(example)
        else:
            packs.append(list(example))
    return packs


# %% wrong: worst-fit | of: best-fit | expects: worst-fit
# -             max(fits, key=len).extend(example)
# +             min(fits, key=len).extend(example)


# %% wrong: the last pack that has room | of: best-fit | expects: last pack that has room
# -             max(fits, key=len).extend(example)
# +             fits[-1].extend(example)


# %% wrong: the longest first | of: a loop with an else | expects: sorted
# - def pack_examples(examples, max_length):
# + def pack_examples(examples, max_length):
# +     examples = sorted(examples, key=len, reverse=True)


# %% wrong: the shortest first | of: a loop with an else | expects: sorted
# - def pack_examples(examples, max_length):
# + def pack_examples(examples, max_length):
# +     examples = sorted(examples, key=len)


# %% wrong: one stream, cut into rows | expects: cut
def pack_examples(examples, max_length):
    if any(len(example) > max_length for example in examples):
        raise ValueError("too long")
    flat = [one for example in examples for one in example]
    return [flat[start : start + max_length] for start in range(0, len(flat), max_length)]


# %% wrong: a full pack is not allowed | of: a loop with an else | expects: last place
# -             if len(pack) + len(example) <= max_length:
# +             if len(pack) + len(example) < max_length:


# %% wrong: an example as long as a pack is refused | of: a loop with an else | expects: as long as max_length
# -         if len(example) > max_length:
# +         if len(example) > max_length - 1:


# %% wrong: a pack may end one beyond | of: a loop with an else | expects: more than max_length
# -             if len(pack) + len(example) <= max_length:
# +             if len(pack) < max_length:


# %% wrong: packs of examples | expects: one list of ids
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError("too long")
        for pack in packs:
            if sum(map(len, pack)) + len(example) <= max_length:
                pack.append(list(example))
                break
        else:
            packs.append([list(example)])
    return packs


# %% wrong: places | expects: places
def pack_examples(examples, max_length):
    packs, room = [], []
    for place, example in enumerate(examples):
        if len(example) > max_length:
            raise ValueError("too long")
        for number in range(len(packs)):
            if len(example) <= room[number]:
                packs[number].append(place)
                room[number] -= len(example)
                break
        else:
            packs.append([place])
            room.append(max_length - len(example))
    return packs


# %% wrong: padded to max_length | of: a loop with an else | expects: not padded
# -     return packs
# +     return [pack + [0] * (max_length - len(pack)) for pack in packs]


# %% wrong: an end between the examples | expects: stands between
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
        for pack in packs:
            if sum(one >= 0 for one in pack) + len(example) <= max_length:
                pack.extend([-1] + list(example))
                break
        else:
            packs.append(list(example))
    return packs


# %% wrong: a pack for each | expects: pack of its own
def pack_examples(examples, max_length):
    if any(len(example) > max_length for example in examples):
        raise ValueError("too long")
    return [list(example) for example in examples]


# %% wrong: put in front | of: a loop with an else | expects: end of a pack
# -                 pack.extend(example)
# +                 pack[:0] = example


# %% wrong: so many examples | expects: not examples
def pack_examples(examples, max_length):
    if any(len(example) > max_length for example in examples):
        raise ValueError("too long")
    starts = range(0, len(examples), max_length)
    return [[one for example in examples[s : s + max_length] for one in example] for s in starts]


# %% wrong: new packs in front | expects: another order
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
        for pack in packs[::-1]:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.insert(0, list(example))
    return packs


# %% wrong: the open packs only are returned | of: a loop with an else | expects: last pack is missing
# -     return packs
# +     return packs[:-1]


# %% wrong: an empty pack to begin with | of: a loop with an else | expects: first pack is empty
# -     return packs
# +     return [[]] + packs


# %% wrong: ids sorted | of: a loop with an else | expects: keep their order
# -     return packs
# +     return [sorted(pack) for pack in packs]


# %% wrong: sets | of: a loop with an else | expects: nothing is dropped / keep their order
# -     return packs
# +     return [list(dict.fromkeys(pack)) for pack in packs]


# %% wrong: the first example is extended in place | of: a loop with an else | expects: modified its input
# -             packs.append(list(example))
# +             packs.append(example)


# %% wrong: examples are taken from the list | of: a loop with an else | expects: modified its input
# -     for example in examples:
# +     while examples:
# +         example = examples.pop(0)


# %% wrong: too long ones are dropped | of: a loop with an else | expects: neither cut
# -             raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
# +             continue


# %% wrong: too long ones are cut | of: a loop with an else | expects: neither cut
# -             raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
# +             example = example[:max_length]


# %% wrong: too long ones have a pack of their own | expects: neither cut
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return packs


# %% wrong: only the first is looked at | of: a loop with an else | expects: neither cut
# -         if len(example) > max_length:
# +         if len(examples[0]) > max_length:


# %% wrong: an assertion | expects: ValueError
def pack_examples(examples, max_length):
    packs = []
    for example in examples:
        assert len(example) <= max_length, "too long"
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return packs


# %% wrong: the second half first | of: a loop with an else | expects: order given
# - def pack_examples(examples, max_length):
# + def pack_examples(examples, max_length):
# +     middle = len(examples) // 2
# +     examples = [*examples[middle:], *examples[:middle]]


# %% wrong: at most sixteen open packs | of: a loop with an else | expects: order given
# -         for pack in packs:
# +         for pack in packs[-16:]:


# %% wrong: equal examples once | expects: nothing is dropped
def pack_examples(examples, max_length):
    examples = list(dict.fromkeys(map(tuple, examples)))
    packs = []
    for example in examples:
        if len(example) > max_length:
            raise ValueError(f"an example has {len(example)} ids, max_length is {max_length}")
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return [list(dict.fromkeys(pack)) for pack in packs]


# %% wrong: room in the next packs is refused | of: a loop with an else | expects: All of these examples fit
# - def pack_examples(examples, max_length):
# + def pack_examples(examples, max_length):
# +     if sum(map(len, examples)) > max_length:
# +         raise ValueError("too much")


# %% wrong: an example that occurs twice is packed once | expects: nothing is dropped
def pack_examples(examples, max_length):
    packs = []
    for example in dict.fromkeys(map(tuple, examples)):
        if len(example) > max_length:
            raise ValueError(f"examples has {example}, longer than max_length {max_length}")
        for pack in packs:
            if len(pack) + len(example) <= max_length:
                pack.extend(example)
                break
        else:
            packs.append(list(example))
    return packs


# %% right: the first pack with room by next, a new one as its default
def pack_examples(examples, max_length):
    packs = []
    for ids in map(list, examples):
        if len(ids) > max_length:
            raise ValueError("an example is too long")
        room = (place for place, pack in enumerate(packs) if max_length - len(pack) >= len(ids))
        place = next(room, len(packs))
        packs[place : place + 1] = [[*packs[place], *ids] if place < len(packs) else ids]
    return packs


# %% wrong: no break after the first pack with room | of: a loop with an else | expects: more than one pack
# -                 break


# %% wrong: the tokens that are in the pack do not count | of: a loop with an else | expects: add up
# -             if len(pack) + len(example) <= max_length:
# +             if len(example) <= max_length:


# %% wrong: ids of 0 are left out | expects: id of 0
def pack_examples(examples, max_length):
    packs = []
    for one in examples:
        if len(one) > max_length:
            raise ValueError(f"{max_length}")
        one = [i for i in one if i]
        for pack in packs:
            if len(pack) + len(one) <= max_length:
                pack.extend(one)
                break
        else:
            packs.append(list(one))
    return packs


# %% wrong: packs sorted by length | expects: another order
def pack_examples(examples, max_length):
    packs = []
    for one in examples:
        if len(one) > max_length:
            raise ValueError(f"{max_length}")
        for pack in packs:
            if len(pack) + len(one) <= max_length:
                pack.extend(one)
                break
        else:
            packs.append(list(one))
    return sorted(packs, key=len, reverse=True)


# %% wrong: full packs stand before all others | expects: another order
def pack_examples(examples, max_length):
    still, done = [], []
    for one in examples:
        if len(one) > max_length:
            raise ValueError(f"{max_length}")
        for pack in still:
            if len(pack) + len(one) <= max_length:
                pack.extend(one)
                break
        else:
            still.append(list(one))
        done += [pack for pack in still if len(pack) == max_length]
        still = [pack for pack in still if len(pack) < max_length]
    return done + still


# %% wrong: a separator that takes room | expects: stands between
def pack_examples(examples, max_length):
    packs = []
    for one in examples:
        if len(one) > max_length:
            raise ValueError(f"{max_length}")
        for pack in packs:
            if len(pack) + 1 + len(one) <= max_length:
                pack.extend([0, *one])
                break
        else:
            packs.append(list(one))
    return packs


# %% right: recursive
def _placed(packs, example, limit):
    if not packs:
        return [list(example)]
    first, *rest = packs
    if len(first) + len(example) <= limit:
        return [first + list(example), *rest]
    done = []
    while packs and len(packs[0]) + len(example) > limit:
        done.append(packs[0])
        packs = packs[1:]
    return done + (_placed(packs, example, limit) if packs else [list(example)])


def pack_examples(examples, max_length):
    packs = []
    for place, example in enumerate(examples):
        if len(example) > max_length:
            raise ValueError(f"examples[{place}] is longer than max_length {max_length}")
        packs = _placed(packs, example, max_length)
    return packs


# %% right: numpy room
import numpy as np


def pack_examples(examples, max_length):
    sizes = np.array([len(one) for one in examples], dtype=int)
    if (sizes > max_length).any():
        raise ValueError(f"examples of {sizes.max()} ids, max_length is {max_length}")
    used, packs = np.zeros(len(sizes), dtype=int), [[] for _ in examples]
    for example, size in zip(examples, sizes):
        at = int(np.argmax(used + size <= max_length))
        used[at] += size
        packs[at].extend(example)
    return [pack for pack in packs if pack]
