"""What spoils a corpus: named processes that turn a clean text into the kinds of dirt a web crawl brings home.

Each process takes a text and a random generator and returns a text. Some leave traces that simple rules see (base64),
some do not (shuffled words): both kinds belong into a fair trial of a filter.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.text.installed import installed_documents

Process = Callable[[str, np.random.Generator], str]

_MENU = (
    *(
        "Home",
        "About us",
        "Products",
        "Contact",
        "Log in",
        "Sign up",
        "Basket (0)",
        "Search",
        "Help",
        "News",
        "Careers",
    ),
    *("Privacy policy", "Terms of use", "Accept all cookies", "Follow us", "Share", "Print this page", "Back to top"),
    *("Next »", "« Previous", "Read more", "Subscribe to our newsletter", "Language: English", "All rights reserved"),
)
_SALES = ("buy", "cheap", "best", "discount", "online", "free", "offer", "deal", "price", "sale", "order", "now", "top")
_LOOKALIKES = {"l": "1", "o": "0", "e": "c", "i": "l", "m": "rn", "h": "b", "a": "o", "s": "5", "t": "f", "n": "ri"}
_TAGS = ("div", "span", "a", "li", "td", "p", "section", "button")
_LEVELS = ("INFO", "DEBUG", "WARN", "ERROR", "TRACE")


def navigation(text: str, rng: np.random.Generator) -> str:
    """Return menus, banners and footers of a page, with one sentence of the text lost among them."""
    entries = [_MENU[i] for i in rng.integers(0, len(_MENU), size=80)]
    rows = [" | ".join(entries[i : i + 4]) for i in range(0, 40, 4)] + entries[40:]
    rows.insert(int(rng.integers(0, len(rows))), _sentences(text)[0])
    return "\n".join(rows)


def keyword_spam(text: str, rng: np.random.Generator) -> str:
    """Return a page that repeats a few of the text's words among sales words, for search engines to find."""
    words = sorted(set(re.findall(r"[a-z]{5,}", text.lower()))) or ["page"]
    keywords = [words[i] for i in rng.integers(0, len(words), size=3)]
    pool = [*keywords, *keywords, *_SALES]
    return " ".join(pool[i] for i in rng.integers(0, len(pool), size=250))


def character_noise(text: str, rng: np.random.Generator, rate: float = 0.15) -> str:
    """Return the text as a bad scan reads: characters taken for others, dropped, or set apart, at the given rate."""
    out = []
    for character, draw, kind in zip(text, rng.random(len(text)), rng.integers(0, 3, size=len(text)), strict=True):
        if draw >= rate or character.isspace():
            out.append(character)
        elif kind == 0:
            out.append(_LOOKALIKES.get(character.lower(), "~"))
        elif kind == 1:
            out.append(f" {character}")
        # kind 2 drops the character
    return "".join(out)


def shuffled_words(text: str, rng: np.random.Generator) -> str:
    """Return the text's words in random order: every count stays, the meaning is gone."""
    words = text.split()
    return " ".join(words[i] for i in rng.permutation(len(words)))


def truncated_markup(text: str, rng: np.random.Generator) -> str:
    """Return the text between tags with attributes, cut off inside one of them."""
    parts = []
    for word in text.split()[:120]:
        tag, number = _TAGS[rng.integers(0, len(_TAGS))], int(rng.integers(1000, 9999))
        parts.append(f'<{tag} class="c-{number}__item--{number % 97}" data-id="{number}">{word}</{tag}>')
    page = "".join(parts)
    return page[: int(len(page) * rng.uniform(0.8, 0.95))]


def base64_blob(text: str, rng: np.random.Generator) -> str:
    """Return the text's bytes, shuffled by an exclusive or with random bytes, as lines of base64."""
    data = np.frombuffer(text.encode("utf-8"), np.uint8)
    code = base64.b64encode((data ^ rng.integers(0, 256, size=data.size, dtype=np.uint8)).tobytes()).decode("ascii")
    return "\n".join(code[i : i + 76] for i in range(0, len(code), 76))


def repeated_lines(text: str, rng: np.random.Generator) -> str:
    """Return a few of the text's sentences, again and again."""
    sentences = _sentences(text)
    kept = [sentences[i] for i in rng.integers(0, len(sentences), size=3)]
    return "\n".join(kept[i] for i in rng.integers(0, len(kept), size=25))


