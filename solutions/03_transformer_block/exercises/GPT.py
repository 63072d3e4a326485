"""Exercise `GPT`: token embedding, blocks, a last norm, and a head over the vocabulary."""

# %% solution
from torch import Tensor, nn

from utils.models.block import TransformerBlock as Block
from utils.models.config import ModelConfig
from utils.models.norms import RMSNorm


class GPT(nn.Module):
    """Decoder-only language model: embedding, blocks, last norm, head.

    Args:
        config: its dimensions; with `config.tied` embedding and head share one matrix.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.context_length = config.context_length
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        nn.init.normal_(self.embedding.weight, std=0.02)
        if config.tied:
            self.head.weight = self.embedding.weight
        ### END SOLUTION

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (B, T, V) from token ids (B, T).

        Raises:
            ValueError: T is larger than the context length.
        """
        ### BEGIN SOLUTION
        if ids.shape[1] > self.context_length:
            raise ValueError(
                f"ids have {ids.shape[1]} positions, more than the context length"
                f" {self.context_length}"
            )
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))
        ### END SOLUTION


# %% hints
HINTS = (
    "From ids to logits in four steps. Which of them share a matrix when `config.tied`?",
    (
        "`nn.Embedding`, `nn.ModuleList` of blocks, RMSNorm, `nn.Linear(d_model, vocab_size,"
        " bias=False)`; tied: `head.weight = embedding.weight`. Refuse more tokens than"
        " `context_length`."
    ),
)
EXPLANATION = """
Ids become vectors, the blocks rewrite them, the norm brings them to one scale, the head compares
each with every token's vector. Tying assigns one parameter to both places: copying its values
would let the two drift apart in training. More tokens than the context are refused, since
positions beyond it were never trained.
"""


# %% helpers
import math

import torch
from torch.nn.functional import silu

from utils.models.config import ModelConfig
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    call_answer,
    case_rng,
    check,
    check_refused,
    check_same_again,
    inputs_unchanged,
)

V, D, D_FF = 17, 12, 20
EVERY = "Logits have the shape (B, T, V): one row of the size of the vocabulary for every position."


def config_of(**sizes):
    defaults = dict(n_layers=3, d_model=D, n_heads=3, n_kv_heads=1, d_ff=D_FF, vocab_size=V)
    return ModelConfig(**{**defaults, "context_length": 130, **sizes})


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def drawn(model, case=0):
    """The model with random weights, large enough that everything shows in the logits."""
    values = {}
    for name, value in model.named_parameters():
        shape = tuple(value.shape)
        numbers = torch.randn(shape, generator=seeded(sum(map(ord, name)) + 1000 * case))
        values[name] = 1 + 0.3 * numbers if len(shape) < 2 else numbers / 2
    model.load_state_dict(values, strict=False)
    return model.eval(), values


def built(config, case=0):
    what = "the parameters of GPT(config)"
    return call_answer(lambda: drawn(GPT(config), case), what)


def run(model, ids):
    with torch.no_grad():
        result = model(ids.clone())
    assert result is not None, "Nothing came back from `forward`: is a `return` missing?"
    assert torch.is_tensor(result), (
        "A tuple came back. `forward` returns the logits alone, one tensor (B, T, V)."
    )
    return result


def logits_of(model, ids):
    shape = tuple(ids.shape)
    what = f"the shape of the logits for ids of shape {shape} and a vocabulary of {V}"
    check(lambda: tuple(run(model, ids).shape), (*shape, V), what, otherwise=EVERY)
    return run(model, ids)


def close(got, want, tolerance=1e-3):
    return torch.allclose(got, want, rtol=tolerance, atol=tolerance / 10)


def holds(call, what, otherwise, wanted=True):
    """Check that something is so (or is not)."""
    check(lambda: bool(call()), wanted, what, otherwise=otherwise)


