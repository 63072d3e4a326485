"""Words that many tests need: predicates of wrong values, and lists of calls that would do an exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from utils.notebook.checks.checking import AnyOf
from utils.notebook.checks.comparing import is_array, is_tensor, same

SOFTMAX_CALLS = (
    *(f"{owner}.{name}" for owner in ("torch", "torch.Tensor") for name in ("softmax", "log_softmax")),
    *(f"torch.nn.functional.{name}" for name in ("softmax", "log_softmax", "softmin", "gumbel_softmax")),
    *(f"torch.special.{name}" for name in ("softmax", "log_softmax")),
    "torch._softmax",
    "torch._log_softmax",
    "torch.ops.aten.softmax",
    "torch.ops.aten.log_softmax",
    "torch.sparse.softmax",
    "torch.nn.functional.scaled_dot_product_attention",
    "torch._C._nn.scaled_dot_product_attention",
    "torch.ops.aten.scaled_dot_product_attention",
    "torch.ops.aten._scaled_dot_product_attention_math",
    "torch.nn.MultiheadAttention.forward",
    "torch.nn.functional.multi_head_attention_forward",
)
"""Everything in torch that is a softmax, or holds one: attention over an identity gives it back.

`torch.ops.aten._softmax`, to which all of them come down, is seen by its name as an operation: torch itself looks it up
among its operations, so that no other function may stand there."""

ATTENTION_CALLS = (
    "torch.nn.functional.scaled_dot_product_attention",
    "torch._C._nn.scaled_dot_product_attention",
    "torch.ops.aten.scaled_dot_product_attention",
    "torch.ops.aten._scaled_dot_product_attention_math",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.nn.MultiheadAttention.forward",
)
"""Everything in torch that is scaled dot-product attention."""


Mistakes = dict[str, Any] | Callable[[], dict[str, Any]]


def not_finite(got: Any) -> bool:
    """Return whether a number, a tensor, or anything inside lists, tuples and dicts is a NaN or an infinity."""
    import torch

    if isinstance(got, Mapping):
        return not_finite(list(got.values()))
    if isinstance(got, list | tuple):
        return any(not_finite(one) for one in got)
    values = got if is_tensor(got) else torch.as_tensor(got)
    return bool((~values.isfinite()).any())


def not_a_pair(got: Any) -> bool:
    """Return whether a value is no tuple or list of two."""
    return not isinstance(got, tuple | list) or len(got) != 2


def other_shape(*shape: int) -> Callable[[Any], bool]:
    """Return a predicate: whether a tensor or array has another shape than this one."""

    def has_other_shape(got: Any) -> bool:
        return (is_tensor(got) or is_array(got)) and tuple(got.shape) != shape

    return has_other_shape


def wrong_type(*kinds: type) -> Callable[[Any], bool]:
    """Return a predicate: whether a value is of none of these types.

    None is left to `check`, which asks whether a return is missing.
    """

    def is_of_another_type(got: Any) -> bool:
        return got is not None and not isinstance(got, kinds)

    return is_of_another_type


def other_dtype(dtype: Any) -> Callable[[Any], bool]:
    """Return a predicate: whether a tensor or array has another element type than this one."""

    def has_other_dtype(got: Any) -> bool:
        return (is_tensor(got) or is_array(got)) and got.dtype != dtype

    return has_other_dtype


def like_probabilities(*shape: int) -> Callable[[Any], bool]:
    """Return a predicate: whether a float tensor of this shape holds numbers from 0 to 1 only, where logits are due."""

    def holds_shares(got: Any) -> bool:
        is_candidate = is_tensor(got) and got.is_floating_point() and tuple(got.shape) == shape
        return is_candidate and bool(((got >= 0) & (got <= 1)).all())

    return holds_shares


def finite_stand_in(got: Any) -> bool:
    """Return whether a tensor holds a large negative number, and no infinity, where -inf is due."""
    return is_tensor(got) and bool(got.isfinite().all()) and bool((got < -100).any())


def all_differ(*values: Any) -> bool:
    """Return whether no two of these values agree: then each mistake of a case is called by its own name."""
    return not any(same(one, other) for place, one in enumerate(values) for other in values[:place])


def told_apart(right: Any, mistakes: Mapping[str, Any]) -> bool:
    """Return whether no known mistake of a case looks like the right value, or like a mistake with another hint.

    A test draws inputs until that is so: then each mistake fails, and is called by its own name.

    Args:
        right: the right value.
        mistakes: hints with their values, each a value, `AnyOf` several, or a predicate. Predicates are not looked at.
    """
    met = [right]
    for value in mistakes.values():
        leads_to = value.values if isinstance(value, AnyOf) else (value,)
        own = [one for one in leads_to if not callable(one)]
        if any(same(one, other) for one in own for other in met):
            return False
        met += own
    return True


def without(mistakes: Mistakes, *beginnings: str) -> Mistakes:
    """Return known mistakes but for those whose hint begins so: in some cases they look like the right value.

    Args:
        mistakes: hints with their values, or a function that gives them.
        beginnings: of the hints to leave out; each must leave one out, so that a renamed hint does not stay in unseen.

    Raises:
        ValueError: no hint begins so.
    """
    if callable(mistakes):
        return lambda: cast(dict[str, Any], without(mistakes(), *beginnings))
    for beginning in beginnings:
        if not any(hint.startswith(beginning) for hint in mistakes):
            raise ValueError(f"no hint begins with {beginning!r}")
    return {hint: value for hint, value in mistakes.items() if not hint.startswith(beginnings)}
