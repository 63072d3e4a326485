"""Exercise `count_parameters`: every weight of a dense model, from its dimensions alone."""

# %% solution
from utils.models.config import ModelConfig


def count_parameters(config: ModelConfig) -> int:
    """Return the exact number of parameters of a dense model.

    Args:
        config: n_layers, d_model, n_heads, n_kv_heads, d_ff, vocab_size, tied (one table for
            embedding and head) and gated (three matrices in the MLP, otherwise two) decide;
            context_length does not.
    """
    ### BEGIN SOLUTION
    D = config.d_model
    kv_dim = D // config.n_heads * config.n_kv_heads
    attention = 2 * D * D + 2 * D * kv_dim
    mlp = (3 if config.gated else 2) * D * config.d_ff
    tables = (1 if config.tied else 2) * config.vocab_size * D
    return tables + config.n_layers * (attention + mlp + 2 * D) + D
    ### END SOLUTION


# %% hints
HINTS = (
    "Write down each matrix of one block with its two sizes. What stands outside the blocks?",
    (
        "A block: q and o (D, D), k and v (D, kv_dim) with kv_dim = D / n_heads * n_kv_heads, three"
        " MLP matrices (two when not gated), two norms of D. Outside: one table or two of (V, D),"
        " one norm."
    ),
)
EXPLANATION = """
Grouped queries shrink k and v only. A gated MLP has three matrices, a plain one two. Each block
has two norms without bias, and one more stands before the head. Tied models have one table of V
times D for both ends. The context length decides nothing, since rotary positions have no
parameters: that is how Llama 2-7B comes to exactly 6,738,415,616.
"""


# %% helpers
from utils.models.config import ModelConfig
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept


def plan(rng, case):
    """Random sizes in which no two counts agree by chance."""
    n_kv_heads, group = rng.choice([2, 3, 5]), (1, 2, 4)[case % 3]
    heads = n_kv_heads * group
    return {
        "n_layers": rng.randint(3, 9),
        "d_model": heads * rng.choice([6, 10, 14]),
        "n_heads": heads,
        "n_kv_heads": n_kv_heads,
        "d_ff": rng.randint(150, 400) * 2 + 1,
        "vocab_size": rng.randint(500, 900),
        "tied": case in (0, 1, 5),
        "gated": case in (1, 2, 3),
    }


def llama(n_layers, d_model, n_heads, n_kv_heads, d_ff, vocab_size=32000, tied=False):
    return {
        "n_layers": n_layers,
        "d_model": d_model,
        "n_heads": n_heads,
        "n_kv_heads": n_kv_heads,
        "d_ff": d_ff,
        "vocab_size": vocab_size,
        "tied": tied,
    }


PLANS = [
    llama(80, 8192, 64, 8, 28672),  # ahead of the next, whose k and v are as large as q and o
    llama(32, 4096, 32, 32, 11008),
    llama(30, 576, 9, 3, 1536, 49152, True),
    llama(41, 33 * 126, 33, 11, 11007, 50257),  # too large for single precision
    llama(32, 4096, 32, 8, 14336, 128256),  # as deep and wide as Llama 2 7B
    *(plan(case_rng("count_parameters", case), case) for case in range(6)),
]
KNOWN = (6_738_415_616, 13_015_864_320, 68_976_648_192, 8_030_261_248, 70_553_706_496)
KNOWN += (405_853_388_800, 134_515_008)


FIRST = llama(3, 32, 4, 2, 70, 101, True) | {"gated": True}
SECOND = llama(5, 48, 8, 1, 90, 57, False) | {"gated": False}


def built(*values):
    return ModelConfig(**dict(zip(FIRST, values, strict=True)), context_length=64)


def counted(*values):
    """The exact number for the values of a plan, in the order of its names."""
    config = built(*values)
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    block = D * (2 * D + 2 * kv + (3 if config.gated else 2) * config.d_ff + 2)
    return config.n_layers * block + D + (1 if config.tied else 2) * config.vocab_size * D


# %% examples
def examples(check):
    sizes = dict(n_layers=2, d_model=4, n_heads=2, n_kv_heads=1, d_ff=10, vocab_size=7)
    toy = lambda tied: ModelConfig(**sizes, context_length=99, tied=tied)
    check(lambda: count_parameters(toy(True)), 384, "the toy above, tied", rtol=0, atol=0)
    check(lambda: count_parameters(toy(False)), 412, "the toy above, not tied", rtol=0, atol=0)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    common = {
        "With one key/value head for two query heads, k and v have the shape (2, 4).": 32,
        "A norm stands before the head too.": -4,
        "Each block has two norms.": -8,
        "Rotary positions have no parameters.": 99 * 4,
        "A gated MLP has three matrices.": -2 * 40,
    }
    of = lambda right: {hint: right + gap for hint, gap in common.items()}
    return {
        "the toy above, tied": Diagnosis(
            mistakes={"A tied model has one table for embedding and head.": 412, **of(384)},
            otherwise="28 for the table, 2 blocks of 48 + 120 + 8, and 4 for the last norm.",
        ),
        "the toy above, not tied": Diagnosis(
            mistakes={"A model that is not tied has two tables of 28.": 384, **of(412)},
            otherwise="As the tied toy, with a second table of 28.",
        ),
    }