def read_hidden(tied, mlp, n_layers=2):
    """Known weights: what comes before the head, and the embeddings (V, D), all ids at one
    position.
    """
    table = torch.randn(V, D, generator=seeded(3))
    way_in = torch.randn(D_FF, D, generator=seeded(4)) * mlp

    def known(shape):
        if len(shape) < 2:
            return torch.ones(shape)
        if V in shape:
            return table if shape[0] == V else table.T
        if any(size % D_FF == 0 for size in shape):
            part = way_in if shape[1] == D else way_in.T
            return part.repeat(shape[0] // part.shape[0], shape[1] // part.shape[1])
        return torch.zeros(shape)

    model = GPT(config_of(n_layers=n_layers, tied=tied))
    values = {name: known(tuple(value.shape)) for name, value in model.named_parameters()}
    model.load_state_dict(values, strict=False)
    logits = logits_of(model.eval(), torch.arange(V)[:, None])[:, 0]
    return torch.linalg.lstsq(table, logits.T).solution.T, table, way_in


def root_mean_square(x):
    return x.pow(2).mean(-1, keepdim=True).sqrt()


def normed(x):
    return x / root_mean_square(x)


def after_blocks(x, way_in, n_layers, doubled=False, between=lambda x: x):
    """The stream after blocks whose attention is silent; doubled where it is added to them again."""
    for _ in range(n_layers):
        inner = normed(x) @ way_in.T
        x = between((2 if doubled else 1) * x + (silu(inner) * inner) @ way_in)
    return x


def check_models_are_independent():
    config, ids = config_of(), torch.tensor([[5, 3, 16, 0, 9]])
    model, _ = built(config, 4)
    before = logits_of(model, ids)
    built(config, 5)
    holds(
        lambda: close(run(model, ids), before),
        "a model's logits, when a second model gets other parameters",
        "Two models share parameters. Each model makes parts of its own.",
    )


# %% examples
def examples(check):
    sizes = dict(n_layers=2, d_model=8, n_heads=2, d_ff=12, vocab_size=7, context_length=5)
    model = lambda tied=True: GPT(ModelConfig(**sizes, tied=tied))
    ids = nn.Embedding(2, 3).weight.new_zeros(2, 3).long()
    count = lambda tied: sum(value.numel() for _, value in model(tied).named_parameters())
    check(lambda: tuple(model()(ids).shape), (2, 3, 7), "the shape of the logits for ids of (2, 3)")
    check(lambda: [count(True), count(False)], [1184, 1240], "parameters, tied and not")
    check.refused(lambda: model()(ids.repeat(1, 2)), "six tokens for a context of five")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "the shape of the logits for ids of (2, 3)": Diagnosis(
            otherwise=(
                "Logits have the shape (B, T, V): a row of the size of the vocabulary for each"
                " position."
            )
        ),
        "parameters, tied and not": Diagnosis(
            mistakes={
                "A tied model has one table of the shape (V, D), not two.": [1240, 1240],
                "An untied model has two tables of the shape (V, D).": [1184, 1184],
                "The last norm is missing, or has no weight.": [1176, 1232],
                "The head has a bias; it has none here.": AnyOf([1191, 1247], [1184, 1247]),
            },
            otherwise=(
                "Two blocks of 4 * 64 + 3 * 8 * 12 + 2 * 8, a norm of 8, one table of 7 * 8 or two."
            ),
        ),
        "six tokens for a context of five": Diagnosis(
            otherwise="Compare the number of ids with `config.context_length`."
        ),
    }


