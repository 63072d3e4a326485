"""Answers to `capital_flip`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a list of letters, and combinations
from itertools import combinations


def capital_flip(prompt, position):
    letters = list(prompt)
    letters[position] = letters[position].swapcase()
    return "".join(letters)


def sensitivity(answer, prompts):
    answers = [answer(prompt) for prompt in prompts]
    pairs = list(combinations(answers, 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% right: lower or upper, and counts
from collections import Counter


def capital_flip(prompt, position):
    one = prompt[position]
    flipped = one.lower() if one.isupper() else one.upper()
    return f"{prompt[:position]}{flipped}{prompt[position + 1 :]}"


def sensitivity(answer, prompts):
    n = len(prompts)
    counts = Counter(map(answer, prompts))
    return 1 - sum(c * (c - 1) for c in counts.values()) / (n * (n - 1))


# %% right: a comprehension, and both orders of each pair
def capital_flip(prompt, position):
    return "".join(c.swapcase() if i == position else c for i, c in enumerate(prompt))


def sensitivity(answer, prompts):
    given = {prompt: answer(prompt) for prompt in prompts}
    differ = [given[a] != given[b] for a in prompts for b in prompts if a != b]
    return sum(differ) / len(differ)


# %% right: asks anew for each pair
def capital_flip(prompt: str, position: int) -> str:
    if not prompt[position].isalpha():
        return prompt
    return prompt[:position] + prompt[position].swapcase() + prompt[position:][1:]


def sensitivity(answer, prompts):
    total = different = 0
    for i in range(len(prompts)):
        for j in range(i + 1, len(prompts)):
            total += 1
            if answer(prompts[i]) != answer(prompts[j]):
                different += 1
    return different / total


# %% right: numpy, whole text swapped and cut
import numpy as np


def capital_flip(prompt, position):
    end = position + 1
    return prompt[0:position] + prompt.swapcase()[position:end] + prompt[end:]


def sensitivity(answer, prompts):
    kinds = []
    ids = []
    for prompt in prompts:
        said = answer(prompt)
        if said not in kinds:
            kinds.append(said)
        ids.append(kinds.index(said))
    ids = np.array(ids)
    rows, columns = np.triu_indices(len(ids), k=1)
    return (ids[rows] != ids[columns]).mean()


# %% right: one minus consistency, refused below two
from itertools import combinations
from statistics import fmean


def capital_flip(prompt, position):
    if not 0 <= position < len(prompt) or not prompt[position].isalpha():
        raise ValueError(f"position {position} is no letter of {prompt!r}")
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    if len(prompts) < 2:
        raise ValueError(f"prompts holds {len(prompts)}")
    return 1.0 - fmean(a == b for a, b in combinations([answer(one) for one in prompts], 2))


# %% wrong: only raises small letters | expects: capital has to become small
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].upper() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: only lowers capitals | expects: small one has to become a capital
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].lower() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the whole prompt | expects: every letter is changed
from itertools import combinations


def capital_flip(prompt, position):
    return prompt.swapcase()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: everything from the position on | expects: what follows
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position:].swapcase()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: capitalize makes the rest small | expects: stays as it was / what follows
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position:].capitalize()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: everything up to the position | expects: what stands before
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[: position + 1].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: replaces every such letter | expects: other places
from itertools import combinations


def capital_flip(prompt, position):
    return prompt.replace(prompt[position], prompt[position].swapcase())


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: replaces the first such letter | expects: other places
from itertools import combinations


def capital_flip(prompt, position):
    return prompt.replace(prompt[position], prompt[position].swapcase(), 1)


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: positions from 1 | expects: count from 0
from itertools import combinations


def capital_flip(prompt, position):
    at = position - 1
    return prompt[:at] + prompt[at].swapcase() + prompt[at + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: counts letters only | of: positions from 1 | expects: blanks and signs count
# -     at = position - 1
# +     places = [i for i, c in enumerate(prompt) if c.isalpha()]
# +     at = places[position]


# %% wrong: the position of a word | expects: no word's number / place in the text
from itertools import combinations


def capital_flip(prompt, position):
    words = prompt.split(" ")
    words[position] = words[position].swapcase()
    return " ".join(words)


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: always the first letter | expects: not always 0
from itertools import combinations


def capital_flip(prompt, position=0):
    return prompt[0].swapcase() + prompt[1:]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the letter stands there twice | expects: twice
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position:]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the letter alone | expects: whole prompt
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[position].swapcase()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: a list of letters | expects: a text
from itertools import combinations


def capital_flip(prompt, position):
    letters = list(prompt)
    letters[position] = letters[position].swapcase()
    return letters


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: a letter's bit of ASCII | expects: beyond a to z
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + chr(ord(prompt[position]) ^ 32) + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: tables of a to z | expects: beyond a to z
import string
from itertools import combinations


def capital_flip(prompt, position):
    table = str.maketrans(string.ascii_letters, string.ascii_uppercase + string.ascii_lowercase)
    return prompt[:position] + prompt[position].translate(table) + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the prompt is stripped | expects: stays as it was: line ends
from itertools import combinations


def capital_flip(prompt, position):
    return (prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]).strip()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: words are put together anew | expects: stays as it was: line ends
from itertools import combinations


def capital_flip(prompt, position):
    flipped = prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]
    return " ".join(flipped.split())


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: position 0 counts as none given | expects: first and the last place
from itertools import combinations


def capital_flip(prompt, position):
    if not position:
        return prompt
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the last place counts as outside | expects: first and the last place
from itertools import combinations


def capital_flip(prompt, position):
    if position >= len(prompt) - 1:
        raise ValueError(f"position {position} lies outside")
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the rest becomes small | expects: every letter / what follows / other letters / what stands before
from itertools import combinations


def capital_flip(prompt, position):
    flipped = prompt[position].swapcase()
    return prompt[:position].lower() + flipped + prompt[position + 1 :].lower()


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: counts from the end | of: positions from 1 | expects: from the beginning
# -     at = position - 1
# +     at = len(prompt) - 1 - position


# %% wrong: how often answers agree | expects: agree
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: pairs of a prompt with itself | expects: paired with itself
from itertools import product


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(product([answer(prompt) for prompt in prompts], repeat=2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: neighbours | expects: neighbours
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = [answer(prompt) for prompt in prompts]
    return sum(a != b for a, b in zip(answers, answers[1:])) / (len(answers) - 1)


# %% wrong: against the first prompt | expects: first one only
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    first = answer(prompts[0])
    return sum(answer(prompt) != first for prompt in prompts[1:]) / (len(prompts) - 1)


# %% wrong: the share of different answers | expects: different answers there are
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    return len({answer(prompt) for prompt in prompts}) / len(prompts)


# %% wrong: the share that is not the most common answer | expects: most common
from collections import Counter


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    counts = Counter(answer(prompt) for prompt in prompts)
    return 1 - counts.most_common(1)[0][1] / len(prompts)


# %% wrong: a number of pairs | expects: number of pairs
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    return sum(a != b for a, b in combinations([answer(prompt) for prompt in prompts], 2))


# %% wrong: over the number of prompts | expects: not of prompts
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    differ = sum(a != b for a, b in combinations([answer(prompt) for prompt in prompts], 2))
    return differ / len(prompts)


# %% wrong: both orders over one | expects: counted twice
from itertools import combinations, permutations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    differ = sum(a != b for a, b in permutations([answer(prompt) for prompt in prompts], 2))
    return differ / len(list(combinations(prompts, 2)))


# %% wrong: percent | expects: percent
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return 100 * sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: compares prompts | expects: not prompts
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations(prompts, 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: compares lengths of answers | expects: not their lengths
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([len(str(answer(prompt))) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: whether any differ | expects: all or nothing
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    return len({answer(prompt) for prompt in prompts}) > 1


# %% wrong: identity | expects: two objects
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a is not b for a, b in pairs) / len(pairs)


# %% wrong: answers that are empty or 0 are left out | expects: are answers too
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(bool(a and b and a != b) for a, b in pairs) / len(pairs)


# %% wrong: the answer to all prompts at once | expects: called with each prompt
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = answer(prompts)
    n = len(answers)
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: refuses two prompts | expects: two prompts are enough
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    if len(prompts) <= 2:
        raise ValueError("prompts: too few")
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: without the diagonal in the sum, with it in the mean | expects: paired with itself
import numpy as np


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = [answer(prompt) for prompt in prompts]
    return float(np.mean([[a != b for a in answers] for b in answers]))


# %% wrong: the course's own flip | expects: does this exercise for you / course's own
from itertools import combinations

from utils.evaluation.sensitivity import capital_flip


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the course's own sensitivity | expects: does this exercise for you
import utils.evaluation.sensitivity as course


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    return course.sensitivity(answer, prompts)


# %% wrong: rounded to two digits | expects: look at each pair once
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return round(sum(a != b for a, b in pairs) / len(pairs), 2)


# %% wrong: the case of answers is ignored | expects: only their case differs
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([str(answer(prompt)).lower() for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: NaN when all answers are equal | expects: when all answers are equal
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = [answer(prompt) for prompt in prompts]
    if len(set(answers)) == 1:
        return float("nan")
    pairs = list(combinations(answers, 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the first prompts only | expects: look at each pair once
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts[:64]], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: whole division | expects: look at each pair once / agree
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) // len(pairs)


# %% wrong: the prompt with its flips of the first letter | expects: look at each pair once / first one only / compare answers
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    flipped = [capital_flip(prompt, 0) for prompt in prompts]
    known = {prompt: answer(prompt) for prompt in prompts}
    return sum(known.get(f) != known[p] for p, f in zip(prompts, flipped)) / len(prompts)


# %% wrong: answers are kept from one model to the next | expects: look at each pair once / when all answers are equal / a pair
kept = {}


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = [kept.setdefault(prompt, answer(prompt)) for prompt in prompts]
    n = len(answers)
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: takes prompts off the list | expects: in place
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    answers = []
    while prompts:
        answers.append(answer(prompts.pop()))
    n = len(answers)
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: capitals refused | expects: a letter stands there / two cases
from itertools import combinations


def capital_flip(prompt, position):
    if not prompt[position].islower():
        raise ValueError(f"position {position} holds no small letter")
    return prompt[:position] + prompt[position].upper() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: only letters a to z are flipped | expects: letters beyond a to z
from itertools import combinations


def capital_flip(prompt, position):
    letter = prompt[position]
    if "a" <= letter <= "z":
        letter = letter.upper()
    elif "A" <= letter <= "Z":
        letter = letter.lower()
    return prompt[:position] + letter + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the whole word at the position | expects: what follows / other letters / stands before / only the letter
from itertools import combinations


def capital_flip(prompt, position):
    start, end = prompt.rfind(" ", 0, position) + 1, prompt.find(" ", position)
    end = len(prompt) if end < 0 else end
    return prompt[:start] + prompt[start:end].swapcase() + prompt[end:]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: a capital at the position, and small letters elsewhere | expects: other letters / small / only the letter
from itertools import combinations


def capital_flip(prompt, position):
    letters = [c.upper() if i == position else c.lower() for i, c in enumerate(prompt)]
    return "".join(letters)


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: the prompt is stripped and made small before it is asked | expects: each prompt as it is
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt.strip().lower()) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: positions in bytes | expects: not bytes / beyond a to z
from itertools import combinations


def capital_flip(prompt, position):
    text = prompt.encode()
    start, end = text[:position], text[position + 1 :]
    letter = text[position : position + 1].swapcase()
    return (start + letter + end).decode(errors="replace")


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: positions in bytes, where the letter may have several | expects: not bytes
from itertools import combinations


def capital_flip(prompt, position):
    text = prompt.encode()
    before, rest = text[:position], text[position:].decode(errors="ignore")
    return before.decode(errors="ignore") + rest[0].swapcase() + rest[1:]


def sensitivity(answer, prompts):
    pairs = list(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: different pairs of answers are counted once | expects: the same two answers
from itertools import combinations


def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    pairs = set(combinations([answer(prompt) for prompt in prompts], 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: brought into a normal form as well | expects: everything else stays
import unicodedata


def capital_flip(prompt, position):
    if not 0 <= position < len(prompt) or prompt[position].swapcase() == prompt[position]:
        raise ValueError(f"position must be that of a letter, not {position}")
    flipped = prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]
    return unicodedata.normalize("NFC", flipped)


def sensitivity(answer, prompts):
    given = [answer(prompt) for prompt in prompts]
    n = len(given)
    if n < 2:
        raise ValueError(f"prompts must be two or more, not {prompts}")
    return (
        sum(one != other for i, one in enumerate(given) for other in given[:i]) * 2 / (n * (n - 1))
    )


# %% right: a character array, and answers in groups
from array import array
from collections import defaultdict


def capital_flip(prompt, position):
    if not 0 <= position < len(prompt) or len(prompt[position].swapcase()) > 1:
        raise ValueError("no letter there")
    letters = array("u", prompt)
    letters[position] = letters[position].swapcase()
    if letters.tounicode() == prompt:
        raise ValueError("no letter there")
    return letters.tounicode()


def sensitivity(answer, prompts):
    groups = defaultdict(int)
    for prompt in prompts:
        groups[answer(prompt)] += 1
    n = sum(groups.values())
    if n < 2:
        raise ValueError("two prompts are needed")
    return sum(k * (n - k) for k in groups.values()) / (n * (n - 1))

# %% wrong: tells whether any two answers differ | expects: not whether any do
def capital_flip(prompt, position):
    if not 0 <= position < len(prompt) or prompt[position].swapcase() == prompt[position]:
        raise ValueError("position")
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    if len(prompts) < 2:
        raise ValueError("prompts")
    return float(len({answer(x) for x in prompts}) > 1)

# %% wrong: counts pairs of different answers | expects: different answers
from itertools import combinations


def capital_flip(prompt, position):
    if not 0 <= position < len(prompt) or prompt[position].swapcase() == prompt[position]:
        raise ValueError("position")
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    if len(prompts) < 2:
        raise ValueError("prompts")
    n = len(prompts)
    return len(list(combinations({answer(x) for x in prompts}, 2))) / (n * (n - 1) / 2)


# %% wrong: the letter after it is lost | expects: is missing, or stands there twice
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 2 :]


def sensitivity(answer, prompts):
    n = len(prompts)
    if n < 2:
        raise ValueError(f"{n} prompts")
    answers = [answer(prompt) for prompt in prompts]
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: the whole prompt follows the letter | expects: is missing, or stands there twice
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt


def sensitivity(answer, prompts):
    n = len(prompts)
    if n < 2:
        raise ValueError(f"{n} prompts")
    answers = [answer(prompt) for prompt in prompts]
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: no return | expects: is a `return` missing
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    n = len(prompts)
    if n < 2:
        raise ValueError(f"{n} prompts")
    answers = [answer(prompt) for prompt in prompts]
    share = sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: the number of pairs comes, too | expects: Return one number
def capital_flip(prompt, position):
    return prompt[:position] + prompt[position].swapcase() + prompt[position + 1 :]


def sensitivity(answer, prompts):
    n = len(prompts)
    if n < 2:
        raise ValueError(f"{n} prompts")
    answers = [answer(prompt) for prompt in prompts]
    return sum(answers[i] != answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2), n * (n - 1) // 2
