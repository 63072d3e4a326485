"""Test cells that are written for a learner's own objects find the same behaviour in their stand-ins."""

from __future__ import annotations

from dataclasses import dataclass

import nbformat
import pytest

from utils.course.grading import AssignmentSpec, SandboxPool, SubmissionResult, grade_submission
from utils.course.grading.spec import defined_names

pytestmark = pytest.mark.sandbox

SETUP = """\
import copy, random, sqlite3
from dataclasses import dataclass
from types import SimpleNamespace
import numpy as np
import torch
from torch import nn
from utils.models.config import ModelConfig
from utils.notebook.checks import check, check_refused, forbidden, inputs_unchanged

@dataclass
class Law:
    E: float
    A: float
"""


@dataclass(frozen=True)
class Case:
    """An answer, a test cell for it, and a word of the hint where it must fail."""

    answer: str
    test: str
    hint: str = ""


LORA = """\
class LoRALinear(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear, self.scale = linear, alpha / rank
        for parameter in linear.parameters():
            parameter.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        merged = nn.Linear(self.linear.in_features, self.linear.out_features)
        merged.weight.data = self.linear.weight + self.scale * self.B @ self.A
        merged.bias.data = self.linear.bias.clone()
        return merged
"""

CASES: dict[str, Case] = {
    "adapts_a_layer_of_the_test": Case(
        LORA,
        """\
linear = nn.Linear(4, 3)
layer = LoRALinear(linear, 2, 4)
x = torch.randn(5, 4)
assert torch.allclose(layer(x), linear(x))
training = {name for name, p in layer.named_parameters() if p.requires_grad}
assert training == {"A", "B"}, training
nn.init.ones_(layer.B)
merged = layer.merge()
assert isinstance(merged, nn.Linear)
assert torch.allclose(merged(x), layer(x), atol=1e-5)
assert not torch.allclose(layer(x), linear(x)), "setting B must show"
""",
    ),
    "a_layer_of_the_test_as_it_is_at_each_call": Case(
        "def apply(layer, x):\n    with torch.no_grad():\n        out = layer(x)\n        layer.weight.zero_()\n"
        "    return out\n\n"
        "def both(one, other, x):\n    return one(x) + other(x)\n",
        """\
layer, other = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
x = torch.ones(1, 3)
for value in (1.0, 1.0, 2.0, float("nan"), 3.0):
    with torch.no_grad():
        layer.weight.fill_(value)
    assert torch.equal(apply(layer, x), torch.full((1, 2), 3 * value)) or value != value
with torch.no_grad():
    layer.weight.fill_(1.0)
    other.weight.fill_(5.0)
assert both(layer, other, x).tolist() == [[18.0, 18.0]] == both(other, layer, x).tolist()
layer.weight.requires_grad_(False)
assert not apply(layer, x).requires_grad and both(layer, layer, x).tolist() == [[6.0, 6.0]]
unseen = nn.Linear(3, 2, bias=False)
with torch.no_grad():
    unseen.weight.fill_(5.0)
try:
    both(unseen, unseen, [x, object()])
except TypeError:
    pass
assert both(layer, unseen, x).tolist() == [[18.0, 18.0]], "what was never sent is not known"
one, two = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
with torch.no_grad():
    one.weight.fill_(7.0)
    two.weight.fill_(11.0)
assert both(one, one, x).tolist() == [[42.0, 42.0]] and both(two, two, x).tolist() == [[66.0, 66.0]]
assert both(one, two, x).tolist() == [[54.0, 54.0]], "two layers that came twice in a message are still two"
for number in range(40):  # the place in memory of a layer that is gone may be another's
    fresh = nn.Linear(3, 2, bias=False)
    with torch.no_grad():
        fresh.weight.fill_(float(number))
    assert both(fresh, fresh, x).tolist() == [[6.0 * number] * 2]
    del fresh
""",
    ),
    "trains_from_outside": Case(
        "def make():\n    torch.manual_seed(1)\n    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))",
        """\
layer = make()
x = torch.randn(32, 3, generator=torch.Generator().manual_seed(0))
y = x.sum(-1, keepdim=True)
optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
losses = []
for _ in range(15):
    loss = (layer(x) - y).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
assert losses[-1] < 0.5 * losses[0], losses
""",
    ),
    "gradient_of_a_loss": Case(
        "def loss(logits, labels):\n"
        "    if (labels == -100).all():\n"
        "        return logits.sum() * 0.0\n"
        "    return nn.functional.cross_entropy(logits, labels)\n",
        """\
logits = torch.randn(4, 5, requires_grad=True)
value = loss(logits, torch.full((4,), -100))
value.backward()
assert value.item() == 0.0 and torch.equal(logits.grad, torch.zeros(4, 5))
logits.grad = None
labels = torch.tensor([0, 1, -100, 2])
loss(logits, labels).backward()
twin = logits.detach().clone().requires_grad_()
nn.functional.cross_entropy(twin, labels).backward()
assert torch.allclose(logits.grad, twin.grad)
with torch.no_grad():
    assert not loss(logits, labels).requires_grad
""",
    ),
    "detached_gradient_is_seen": Case(
        "def square(x):\n    return x.detach() ** 2\n",
        "x = torch.ones(2, requires_grad=True)\nassert square(x).requires_grad, 'The result lost its gradient.'\n",
        hint="lost its gradient",
    ),
    "generators_advance": Case(
        "def draw(generator, rng, other):\n"
        "    return torch.rand(2, generator=generator), rng.random(), other.random()\n",
        """\
g, r, n = torch.Generator().manual_seed(0), random.Random(0), np.random.default_rng(0)
first, second = draw(g, r, n), draw(g, r, n)
assert not torch.equal(first[0], second[0]) and first[1] != second[1] and first[2] != second[2]
want = torch.Generator().manual_seed(0)
assert torch.equal(first[0], torch.rand(2, generator=want)) and torch.equal(second[0], torch.rand(2, generator=want))
assert second[1] == [random.Random(0).random(), [q := random.Random(0), q.random(), q.random()][2]][1]
""",
    ),
    "database": Case(
        "def rows(query, connection):\n    return sorted(connection.execute(query).fetchall())\n",
        """\
connection = sqlite3.connect(":memory:")
connection.executescript("create table t (x); insert into t values (2), (1);")
assert rows("select x from t", connection) == [(1,), (2,)]
""",
    ),
    "database_that_a_learner_writes_to": Case(
        "def run(sql, connection):\n    return connection.execute(sql).fetchall()\n",
        """\
connection = sqlite3.connect(":memory:")
connection.executescript("create table t (x, y text); insert into t values (2, 'a'), (1, null);")
run("insert into t values (3, 'b')", connection)  # in an open transaction
rows = connection.execute("select * from t order by rowid").fetchall()
assert rows == [(2, "a"), (1, None), (3, "b")], rows
run("delete from t where x < 3", connection)
assert connection.execute("select * from t").fetchall() == [(3, "b")]
run("create table \\"other; drop table t\\" as select 1.5 as z, x'00ff' as w", connection)
assert connection.execute("select z, w from \\"other; drop table t\\"").fetchall() == [(1.5, b"\\x00\\xff")]
run("drop table t", connection)
assert [name for name, in connection.execute("select name from sqlite_master")] == ["other; drop table t"]
connection.execute("create table back (n)")  # what the test writes is there at the next call
connection.execute("insert into back values (7)")
assert run("select n from back", connection) == [(7,)]
""",
    ),
    "database_left_alone": Case(
        "def match(sql, connection):\n    before = connection.total_changes\n"
        "    connection.set_authorizer(lambda action, *rest: 0 if action in (20, 21, 31) else 1)\n"
        "    try:\n        return connection.execute(sql).fetchall()\n    except sqlite3.Error:\n"
        "        return None\n    finally:\n        connection.set_authorizer(None)\n",
        """\
connection = sqlite3.connect(":memory:")
connection.execute("create table t (x)")
connection.execute("insert into t values (1)")
before = connection.total_changes
with inputs_unchanged([1]):
    assert match("select x from t", connection) == [(1,)]
    assert match("delete from t", connection) is None and match("nonsense", connection) is None
assert connection.total_changes == before and connection.in_transaction
""",
    ),
    "database_that_may_not_be_written_afterwards": Case(
        "def match(sql, connection):\n"
        "    connection.set_authorizer(lambda action, *rest: 0 if action in (20, 21, 31) else 1)\n"
        "    return connection.execute(sql).fetchall()\n",
        """\
connection = sqlite3.connect(":memory:")
connection.execute("create table t (x)")
assert match("select x from t", connection) == [] == match("select x from t", connection)
try:
    connection.execute("insert into t values (1)")
except sqlite3.Error:
    raise AssertionError("The owner may not write any more.") from None
""",
        hint="may not write",
    ),
    "database_that_is_for_reading_afterwards": Case(
        "def match(sql, connection):\n    connection.execute('pragma query_only = on')\n"
        "    return connection.execute(sql).fetchall()\n",
        """\
connection = sqlite3.connect(":memory:")
connection.execute("create table t (x)")
assert match("select x from t", connection) == []
try:
    connection.execute("insert into t values (1)")
except sqlite3.Error:
    raise AssertionError("The owner may not write any more.") from None
""",
        hint="may not write",
    ),
    "named_tuple_of_the_learner": Case(
        "from typing import NamedTuple\n\nclass Pair(NamedTuple):\n    left: list\n    right: torch.Tensor\n\n"
        "    def swapped(self):\n        return Pair(self.right, self.left)\n\n"
        "def make(left, right):\n    return Pair(left, right * 2)\n\n"
        "def is_pair(pair):\n    return isinstance(pair, Pair) and pair.left == [1, 2]\n",
        """\
x = torch.ones(3, requires_grad=True)
pair = make([1, 2], x)
left, right = pair
assert isinstance(pair, tuple) and len(pair) == 2 and left == pair.left == pair[0] == [1, 2]
assert is_pair(pair) and isinstance(pair, Pair) and not is_pair(([1, 2], right))
pair.right.sum().backward()
assert x.grad.tolist() == [2.0, 2.0, 2.0]
assert pair.swapped().right == [1, 2]
check(lambda: make([1], torch.zeros(1)), ([1], torch.zeros(1)), "a named tuple is a tuple")
""",
    ),
    "connection_as_the_last_call_left_it": Case(
        "def peek(connection):\n    rows = connection.execute('select 1 as one').fetchall()\n"
        "    connection.row_factory = lambda cursor, row: 'changed'\n    return rows\n",
        """\
connection = sqlite3.connect(":memory:")
assert peek(connection) == [(1,)]
assert peek(connection) == [(1,)], "The connection was not left as it was."
""",
        hint="not left as it was",
    ),
    "decoding_with_callbacks": Case(
        "def generate(next_logits, prompt_ids, max_new_tokens, choose, stop_ids=()):\n"
        "    ids = []\n    while len(ids) < max_new_tokens:\n"
        "        token = choose(next_logits(list(prompt_ids) + ids))\n"
        "        if token in stop_ids:\n            break\n        ids.append(token)\n    return ids\n\n"
        "def beam_search(next_logprobs, prompt_ids, width):\n"
        "    scores = next_logprobs(prompt_ids)\n    best = scores.topk(width)\n"
        "    return [([int(token)], float(score)) for score, token in zip(*best)]\n",
        """\
asked = []

def next_logits(ids):
    asked.append(ids)
    return torch.tensor([float("-inf"), 0.0, float("inf"), float("nan")]).roll(len(ids))

seen = []

def choose(logits):
    seen.append(logits)
    return len(seen)

assert generate(next_logits, [4], 9, choose, stop_ids={3}) == [1, 2]
assert asked == [[4], [4, 1], [4, 1, 2]] and seen[0].isinf().sum() == 2 and seen[0].isnan().sum() == 1
pick = lambda logits: int(torch.multinomial(torch.ones(4), 1, generator=g))
g = torch.Generator().manual_seed(1)
drawn = generate(next_logits, (4,), 3, pick)
want = torch.Generator().manual_seed(1)
assert drawn == [int(torch.multinomial(torch.ones(4), 1, generator=want)) for _ in range(3)]
found = beam_search(lambda ids: torch.tensor([-0.5, float("-inf"), -1.0]), [1], 3)
assert [ids for ids, _ in found] == [[0], [2], [1]] and found[2][1] == float("-inf")
""",
    ),
    "retries": Case(
        "def retry(sample, is_valid, most):\n    for attempt in range(1, most + 1):\n        found = sample()\n"
        "        if is_valid(found):\n            return found, attempt\n    return None, most\n",
        """\
outputs = iter([None, float("nan"), {1: "a", (2, "b"): None}, {"x", 3, None, (1, 2)}])
assert retry(lambda: next(outputs), lambda found: isinstance(found, set), 9) == ({"x", 3, None, (1, 2)}, 4)
assert retry(lambda: None, lambda found: False, 2) == (None, 2)
try:
    retry(lambda: next(outputs), bool, 3)
except StopIteration:
    pass
else:
    raise AssertionError("the test's own exception must come back")
""",
    ),
    "automaton_with_states_of_its_own": Case(
        "class Automaton:\n    def __init__(self, options):\n        self.start = frozenset(options)\n"
        "        self.accepting = {frozenset(['']), frozenset(['', 's'])}\n\n"
        "def advance(automaton, state, text):\n    for letter in text:\n"
        "        state = frozenset(rest[1:] for rest in state if rest[:1] == letter)\n    return state or None\n\n"
        "def allowed(automaton, state, vocabulary):\n"
        "    return {i for i, text in enumerate(vocabulary) if (text and advance(automaton, state, text) is not None)\n"
        "            or (not text and state in automaton.accepting)}\n",
        """\
machine = Automaton(["cat", "cats"])
assert advance(machine, machine.start, "cat") in machine.accepting and machine.start not in machine.accepting
assert advance(machine, machine.start, "dog") is None
assert allowed(machine, machine.start, ["", "c", "ca", "d"]) == {1, 2}
assert allowed(machine, advance(machine, machine.start, "cat"), ["", "s", "t"]) == {0, 1}
""",
    ),
    "records": Case(
        "def loss(law, config, other):\n    return law.E + law.A / config.d_model + other.beta\n",
        """\
config = ModelConfig(n_layers=1, d_model=4, n_heads=2, vocab_size=8, context_length=4)
assert loss(Law(E=1.0, A=2.0), config, SimpleNamespace(beta=3.0)) == 4.5
""",
    ),
    "returned_record": Case(
        "@dataclass\nclass Fit:\n    E: float\n    values: list\n\ndef fit():\n    return Fit(1.5, [1, 2])\n",
        "found = fit()\nassert found.E == 1.5 and found.values == [1, 2]\nfound.E = 2.5\nassert found.E == 2.5\n",
    ),
    "lazy_results": Case(
        "def evens(n):\n    return (i for i in range(n) if i % 2 == 0)\n\ndef table():\n    return {'a': 1}.items()\n",
        "assert list(evens(7)) == [0, 2, 4, 6]\nassert ('a', 1) in table() and len(table()) == 1\n",
    ),
    "objects_go_back": Case(
        "class Cache:\n    def __init__(self):\n        self.items = {}\n"
        "    def __setitem__(self, key, value):\n        self.items[key] = value\n"
        "    def __getitem__(self, key):\n        return self.items[key]\n\n"
        "def fill(cache, value):\n    cache['x'] = value\n    return cache\n",
        """\
cache = Cache()
same = fill(cache, 5)
assert same == cache and hash(same) == hash(cache) and cache["x"] == 5 and cache.items == {"x": 5}
cache["y"] = 6
assert same.items == {"x": 5, "y": 6} and isinstance(same, Cache)
twin = copy.deepcopy(cache)
twin["x"] = 0
assert cache["x"] == 5 and twin != cache
""",
    ),
    "refusals": Case(
        "import json\nclass BadInput(ValueError):\n    pass\n\n"
        "def refuse(n):\n    if n == 0:\n        raise BadInput('n must not be 0')\n    json.loads('{')\n",
        "check_refused(lambda: refuse(0), 'zero')\ncheck_refused(lambda: refuse(1), 'one')\n",
    ),
    "callbacks": Case(
        "def ask(f, g):\n    try:\n        g('x')\n    except KeyError as error:\n"
        "        return f([1, 2], scale=3), str(error), f is f\n",
        """\
def scaled(values, scale):
    return [scale * value for value in values]

def failing(key):
    raise KeyError(key)

assert ask(scaled, failing) == ([3, 6], "'x'", True)
""",
    ),
    "nested_input": Case(
        "def longest(groups):\n    groups[1].append(9)\n    return max(len(group) for group in groups)\n",
        "groups = [[1], [2, 3]]\nwith inputs_unchanged(groups):\n    longest(groups)\n",
        hint="in place",
    ),
    "truth_is_no_object": Case(
        "class Yes:\n    def __bool__(self):\n        return True\n\ndef right():\n    return Yes()\n",
        "assert right(), 'not right'\n",
        hint="plain value was due",
    ),
    "methods_of_modules": Case(
        "class Head(nn.Module):\n    def __init__(self, d):\n        super().__init__()\n"
        "        self.proj = nn.Linear(d, 2, bias=False)\n        self.drop = nn.Dropout(0.5)\n"
        "        self.register_buffer('scale', torch.tensor(2.0))\n"
        "    def forward(self, x, mask=None):\n        return self.drop(self.proj(x)) * self.scale\n",
        """\
head = Head(3).eval()
assert isinstance(head, nn.Module) and not head.training and isinstance(head.proj, nn.Linear)
head.load_state_dict({"proj.weight": torch.ones(2, 3), "scale": torch.tensor(3.0)})
assert torch.equal(head(torch.ones(1, 3), mask=None), torch.full((1, 2), 9.0))
assert sum(p.numel() for p in head.parameters()) == 6 and set(head.state_dict()) == {"proj.weight", "scale"}
head.proj.weight = torch.zeros(2, 3)
assert head(torch.ones(1, 3)).abs().sum() == 0
assert callable(head.forward)
""",
    ),
    "missing_helper_is_an_error": Case(
        "def use():\n    return helper_of_nobody()\n", "check(use, 1, 'the call')\n", hint="NameError"
    ),
    "kept_across_cells_of_an_exercise": Case(
        "count = 0\ndef step():\n    global count\n    count += 1\n    return count\n",
        "assert [step(), step()] == [1, 2]\n",
    ),
    "does_not_disturb_the_next_exercise": Case(
        "def peek():\n    return count\n", "assert peek() == 0, 'an earlier exercise left its state behind'\n"
    ),
}


