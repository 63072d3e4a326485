"""Whether one given value is valid: for the values of `enum` and `const` beside other keywords."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from utils.decoding.grammar.errors import UnsupportedSchemaError
from utils.decoding.grammar.schema_cases import Case, NoValueError, Part, canonical, kind_of
from utils.decoding.grammar.schema_members import Texts, parts_of_name

Find = Callable[[tuple[Part, ...]], list[Case]]


class Values:
    """Judges values by the same cases and patterns as the masks: what it takes is valid in every reading.

    Args:
        cases: the cases of several schemas together.
    """

    def __init__(self, cases: Find) -> None:
        self._cases, self.texts = cases, Texts()

    def valid(self, value: Any, parts: tuple[Part, ...]) -> bool:
        """Return whether a value is valid under all of several schemas."""
        try:
            return any(self.meets(value, case) for case in self._cases(parts))
        except NoValueError:
            return False

    def meets(self, value: Any, case: Case) -> bool:
        """Return whether a value meets the conditions of a case."""
        kind = kind_of(value)
        written = canonical(value)
        if case.values is not None and written not in {canonical(one) for one in case.values}:
            return False
        if kind not in case.kinds or written in {canonical(one) for one in case.excluded}:
            return False
        if kind in ("integer", "fraction"):
            return self._number(value, case)
        if kind not in ("string", "array", "object"):
            return True
        if not case.least.get(kind, 0) <= len(value) <= case.most.get(kind, len(value)):
            return False
        if kind == "string":
            return self._string(value, case)
        return self._array(value, case) if kind == "array" else self._object(value, case)

    def _number(self, value: Any, case: Case) -> bool:
        exact = Decimal(repr(value))
        above = case.low is None or exact > case.low.value or (exact == case.low.value and not case.low.strict)
        below = case.high is None or exact < case.high.value or (exact == case.high.value and not case.high.strict)
        return above and below and all(exact == int(exact) and int(exact) % n == 0 for n in case.multiples)

    def _string(self, value: str, case: Case) -> bool:
        for pattern, keyword, path in case.patterns:
            try:
                if not self.texts.matches(pattern, value, "narrow"):
                    return False
            except UnsupportedSchemaError:
                raise
            except ValueError as error:
                raise UnsupportedSchemaError(path, keyword, str(error)) from error
        return True

    def _array(self, value: list[Any], case: Case) -> bool:
        if case.unique is not None and len({canonical(item) for item in value}) < len(value):
            return False
        return all(
            self.valid(item, (part,))
            for rule in case.arrays
            for place, item in enumerate(value)
            if (part := rule.prefix[place] if place < len(rule.prefix) else rule.items) is not None
        )

    def _object(self, value: dict[str, Any], case: Case) -> bool:
        return (
            all(name in value for name in case.required)
            and case.forbidden.isdisjoint(value)
            and all(self.valid(name, case.names) for name in value if case.names)
            and all(self.valid(value[name], parts_of_name(case, name, self.texts)) for name in value)
        )
