"""Exercise `moe_parameters`: what a mixture of experts stores, and what one token uses."""

# %% solution
from utils.models.config import ModelConfig


def moe_parameters(config: ModelConfig) -> tuple[int, int]:
    """Return (total, active) numbers of parameters of a model with experts, both exact.

    Args:
        config: as for `count_parameters`, with n_experts MLPs in every block, experts_per_token of
            them active, and a router (n_experts, d_model) in every block.
    """
    ### BEGIN SOLUTION
    D = config.d_model
    kv_dim = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    always = 2 * D * D + 2 * D * kv_dim + config.n_experts * D + 2 * D
    outside = (1 if config.tied else 2) * config.vocab_size * D + D
    total = outside + config.n_layers * (always + config.n_experts * expert)
    active = outside + config.n_layers * (always + config.experts_per_token * expert)
    return total, active
    ### END SOLUTION


# %% hints
HINTS = (
    (
        "Everything but the MLPs is used by every token. What does each block have besides its"
        " experts?"
    ),
    (
        "Per block: attention, two norms, a router (n_experts, D), and n_experts MLPs for the total"
        " or experts_per_token for the active count. Outside: tables and the last norm, in both"
        " counts."
    ),
)
EXPLANATION = """
Total and active differ in one factor: how many MLPs of a block count. The router is small but
real, one row of D for every expert, and runs for every token. Mixtral's 46.7 billion are not 8
times 7: attention and tables exist once.
"""


# %% helpers
from utils.models.config import ModelConfig
from utils.notebook.checks import AnyOf, Diagnosis, case_rng, check, check_nothing_kept


def plan(rng, case):
    """Random sizes in which no two counts agree by chance."""
    n_kv_heads, group = rng.choice([2, 3, 5]), (2, 1, 4)[case % 3]
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
        "n_experts": rng.choice([6, 7, 9]),
        "experts_per_token": rng.choice([2, 3]),
    }


MIXTRAL = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "d_ff": 14336,
    "vocab_size": 32000,
    "tied": False,
    "n_experts": 8,
    "experts_per_token": 2,
}


# Too large for single precision.
LARGE = MIXTRAL | {"d_model": 33 * 126, "n_heads": 33, "n_kv_heads": 11, "vocab_size": 50257}
# 11 times 3/11 is not 3 in floats, and what is cut off shows.
LARGE |= {"n_layers": 31, "n_experts": 11, "experts_per_token": 3, "d_ff": 14337}
FIRST = {"n_layers": 3, "d_model": 32, "n_heads": 4, "n_kv_heads": 2, "d_ff": 70, "vocab_size": 101}
FIRST |= {"tied": True, "gated": True, "n_experts": 5, "experts_per_token": 2}
SECOND = {"n_layers": 5, "d_model": 48, "n_heads": 8, "n_kv_heads": 1, "d_ff": 90, "vocab_size": 57}
SECOND |= {"tied": False, "gated": False, "n_experts": 7, "experts_per_token": 3}


def built(*values):
    return ModelConfig(**dict(zip(FIRST, values, strict=True)), context_length=64)


def counted(config, **wrong):
    """Total and active, with a switch for each misconception."""
    D, E, L = config.d_model, config.n_experts, config.n_layers
    parts = {
        "tables": 1 if config.tied else 2,
        "matrices": 3 if config.gated else 2,
        "kv": D // config.n_heads * config.n_kv_heads,
        "router": E * D,
        "routers": L,
        "norms": 2,
        "last_norm": D,
        "per_expert": 0,
        "layers_of_experts": L,
        **wrong,
    }
    expert = parts["matrices"] * D * config.d_ff + parts["per_expert"]
    shared = parts["tables"] * config.vocab_size * D + parts["last_norm"]
    shared += parts["routers"] * parts["router"]
    shared += L * (2 * D * D + 2 * D * parts["kv"] + parts["norms"] * D)
    experts = parts["layers_of_experts"] * expert
    return shared + E * experts, shared + config.experts_per_token * experts


# %% examples
def examples(check):
    sizes = dict(n_layers=2, d_model=4, n_heads=2, n_kv_heads=1, d_ff=10, vocab_size=7)
    toy = ModelConfig(**sizes, context_length=99, n_experts=5, experts_per_token=2)
    want = (384 + 2 * (4 * 120 + 20), 384 + 2 * (1 * 120 + 20))  # dense it has 384
    check(lambda: moe_parameters(toy), want, "five experts, two of them active", rtol=0, atol=0)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {
        "five experts, two of them active": Diagnosis(
            mistakes={
                "The routers are missing: (5, 4) in each block.": (384 + 2 * 480, 384 + 2 * 120),
                "Return (total, active), in this order.": (384 + 2 * 140, 384 + 2 * 500),
                "Only the chosen experts' rows of the router were counted: the whole router runs.": (
                    384 + 2 * 500,
                    384 + 2 * 128,
                ),
                "All experts were counted as active.": (384 + 2 * 500, 384 + 2 * 500),
            },
            otherwise="Each block has 5 experts of 120 and a router of 20; two experts are active.",
        )
    }


