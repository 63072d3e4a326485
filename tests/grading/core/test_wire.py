"""The codec carries data only, exactly, within bounds; whatever else arrives is refused."""

from __future__ import annotations

import contextlib
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.course.grading.normalise import plain_base
from utils.course.grading.wire import DTYPES, Ext, FrameBuffer, Reader, Ref, WireError, Writer, item_size

LIMIT = 1 << 20


def there_and_back(value: Any) -> Any:
    return Reader().loads(Writer(LIMIT).dumps(value))


keys = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none(), st.binary(max_size=4))
plain = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.complex_numbers(allow_nan=False),
        st.text(max_size=20),
        st.binary(max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(keys, inner, max_size=4),
        st.sets(keys, max_size=4),
        st.frozensets(keys, max_size=4),
    ),
    max_leaves=20,
)


def identical(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if type(one) is float:
        return one == other or (math.isnan(one) and math.isnan(other))
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(identical(a, b) for a, b in zip(one, other, strict=True))
    if type(one) is dict:
        return list(map(repr, one)) == list(map(repr, other)) and all(
            identical(a, b) for a, b in zip(one.values(), other.values(), strict=True)
        )
    return bool(one == other)


@settings(max_examples=150, deadline=None)
@given(plain)
def test_plain_data_come_back_identical_with_their_exact_types(value: Any) -> None:
    assert identical(there_and_back(value), value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_data_or_refused(data: bytes) -> None:
    with contextlib.suppress(WireError):
        Reader().loads(data)


@settings(max_examples=200, deadline=None)
@given(plain, st.data())
def test_a_damaged_message_is_read_as_data_or_refused(value: Any, data: st.DataObject) -> None:
    message = bytearray(Writer(LIMIT).dumps(value))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        Reader().loads(bytes(message[: data.draw(st.integers(0, len(message)))]))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 3), max_size=4))
def test_tensors_and_arrays_keep_dtype_shape_and_bytes(dtype: str, shape: list[int]) -> None:
    size = math.prod(shape)
    raw = torch.arange(size * item_size(dtype), dtype=torch.int64).to(torch.uint8)
    if dtype == "bool":
        raw = raw % 2
    tensor = raw.view(getattr(torch, dtype)).reshape(shape) if size else torch.empty(shape, dtype=getattr(torch, dtype))
    back = there_and_back(tensor)
    assert type(back) is torch.Tensor
    assert back.dtype == tensor.dtype
    assert back.shape == tensor.shape
    assert back.reshape(-1).view(torch.uint8).tolist() == tensor.reshape(-1).view(torch.uint8).tolist()
    if dtype != "bfloat16":
        array = tensor.numpy()
        returned = there_and_back(array)
        assert type(returned) is np.ndarray
        assert returned.dtype == array.dtype
        assert returned.tobytes() == array.tobytes()


def test_a_tensor_that_is_not_contiguous_arrives_in_order() -> None:
    tensor = torch.arange(12.0).reshape(3, 4).T[::2]
    assert torch.equal(there_and_back(tensor), tensor)


def test_a_forged_bool_tensor_holds_only_zero_and_one() -> None:
    message = bytearray(Writer(LIMIT).dumps(torch.tensor([True, False])))
    message[-2:] = b"\x07\xff"
    assert there_and_back(torch.tensor([True])).tolist() == [True]
    assert Reader().loads(bytes(message)).view(torch.uint8).tolist() == [1, 1]


def test_numpy_scalars_keep_their_type() -> None:
    back = there_and_back(np.float32(1.5))
    assert type(back) is np.float32
    assert back == 1.5


@pytest.mark.parametrize("shape", [(2**62, 4), (3,), (0, 2**63)])
def test_a_tensor_whose_shape_does_not_fit_its_bytes_is_refused(shape: tuple[int, ...]) -> None:
    writer = Writer(LIMIT)
    writer._out, writer._items = bytearray(), 0
    writer._write_shape(b"X", "float32", shape, 0, b"12345678" if shape[0] else b"")
    with pytest.raises(WireError, match="shape"):
        Reader().loads(bytes(writer._out))


