"""A small assignment in the course's own form, for the tests of grading: plain data, tensors, modules, automata."""

from __future__ import annotations

import copy
from typing import Any

import nbformat

from utils.course.grading import AssignmentSpec

NAME = "02_small"

SETUP = """\
import torch
from torch import nn

from utils.notebook.checks import case_rng, check, check_refused, forbidden, inputs_unchanged
"""

LANGUAGE_SHARES = """\
def language_shares(texts, identify):
    \"\"\"Return the share of documents per language.\"\"\"
    ### BEGIN SOLUTION
    counts = {}
    for text in texts:
        try:
            language = identify(text) or "unknown"
        except Exception:
            language = "unknown"
        counts[language] = counts.get(language, 0) + 1
    return {language: count / len(texts) for language, count in counts.items()}
    ### END SOLUTION
"""

LANGUAGE_SHARES_1 = """\
texts = ["a", "b", "a", "a"]
check(lambda: language_shares(texts, lambda text: text), {"a": 0.75, "b": 0.25}, "four texts")
### BEGIN HIDDEN TESTS
rng = case_rng("language_shares", 1)
drawn = [rng.choice("abc") for _ in range(40)]
want = {letter: drawn.count(letter) / 40 for letter in sorted(set(drawn))}
with inputs_unchanged(drawn):
    check(lambda: language_shares(drawn, lambda text: text), want, "forty texts",
          mistakes={"These are counts, not shares.": lambda got: sum(got.values()) > 1.5})
### END HIDDEN TESTS
"""

LANGUAGE_SHARES_2 = """\
def fails(text):
    raise ValueError("no language")

check(lambda: language_shares(["a"], fails), {"unknown": 1.0}, "an identifier that raises")
### BEGIN HIDDEN TESTS
check(lambda: language_shares([], str), {}, "no texts")
### END HIDDEN TESTS
"""

MERGE_PAIR = """\
def merge_pair(ids, pair, new_id):
    \"\"\"Replace each pair by the new id, left to right.\"\"\"
    ### BEGIN SOLUTION
    merged, at = [], 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == tuple(pair):
            merged.append(new_id)
            at += 2
        else:
            merged.append(ids[at])
            at += 1
    return merged
    ### END SOLUTION
"""

MERGE_PAIR_1 = """\
check(lambda: merge_pair([1, 1, 1], (1, 1), 9), [9, 1], "an overlap")
### BEGIN HIDDEN TESTS
rng = case_rng("merge_pair", 1)
for case in range(5):
    ids = [rng.randrange(3) for _ in range(30)]
    text = "".join(map(str, ids)).replace("01", "9")
    with inputs_unchanged(ids):
        check(lambda: merge_pair(ids, (0, 1), 9), [int(c) for c in text], f"random ids {case}")
### END HIDDEN TESTS
"""

SOFTMAX = """\
def softmax(x, dim=-1):
    \"\"\"Return the softmax, without torch's own.\"\"\"
    ### BEGIN SOLUTION
    shifted = (x - x.amax(dim=dim, keepdim=True)).exp()
    return shifted / shifted.sum(dim=dim, keepdim=True)
    ### END SOLUTION
"""

SOFTMAX_1 = """\
x = torch.tensor([[1.0, 2.0, 3.0]])
with forbidden("torch.softmax", "torch.Tensor.softmax", "torch.nn.functional.softmax"):
    check(lambda: softmax(x), x.exp() / x.exp().sum(), "three logits", rtol=1e-5)
### BEGIN HIDDEN TESTS
seed = case_rng("softmax", 1).randrange(2**31)
x = torch.randn(4, 7, generator=torch.Generator().manual_seed(seed))
want = x.exp() / x.exp().sum(-1, keepdim=True)
with forbidden("torch.softmax", "torch.Tensor.softmax", "torch.nn.functional.softmax"), inputs_unchanged(x):
    check(lambda: softmax(x), want, "random logits", rtol=1e-4,
          mistakes={"You normalised over another dimension.": x.exp() / x.exp().sum(0, keepdim=True)})
### END HIDDEN TESTS
"""

SOFTMAX_2 = """\
x = torch.tensor([1e4, 0.0])
check(lambda: softmax(x), torch.tensor([1.0, 0.0]), "large logits",
      otherwise="Subtract the largest logit before you exponentiate.")
"""

ATTENTION = """\
def attention(q, k, v, mask=None):
    \"\"\"Return output and weights of scaled dot-product attention.\"\"\"
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = softmax(scores)
    return weights @ v, weights
    ### END SOLUTION
"""

