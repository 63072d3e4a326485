"""Answers to `truncate_at_stop`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the smallest of the places found
def truncate_at_stop(text, stops):
    if any(stop == "" for stop in stops):
        raise ValueError(f"stops must not hold an empty string, got {stops!r}")
    places = [text.find(stop) for stop in stops]
    return text[: min((place for place in places if place >= 0), default=len(text))]


# %% right: a regular expression of escaped stops
import re


def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError(f"an empty stop string in {stops!r}")
    if not stops:
        return text
    found = re.search("|".join(re.escape(stop) for stop in stops), text)
    return text if found is None else text[: found.start()]


# %% right: place by place
def truncate_at_stop(text, stops):
    for stop in stops:
        if len(stop) == 0:
            raise ValueError("stop strings must not be empty: ''")
    for place in range(len(text)):
        if any(text.startswith(stop, place) for stop in stops):
            return text[:place]
    return text


# %% right: the shortest of the pieces before each stop
def truncate_at_stop(text, stops):
    if not all(stops):
        raise ValueError(f"stops has an empty string: {stops}")
    return min([text.split(stop, 1)[0] for stop in stops] + [text], key=len)


# %% right: growing text
def truncate_at_stop(text, stops):
    stops = tuple(stops)
    if "" in stops:
        raise ValueError("stops: '' is not allowed")
    cut = len(text)
    for stop in stops:
        try:
            cut = min(cut, text.index(stop))
        except ValueError:
            continue
    return text[:cut]


# %% wrong: the first stop of the list that occurs | expects: first in the list / order of the list / earliest
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    for stop in stops:
        if stop in text:
            return text[: text.index(stop)]
    return text


# %% wrong: the latest of the stops | expects: earliest / latest / last
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.find(stop) for stop in stops if stop in text]
    return text[: max(places)] if places else text


# %% wrong: the last occurrence | expects: earliest / last / rfind
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.rfind(stop) for stop in stops if stop in text]
    return text[: min(places)] if places else text


# %% wrong: the stop string is kept | expects: kept / before
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [(text.find(stop), stop) for stop in stops if stop in text]
    if not places:
        return text
    place, stop = min(places)
    return text[: place + len(stop)]


# %% wrong: one cut after the other | expects: overlap
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    for stop in stops:
        text = text.split(stop)[0]
    return text


# %% wrong: what is not found cuts the last character | expects: no stop / not found / -1 / find
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    return text[: min(text.find(stop) for stop in stops)] if stops else text


# %% wrong: an empty stop is skipped | expects: refused
def truncate_at_stop(text, stops):
    places = [text.find(stop) for stop in stops if stop and stop in text]
    return text[: min(places)] if places else text


# %% wrong: an empty stop cuts everything | expects: refused
def truncate_at_stop(text, stops):
    places = [text.find(stop) for stop in stops]
    places = [place for place in places if place >= 0]
    return text[: min(places)] if places else text


# %% wrong: an empty stop is seen only when no other comes first | expects: refused
def truncate_at_stop(text, stops):
    best = len(text)
    for stop in stops:
        if stop in text[:best]:
            if not stop:
                raise ValueError("empty stop")
            best = text.index(stop)
            if best == 0:
                return ""
    return text[:best]


# %% wrong: only the first of the stops is checked for emptiness | expects: refused
def truncate_at_stop(text, stops):
    if stops and not stops[0]:
        raise ValueError("empty stop")
    places = [text.find(stop) for stop in stops if stop and stop in text]
    return text[: min(places)] if places else text


# %% wrong: no stops are refused | expects: no stop strings / whole text
def truncate_at_stop(text, stops):
    if not stops or "" in stops:
        raise ValueError("empty stops")
    places = [text.find(stop) for stop in stops if stop in text]
    return text[: min(places)] if places else text


# %% wrong: stops as regular expressions | expects: regular expression / special
import re


def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    return re.split("|".join(stops), text)[0] if stops else text


# %% wrong: white space at the end goes too | expects: white space / strip
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.find(stop) for stop in stops if stop in text]
    return text[: min(places)].rstrip() if places else text.rstrip()


# %% wrong: stops without regard to case | expects: case
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.lower().find(stop.lower()) for stop in stops]
    places = [place for place in places if place >= 0]
    return text[: min(places)] if places else text


# %% wrong: a stop at the very start is overlooked | expects: start / place 0
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.find(stop) for stop in stops]
    places = [place for place in places if place > 0]
    return text[: min(places)] if places else text


# %% wrong: only a stop at the end | expects: end / anywhere / within
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    for stop in stops:
        text = text.removesuffix(stop)
    return text


# %% wrong: any character of the stops | expects: character / whole
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    letters = set("".join(stops))
    for place, letter in enumerate(text):
        if letter in letters:
            return text[:place]
    return text


# %% wrong: the stops are taken out of the text | expects: cut / after the stop / removed
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    for stop in stops:
        text = text.replace(stop, "")
    return text


# %% right: partition at the stop that comes first
def truncate_at_stop(text, stops):
    if any(not stop for stop in stops):
        raise ValueError(f"empty string among the stops {list(stops)!r}")
    heads = [text.partition(stop)[0] for stop in stops]
    return min([text, *heads], key=len)


# %% wrong: the stop that ends first | expects: ends first / begins first
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    found = [(text.find(stop) + len(stop), text.find(stop)) for stop in stops if stop in text]
    return text[: min(found)[1]] if found else text


# %% wrong: letter by letter, ends with any of the stops | expects: ends first / begins first
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    seen = ""
    for letter in text:
        seen += letter
        for stop in stops:
            if seen.endswith(stop):
                return seen.removesuffix(stop)
    return seen


# %% wrong: bytes come back | expects: text
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty stop")
    places = [text.find(stop) for stop in stops if stop in text]
    return text[: min(places)].encode() if places else text.encode()


# %% wrong: the first character of the stop stays | expects: begins
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError(f"an empty string among the stops {stops}")
    places = [text.find(stop) for stop in stops if stop in text]
    return text[: min(places) + 1] if places else text


# %% wrong: where the stops stand last | expects: last occurrence
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError(f"an empty string among the stops {stops}")
    places = [text.rfind(stop) for stop in stops if stop in text]
    return text[: min(places)] if places else text


# %% wrong: place by place, but for the last place | expects: at the very end
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError(f"stops holds an empty string: {stops}")
    for place in range(len(text) - 1):
        if any(text.startswith(stop, place) for stop in stops):
            return text[:place]
    return text


# %% wrong: the text comes back as it was | expects: came back whole
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("stops holds an empty string")
    for stop in stops:
        text.split(stop)[0]
    return text


# %% wrong: blank stops are refused | expects: White space
def truncate_at_stop(text, stops):
    if any(not s.strip() for s in stops):
        raise ValueError("empty")
    at = min([text.find(s) for s in stops if s in text], default=len(text))
    return text[:at]


# %% wrong: bytes instead of characters | expects: bytes
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty")
    raw = text.encode()
    at = min([raw.find(s.encode()) for s in stops if s in text], default=len(text))
    return text[:at]


# %% wrong: line by line | expects: line by line
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty")
    lines = []
    for line in text.split("\n"):
        found = [line.find(s) for s in stops if s in line]
        if found:
            lines.append(line[: min(found)])
            break
        lines.append(line)
    return "\n".join(lines)


# %% wrong: the longest stop first | expects: longest
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty")
    for s in sorted(stops, key=len, reverse=True):
        if s in text:
            return text.split(s)[0]
    return text


# %% wrong: the minimum of find with -1 | expects: -1
def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty")
    at = min([text.find(s) for s in stops], default=-1)
    return text if at < 0 else text[:at]


# %% wrong: unescaped regular expression | expects: regular expression
import re


def truncate_at_stop(text, stops):
    if "" in stops:
        raise ValueError("empty")
    if not stops:
        return text
    return re.split("|".join(stops), text, maxsplit=1)[0]
