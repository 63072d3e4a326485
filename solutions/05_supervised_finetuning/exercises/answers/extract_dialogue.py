"""Answers to `extract_dialogue`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a pattern and a loop
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            return []
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% right: without a pattern
def extract_dialogue(text):
    turns = []
    for line in text.split("\n"):
        if line.strip() == "":
            continue
        head, mark, speech = line.partition("]:")
        if mark == "" or not head.startswith("[") or "[" in head[1:] or "]" in head:
            return []
        turns.append((head[1:].strip(), speech.strip()))
    speakers = [speaker for speaker, _ in turns]
    if len(set(speakers)) < 2 or any(a == b for a, b in zip(speakers, speakers[1:])):
        return []
    return turns


# %% right: groupby
import re
from itertools import groupby


def extract_dialogue(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [re.match(r"^\[([^\]]+)\]: ?(.*)$", line) for line in lines]
    if not all(found):
        return []
    turns = [(one.group(1).strip(), one.group(2).strip()) for one in found]
    in_a_row = [len(list(group)) for _, group in groupby(turns, key=lambda turn: turn[0])]
    return turns if len(in_a_row) > 1 and max(in_a_row) == 1 else []


# %% right: lists in place of tuples | of: a pattern and a loop
# -         turns.append((speaker, speech))
# +         turns.append([speaker, speech])


# %% right: a lazy pattern | of: a pattern and a loop
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[\s*(.+?)\s*\]:\s+(.*)")


# %% right: a whole-text pattern first
import re


def extract_dialogue(text):
    if not re.fullmatch(r"(\s*\n|[ \t]*\[[^\[\]\n]+\]:[^\n]*(\n|$))*\s*", text):
        return []
    turns = [
        (a.strip(), b.strip())
        for a, b in re.findall(r"(?m)^[ \t]*\[([^\[\]\n]+)\]:([^\n]*)$", text)
    ]
    names = [name for name, _ in turns]
    alternates = all(one != two for one, two in zip(names[:-1], names[1:]))
    return turns if alternates and len(set(names)) >= 2 else []


# %% wrong: other lines are skipped | of: a pattern and a loop | expects: one such line / one other line
# -         if not found:
# -             return []
# +         if not found:
# +             continue


# %% wrong: other lines end the dialogue | of: a pattern and a loop | expects: one other line
# -         if not found:
# -             return []
# +         if not found:
# +             break


# %% wrong: most lines are enough | expects: one such line / one other line
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns, bad = [], 0
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            bad += 1
            continue
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    if bad > len(turns):
        return []
    return turns


# %% wrong: only the first line is looked at | of: a pattern and a loop | expects: one other line
# -         if not found:
# -             return []
# +         if not found:
# +             if not turns:
# +                 return []
# +             continue


# %% wrong: narration joins the speech before | of: a pattern and a loop | expects: one other line
# -         if not found:
# -             return []
# +         if not found:
# +             if not turns:
# +                 return []
# +             turns[-1] = (turns[-1][0], turns[-1][1] + " " + line)
# +             continue


# %% wrong: searched anywhere in the line | of: a pattern and a loop | expects: first character
# -         found = PATTERN.fullmatch(line)
# +         found = PATTERN.search(line)


# %% wrong: brackets are optional | of: a pattern and a loop | expects: one other line
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[?([^\[\]:]+)\]?:(.*)")


# %% wrong: the colon is optional | of: a pattern and a loop | expects: one other line
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[([^\[\]]+)\]:?(.*)")


# %% wrong: any brackets | of: a pattern and a loop | expects: one other line
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"[\[(]([^\[\]]+?)[\])]:(.*)")


# %% wrong: blank lines spoil it | of: a pattern and a loop | expects: Blank lines
# -         line = line.strip()
# -         if not line:
# -             continue


# %% wrong: only empty lines are skipped | of: a pattern and a loop | expects: Blank lines
# -         line = line.strip()


# %% wrong: a blank line ends it | of: a pattern and a loop | expects: Blank lines / last line
# -             continue
# +             break


# %% wrong: white space is kept | of: a pattern and a loop | expects: White space
# -         line = line.strip()
# -         if not line:
# +         if not line.strip():

# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1], found[2]


# %% wrong: one space is taken off | of: a pattern and a loop | expects: stripped
# -         line = line.strip()
# -         if not line:
# +         if not line.strip():

# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1].strip(), found[2].removeprefix(" ")


# %% wrong: a space at the end of a line spoils it | of: a pattern and a loop | expects: White space
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[([^\[\]]+)\]: +(\S(?:.*\S)?)")

# -         line = line.strip()
# -         if not line:
# +         if not line.strip():


# %% wrong: a greedy pattern | of: a pattern and a loop | expects: greedy
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[(.+)\]:(.*)")


# %% wrong: split at the last mark | expects: greedy
def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        head, mark, speech = line.strip().rpartition("]:")
        if not mark or head[0] != "[":
            return []
        if turns and turns[-1][0] == head[1:].strip():
            return []
        turns.append((head[1:].strip(), speech.strip()))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []


# %% wrong: split at every mark | expects: only the first / speech goes on
def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        parts = line.strip().split("]:")
        if len(parts) < 2 or parts[0][:1] != "[" or "[" in parts[0][1:]:
            return []
        if turns and turns[-1][0] == parts[0][1:].strip():
            return []
        turns.append((parts[0][1:].strip(), parts[1].strip()))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []


# %% wrong: speeches end at a colon | of: a pattern and a loop | expects: goes on after a colon
# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1].strip(), found[2].split(":")[0].strip()


# %% wrong: speeches must not hold brackets | of: a pattern and a loop | expects: may hold brackets
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[([^\[\]]+)\]:([^\[\]]*)")


# %% wrong: one speaker is enough | of: a pattern and a loop | expects: at least two speakers
# -     if len({speaker for speaker, speech in turns}) < 2:
# -         return []


# %% wrong: two turns are enough, whoever speaks | of: a pattern and a loop | expects: twice in a row / at least two speakers
# -         if turns and turns[-1][0] == speaker:
# -             return []

# -     if len({speaker for speaker, speech in turns}) < 2:
# +     if len(turns) < 2:


# %% wrong: the same speaker twice in a row | of: a pattern and a loop | expects: twice in a row
# -         if turns and turns[-1][0] == speaker:
# -             return []


# %% wrong: only the first two are compared | of: a pattern and a loop | expects: twice in a row
# -         if turns and turns[-1][0] == speaker:
# +         if len(turns) == 1 and turns[-1][0] == speaker:


# %% wrong: a speaker must not come back | of: a pattern and a loop | expects: may speak again / which line does not match
# -         if turns and turns[-1][0] == speaker:
# +         if any(one == speaker for one, _ in turns):


# %% wrong: exactly two speakers | of: a pattern and a loop | expects: More than two speakers
# -     if len({speaker for speaker, speech in turns}) < 2:
# +     if len({speaker for speaker, speech in turns}) != 2:


# %% wrong: three turns at least | of: a pattern and a loop | expects: which line does not match
# -         return []
# +         return []
# +     if len(turns) < 3:
# +         return []


# %% wrong: turns of one speaker joined | of: a pattern and a loop | expects: twice in a row
# -         if turns and turns[-1][0] == speaker:
# -             return []
# +         if turns and turns[-1][0] == speaker:
# +             turns[-1] = (speaker, turns[-1][1] + " " + speech)
# +             continue


# %% wrong: speakers alone | of: a pattern and a loop | expects: speeches too
# -     return turns
# +     return [speaker for speaker, _ in turns]


# %% wrong: speeches alone | of: a pattern and a loop | expects: speakers too
# -     return turns
# +     return [speech for _, speech in turns]


# %% wrong: (speech, speaker) | of: a pattern and a loop | expects: order is
# -     return turns
# +     return [(speech, speaker) for speaker, speech in turns]


# %% wrong: names with brackets | of: a pattern and a loop | expects: brackets do not belong
# -     return turns
# +     return [(f"[{speaker}]", speech) for speaker, speech in turns]


# %% wrong: the colon in the speech | of: a pattern and a loop | expects: colon belongs
# -     return turns
# +     return [(speaker, ": " + speech) for speaker, speech in turns]


# %% wrong: lines as they are | of: a pattern and a loop | expects: Whole lines
# -     return turns
# +     return [line.strip() for line in text.splitlines() if line.strip()]


# %% wrong: a dict by speaker | of: a pattern and a loop | expects: speaker keeps / own line
# -     return turns
# +     return dict(turns)


# %% wrong: the last line forgotten | of: a pattern and a loop | expects: last line
# -     return turns
# +     return turns[:-1]


# %% wrong: the first line forgotten | of: a pattern and a loop | expects: first line
# -     return turns
# +     return turns[1:]


# %% wrong: names spelled backwards | of: a pattern and a loop | expects: nobody speaks twice
# -     return turns
# +     return [(speaker[::-1], speech) for speaker, speech in turns]


# %% wrong: speeches of one word | of: a pattern and a loop | expects: only the first / nobody speaks
# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1].strip(), found[2].strip().split()[0]


# %% wrong: nothing is a dialogue | expects: which line does not match
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    return []


# %% wrong: names in lower case | of: a pattern and a loop | expects: capitals
# -     return turns
# +     return [(speaker.lower(), speech.lower()) for speaker, speech in turns]


# %% wrong: equal turns once | of: a pattern and a loop | expects: said twice
# -     return turns
# +     return list(dict.fromkeys(turns))


# %% wrong: None for no dialogue | expects: empty list
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            return None
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return None
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return None
    return turns


# %% wrong: an error for no dialogue | expects: nothing bad
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            raise ValueError("no dialogue")
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            raise ValueError("no dialogue")
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        raise ValueError("no dialogue")
    return turns


# %% wrong: names are compared before they are stripped | expects: strip the names before
import re


def extract_dialogue(text):
    turns, last = [], None
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.match(r"\s*\[([^\]]+)\]:(.*)", line)
        if not found or found[1] == last:
            return []
        last = found[1]
        turns.append((found[1].strip(), found[2].strip()))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []


# %% wrong: names with white space at their ends are no names | expects: white space around a name
import re


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.match(r"\s*\[(\S|\S[^\]]*\S)\]:(.*)", line)
        if not found or (turns and turns[-1][0] == found[1]):
            return []
        turns.append((found[1], found[2].strip()))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []


# %% wrong: names are not stripped, speeches are | of: names with white space at their ends are no names | expects: around names and speeches is stripped
# -         found = re.match(r"\s*\[(\S|\S[^\]]*\S)\]:(.*)", line)
# +         found = re.match(r"\s*\[([^\]]+)\]:(.*)", line)


# %% wrong: names of ASCII letters, digits and a few signs | expects: only the brackets bound it
import re


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.fullmatch(r"\[([A-Za-z0-9 ._'-]+)\]:(.*)", line.strip())
        if found is None:
            return []
        turns.append((found[1].strip(), found[2].strip()))
    names = [name for name, _ in turns]
    if len(set(names)) < 2 or any(one == two for one, two in zip(names, names[1:])):
        return []
    return turns


# %% wrong: after a blank line the same speaker may go on | expects: twice in a row
import re


def extract_dialogue(text):
    turns, before = [], None
    for line in text.splitlines():
        if not line.strip():
            before = None
            continue
        found = re.fullmatch(r"\[([^\[\]]+)\]:(.*)", line.strip())
        if found is None or found[1].strip() == before:
            return []
        before = found[1].strip()
        turns.append((before, found[2].strip()))
    return turns if len({name for name, _ in turns}) > 1 else []


# %% wrong: names compared by their beginnings | of: a pattern and a loop | expects: whole names
# -         if turns and turns[-1][0] == speaker:
# +         if turns and speaker.startswith(turns[-1][0]):


# %% wrong: spaces stripped, and no tabs | of: a pattern and a loop | expects: around names and speeches is stripped
# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1].strip(" "), found[2].strip(" ")


# %% wrong: one space between words | of: a pattern and a loop | expects: ends is stripped
# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = (" ".join(part.split()) for part in found.groups())


# %% wrong: 500 characters of a speech at most | of: a pattern and a loop | expects: of any length
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[([^\[\]]+)\]:(.{0,500})")


# %% wrong: 20 characters of a name at most | of: a pattern and a loop | expects: of any length
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\[([^\[\]]{1,20})\]:(.*)")


# %% wrong: a bullet is skipped | of: a pattern and a loop | expects: first character
# - PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")
# + PATTERN = re.compile(r"\W*\[([^\[\]]+)\]:(.*)")


# %% wrong: headlines are skipped | of: a pattern and a loop | expects: one other line
# -         if not line:
# +         if not line or line.startswith("#"):


# %% wrong: four speakers at most | of: a pattern and a loop | expects: More than two speakers
# -     if len({speaker for speaker, speech in turns}) < 2:
# +     if not 2 <= len({speaker for speaker, speech in turns}) <= 4:


# %% wrong: the first turn is looked at before there is one | of: a pattern and a loop | expects: nothing bad
# -     if len({speaker for speaker, speech in turns}) < 2:
# +     if turns[0][0] == turns[-1][0] and len({speaker for speaker, speech in turns}) < 2:


# %% wrong: names with capitals at the beginning | of: a pattern and a loop | expects: keep their capitals
# -         speaker, speech = found[1].strip(), found[2].strip()
# +         speaker, speech = found[1].strip().title(), found[2].strip()


# %% wrong: lines compared in pairs apart | expects: wherever it stands
import re


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        m = re.fullmatch(r"\[([^\[\]]+)\]:(.*)", line.strip())
        if not m:
            return []
        turns.append((m[1].strip(), m[2].strip()))
    if len(set(t[0] for t in turns)) < 2 or any(a[0] == b[0] for a, b in zip(turns[::2], turns[1::2])):
        return []
    return turns


# %% wrong: headlines and rules skipped | expects: from its first character
import re


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#") or set(line.strip()) <= set("-*=_"):
            continue
        m = re.fullmatch(r"\[([^\[\]]+)\]:(.*)", line.strip())
        if not m:
            return []
        turns.append((m[1].strip(), m[2].strip()))
    if len(set(t[0] for t in turns)) < 2 or any(a[0] == b[0] for a, b in zip(turns, turns[1:])):
        return []
    return turns


# %% right: no regular expression
from itertools import pairwise


def extract_dialogue(text):
    turns = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line[0] != "[" or "]" not in line:
            return []
        close = line.index("]")
        if line[close + 1 : close + 2] != ":":
            return []
        turns.append((line[1:close].strip(), line[close + 2 :].strip()))
    names = [name for name, _ in turns]
    if any(a == b for a, b in pairwise(names)) or len(set(names)) == 1:
        return []
    return turns


# %% right: one regular expression over all
import re


def extract_dialogue(text):
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    found = [re.match(r"\s*\[\s*(.*?)\s*\]:\s*(.*?)\s*$", line, re.S) for line in lines]
    if not all(found):
        return []
    turns = [one.groups() for one in found]
    runs = sum(1 for i in range(1, len(turns)) if turns[i][0] == turns[i - 1][0])
    return turns if not runs and len(turns) > 1 else []


# %% right: a generator that raises
import re
from itertools import groupby


def _turns(text):
    for line in text.split("\n"):
        if line.strip():
            speaker, speech = re.fullmatch(r"\s*\[([^\]]*)\]:(.*)", line).groups()
            yield speaker.strip(), speech.strip()


def extract_dialogue(text):
    try:
        turns = list(_turns(text))
    except AttributeError:
        return []
    groups = [len(list(group)) for _, group in groupby(turns, key=lambda turn: turn[0])]
    return turns if len(groups) > 1 and max(groups) == 1 else []
