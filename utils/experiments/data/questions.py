"""Questions that tables can answer, the same in four languages: capitals, months, days of the week, sums.

Names come from Babel's copy of the Unicode CLDR (countries, cities that name a time zone, months, days), sums are
computed. An answer is judged by the first name or number of its kind that it gives, in whatever language and script,
so a list of all months is not right by accident; a name in a spelling that CLDR does not have counts as wrong.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from utils.text.tables import load_table

ASKED_IN = {"English": "en", "English, other words": "en", "Spanish": "es", "Hindi": "hi", "Chinese": "zh"}
CODES = ("en", "es", "hi", "zh")
KINDS = ("capital", "sum", "month", "day")
N_CAPITALS, N_SUMS = 36, 17
REFUSALS = (
    *("sorry", "i can't", "i cannot", "unable to", "lo siento", "no puedo"),
    *("क्षमा", "माफ़", "抱歉", "对不起", "不能"),
)
# Questions by the entries of ASKED_IN, and for each code a right answer as a sentence, which sets the budget of tokens.
_QUESTIONS = {
    "capital": (
        *("What is the capital of {}?", "Which city is the capital of {}?", "¿Cuál es la capital de {}?"),
        *("{} की राजधानी क्या है?", "{}的首都是哪里？"),
    ),
    "month": (
        *("Which month comes after {}?", "What is the month after {}?", "¿Qué mes viene después de {}?"),
        *("{} के बाद कौन सा महीना आता है?", "{}之后是哪个月？"),
    ),
    "day": (
        *("Which day comes after {}?", "What is the day after {}?", "¿Qué día viene después del {}?"),
        *("{} के बाद कौन सा दिन आता है?", "{}之后是星期几？"),
    ),
    "sum": (
        *("What is {}?", "How much is {}?", "¿Cuánto es {}?"),
        *("{} कितना होता है?", "{}等于多少？"),
    ),
}
_ANSWERS = {
    "capital": (
        *("The capital of {} is {}.", "La capital de {} es {}."),
        *("{} की राजधानी {} है।", "{}的首都是{}。"),
    ),
    "month": (
        "The month after {} is {}.",
        "El mes después de {} es {}.",
        "{} के बाद {} का महीना आता है।",
        "{}之后是{}。",
    ),
    "day": ("The day after {} is {}.", "El día después del {} es {}.", "{} के बाद {} आता है।", "{}之后是{}。"),
    "sum": ("{} is {}.", "{} es {}.", "{} {} होता है।", "{}等于{}。"),
}
_PLUS = {"en": "{} plus {}", "es": "{} más {}", "hi": "{} और {} का योग", "zh": "{}加{}"}


@dataclass(frozen=True)
class Question:
    """One question in all languages.

    Attributes:
        kind: one of KINDS.
        subjects: what is asked about, by the entries of CODES.
        answers: the right answer, by the entries of CODES.
    """

    kind: str
    subjects: tuple[str, ...]
    answers: tuple[str, ...]

    def asked_in(self, name: str) -> str:
        """Return the wording in a language.

        Raises:
            ValueError: the question is not asked in it.
        """
        _require_language(name)
        place = list(ASKED_IN).index(name)
        return _QUESTIONS[self.kind][place].format(self.subjects[CODES.index(ASKED_IN[name])])

    def answered_in(self, name: str) -> str:
        """Return a right answer, as a sentence, in a language; raises as `asked_in`."""
        _require_language(name)
        place = CODES.index(ASKED_IN[name])
        return _ANSWERS[self.kind][place].format(self.subjects[place], self.answers[place])

    def verdict(self, answer: str) -> str:
        """Return "refused", "right" or "wrong"."""
        if any(word in answer.lower() for word in REFUSALS):
            return "refused"
        given = _first_given(self, answer)
        return "right" if given and given in {_plain(one) for one in self.answers} else "wrong"


def _require_language(name: str) -> None:
    if name not in ASKED_IN:
        raise ValueError(f"name is {name!r}: use one of {', '.join(ASKED_IN)}")


def _plain(text: str) -> str:
    """Return a text in lower case and without accents, nor the signs of Hindi that spellings differ in."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in apart if not unicodedata.combining(character))
    return kept.replace("ॉ", "ा").replace("ँ", "ं")


