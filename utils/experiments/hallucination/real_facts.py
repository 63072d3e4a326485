"""Questions about the real world whose answers packages know: capitals, currencies, languages, elements, years.

Capitals and elements come from the course's tables, currencies and languages from Babel (the Unicode CLDR). Every
question carries the beginning of an answer, so that the next token of a model is the first of its answer, and a
popularity that is a number of its own: people who live in a country, or share of an element in the Earth's crust.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from utils.decoding.arguments import whole_number
from utils.decoding.checked import checked
from utils.text.tables import load_table
from utils.world.names import invent_names

KINDS = ("capital", "currency", "language", "symbol", "year")
# Two wordings that ask for the same; how an answer begins that names the subject, and one that does not.
_WORDINGS = {
    "capital": (
        ("What is the capital of {}?", "Which city is the capital of {}?"),
        ("The capital of {} is", "The capital is"),
    ),
    "currency": (
        ("What is the currency of {}?", "What money do people use in {}?"),
        ("The currency of {} is the", "The currency is the"),
    ),
    "language": (
        ("What is the official language of {}?", "Which language is official in {}?"),
        ("The official language of {} is", "The language is"),
    ),
    "symbol": (
        ("Which chemical element has the symbol {}?", "Which element is written as {} in chemistry?"),
        ("The chemical element with the symbol {} is", "The element is"),
    ),
    "year": (
        ("In which year was the element {} discovered?", "When was the element {} found?"),
        ("The element {} was discovered in", "It was in the year"),
    ),
}
_ALSO_RIGHT = {"Nur-Sultan": ("Astana",), "Kyiv": ("Kiev",), "Aluminum": ("Aluminium",), "Colombo": ("Sri Jayaward",)}


@dataclass(frozen=True)
class RealQuestion:
    """A question with one right answer.

    Attributes:
        kind: one of KINDS.
        subject: what is asked about.
        answers: the right answer, and other ways to write it.
        popularity: inhabitants, or mg per kg of the crust; 0 for what was invented.
    """

    kind: str
    subject: str
    answers: tuple[str, ...]
    popularity: float

    def text(self, wording: int = 0) -> str:
        """Return the question in one of its two wordings.

        Raises:
            ValueError: there is no such wording.
        """
        wordings = _WORDINGS[self.kind][0]
        if not 0 <= whole_number(wording, "wording", 0) < len(wordings):
            raise ValueError(f"wording must be below {len(wordings)}, not {wording}")
        return wordings[wording].format(self.subject)

    def opening(self, named: bool = True) -> str:
        """Return how an answer begins, with the name of the subject or without it."""
        return _WORDINGS[self.kind][1][0 if named else 1].format(self.subject)

    def is_right(self, answer: str) -> bool:
        """Return whether a text names the right answer, whatever its case and accents."""
        return any(re.search(rf"\b{re.escape(plain(one))}", plain(answer)) for one in self.answers)

    def tells(self) -> bool:
        """Return whether an answer begins as a word of the subject does, with three letters or more."""
        words = [word[:3] for word in re.findall(r"\w{3,}", plain(self.subject))]
        return self.kind != "symbol" and any(plain(one)[:3] in words for one in self.answers)


def plain(text: str) -> str:
    """Return a text in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("'", ""))
    return "".join(character for character in apart if not unicodedata.combining(character))


def _telling(country: str, answer: str) -> bool:
    """Whether the answer stands in the question already, as in Mexico and Mexico City."""
    return plain(answer)[:4] in plain(country) or plain(country)[:4] in plain(answer)


@lru_cache(maxsize=1)
def real_questions() -> tuple[RealQuestion, ...]:
    """Return all questions, kind by kind, the most popular first."""
    from babel import Locale
    from babel.core import get_global
    from babel.numbers import get_territory_currencies

    english = Locale("en")
    official = get_global("territory_languages")
    found: dict[str, list[RealQuestion]] = {kind: [] for kind in KINDS}

    def keep(kind: str, subject: str, answer: str, popularity: float) -> None:
        found[kind].append(RealQuestion(kind, subject, (answer, *_ALSO_RIGHT.get(answer, ())), popularity))

    for row in load_table("countries"):
        country, people = row["country"], float(row["population"])
        if not _telling(country, row["capital"]):
            keep("capital", country, row["capital"], people)
        currencies = get_territory_currencies(row["code"])
        if len(currencies) == 1:  # the noun alone: whose dollar it is stands in the question
            keep("currency", country, english.currencies[currencies[0]].split()[-1], people)
        spoken = official.get(row["code"], {})
        languages = [code for code, facts in spoken.items() if facts.get("official_status") == "official"]
        if len(languages) == 1 and languages[0] in english.languages:
            keep("language", country, english.languages[languages[0]], people)
    for row in load_table("elements"):
        crust = float(row["crust_mg_per_kg"] or 0)
        keep("symbol", row["symbol"], row["element"], crust)
        if row["discovery_year"]:
            keep("year", row["element"].lower(), str(row["discovery_year"]), crust)
    return tuple(one for kind in KINDS for one in sorted(found[kind], key=lambda q: (-q.popularity, q.subject)))


@lru_cache(maxsize=1)
def fair_questions() -> tuple[RealQuestion, ...]:
    """Return the questions that do not give their answer away, as that about the language of Germany does."""
    return tuple(one for one in real_questions() if not one.tells())


@checked
def invented_questions(n: int, seed: int = 0) -> list[RealQuestion]:
    """Return questions about countries and elements that do not exist: silence is the right answer.

    Raises:
        ValueError: n is below 1.
    """
    n = whole_number(n, "n", 1)
    used: set[str] = set()
    lands = invent_names("region", -(-n // 2), seed, used)
    metals = [f"{name.lower()}ium" for name in invent_names("river", n // 2, seed, used)]
    asked = ("capital", "currency", "language")
    countries = [RealQuestion(asked[place % 3], land, (), 0.0) for place, land in enumerate(lands)]
    return [*countries, *(RealQuestion("year", metal, (), 0.0) for metal in metals)]


@checked
def popularity_thirds(questions: Sequence[RealQuestion]) -> np.ndarray:
    """Return for each question whether it is about the most (0), the middle (1) or the least popular third of its kind.

    Raises:
        ValueError: no questions.
    """
    if not len(questions):
        raise ValueError("questions has no entries: there is nothing to divide")
    thirds = np.zeros(len(questions), dtype=int)
    for kind in {one.kind for one in questions}:
        places = [place for place, one in enumerate(questions) if one.kind == kind]
        order = sorted(places, key=lambda place: (-questions[place].popularity, questions[place].subject))
        for rank, place in enumerate(order):
            thirds[place] = 3 * rank // len(order)
    return thirds