ATTENTION_1 = """\
g = torch.Generator().manual_seed(case_rng("attention", 1).randrange(2**31))
q, k, v = (torch.randn(2, 5, 8, generator=g) for _ in range(3))
### BEGIN HIDDEN TESTS
mask = torch.ones(5, 5, dtype=torch.bool).tril()
scores = (q @ k.transpose(-2, -1) / 8**0.5).masked_fill(~mask, float("-inf"))
want = torch.nn.functional.softmax(scores, -1)
shortcuts = ("torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention.forward")
with forbidden(*shortcuts):
    check(lambda: attention(q, k, v, mask)[1], want, "causal weights", rtol=1e-4, atol=1e-6,
          mistakes={"The scale 1/sqrt(d) is missing.": torch.nn.functional.softmax(scores * 8**0.5, -1)})
    check(lambda: attention(q, k, v, mask)[0], want @ v, "causal output", rtol=1e-4, atol=1e-6)
### END HIDDEN TESTS
"""

SCALER = """\
class Scaler(nn.Module):
    \"\"\"y = w * x + b for every feature.\"\"\"

    ### BEGIN SOLUTION
    def __init__(self, d_model):
        super().__init__()
        self.d_model = d_model
        self.weight = nn.Parameter(torch.ones(d_model))
        self.inner = nn.Linear(d_model, d_model, bias=False)
        self.calls = []

    def forward(self, x):
        self.calls.append(len(x))
        return self.inner(x) * self.weight
    ### END SOLUTION
"""

SCALER_1 = """\
layer = Scaler(4)
assert isinstance(layer, nn.Module) and layer.d_model == 4
assert isinstance(layer.inner, nn.Linear), "inner must be a Linear layer"
assert sorted(name for name, _ in layer.named_parameters()) == ["inner.weight", "weight"]
with torch.no_grad():
    layer.inner.weight.copy_(torch.eye(4))
    layer.weight.fill_(2.0)
x = torch.arange(8.0).reshape(2, 4).requires_grad_()
check(lambda: layer(x), 2 * x.detach(), "twice the input")
### BEGIN HIDDEN TESTS
state = {name: torch.full_like(value, 0.5) for name, value in layer.state_dict().items()}
layer.load_state_dict(state)
y = layer(x)
y.sum().backward()
assert torch.allclose(x.grad, torch.full((2, 4), 4 * 0.25)), f"the gradient of the input is wrong: {x.grad}"
weight = layer.weight
assert torch.allclose(weight.grad, x.detach().sum() * 0.5 * torch.ones(4)), f"gradient of the weight {weight.grad}"
assert len(layer.calls) == 2
### END HIDDEN TESTS
"""

AUTOMATON = """\
class Automaton:
    ### BEGIN SOLUTION
    def __init__(self, table, accepting):
        self.table, self.start, self.accepting = table, 0, accepting
    ### END SOLUTION


def choices_automaton(options):
    ### BEGIN SOLUTION
    table, accepting = [{}], set()
    for option in options:
        state = 0
        for character in option:
            if character not in table[state]:
                table.append({})
                table[state][character] = len(table) - 1
            state = table[state][character]
        accepting.add(state)
    return Automaton(table, accepting)
    ### END SOLUTION


def advance(automaton, state, text):
    ### BEGIN SOLUTION
    for character in text:
        state = automaton.table[state].get(character)
        if state is None:
            return None
    return state
    ### END SOLUTION
"""

AUTOMATON_1 = """\
machine = choices_automaton(["cat", "car", "dog"])
assert advance(machine, machine.start, "ca") is not None
### BEGIN HIDDEN TESTS
assert advance(machine, machine.start, "cow") is None, "This automaton reads a text that leads to no option."
for word in ("cat", "car", "dog"):
    assert advance(machine, machine.start, word) in machine.accepting, f"{word} must be accepted."
assert advance(machine, machine.start, "ca") not in machine.accepting, "A prefix is no option yet."
half = advance(machine, machine.start, "c")
assert advance(machine, half, "at") == advance(machine, machine.start, "cat"), "Reading in two steps must agree."
### END HIDDEN TESTS
"""

CACHE = """\
class KVCache:
    ### BEGIN SOLUTION
    def __init__(self):
        self.parts = []

    def append(self, k):
        self.parts.append(k)
        return torch.cat(self.parts, dim=-2)

    def __len__(self):
        return sum(part.shape[-2] for part in self.parts)

    def reset(self):
        self.parts = []
    ### END SOLUTION


def greedy(next_logits, n):
    ### BEGIN SOLUTION
    ids = []
    for _ in range(n):
        ids.append(int(next_logits(list(ids)).argmax()))
    return ids
    ### END SOLUTION
"""

CACHE_1 = """\
cache = KVCache()
assert len(cache) == 0
first = cache.append(torch.ones(1, 2, 3))
### BEGIN HIDDEN TESTS
second = cache.append(torch.zeros(1, 1, 3))
assert second.shape == (1, 3, 3) and len(cache) == 3
cache.reset()
assert len(cache) == 0, "reset must empty the cache"
### END HIDDEN TESTS
"""

