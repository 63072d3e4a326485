"""The parts that documents consist of, free of any language: one element becomes one sentence."""

from __future__ import annotations

from typing import NamedTuple


class Statement(NamedTuple):
    """A fact in one of its wordings: "Vora Kezhor lives in Dalvex." or, with a pronoun, "She lives in Dalvex."

    `relation` counts `common.RELATIONS`, `subject` is a person or a town, `paraphrase` counts the relation's
    statements.
    """

    relation: int
    subject: int
    paraphrase: int
    pronoun: bool


class Question(NamedTuple):
    """A question about a fact; the fields are those of a statement."""

    relation: int
    subject: int
    paraphrase: int
    pronoun: bool


class Address(NamedTuple):
    """The opening of a remark; `listener` counts `common.LISTENERS`, or is -1 where the language does not say."""

    frame: int
    listener: int


class Aside(NamedTuple):
    """A sentence that gives a question more context instead of an answer."""

    town: int


class Sum(NamedTuple):
    """A calculation with its result; `operator` counts `common.OPERATORS`."""

    left: int
    operator: int
    right: int

    @property
    def result(self) -> int:
        """Return the value of the calculation."""
        return (self.left + self.right, self.left - self.right, self.left * self.right)[self.operator]


Element = Statement | Question | Address | Aside | Sum