# %% graded: 2 points | exact for Llama models, tied or not, gated or not, with and without grouped queries.
def test_exact_count() -> None:
    for sizes in PLANS:
        config = ModelConfig(**sizes, context_length=2048)
        L, D, H, K = config.n_layers, config.d_model, config.n_heads, config.n_kv_heads
        F, V, kv, matrices = config.d_ff, config.vocab_size, D // H * K, 3 if config.gated else 2
        block = D * (2 * D + 2 * kv + matrices * F + 2)
        exact = L * block + D + V * D * (1 if config.tied else 2)
        table, one_matrix = V * D, L * D * F
        check(
            lambda: count_parameters(config),
            exact,
            f"{sizes}",
            rtol=0,
            atol=0,
            mistakes={
                "This is the figure of one known model. The number follows from the dimensions, for any other config too.": AnyOf(
                    *KNOWN
                ),
                "This is in billions or another unit. Return the exact number of parameters.": (
                    lambda got: any(abs(got * unit / exact - 1) < 1e-6 for unit in (1e9, 1e6, 1e3))
                ),
                "The output matrix is missing: a model that is not tied has a second table (V, D).": (
                    lambda got: not config.tied and got == exact - table
                ),
                "The output matrix is counted, though embedding and head are tied: one table serves both.": (
                    lambda got: config.tied and got == exact + table
                ),
                "Grouped queries are ignored: k and v have n_kv_heads * (d_model / n_heads) rows each.": (
                    exact + 2 * L * D * (D - kv)
                ),
                "A gated MLP has three matrices: gate, up and down.": (
                    lambda got: config.gated and got == exact - one_matrix
                ),
                "This MLP is not gated: it has two matrices, up and down.": (
                    lambda got: not config.gated and got == exact + one_matrix
                ),
                "The final norm is missing, between the blocks and the head.": exact - D,
                "The norms of the blocks are missing: two in every block, and a last one after them.": AnyOf(
                    exact - 2 * L * D, exact - 2 * L * D - D
                ),
                "Each block has two norms, one for the attention and one for the MLP.": (
                    exact - L * D
                ),
                "The norms are counted with a bias. They have gains only.": exact + (2 * L + 1) * D,
                "The projections of the attention are counted with a bias. They have none.": (
                    exact + L * (2 * D + 2 * kv)
                ),
                "A table of positions is counted. Rotary positions have no parameters, whatever the context.": (
                    exact + 2048 * D
                ),
                "A matrix (D, D) of the attention is missing: q_proj, or the output projection o_proj.": AnyOf(
                    exact - L * D * D, exact - 2 * L * D * D
                ),
                "A key or value matrix of the attention is missing. There are two, k_proj and v_proj.": AnyOf(
                    exact - L * D * kv, exact - 2 * L * D * kv
                ),
                "The tables are missing: the embedding has one (V, D), and a head that is not tied has another.": (
                    exact - table * (1 if config.tied else 2)
                ),
                "Every head is counted with matrices of the full width. A head has d_model / n_heads rows of each.": (
                    exact + L * D * (2 * H * D + 2 * K * D - 2 * D - 2 * kv)
                ),
                "d_ff has no effect: the width of the MLP is `config.d_ff`, not a multiple of d_model.": (
                    exact + L * D * matrices * (4 * D - F)
                ),
                "One layer is counted. There are `n_layers` of them.": exact - (L - 1) * block,
                "12 L D**2 is an approximation, for a plain MLP of the width 4 D and no grouped queries. Count exactly.": AnyOf(
                    *(12 * L * D * D + tables * table for tables in (0, 1, 2))
                ),
            },
            otherwise=(
                "Tables, plus n_layers times (q, k, v, o, the MLP's matrices, two norms), plus the"
                " last norm."
            ),
        )
    check(
        lambda: isinstance(count_parameters(built(*FIRST.values())), float),
        False,
        "whether the count is a float",
        otherwise="Return an int. A division with / gives a float: use // for whole numbers.",
    )


# %% graded: 1 point | the context length has no effect, and defaults of the config count as given.
def test_context_and_defaults() -> None:
    small = llama(3, 30, 3, 1, 70, 101, True)
    for context in (16, 1 << 20):
        check(
            lambda: count_parameters(ModelConfig(**small, context_length=context)),
            101 * 30 + 30 + 3 * (2 * 900 + 2 * 300 + 3 * 2100 + 60),
            f"a context length of {context}",
            rtol=0,
            atol=0,
            mistakes={
                "Rotary positions have no parameters, whatever the context length.": (
                    lambda got: got == 29340 + context * 30
                )
            },
            otherwise=(
                "Tables, plus n_layers times (q, k, v, o, the MLP's matrices, two norms), plus the"
                " last norm."
            ),
        )
    (first, second), what = [tuple(sizes.values()) for sizes in (FIRST, SECOND)], "a small model"
    answer = lambda *values: count_parameters(built(*values))
    check_nothing_kept(answer, counted, first, second, what, rtol=0, atol=0)
    # n_kv_heads and d_ff left out: the config fills in n_heads and its rule for d_ff.
    sizes = dict(n_layers=1, d_model=32, n_heads=1, vocab_size=50, context_length=8, gated=False)
    config = ModelConfig(**sizes)
    check(
        lambda: count_parameters(config),
        50 * 32 + 32 + 4 * 32 * 32 + 2 * 32 * config.d_ff + 64,
        "one block with one head, n_kv_heads and d_ff left to the config",
        rtol=0,
        atol=0,
        otherwise="A model of one block or one head is counted like any other, with `config.d_ff`.",
    )