CACHE_2 = """\
asked = []

def next_logits(ids):
    asked.append(ids)
    return torch.nn.functional.one_hot(torch.tensor(len(ids) % 3), 3).float()

check(lambda: greedy(next_logits, 4), [0, 1, 2, 0], "greedy decoding")
assert asked == [[], [0], [0, 1], [0, 1, 2]], "next_logits must get the ids chosen so far"
"""

EXERCISES: dict[str, tuple[str, list[str], list[str]]] = {
    "language_shares": (LANGUAGE_SHARES, [LANGUAGE_SHARES_1, LANGUAGE_SHARES_2], ["language_shares"]),
    "merge_pair": (MERGE_PAIR, [MERGE_PAIR_1], ["merge_pair"]),
    "softmax": (SOFTMAX, [SOFTMAX_1, SOFTMAX_2], ["softmax"]),
    "attention": (ATTENTION, [ATTENTION_1], ["attention"]),
    "Scaler": (SCALER, [SCALER_1], ["Scaler"]),
    "Automaton": (AUTOMATON, [AUTOMATON_1], ["Automaton", "choices_automaton", "advance"]),
    "KVCache": (CACHE, [CACHE_1, CACHE_2], ["KVCache", "greedy"]),
}
"""Per exercise its solution, its graded cells, and the names that it defines."""

GRADED = [f"{name}-{number}" for name, (_, tests, _) in EXERCISES.items() for number in range(1, len(tests) + 1)]


def _cell(source: str, cell_id: str, **nbgrader: Any) -> Any:
    cell = nbformat.v4.new_code_cell(source, id=cell_id)
    if nbgrader:
        cell.metadata["nbgrader"] = {"schema_version": 3, "task": False, "cell_type": "code", **nbgrader}
    return cell


def source_notebook() -> Any:
    """Return nbgrader's source notebook."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells = [nbformat.v4.new_markdown_cell("# A small assignment", id="title")]
    setup = _cell(SETUP, "setup", grade=False, solution=False, locked=True, grade_id="setup")
    notebook.cells.append(setup)
    for name, (solution, tests, names) in EXERCISES.items():
        cell = _cell(solution, f"{name}-answer", grade=False, solution=True, locked=False, grade_id=name)
        if names != [name]:
            cell.metadata["course"] = {"names": names}
        notebook.cells.append(cell)
        experiment = _cell("raise RuntimeError('an experiment was run')", f"{name}-experiment")
        experiment.metadata["tags"] = ["experiment"]
        notebook.cells.append(experiment)
        for number, test in enumerate(tests, 1):
            graded = {"grade": True, "solution": False, "locked": True, "points": 2.0}
            notebook.cells.append(_cell(test, f"{name}-test-{number}", grade_id=f"{name}-{number}", **graded))
    return notebook


def assignment() -> AssignmentSpec:
    """Return the assignment."""
    return AssignmentSpec.from_dict_notebook(source_notebook(), NAME)


def release_notebook() -> Any:
    """Return what a learner gets: stubs for answers, no hidden tests."""
    from utils.course.grading.spec import visible_part

    notebook = copy.deepcopy(source_notebook())
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade"):
            cell.source = visible_part(cell.source)
        elif nbgrader.get("solution"):
            cell.source = _stub(cell.source)
    return notebook


def _stub(source: str) -> str:
    kept, inside = [], False
    for line in source.splitlines():
        if "### BEGIN SOLUTION" in line:
            inside = True
            kept.append(line.replace("### BEGIN SOLUTION", "raise NotImplementedError"))
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def answer(name: str) -> str:
    """Return the reference answer of an exercise without its markers."""
    lines = EXERCISES[name][0].splitlines()
    return "\n".join(line for line in lines if "### BEGIN" not in line and "### END" not in line) + "\n"


def submitted(answers: dict[str, str] | None = None, extra: dict[str, str] | None = None) -> Any:
    """Return a learner's notebook: right answers but for those given.

    Args:
        answers: other answers by grade_id.
        extra: further cells, each put before the solution cell of that grade_id ("" puts it first).
    """
    notebook = release_notebook()
    cells = []
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        grade_id = nbgrader.get("grade_id", "")
        if extra and grade_id in extra and nbgrader.get("solution"):
            cells.append(nbformat.v4.new_code_cell(extra[grade_id], id=f"extra-{grade_id}"))
        if nbgrader.get("solution"):
            cell.source = (answers or {}).get(grade_id, answer(grade_id))
        cells.append(cell)
    if extra and "" in extra:
        cells.insert(0, nbformat.v4.new_code_cell(extra[""], id="extra-first"))
    notebook.cells = cells
    return notebook


def as_bytes(notebook: Any) -> bytes:
    """Return a notebook as the bytes of its file."""
    return nbformat.writes(notebook).encode()