# %% graded: 2 points | logits (B, T, V) for every position, which depend on all earlier tokens and on no later one.
def test_logits_for_every_position() -> None:
    for case, (tied, T) in enumerate(((True, 7), (False, 130))):
        config = config_of(tied=tied)
        rng = case_rng("GPT", case)
        ids = torch.tensor([[rng.randrange(V) for _ in range(T)] for _ in range(2)])
        model, _ = built(config, case)
        check(
            lambda: tuple(run(model, ids).shape),
            (2, T, V),
            f"the shape of the logits for ids of shape (2, {T}) and a vocabulary of {V}",
            mistakes={
                f"{EVERY} Yours are for the last position only.": AnyOf((2, V), (2, 1, V)),
                f"{EVERY} These are hidden states: the head (unembedding) is missing.": (2, T, D),
                f"{EVERY} One position is missing: shifting targets against logits is the loss's job.": (
                    2,
                    T - 1,
                    V,
                ),
                f"{EVERY} Classes and positions are transposed.": (2, V, T),
            },
            otherwise=EVERY,
            if_raises="T up to the context length fits, whatever the size of the batch.",
        )
        logits = run(model, ids)
        holds(
            lambda: close(run(model, ids), logits),
            "a second call in evaluation mode",
            "The same input gives two results: there is dropout, or something else random, that"
            " never stops.",
        )
        holds(
            lambda: logits.min() >= 0 and (logits.sum(-1) - 1).abs().max() < 1e-3,
            "whether the results are probabilities",
            "These are probabilities. `forward` returns logits, without the softmax.",
            False,
        )
        holds(
            lambda: (logits.exp().sum(-1) - 1).abs().max() < 1e-3,
            "whether the results are log-probabilities",
            "These are log-probabilities. `forward` returns the head's logits as they are, without"
            " log-softmax.",
            False,
        )
        later, earlier = ids.clone(), ids.clone()
        later[:, 4:] = (ids[:, 4:] + 3) % V
        earlier[:, 0] = (ids[:, 0] + 5) % V
        holds(
            lambda: all(
                close(run(model, one[None])[0], of) for one, of in zip(ids, logits, strict=True)
            ),
            "each row of the batch alone",
            "The rows of a batch have an effect on each other.",
        )
        holds(
            lambda: close(run(model, later)[:, :4], logits[:, :4]),
            "the logits of the first four positions, when later tokens change",
            "The model is not causal: a position sees later tokens (the future) that it has to"
            " predict.",
        )
        holds(
            lambda: (run(model, earlier)[:, 1:7] - logits[:, 1:7]).abs().amax(-1).min() > 1e-4,
            "the logits of later positions, when the first token changes",
            "Earlier tokens have no effect: pass each block's result on to the next block, x ="
            " block(x).",
        )
        check_same_again(lambda: run(model, ids), "the model", lambda: run(model, later[:, :3]))


