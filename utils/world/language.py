"""A language of the world: how elements are rendered as sentences, and how sentences are parsed back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from utils.world import common
from utils.world.elements import Address, Aside, Element, Question, Statement, Sum
from utils.world.vocabulary import split_words

_LONGEST_NUMBER = 9
_SENTENCE_ENDS = (".", "?", ":", "!")


class ParseError(ValueError):
    """A text that is no text of the language."""


@dataclass(frozen=True)
class Wording:
    """A sentence with slots for its subject and its value (%s), in the order that `subject_first` tells.

    `pronouns` are the forms that a pronoun takes in this sentence, by the person's pronoun ("she", "he", "it").
    A question has no value: its one slot is the subject.
    """

    pattern: str
    subject_first: bool
    pronouns: dict[str, str]


@dataclass
class Lexicon:
    """Everything that is particular to a language.

    subjects: names by kind ("person", "town"). values: for every relation the forms of its values, and `cases` names
    the inflection they stand in, so that equal kinds and cases share their forms. statements, questions: wordings by
    relation and paraphrase. listeners: the word for the listener by `common.LISTENERS`; equal words are a distinction
    that the language does not make. frames, aside: patterns with one slot.
    """

    name: str
    subjects: dict[str, list[str]]
    values: list[list[str]]
    cases: list[str]
    statements: list[list[Wording]]
    questions: list[list[Wording]]
    listeners: tuple[str, ...]
    frames: tuple[str, ...]
    aside: str
    aside_towns: list[str]
    aside_case: str


class Language:
    """A language of one world; `pronoun_of` holds each person's pronoun, `facts` the world's values by relation."""

    def __init__(self, lexicon: Lexicon, facts: Sequence[Sequence[int]], pronoun_of: Sequence[str]) -> None:
        self.lexicon = lexicon
        self.name = lexicon.name
        self._facts = facts
        self._pronoun_of = pronoun_of
        self._subject_kinds = [relation.subject for relation in common.RELATIONS]

    @property
    def marks_listener(self) -> bool:
        """Whether the word for the listener tells how the speaker stands to the listener."""
        return len(set(self.lexicon.listeners)) > 1

    # Writing

    def sentence(self, element: Element, value: str | None = None) -> str:
        """Return the sentence that renders an element; a given `value` replaces a statement's own, true or not."""
        lexicon = self.lexicon
        if isinstance(element, Statement):
            relation, subject, paraphrase, pronoun = element
            wording = lexicon.statements[relation][paraphrase]
            if value is None:
                value = lexicon.values[relation][self._facts[relation][subject]]
            who = self._subject(wording, relation, subject, pronoun)
            return wording.pattern % ((who, value) if wording.subject_first else (value, who))
        if isinstance(element, Question):
            relation, subject, paraphrase, pronoun = element
            wording = lexicon.questions[relation][paraphrase]
            return wording.pattern % self._subject(wording, relation, subject, pronoun)
        if isinstance(element, Sum):
            return f"{element.left} {common.OPERATORS[element.operator]} {element.right} = {element.result}."
        if isinstance(element, Address):
            return lexicon.frames[element.frame] % lexicon.listeners[element.listener]
        return lexicon.aside % lexicon.aside_towns[element.town]

    def text(self, elements: Sequence[Element]) -> str:
        """Return the document that the elements make."""
        return " ".join(map(self.sentence, elements))

    def _subject(self, wording: Wording, relation: int, subject: int, pronoun: bool) -> str:
        kind = self._subject_kinds[relation]
        if not pronoun:
            return self.lexicon.subjects[kind][subject]
        return wording.pronouns[self._pronoun_of[subject] if kind == "person" else common.TOWN_PRONOUN]

    # Reading

    def parse(self, text: str) -> list[Element]:
        """Return the elements whose text this is (white space apart); ParseError says what is not understood.

        Each text has one reading: where a language merges the forms of address, the listener is -1.
        """
        elements: list[Element] = []
        topic, topic_kind = -1, ""
        for sentence in _sentences(split_words(text)):
            element = self._parse_sentence(sentence, topic)
            if isinstance(element, Statement | Question):
                kind = self._subject_kinds[element.relation]
                # Persons and towns are counted apart: a pronoun for the one cannot stand for the other.
                if element.pronoun and kind != topic_kind:
                    raise ParseError(f"no {kind} is named before {' '.join(sentence)!r}")
                topic, topic_kind = element.subject, kind
            elements.append(element)
        # Rendering what was understood catches what a skeleton ignores: wrong values, leading zeros, wrong pronouns.
        if split_words(self.text(elements)) != split_words(text):
            raise ParseError(f"the world does not say {text!r}")
        return elements

    def _parse_sentence(self, words: Sequence[str], topic: int) -> Element:
        skeleton, entities = self._skeleton(words)
        if len(entities) == 3 and len(skeleton) == 6 and skeleton[1] in common.OPERATORS:
            return Sum(entities[0], common.OPERATORS.index(skeleton[1]), entities[1])
        try:
            maker, arguments, subject_place = self._readings[skeleton]
        except KeyError:
            raise ParseError(f"no sentence of {self.name} reads {' '.join(words)!r}") from None
        if maker is Address:
            return Address(*arguments)
        if maker is Aside:
            return Aside(entities[0])
        relation, paraphrase = arguments
        pronoun = subject_place < 0
        subject = topic if pronoun else entities[subject_place]
        if subject < 0:
            raise ParseError(f"nobody is named before {' '.join(words)!r}")
        if maker is Question:
            return Question(relation, subject, paraphrase, pronoun)
        return Statement(relation, subject, paraphrase, pronoun)

    def _skeleton(self, words: Sequence[str]) -> tuple[tuple[str, ...], list[int]]:
        """Replace names and numbers by their kind; return the skeleton and what was replaced."""
        skeleton: list[str] = []
        entities: list[int] = []
        position = 0
        while position < len(words):
            if words[position].isdigit():
                end = position + 1
                while end < len(words) and words[end].isdigit():
                    end += 1
                if end - position > _LONGEST_NUMBER:  # no number of the world, and beyond what int() is asked to read
                    skeleton.extend(words[position:end])
                else:
                    skeleton.append("<year>")
                    entities.append(int("".join(words[position:end])))
                position = end
                continue
            for length in (2, 1):
                found = self._phrases.get(tuple(words[position : position + length]))
                if found is not None:
                    skeleton.append(found[0])
                    entities.append(found[1])
                    position += length
                    break
            else:
                skeleton.append(words[position])
                position += 1
        return tuple(skeleton), entities

    def chunks(self, text: str) -> list[list[str]]:
        """Return the words of each sentence of any text; the last may lack its end."""
        return [list(chunk) for chunk in _chunks(split_words(text))]

    def claims(self, text: str, topic: int = -1) -> tuple[list[tuple[int, int, int]], list[str]]:
        """Return what any text claims, as (relation, subject, value), true or not, and the sentences without a claim.

        A pronoun stands for the last subject named, or at first for the person `topic`; one of another kind, "It" after
        a person, stands for nothing. A value is the index of its name, or a year.
        """
        topic_kind = "person"
        claims: list[tuple[int, int, int]] = []
        others: list[str] = []
        words = split_words(text)
        for sentence in _chunks(words):
            skeleton, entities = self._skeleton(sentence)
            maker, arguments, subject_place = self._readings.get(skeleton, (None, (), -1))
            kind = common.RELATIONS[arguments[0]].subject if maker in (Statement, Question) else topic_kind
            if subject_place >= 0:
                subject = entities[subject_place]
            else:
                subject = topic if kind == topic_kind else -1
            if maker in (Statement, Question) and subject >= 0:
                topic, topic_kind = subject, kind
            if maker is Statement and subject >= 0:
                claims.append((arguments[0], subject, entities[0 if subject_place < 0 else 1 - subject_place]))
            else:
                others.append(" ".join(sentence))
        return claims, others

    def mentions(self, text: str) -> list[tuple[str, str]]:
        """Return the names and numbers in any text, in order, as (kind, name); ("year", "412") for a number.

        Inflected forms come back with the kind of their case, as the lexicon's `cases` name it.
        """
        skeleton, entities = self._skeleton(split_words(text))
        kinds = [part[1:-1] for part in skeleton if part.startswith("<") and part in self._kinds]
        return [
            (kind, str(entity) if kind == "year" else self._names_of[kind][entity])
            for kind, entity in zip(kinds, entities, strict=True)
        ]

    @cached_property
    def _names_of(self) -> dict[str, list[str]]:
        lexicon = self.lexicon
        tables = {**lexicon.subjects, **dict(zip(lexicon.cases, lexicon.values, strict=True))}
        return {**tables, lexicon.aside_case: lexicon.aside_towns}

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(f"<{kind}>" for kind in (*self._names_of, "year"))

    @cached_property
    def _phrases(self) -> dict[tuple[str, ...], tuple[str, int]]:
        """The words of every name and value, with their kind and index."""
        phrases: dict[tuple[str, ...], tuple[str, int]] = {}
        for kind, names in self._names_of.items():
            if kind == "year":
                continue
            for index, name in enumerate(names):
                entry = (f"<{kind}>", index)
                if phrases.setdefault(tuple(split_words(name)), entry) != entry:
                    raise ValueError(f"lexicon of {self.name} is ambiguous: {name!r} has two meanings")
        return phrases

    @cached_property
    def _readings(self) -> dict[tuple[str, ...], tuple[type, tuple[int, ...], int]]:
        """What each skeleton means: the element's type, its arguments, and which entity is the subject."""
        lexicon = self.lexicon
        readings: dict[tuple[str, ...], tuple[type, tuple[int, ...], int]] = {}

        def add(sentence: str, maker: type, arguments: tuple[int, ...], subject_place: int) -> None:
            entry = (maker, arguments, subject_place)
            if readings.setdefault(tuple(split_skeleton(sentence)), entry) != entry:
                raise ValueError(f"lexicon of {self.name} is ambiguous: {sentence!r} has two readings")

        for r, relation in enumerate(common.RELATIONS):
            name, value = f"<{relation.subject}>", f"<{lexicon.cases[r]}>"
            for j, wording in enumerate(lexicon.statements[r]):
                order = (0, 1) if wording.subject_first else (1, 0)
                for who in (name, *wording.pronouns.values()):
                    slots = (who, value)
                    place = order.index(0) if who == name else -1
                    add(wording.pattern % (slots[order[0]], slots[order[1]]), Statement, (r, j), place)
            for j, wording in enumerate(lexicon.questions[r]):
                for who in (name, *wording.pronouns.values()):
                    add(wording.pattern % who, Question, (r, j), 0 if who == name else -1)
        for frame, pattern in enumerate(lexicon.frames):
            for listener, word in enumerate(lexicon.listeners):
                add(pattern % word, Address, (frame, listener if self.marks_listener else -1), -1)
        add(lexicon.aside % f"<{lexicon.aside_case}>", Aside, (), 0)
        return readings

    # Words

    def all_words(self) -> Iterator[str]:
        """Yield every word of the language, with repetitions, in a fixed order."""
        lexicon = self.lexicon
        yield from "0123456789"
        yield from ".?:=,"
        yield from common.OPERATORS
        for patterns in (lexicon.statements, lexicon.questions):
            for relation in patterns:
                for wording in relation:
                    yield from split_words(wording.pattern.replace("%s", " "))
                    yield from wording.pronouns.values()
        for pattern in (*lexicon.frames, lexicon.aside):
            yield from split_words(pattern.replace("%s", " "))
        yield from lexicon.listeners
        for names in (*lexicon.values, lexicon.aside_towns, *lexicon.subjects.values()):
            for name in names:
                yield from split_words(name)


def _chunks(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut words after each end of a sentence; the last chunk may lack one."""
    start = 0
    for position, word in enumerate(words, start=1):
        if word in _SENTENCE_ENDS or position == len(words):
            yield words[start:position]
            start = position


def _sentences(words: Sequence[str]) -> Iterator[Sequence[str]]:
    if not words or words[-1] not in _SENTENCE_ENDS:
        raise ParseError(f"the last sentence has no end: {' '.join(words)!r}")
    return _chunks(words)


def split_skeleton(sentence: str) -> list[str]:
    """Split a pattern whose slots hold kinds such as <town> or <town:in>, which stay whole."""
    words: list[str] = []
    for chunk in sentence.replace("<", " <").replace(">", "> ").split():
        words.extend([chunk] if chunk.startswith("<") else split_words(chunk))
    return words
