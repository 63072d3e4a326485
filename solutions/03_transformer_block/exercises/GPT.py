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

from utils.models.config import ModelConfig
from utils.notebook.checks import (
    AnyOf,
    Diagnosis,
    case_rng,
    check,
    check_refused,
    inputs_unchanged,
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
def test_1() -> None:
    for case, tied in enumerate((True, False)):
        config = ModelConfig(
            n_layers=3,
            d_model=12,
            n_heads=3,
            n_kv_heads=1,
            d_ff=20,
            vocab_size=17,
            context_length=9,
            tied=tied,
        )
        rng = case_rng("GPT", case)
        ids = torch.tensor([rng.sample(range(17), 7) for _ in range(2)])

        def drawn(model):
            """Random weights large enough that everything shows in the logits."""
            values = {}
            for name, value in model.named_parameters():
                seed = sum(map(ord, name)) + 1000 * case
                numbers = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
                values[name] = 1 + 0.3 * numbers if value.dim() < 2 else numbers / 2
            model.load_state_dict(values, strict=False)
            return model.eval()

        def run(model, tokens):
            with torch.no_grad():
                result = model(tokens.clone())
            assert torch.is_tensor(result), (
                "A tuple came back. `forward` returns the logits alone, one tensor (B, T, V)."
            )
            return result

        every = (
            "Logits have the shape (B, T, V): one row of the size of the vocabulary for every"
            " position"
        )
        check(
            lambda: tuple(run(drawn(GPT(config)), ids).shape),
            (2, 7, 17),
            "the shape of the logits for ids of shape (2, 7) and a vocabulary of 17",
            mistakes={
                f"{every}. Yours are for the last position only.": (
                    lambda got: got in ((2, 17), (2, 1, 17))
                ),
                f"{every}. These are hidden states: the head (unembedding) is missing.": (2, 7, 12),
                f"{every}. One position is missing: shifting targets against logits is the loss's job.": (
                    2,
                    6,
                    17,
                ),
                f"{every}. Classes and positions are transposed.": (2, 17, 7),
            },
            otherwise=f"{every}.",
        )
        model = drawn(GPT(config))
        logits = run(model, ids)
        check(
            lambda: run(model, ids),
            logits,
            "a second call in evaluation mode",
            rtol=1e-3,
            atol=1e-4,
            otherwise=(
                "The same input gives two results: there is dropout, or something else random, that"
                " never stops."
            ),
        )
        sums = logits.exp().sum(-1)
        check(
            lambda: bool(logits.min() >= 0 and (logits.sum(-1) - 1).abs().max() < 1e-3),
            False,
            "whether the results are probabilities",
            otherwise="These are probabilities. `forward` returns logits, without the softmax.",
        )
        check(
            lambda: bool((sums - 1).abs().max() < 1e-3),
            False,
            "whether the results are log-probabilities",
            otherwise=(
                "These are log-probabilities. `forward` returns the head's logits as they are,"
                " without log-softmax."
            ),
        )
        later, earlier = ids.clone(), ids.clone()
        later[:, 4:] = (ids[:, 4:] + 3) % 17
        earlier[:, 0] = (ids[:, 0] + 5) % 17
        check(
            lambda: bool(
                torch.allclose(run(model, later)[:, :4], logits[:, :4], rtol=1e-3, atol=1e-4)
            ),
            True,
            "the logits of the first four positions, when later tokens change",
            otherwise=(
                "The model is not causal: a position sees later tokens (the future) that it has to"
                " predict."
            ),
        )
        check(
            lambda: bool((run(model, earlier)[:, 1:] - logits[:, 1:]).abs().amax(-1).min() > 1e-4),
            True,
            "the logits of all later positions, when the first token changes",
            otherwise=(
                "Earlier tokens have no effect: pass each block's result on to the next block, x ="
                " block(x)."
            ),
        )
        check(
            lambda: bool(torch.allclose(run(model, ids[:1]), logits[:1], rtol=1e-3, atol=1e-4)),
            True,
            "one row of the batch alone",
            otherwise="The rows of a batch have an effect on each other.",
        )


# %% graded: 2 points | one table when tied and two when not, a block of its own for every layer, all of them in use.
def test_2() -> None:
    V, D = 19, 12
    for n_layers, n_heads, n_kv_heads, d_ff, tied in (
        (3, 3, 1, 20, True),
        (2, 2, 2, 28, False),
        (5, 6, 3, 44, True),
    ):
        config = ModelConfig(
            n_layers=n_layers,
            d_model=D,
            n_heads=n_heads,
            n_kv_heads=n_kv_heads,
            d_ff=d_ff,
            vocab_size=V,
            context_length=9,
            tied=tied,
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
                "The last norm is missing: it stands between the blocks and the head.": exact - D,
                "The head has a bias. It has none here.": exact + V,
                "There is a table of learned positions. Use positions without parameters.": (
                    exact + 9 * D
                ),
            },
            otherwise="Parameters: the table or tables (V, D), n_layers blocks, a last norm (D).",
        )
    # Every parameter does something: changed alone, it changes the logits.
    config = ModelConfig(
        n_layers=3, d_model=D, n_heads=3, n_kv_heads=1, d_ff=20, vocab_size=V, context_length=9
    )
    ids = torch.tensor([[3, 1, 4, 15, 9, 2, 6]])

    def drawn_values(model):
        values = {}
        for name, value in model.named_parameters():
            numbers = torch.randn(
                value.shape, generator=torch.Generator().manual_seed(sum(map(ord, name)))
            )
            values[name] = 1 + 0.3 * numbers if value.dim() < 2 else numbers / 2
        return values

    model = GPT(config).eval()
    values = drawn_values(model)
    with torch.no_grad():
        model.load_state_dict(values, strict=False)
        before = model(ids)
        for name, value in values.items():
            other = torch.rand(value.shape, generator=torch.Generator().manual_seed(1)) + value
            model.load_state_dict({name: other}, strict=False)
            check(
                lambda: bool((model(ids) - before).abs().max() > 1e-6),
                True,
                f"the logits after a change of the parameter {name}",
                otherwise=(
                    f"The parameter {name} has no effect on the logits: a layer or block is built"
                    " and not used."
                ),
            )
            model.load_state_dict({name: value}, strict=False)


# %% graded: 1 point | the context length: a longer sequence is refused, a full one is not.
def test_3() -> None:
    for context in (4, 7):
        config = ModelConfig(
            n_layers=1, d_model=8, n_heads=2, d_ff=12, vocab_size=11, context_length=context
        )
        model = GPT(config)
        for length in (context, 1):
            ids = torch.arange(length)[None] % 11
            with inputs_unchanged(ids), torch.no_grad():
                check(
                    lambda: tuple(model(ids).shape),
                    (1, length, 11),
                    f"{length} tokens with a context length of {context}",
                    if_raises=(
                        f"A sequence of exactly the context length fits: only T > {context} is"
                        " refused."
                    ),
                )
        check(
            lambda: tuple(model(torch.zeros(context + 3, 2, dtype=torch.long)).shape),
            (context + 3, 2, 11),
            f"a batch of {context + 3} short sequences with a context length of {context}",
            if_raises=(
                "The size of the batch has nothing to do with the context length: compare T, the"
                " second dimension."
            ),
        )
        for length in (context + 1, 3 * context):
            check_refused(
                lambda: model(torch.zeros(2, length, dtype=torch.long)),
                f"ids of length {length}, with a context length of {context},",
                "Do not cut it either: the caller has to know.",
            )