# %% graded: 2 points | one table when tied and two when not, a block of its own for every layer, then a norm, all in use.
def test_tables_blocks_and_last_norm() -> None:
    for n_layers, n_heads, n_kv_heads, d_ff, tied in (
        (3, 3, 1, 20, True),
        (2, 2, 2, 28, False),
        (5, 6, 3, 44, True),
    ):
        config = config_of(
            n_layers=n_layers, n_heads=n_heads, n_kv_heads=n_kv_heads, d_ff=d_ff, tied=tied
        )
        block = 2 * D * D + 2 * D * (D // n_heads * n_kv_heads) + 3 * D * d_ff + 2 * D
        exact = n_layers * block + D + (1 if tied else 2) * V * D
        check(
            lambda: sum(math.prod(value.shape) for _, value in GPT(config).named_parameters()),
            exact,
            f"the number of parameters with {n_layers} layers, tied {tied}",
            rtol=0,
            atol=0,
            mistakes={
                "`config.tied` asks for one table, and there are two: a copy is not shared. Give the head the embedding's own parameter: head.weight = embedding.weight.": (
                    lambda got: tied and got == exact + V * D
                ),
                "`config.tied` is False, and embedding and head share one table: they are to be tied only when asked for.": (
                    lambda got: not tied and got == exact - V * D
                ),
                "The parameters of the blocks are missing: a plain list is not registered. Use nn.ModuleList.": (
                    exact - n_layers * block
                ),
                "There is one block for all layers, shared or alone. Every layer (n_layers of them) has a block of its own.": (
                    exact - (n_layers - 1) * block
                ),
                "There is one block too many, or too few: n_layers of them.": AnyOf(
                    exact - block, exact + block
                ),
                "The last norm is missing: it stands between the blocks and the head.": exact - D,
                "The head has a bias. It has none here.": exact + V,
                "There is a table of learned positions. Use positions without parameters.": (
                    exact + config.context_length * D
                ),
            },
            otherwise="Parameters: the table or tables (V, D), n_layers blocks, a last norm (D).",
        )
    # Every parameter does something: changed alone, it changes the logits.
    ids = torch.tensor([[3, 1, 4, 15, 9, 2, 6]])
    model, values = built(config_of())
    before = logits_of(model, ids)
    for name, value in values.items():
        model.load_state_dict(
            {name: value + torch.rand(value.shape, generator=seeded(1))}, strict=False
        )
        holds(
            lambda: (run(model, ids) - before).abs().max() > 1e-6,
            f"the logits after a change of the parameter {name}",
            "A parameter has no effect on the logits: a layer or block is built and not used.",
        )
        model.load_state_dict({name: value}, strict=False)
    for tied in (True, False):
        hidden, table, way_in = read_hidden(tied, mlp=0.7)
        sizes = root_mean_square(hidden)
        holds(
            lambda: sizes.max() < 1.001 * sizes.min() and abs(sizes.max() - 1) > 0.01,
            f"whether all vectors that the head reads have one other size than 1, tied {tied}",
            "The logits, or what the last norm gives, are multiplied by a number. The head's product"
            " with the normed vector comes back as it is.",
            False,
        )
        holds(
            lambda: (root_mean_square(hidden) - 1).abs().max() < 1e-2,
            f"the size of the vectors that the head reads, tied {tied}",
            "The head reads vectors that no norm has brought to one scale. The last norm stands"
            " after the blocks, before the head.",
        )
        end = after_blocks(table, way_in, 2)
        for wrong, hint in (
            (
                after_blocks(table, way_in, 2, doubled=True),
                "x + block(x) adds x twice: a block holds its residuals itself. Go on with x ="
                " block(x).",
            ),
            (
                end + table,
                "The embedding is added once more after the blocks. They carry it through"
                " themselves: the last norm reads the last block's result.",
            ),
            (
                after_blocks(table, way_in, 2, between=normed),
                "A norm stands after every block. There is one, after the last: the stream between"
                " blocks is not normalised.",
            ),
            (
                after_blocks(normed(table), way_in, 2),
                "The embedding goes through a norm. The first block reads it as it is.",
            ),
            (
                after_blocks(table * D**0.5, way_in, 2),
                "The embedding is multiplied by the root of d_model. The first block reads it as it is.",
            ),
            (
                after_blocks(table, way_in, 1),
                "The blocks work side by side. Each reads the result of the one before: x ="
                " block(x).",
            ),
        ):
            holds(
                lambda: close(hidden, normed(wrong), 1e-2),
                f"whether the stream takes another way, tied {tied}",
                hint,
                False,
            )
    check_models_are_independent()


# %% graded: 1 point | the context length: a longer sequence is refused, a full one is not.
def test_context_length() -> None:
    contexts = (7, 100, 1100, 4)  # all are built before the first is called
    models = [
        call_answer(lambda: GPT(config_of(n_layers=1, context_length=context)), "GPT(config)")
        for context in contexts
    ]
    for context, model in zip(contexts, models, strict=True):
        for rows, length, hint in (
            (
                1,
                context,
                "A sequence of exactly the context length fits: only a larger T is refused.",
            ),
            (1, 1, "A sequence of one token fits."),
            (
                context + 3,
                2,
                (
                    "The size of the batch has nothing to do with the context length: compare T,"
                    " the second dimension."
                ),
            ),
        ):
            ids = torch.arange(rows * length).reshape(rows, length) % V
            with inputs_unchanged(ids), torch.no_grad():
                check(
                    lambda: tuple(model(ids).shape),
                    (rows, length, V),
                    f"ids of shape {(rows, length)} with a context length of {context}",
                    if_raises=hint,
                )
        for length in (context + 1, 3 * context):
            check_refused(
                lambda: model(torch.zeros(2, length, dtype=torch.long)),
                f"ids of length {length}, with a context length of {context},",
                "Do not cut it either: the caller has to know.",
            )
