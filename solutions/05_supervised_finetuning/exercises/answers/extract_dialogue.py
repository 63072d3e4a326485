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


# %% right: lists in place of tuples
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
        turns.append([speaker, speech])
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% right: a lazy pattern
import re

PATTERN = re.compile(r"\[\s*(.+?)\s*\]:\s+(.*)")


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


# %% wrong: other lines are skipped | expects: one such line / one other line
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
            continue
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: other lines end the dialogue | expects: one other line
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
            break
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


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


# %% wrong: only the first line is looked at | expects: one other line
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
            if not turns:
                return []
            continue
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: narration joins the speech before | expects: one other line
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
            if not turns:
                return []
            turns[-1] = (turns[-1][0], turns[-1][1] + " " + line)
            continue
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: searched anywhere in the line | expects: first character
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = PATTERN.search(line)
        if not found:
            return []
        speaker, speech = found[1].strip(), found[2].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: brackets are optional | expects: one other line
import re

PATTERN = re.compile(r"\[?([^\[\]:]+)\]?:(.*)")


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


# %% wrong: the colon is optional | expects: one other line
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:?(.*)")


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


# %% wrong: any brackets | expects: one other line
import re

PATTERN = re.compile(r"[\[(]([^\[\]]+?)[\])]:(.*)")


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


# %% wrong: blank lines spoil it | expects: Blank lines
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
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


# %% wrong: only empty lines are skipped | expects: Blank lines
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
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


# %% wrong: a blank line ends it | expects: Blank lines / last line
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            break
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


# %% wrong: white space is kept | expects: White space
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            return []
        speaker, speech = found[1], found[2]
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: one space is taken off | expects: stripped
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = PATTERN.fullmatch(line)
        if not found:
            return []
        speaker, speech = found[1].strip(), found[2].removeprefix(" ")
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: a space at the end of a line spoils it | expects: White space
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]: +(\S(?:.*\S)?)")


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
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


# %% wrong: a greedy pattern | expects: greedy
import re

PATTERN = re.compile(r"\[(.+)\]:(.*)")


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


# %% wrong: speeches end at a colon | expects: goes on after a colon
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
        speaker, speech = found[1].strip(), found[2].split(":")[0].strip()
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: speeches must not hold brackets | expects: he wrote / greedy
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:([^\[\]]*)")


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


# %% wrong: one speaker is enough | expects: at least two speakers
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
    return turns


# %% wrong: two turns are enough, whoever speaks | expects: twice in a row / at least two speakers
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
        turns.append((speaker, speech))
    if len(turns) < 2:
        return []
    return turns


# %% wrong: the same speaker twice in a row | expects: twice in a row
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
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: only the first two are compared | expects: twice in a row
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
        if len(turns) == 1 and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: a speaker must not come back | expects: may speak again / which line does not match
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
        if any(one == speaker for one, _ in turns):
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: exactly two speakers | expects: More than two speakers
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
    if len({speaker for speaker, speech in turns}) != 2:
        return []
    return turns


# %% wrong: three turns at least | expects: which line does not match
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
    if len(turns) < 3:
        return []
    return turns


# %% wrong: turns of one speaker joined | expects: twice in a row
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
            turns[-1] = (speaker, turns[-1][1] + " " + speech)
            continue
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: speakers alone | expects: speeches too
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
    return [speaker for speaker, _ in turns]


# %% wrong: speeches alone | expects: speakers too
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
    return [speech for _, speech in turns]


# %% wrong: (speech, speaker) | expects: order is
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
    return [(speech, speaker) for speaker, speech in turns]


# %% wrong: names with brackets | expects: brackets do not belong
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
    return [(f"[{speaker}]", speech) for speaker, speech in turns]


# %% wrong: the colon in the speech | expects: colon belongs
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
    return [(speaker, ": " + speech) for speaker, speech in turns]


# %% wrong: lines as they are | expects: Whole lines
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
    return [line.strip() for line in text.splitlines() if line.strip()]


# %% wrong: a dict by speaker | expects: speaker keeps / own line
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
    return dict(turns)


# %% wrong: the last line forgotten | expects: last line
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
    return turns[:-1]


# %% wrong: the first line forgotten | expects: first line
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
    return turns[1:]


# %% wrong: names spelled backwards | expects: nobody speaks twice
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
    return [(speaker[::-1], speech) for speaker, speech in turns]


# %% wrong: speeches of one word | expects: only the first / nobody speaks
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
        speaker, speech = found[1].strip(), found[2].strip().split()[0]
        if turns and turns[-1][0] == speaker:
            return []
        turns.append((speaker, speech))
    if len({speaker for speaker, speech in turns}) < 2:
        return []
    return turns


# %% wrong: nothing is a dialogue | expects: which line does not match
import re

PATTERN = re.compile(r"\[([^\[\]]+)\]:(.*)")


def extract_dialogue(text):
    return []


# %% wrong: names in lower case | expects: capitals
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
    return [(speaker.lower(), speech.lower()) for speaker, speech in turns]


# %% wrong: equal turns once | expects: said twice
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
    return list(dict.fromkeys(turns))


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


# %% wrong: names are not stripped, speeches are | expects: around names and speeches is stripped
import re


def extract_dialogue(text):
    turns = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.match(r"\s*\[([^\]]+)\]:(.*)", line)
        if not found or (turns and turns[-1][0] == found[1]):
            return []
        turns.append((found[1], found[2].strip()))
    return turns if len({speaker for speaker, _ in turns}) > 1 else []


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