def test_pickles_classes_and_functions_cannot_be_written() -> None:
    for value in (int, len, object(), lambda: 0, Exception("x"), pickle):
        with pytest.raises(WireError, match="cannot be sent"):
            Writer(LIMIT).dumps(value)


def test_deep_cyclic_wide_and_long_values_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    wide: list[Any] = [1]
    for _ in range(40):
        wide = [wide, wide]
    for value, word in ((deep, "nested"), (cyclic, "contains itself"), (wide, "bytes"), (bytes(2 * LIMIT), "bytes")):
        with pytest.raises(WireError, match=word):
            Writer(LIMIT).dumps(value)


def test_a_list_that_claims_more_items_than_its_message_has_bytes_is_refused() -> None:
    with pytest.raises(WireError, match="longer than its message"):
        Reader().loads(b"L\xff\xff\xff\xff")


def test_a_frame_longer_than_the_limit_is_refused_before_it_arrives() -> None:
    buffer = FrameBuffer(100)
    buffer.feed(b"\x00\x00\x00\x65")
    with pytest.raises(WireError, match="101 bytes"):
        buffer.next()


def test_frames_are_cut_from_a_stream_at_any_place() -> None:
    stream = b"\0\0\0\3abc\0\0\0\0\0\0\0\1d"
    for cut in range(len(stream)):
        buffer, found = FrameBuffer(10), []
        for piece in (stream[:cut], stream[cut:]):
            buffer.feed(piece)
            while (frame := buffer.next()) is not None:
                found.append(frame)
        assert found == [b"abc", b"", b"d"]


def test_sets_are_written_in_one_order() -> None:
    names = [f"name-{number}" for number in range(50)]
    backwards = set()
    for name in reversed(names):
        backwards.add(name)
    assert Writer(LIMIT).dumps(set(names)) == Writer(LIMIT).dumps(backwards)


def test_references_and_extensions_come_back_as_themselves() -> None:
    assert there_and_back([Ref("object", 3, {"type": "X"}), Ext("slice", (1, 2, 3))]) == [
        Ref("object", 3),
        Ext("slice", (1, 2, 3)),
    ]


class Liar(int):
    def __eq__(self, other: object) -> bool:
        return True

    def __add__(self, other: Any) -> Any:
        return 99

    __hash__ = int.__hash__


class LyingList(list):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        return iter([9, 9])

    def __len__(self) -> int:
        return 2


def test_a_subclass_is_read_as_the_value_that_it_holds_and_is_named() -> None:
    odd: set[str] = set()
    assert plain_base(Liar(4), odd) == 4
    assert type(plain_base(Liar(4), odd)) is int
    assert plain_base(LyingList([5]), odd) == [5]
    assert odd == {"Liar", "LyingList"}


def test_familiar_containers_become_plain_without_a_word() -> None:
    from collections import Counter, OrderedDict, namedtuple

    odd: set[str] = set()
    point = namedtuple("point", "x y")
    assert plain_base(Counter("aab"), odd) == {"a": 2, "b": 1}
    assert plain_base(OrderedDict(a=1), odd) == {"a": 1}
    assert plain_base(point(1, 2), odd) == (1, 2)
    values, indices = plain_base(torch.sort(torch.tensor([2.0, 1.0])), odd)
    assert values.tolist() == [1.0, 2.0]
    assert indices.tolist() == [1, 0]
    assert type(plain_base(torch.nn.Parameter(torch.ones(1)), odd)) is torch.Tensor
    assert not odd


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"items": [1], "names": ["x"], "own": 3},
        {"items": (1,), "names": ["x"], "own": "proxy"},
        {"items": [1], "names": ["x", "y"], "own": "proxy"},
        {"items": [1], "names": [["x"]], "own": "proxy"},
    ],
)
def test_a_forged_named_tuple_is_refused(payload: object) -> None:
    from utils.course.grading.proxies import Proxy, named_tuple_of

    if isinstance(payload, dict) and payload.get("own") == "proxy":
        payload = payload | {"own": Proxy(None, 1, {})}  # type: ignore[arg-type]
    with pytest.raises(WireError, match="named tuple is malformed"):
        named_tuple_of(payload)
