"""The world itself: entities, grammar and languages behind one object."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from utils.world import common, phrases
from utils.world.draws import Draws
from utils.world.elements import Address, Element, Question, Statement
from utils.world.entities import Entities, Fact, Person, WorldOptions
from utils.world.grammar import Grammar
from utils.world.language import Language, ParseError
from utils.world.languages import COMMON, LANGUAGE_NAMES, make_language
from utils.world.vocabulary import Vocabulary, split_words


class Document:
    """A document of the world: what it says (`elements`), how probable it is, and its text in any language.

    `log_probability` is in nats and that of the text in the first language.
    """

    __slots__ = ("_text", "_world", "elements", "language", "log_probability")

    def __init__(self, world: World, elements: Sequence[Element], log_probability: float, language: str) -> None:
        self._world = world
        self._text: str | None = None
        self.elements = elements
        self.log_probability = log_probability
        self.language = language

    @property
    def text(self) -> str:
        """The text in the document's language."""
        if self._text is None:
            self._text = self._world.language(self.language).text(self.elements)
        return self._text

    @property
    def words(self) -> list[str]:
        """The words, digits and punctuation marks of the text, without an end mark."""
        return split_words(self.text)

    @property
    def kind(self) -> str:
        """The kind of the document, one of `KINDS`."""
        first = self.elements[0]
        if isinstance(first, Statement):
            return "town" if common.RELATIONS[first.relation].subject == "town" else "profile"
        return {"Question": "question", "Address": "remark", "Sum": "sum"}[type(first).__name__]

    @property
    def topic(self) -> str | None:
        """The name of the person or town that the document is about; None for a sum."""
        for element in self.elements:
            if isinstance(element, Statement | Question):
                kind = common.RELATIONS[element.relation].subject
                return self._world.entities.names[kind][element.subject]
        return None

    def sentences(self, language: str | None = None) -> list[str]:
        """Return the sentences in a language (default: the document's): parallel one by one between languages."""
        speaker = self._world.language(language or self.language)
        return [speaker.sentence(element) for element in self.elements]

    def __repr__(self) -> str:
        return f"Document({self.text!r})"


@dataclass(frozen=True)
class Entropy:
    """Entropy of the world's documents in nats, estimated from `n_documents` drawn documents.

    `nats_per_token` is the ratio of `nats_per_document` to `tokens_per_document` and `standard_error` its standard
    error; a document's end mark counts as one of its tokens.
    """

    nats_per_token: float
    standard_error: float
    nats_per_document: float
    tokens_per_document: float
    n_documents: int