def _first_given(question: Question, answer: str) -> str:
    """Return the first answer of the question's kind in a text, other than what the question names; "" for none."""
    text = _plain(answer)
    if question.kind == "capital":  # in Chinese the name of Romania begins with that of Rome
        for one in question.subjects:
            text = text.replace(_plain(one), " ")
    found = _pattern(question.kind).findall(text)
    if question.kind == "sum":
        asked = re.findall(r"\d+", question.subjects[0])
        numbers = [str(int(one)) for one in found]  # digits of any script
        while numbers and numbers[0] in asked:
            asked.remove(numbers.pop(0))
        return numbers[0] if numbers else ""
    subjects = {_plain(one) for one in question.subjects}
    return next((_usual(one) for one in found if _usual(one) not in subjects), "")


def _usual(month: str) -> str:
    """Return a Chinese month as CLDR writes it, 三月 for 3月; anything else as it is."""
    number = re.fullmatch(r"(\d+)月", month)
    names = _names("month", "zh")
    return names[int(number[1]) - 1] if number and 1 <= int(number[1]) <= len(names) else month


@lru_cache(maxsize=len(KINDS))
def _pattern(kind: str) -> re.Pattern[str]:
    """Return a pattern of all answers of a kind, the longest first; names in alphabets stand as words of their own."""
    if kind == "sum":
        return re.compile(r"\d+")
    answers = {_plain(one) for question in all_questions() if question.kind == kind for one in question.answers}
    if kind == "month":
        answers |= {f"{number}月" for number in range(1, 13)}
    # Rome is no part of Romania, in either script; Chinese puts no blanks between words.
    listed = "|".join(map(re.escape, sorted(answers, key=len, reverse=True)))
    return re.compile(rf"(?<![a-z\u0900-\u097f])(?:{listed})(?![a-z\u0900-\u097f])")


def _names(kind: str, code: str) -> list[str]:
    """Return the twelve months, or the seven days from Monday, in a language."""
    from babel import Locale

    locale = Locale.parse(code)
    if kind == "month":
        return [locale.months["stand-alone"]["wide"][number] for number in range(1, 13)]
    return [locale.days["stand-alone"]["wide"][number] for number in range(7)]


def _after(kind: str) -> list[Question]:
    columns = list(zip(*(_names(kind, code) for code in CODES), strict=True))
    return [Question(kind, columns[place], columns[(place + 1) % len(columns)]) for place in range(len(columns))]


def _capitals() -> list[Question]:
    """Return the capitals of the most populous countries that CLDR names in all four languages."""
    from babel import Locale

    locales = [Locale.parse(code) for code in CODES]
    zones = {}
    for zone in locales[2].time_zones:  # Hindi writes every city out
        english = locales[0].time_zones.get(zone, {}).get("city") or str(zone).rsplit("/", 1)[-1].replace("_", " ")
        zones[english] = [english, *(one.time_zones.get(zone, {}).get("city", english) for one in locales[1:])]
    found = []
    for row in sorted(load_table("countries"), key=lambda one: -float(one["population"])):
        cities = zones.get(row["capital"])
        countries = [str(one.territories.get(row["code"], "")) for one in locales]
        if cities is None or not all(countries):
            continue
        # A capital that the country's name gives away, and one that Chinese leaves in Latin letters, ask for nothing.
        if _plain(cities[0])[:4] in _plain(countries[0]) or cities[3].isascii():
            continue
        found.append(Question("capital", tuple(countries), tuple(cities)))
    return found[:N_CAPITALS]


def _sums() -> list[Question]:
    """Return sums of two numbers of one or two digits."""
    pairs = [(2 + 7 * place % 11, 1 + 5 * place % 13) for place in range(N_SUMS)]
    subjects = [tuple(_PLUS[code].format(a, b) for code in CODES) for a, b in pairs]
    return [Question("sum", own, (str(a + b),) * len(CODES)) for own, (a, b) in zip(subjects, pairs, strict=True)]


@lru_cache(maxsize=1)
def all_questions() -> tuple[Question, ...]:
    """Return all questions, kinds taking turns, so that the first few are of every kind."""
    pools = [_capitals(), _sums(), _after("month"), _after("day")]
    longest = max(map(len, pools))
    return tuple(pool[place] for place in range(longest) for pool in pools if place < len(pool))