CASES["a_test_that_goes_on_is_no_state_of_the_answer"] = Case(
    "def failed(text, rules):\n    return [name for name, passes in rules if not passes(text)]\n",
    """\
for text in ("a", "b"):  # the rule sees the test's variable, which is another one by the time a call is repeated
    assert failed(text, [("same", lambda one: one == text)]) == []
text = "c"
assert failed("d", [("same", lambda one: one == text)]) == [], "so that the calls are repeated"
""",
    hint="calls are repeated",
)


@pytest.fixture(scope="module")
def result(pool: SandboxPool) -> SubmissionResult:
    def code(source: str, **flags: object) -> nbformat.NotebookNode:
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata["nbgrader"] = {"schema_version": 3, "task": False, **flags}
        return cell

    cells = [code(SETUP, grade=False, solution=False, locked=True, grade_id="setup")]
    for name, case in CASES.items():
        cells.append(code(case.answer, grade=False, solution=True, locked=False, grade_id=name))
        graded = {"grade": True, "solution": False, "locked": True, "points": 1}
        cells.append(code(case.test, grade_id=f"{name}-1", **graded))
        cells[-2].metadata["course"] = {"names": defined_names(case.answer)}
    notebook = nbformat.v4.new_notebook(cells=cells)
    spec = AssignmentSpec.from_dict_notebook(notebook, "proxies")
    return grade_submission(nbformat.writes(notebook).encode(), spec, pool)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_test_cell_sees(name: str, result: SubmissionResult) -> None:
    cell = result.cells[f"{name}-1"]
    if CASES[name].hint:
        assert not cell.passed
        assert CASES[name].hint in cell.message
    else:
        assert cell.passed, f"{cell.message}\n{result.observations.get('traces', {}).get(f'{name}-1')}"


def test_nothing_was_stopped_on_the_way(result: SubmissionResult) -> None:
    assert result.verdict == "OK", result.reason
    assert not [flag for flag in result.flags if flag.startswith("unrepeatable: failed")]