# %% graded: 2 points | total and active parameters, exact, for Mixtral and other configs.
def test_total_and_active() -> None:
    plans = [MIXTRAL, LARGE, *(plan(case_rng("moe_parameters", case), case) for case in range(6))]
    plans += [
        plans[2] | {"experts_per_token": n, "n_experts": E} for n, E in ((1, 5), (1, 1), (4, 4))
    ]
    for sizes in plans:
        config = ModelConfig(**sizes, context_length=2048)
        L, D, E, k = config.n_layers, config.d_model, config.n_experts, config.experts_per_token
        total, active = counted(config)
        expert = L * (3 if config.gated else 2) * D * config.d_ff
        shared, table = total - E * expert, config.vocab_size * D
        right_total = "The total is right, but not the active part. "
        kv = D // config.n_heads * config.n_kv_heads

        def without(*parts):
            return AnyOf(*((total - part, active - part) for part in parts))

        def active_is(*wrong):
            return AnyOf(*((total, one) for one in wrong))

        check(
            lambda: moe_parameters(config),
            (total, active),
            f"{sizes}",
            rtol=0,
            atol=0,
            mistakes={
                "These are Mixtral's figures. The numbers follow from the dimensions, for any other config too.": (
                    46_702_792_704,
                    12_879_925_248,
                ),
                "Return (total, active), in this order: yours are swapped.": (active, total),
                "These are billions or another unit. Return exact numbers of parameters.": (
                    lambda got: any(
                        abs(got[0] * unit / total - 1) < 1e-6 for unit in (1e9, 1e6, 1e3)
                    )
                ),
                "The router is missing: a matrix (n_experts, d_model) in every block.": counted(
                    config, router=0
                ),
                "The router has no bias: a matrix (n_experts, d_model) in every block.": counted(
                    config, router=E * D + E
                ),
                "There is a router in every layer, not one for the whole model.": counted(
                    config, routers=1
                ),
                f"{right_total}The whole router is active: it computes the logits of all experts.": active_is(
                    active - L * (E - k) * D, active - L * E * D
                ),
                "Only the MLP is there n_experts times. Attention, norms and tables are shared by all experts: count them once.": lambda got: (
                    E > 1
                    and got[0]
                    in (
                        E * (shared + expert),
                        E * (shared - L * E * D + expert) + L * E * D,
                    )
                ),
                f"{right_total}It is off by a few: the float k / n_experts is not exact. Multiply one expert's numbers by k.": lambda got: (
                    got[0] == total and abs(got[1] - active) <= L
                ),
                f"{right_total}It is no proportion of the total: attention, norms and embeddings always work.": lambda got: (
                    got[0] == total and abs(got[1] - total * k / E) <= 1
                ),
                f"{right_total}Each token uses `experts_per_token` experts: not always one expert or two, and not all.": active_is(
                    shared + expert, shared + 2 * expert, total
                ),
                f"{right_total}Attention, norms and embeddings are shared and always active: add them.": active_is(
                    k * expert
                ),
                f"{right_total}The embedding tables are always active too.": active_is(
                    active - table, active - 2 * table
                ),
                "Grouped queries are ignored: k and v have n_kv_heads * (d_model / n_heads) rows each.": counted(
                    config, kv=D
                ),
                "Embedding and head share one table when tied, and have two (V, D) when not: another output matrix was counted.": AnyOf(
                    counted(config, tables=1), counted(config, tables=2)
                ),
                "A gated expert has three matrices, gate, up and down; one that is not gated has two.": AnyOf(
                    counted(config, matrices=2), counted(config, matrices=3)
                ),
                "The experts of one layer are counted. Every one of the `n_layers` blocks has its own.": counted(
                    config, layers_of_experts=1
                ),
                "The norms are missing: two in every block, and a last one.": AnyOf(
                    counted(config, norms=0, last_norm=0), counted(config, norms=0)
                ),
                "The last norm is missing.": counted(config, last_norm=0),
                "Each block has two norms, one for the attention and one for the experts.": counted(
                    config, norms=1
                ),
                "A matrix (D, D) of the attention is missing: q_proj, or the output projection o_proj.": (
                    without(L * D * D, 2 * L * D * D)
                ),
                "A key or value matrix of the attention is missing. There are two, k_proj and v_proj.": (
                    without(L * D * kv, 2 * L * D * kv)
                ),
                "The tables are missing: the embedding has one (V, D), and a head that is not tied has another.": (
                    counted(config, tables=0)
                ),
                "One layer is counted. There are `n_layers` of them.": counted(
                    ModelConfig(**{**sizes, "n_layers": 1}, context_length=2048)
                ),
                "Each expert got a norm of its own. The norm before the experts is shared, one for all.": AnyOf(
                    counted(config, per_expert=D), counted(config, per_expert=D, norms=1)
                ),
            },
            otherwise=(
                "Shared parts once, and in every block n_experts MLPs in total, experts_per_token"
                " of them active."
            ),
        )
    check(
        lambda: [isinstance(one, float) for one in moe_parameters(built(*FIRST.values()))],
        [False, False],
        "whether the numbers are floats",
        otherwise="Return two ints. A division with / gives a float: use // for whole numbers.",
    )
    (first, second), what = [tuple(sizes.values()) for sizes in (FIRST, SECOND)], "a small mixture"
    answer = lambda *values: moe_parameters(built(*values))
    reference = lambda *values: counted(built(*values))
    check_nothing_kept(answer, reference, first, second, what, rtol=0, atol=0)