def machine_log(text: str, rng: np.random.Generator) -> str:
    """Return log lines with times, levels and identifiers; single words of the text are their messages."""
    words = text.split() or ["ok"]
    lines = []
    for second in np.cumsum(rng.integers(1, 30, size=40)):
        level, code = _LEVELS[rng.integers(0, len(_LEVELS))], int(rng.integers(0, 2**32))
        word, value = words[rng.integers(0, len(words))], rng.uniform(0, 100)
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append(f"2024-03-01T{clock} {level} [{code:08x}] worker-{code % 16} {word}={value:.3f} rc={code % 3}")
    return "\n".join(lines)


def price_list(text: str, rng: np.random.Generator) -> str:
    """Return article numbers, sizes and prices, as a shop's page leaves them when its pictures are gone."""
    lines = []
    for _ in range(60):
        number, size, stock = (int(x) for x in rng.integers((10_000, 1, 0), (99_999, 60, 500)))
        lines.append(f"#{number} {size} x {size + 2} cm {rng.uniform(1, 400):.2f} {stock} +")
    return "\n".join(lines)


def teasers(text: str, rng: np.random.Generator) -> str:
    """Return the beginnings of the text's sentences, each cut off with an ellipsis."""
    words = [sentence.split() for sentence in _sentences(text)]
    return "\n".join(" ".join(own[: int(rng.integers(3, 8))]) + "..." for own in words * (1 + 20 // len(words)))


NOISE: dict[str, Process] = {
    "navigation": navigation,
    "keyword spam": keyword_spam,
    "character noise": character_noise,
    "shuffled words": shuffled_words,
    "truncated markup": truncated_markup,
    "base64": base64_blob,
    "repeated lines": repeated_lines,
    "machine log": machine_log,
    "price list": price_list,
    "teasers": teasers,
}


@dataclass(frozen=True)
class LabelledText:
    """A text, whether it is clean, and of which kind: a domain of installed text, or the noise that made it."""

    text: str
    is_clean: bool
    kind: str


def add_noise(text: str, process: str, rng: np.random.Generator) -> str:
    """Return the text after a named process.

    Raises:
        ValueError: an unknown process, or a text without a word.
    """
    if process not in NOISE:
        raise ValueError(f"process is {process!r}, and the processes are {', '.join(NOISE)}.")
    if not text.split():
        raise ValueError("text holds no word, and noise needs something to spoil.")
    return NOISE[process](text, rng)


def labelled_collection(n: int, seed: int = 0, hard_share: float = 0.3) -> list[LabelledText]:
    """Return n texts, half of them clean, the other half spoiled by each process in turn, in random order.

    Clean texts are running prose, and for a share of `hard_share` kinds that are good text and no prose: code,
    sessions, tables, descriptions in a markup. A filter should keep them, and rules made for prose often do not. The
    spoiled texts are made from prose that is not among the clean texts.

    Raises:
        ValueError: n below 2, a share outside [0, 1], or more texts than the installed packages hold.
    """
    if n < 2:
        raise ValueError(f"n is {n}, and a collection needs at least 2 texts, one clean and one not.")
    if not 0 <= hard_share <= 1:
        raise ValueError(f"hard_share is {hard_share}, and must be between 0 and 1.")
    n_clean, n_dirty = n - n // 2, n // 2
    n_hard = round(hard_share * n_clean)
    prose = [document.text for document in installed_documents("prose", n_clean - n_hard + n_dirty, seed)]
    hard = _hard_texts(n_hard, seed)
    if len(prose) < n_clean - n_hard + n_dirty or len(hard) < n_hard:
        raise ValueError(f"n is {n}, and the installed packages hold only {len(prose)} texts of prose for it.")
    rng = np.random.default_rng(seed)
    processes = list(NOISE)
    texts = [LabelledText(text, True, "prose") for text in prose[n_dirty:]] + hard
    for i, text in enumerate(prose[:n_dirty]):
        process = processes[i % len(processes)]
        texts.append(LabelledText(add_noise(text, process, rng), False, process))
    return [texts[i] for i in rng.permutation(len(texts))]


def _hard_texts(n: int, seed: int) -> list[LabelledText]:
    """Return clean texts of kinds other than prose, as evenly as there are texts of each (tables are rare)."""
    by_kind = {kind: installed_documents(kind, -(-n // 2), seed) for kind in ("code", "sessions", "descriptions")}
    by_kind["tables"] = installed_documents("tables", n // 8, seed)
    texts: list[LabelledText] = []
    for i in range(n):
        texts += [LabelledText(own[i].text, True, kind) for kind, own in by_kind.items() if i < len(own)]
    return texts[:n]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text.strip()) if sentence] or [text]
