"""The errors of grammars and masks: all are ValueErrors, and each says what was given and what would do."""

from __future__ import annotations


class GrammarError(ValueError):
    """A grammar that cannot be made from what was given."""


class UnsupportedPatternError(GrammarError):
    """A regular expression with a part outside the subset: `part` is its name, `position` where it stands."""

    def __init__(self, pattern: str, position: int, part: str, advice: str = "") -> None:
        self.pattern, self.position, self.part = pattern, position, part
        tail = f"; {advice}" if advice else ""
        super().__init__(f"pattern {pattern!r}, at character {position}: {part}{tail}")


class UnsupportedSchemaError(GrammarError):
    """A JSON Schema outside the subset: `keyword` and `path` (a JSON path from the root `$`) say where."""

    def __init__(self, path: str, keyword: str, reason: str) -> None:
        self.path, self.keyword = path, keyword
        where = f"{path}.{keyword}" if keyword else path
        super().__init__(f"schema, {where}: {reason}")


class GrammarTooLargeError(GrammarError):
    """An automaton with more states than its limit: the grammar counts or branches too much."""


class DeadEndError(ValueError):
    """A text that the grammar would continue, and no token of the vocabulary can; or one that the grammar refuses."""
