"""Whether two cases leave no value that meets both: what `oneOf` asks of its options."""

from __future__ import annotations

from collections.abc import Callable

from utils.decoding.grammar.errors import UnsupportedSchemaError
from utils.decoding.grammar.schema_cases import Case, NoValueError, Part, canonical, kind_of

DEEPEST = 3
Find = Callable[[tuple[Part, ...]], list[Case]]


def apart(a: Case, b: Case, cases: Find, depth: int = 0) -> bool:
    """Return True where no value meets both cases; False where some may.

    Args:
        a, b: the cases.
        cases: the cases of several schemas together.
        depth: how many members lie around.
    """
    if a.values is not None and b.values is not None:
        return not {canonical(value) for value in a.values} & {canonical(value) for value in b.values}
    shared = _kinds(a) & _kinds(b)
    return all(_apart_by_kind(kind, a, b, cases, depth) for kind in shared)


def _kinds(case: Case) -> frozenset[str]:
    return case.kinds if case.values is None else case.kinds & {kind_of(value) for value in case.values}


def _apart_by_kind(kind: str, a: Case, b: Case, cases: Find, depth: int) -> bool:
    if any(kind in y.most and x.least.get(kind, 0) > y.most[kind] for x, y in ((a, b), (b, a))):
        return True
    if kind in ("integer", "fraction"):
        return any(
            x.low is not None
            and y.high is not None
            and (x.low.value > y.high.value or (x.low.value == y.high.value and (x.low.strict or y.high.strict)))
            for x, y in ((a, b), (b, a))
        )
    return kind == "object" and depth < DEEPEST and _objects_apart(a, b, cases, depth)


def _objects_apart(a: Case, b: Case, cases: Find, depth: int) -> bool:
    for x, y in ((a, b), (b, a)):
        for name in x.required:
            if name in y.forbidden or _is_closed_to(y, name):
                return True
            own, other = _listed(x, name), _listed(y, name)
            if own and other and _values_apart(own, other, cases, depth):
                return True
    return False


def _is_closed_to(case: Case, name: str) -> bool:
    """Return whether a case plainly leaves no place for a name."""
    return any(
        name not in rule.properties
        and not rule.patterns
        and rule.additional is not None
        and rule.additional.schema is False
        for rule in case.objects
    )


def _listed(case: Case, name: str) -> tuple[Part, ...]:
    return tuple(rule.properties[name] for rule in case.objects if name in rule.properties)


def _values_apart(a: tuple[Part, ...], b: tuple[Part, ...], cases: Find, depth: int) -> bool:
    try:
        own, other = cases(a), cases(b)
    except NoValueError:
        return True
    except UnsupportedSchemaError:
        return False
    return all(apart(x, y, cases, depth + 1) for x in own for y in other)