class World:
    """A miniature world; see the package's docstring for a tour, and `WorldOptions` for the options.

    Raises ValueError for options out of range.
    """

    def __init__(self, seed: int = 0, **options: Any) -> None:
        for name in ("relations", "town_relations"):
            if name in options:
                options[name] = tuple(options[name])
        self.options = WorldOptions(seed=seed, **options)
        self.entities = Entities(self.options)
        self.grammar = Grammar(self.entities)
        self._languages: dict[str, Language] = {}

    def __repr__(self) -> str:
        return f"World({self.options})"

    def with_mix(self, mix: Mapping[str, int]) -> World:
        """Return the same world (people, facts, languages) with other weights for the kinds of documents."""
        return self.with_options(mix=dict(mix))

    def with_options(self, **changes: Any) -> World:
        """Return a world with some options changed; names and facts stay where they do not depend on these options."""
        options = replace(self.options, **changes)
        return World(**{name: getattr(options, name) for name in WorldOptions.__dataclass_fields__})

    # People and facts

    @property
    def people(self) -> list[Person]:
        """All people, most popular first; `held_out` ones appear in no document."""
        return self.entities.people

    @property
    def towns(self) -> list[str]:
        """The names of the towns, most populous first."""
        return self.entities.towns

    @cached_property
    def facts(self) -> list[Fact]:
        """Every fact about people, most popular person first, with its split: known, held-out fact or person."""
        return self.entities.facts()

    @cached_property
    def town_facts(self) -> list[Fact]:
        """Every fact about towns, most populous town first."""
        return self.entities.town_facts()

    @cached_property
    def _person_index(self) -> dict[str, int]:
        return {person.name: person.index for person in self.people}

    def person_index(self, name: str) -> int:
        """Return the place of a person in `people`; ValueError for a name that nobody has."""
        try:
            return self._person_index[name]
        except KeyError:
            raise ValueError(f"nobody in the world is called {name!r}") from None

    @cached_property
    def _fact_index(self) -> dict[tuple[str, str], Fact]:
        return {(fact.subject, fact.relation): fact for fact in (*self.facts, *self.town_facts)}

    def fact(self, subject: str, relation: str) -> Fact:
        """Return the fact about a person or town; ValueError for an unknown subject or relation."""
        try:
            return self._fact_index[subject, relation]
        except KeyError:
            raise ValueError(f"the world has no fact {relation!r} about {subject!r}") from None

    # Languages and words

    def language(self, name: str = COMMON) -> Language:
        """Return one of the world's languages ("common", "velkoth", "zhurimi"); ValueError for another name."""
        if name not in self._languages:
            self._languages[name] = make_language(name, self.entities)
        return self._languages[name]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the first language, of questions, chats and arithmetic, with the special tokens first."""
        return Vocabulary(list(dict.fromkeys((*self.language().all_words(), *phrases.all_words()))))

    @cached_property
    def joint_vocabulary(self) -> Vocabulary:
        """The words of all three languages; the ids of the first language are those of `vocabulary`."""
        words = [*self.language().all_words(), *phrases.all_words()]
        for name in LANGUAGE_NAMES[1:]:
            words.extend(self.language(name).all_words())
        return Vocabulary(list(dict.fromkeys(words)))

    # Documents

    def documents(self, n: int | None = None, seed: int = 0, language: str = COMMON) -> Iterator[Document]:
        """Yield n documents (None: endless), the same for the same seed; other seeds give independent ones."""
        if n is not None and n < 0:
            raise ValueError(f"n must be at least 0, got {n}")
        self.language(language)  # an unknown name fails here, not at the first text
        return self._documents(n, seed, language)

    def _documents(self, n: int | None, seed: int, language: str) -> Iterator[Document]:
        draws = Draws(self.options.seed, "documents", seed)
        sample = self.grammar.sample
        written = 0
        while n is None or written < n:
            elements, log_probability = sample(draws)
            yield Document(self, elements, log_probability, language)
            written += 1

    def texts(self, n: int, seed: int = 0, language: str = COMMON) -> list[str]:
        """Return the texts of n documents."""
        return [document.text for document in self.documents(n, seed, language)]

    def token_stream(
        self, n_tokens: int, seed: int = 0, language: str = COMMON, vocabulary: Vocabulary | None = None
    ) -> np.ndarray:
        """Return exactly n_tokens word ids, int64 of shape (n_tokens,): documents, each with END_OF_TEXT after it.

        The last document may be cut. `vocabulary` defaults to the language's own words for the first language, and to
        the joint vocabulary for the others.
        """
        if n_tokens < 1:
            raise ValueError(f"n_tokens must be at least 1, got {n_tokens}")
        if vocabulary is None:
            vocabulary = self.vocabulary if language == COMMON else self.joint_vocabulary
        write, encode, end = self.language(language).text, vocabulary.encode, vocabulary.end_of_text_id
        draws, sample = Draws(self.options.seed, "documents", seed), self.grammar.sample
        ids: list[int] = []
        while len(ids) < n_tokens:
            ids += encode(write(sample(draws)[0]))
            ids.append(end)
        return np.array(ids[:n_tokens], dtype=np.int64)

    # Probability

    def log_probability(self, document: str | Document, language: str = COMMON) -> float:
        """Return the exact log-probability (nats) of a document's text in a language, its end included.

        -inf for any text that the world never writes: a wrong fact, a held-out person, a sentence outside the
        grammar. White space between words does not count. In a language that merges texts of the first one, theirs
        add up.
        """
        text = document.text if isinstance(document, Document) else document
        if isinstance(document, Document):
            language = document.language
        try:
            elements = self.language(language).parse(text)
        except ParseError:
            return -math.inf
        return self.grammar.log_probability(elements)

    def enumerate(self, language: str = COMMON) -> dict[str, float]:
        """Return the probability of every text of a language, in a tiny world (millions of texts in a default one)."""
        speaker = self.language(language)
        probability: dict[str, float] = {}
        for elements, log_probability in self.grammar.enumerate():
            text = speaker.text(elements)
            probability[text] = probability.get(text, 0.0) + math.exp(log_probability)
        return probability

    def entropy(
        self,
        n_documents: int = 5000,
        seed: int = 0,
        language: str = COMMON,
        count_tokens: Callable[[str], int] | None = None,
    ) -> Entropy:
        """Estimate the entropy rate of documents: no model of this world has a lower expected loss.

        `count_tokens(text)` counts a document's tokens without the end mark (default: its words), for example
        `lambda text: len(tokenizer.encode(text))`. The standard error of the ratio is that of the delta method.
        Raises ValueError for fewer than two documents.
        """
        if n_documents < 2:
            raise ValueError(f"n_documents must be at least 2, got {n_documents}")
        count = count_tokens or (lambda text: len(split_words(text)))
        nats = np.empty(n_documents)
        tokens = np.empty(n_documents)
        exact = self.language(language).marks_listener
        for place, document in enumerate(self.documents(n_documents, seed, language)):
            log_probability = document.log_probability
            nats[place] = -(log_probability if exact else self.log_probability(document))
            tokens[place] = count(document.text) + 1
        rate = nats.sum() / tokens.sum()
        residual = (nats - rate * tokens).std(ddof=1)
        error = residual / (tokens.mean() * math.sqrt(n_documents))
        return Entropy(float(rate), float(error), float(nats.mean()), float(tokens.mean()), n_documents)

    # Parallel text and translation

    def parallel(self, n: int, seed: int = 0) -> list[dict[str, list[str]]]:
        """Return n documents as lists of sentences in every language, parallel sentence by sentence."""
        return [{name: document.sentences(name) for name in LANGUAGE_NAMES} for document in self.documents(n, seed)]

    def translations(self, text: str, source: str, target: str) -> list[tuple[str, float]]:
        """Return every translation of a text with its probability given the source text, most probable first.

        There are several when the source does not say how the speaker stands to the listener and the target must say
        it. Raises ParseError (a ValueError) for a text that is no text of the source language.
        """
        elements = self.language(source).parse(text)
        speaker = self.language(target)
        open_places = [place for place, e in enumerate(elements) if isinstance(e, Address) and e.listener < 0]
        if not open_places or not speaker.marks_listener:
            return [(speaker.text(elements), 1.0)]
        results = []
        total = sum(common.LISTENER_WEIGHTS)
        for listener, weight in enumerate(common.LISTENER_WEIGHTS):
            filled: list[Element] = [e._replace(listener=listener) if isinstance(e, Address) else e for e in elements]
            results.append((speaker.text(filled), weight / total))
        return sorted(results, key=lambda pair: -pair[1])

    def translate(self, text: str, source: str, target: str) -> str:
        """Return the most probable translation of a text."""
        return self.translations(text, source, target)[0][0]
