# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 Reward model
#
# A finetuned model answers. Which of its answers do people prefer, how does a model learn that from
# pairs, and what happens when another model is pushed to please it? In this notebook the worth of
# every answer is known, so you can measure what elsewhere can only be guessed.
#
# You need notebooks 03 and 05 and about three hours with the exercises.
#
# **You will learn to**
#
# - turn what labelers say into pairs, and know what scores and rankings are worth;
# - train a reward model on pairs, read it at the right token, and test whether it may be trusted;
# - take the best of n, and say how far that moves you from the model;
# - write the parts of PPO, and DPO, which does without a reward model;
# - see a policy get worse while its reward rises, and say why.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 Pairs | | | |
# | 2 Scores or comparisons | `agreement` | 1 of 5 | 10 |
# | 3 Rankings | `ranking_to_pairs` | 1 of 5 | 10 |
# | 4 A reward model | `bradley_terry_loss`, `last_token_score` | 2 and 3 of 5 | 15 and 20 |
# | | `pairwise_accuracy` | 1 of 5 | 10 |
# | 5 What it learned by mistake | | | |
# | 6 Best of n | `best_of_n`, `best_of_n_kl` | 1 and 1 of 5 | 10 and 10 |
# | 7 PPO | `penalised_rewards`, `advantages`, `ppo_loss` | 2, 4 and 3 of 5 | 15, 30 and 20 |
# | 8 DPO | `dpo_loss` | 3 of 5 | 15 |
# | 9 Labels from a model | | | |
# | 10 A weaker judge | | | |
# | 11 Too much of a good thing | | | |
# | 12 You are the labeler | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. No experiment depends on your answers.
#
# **The policy** of this notebook is the small model of the miniature world (142,000 parameters),
# finetuned on purpose on good and bad answers alike: right, wrong and "I do not know", curt and
# wordy, polite and not. **The gold reward** says what an answer is worth: 2 for right, -2 for
# wrong, 0 for not knowing; 0.5 for sentences in the world's language, 0.25 for courtesy; -0.05 for
# each word beyond 16 and -0.5 for a repeated sentence. No labeler and no model ever sees it but
# through choices. A model this small knows few facts, so the best it can do is often to say that it
# does not know.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 Pairs
#
# **What the chapter claims.** Preference data is a prompt with a winning and a losing response.
# People find it easier to compare two answers than to write one. In the world such data looks so;
# the worths would be unknown elsewhere.

# %%
from utils.training.base_models import base_world
from utils.world.labelers import Labeler
from utils.world.preferences import draw_comparisons, labeler_with_agreement

world = base_world()
person = labeler_with_agreement(world, 0.73)
for one in draw_comparisons(world, 4, seed=3, labelers=[person]):
    print(f"prompt   {one.question}")
    print(f"winning  {one.chosen}  (worth {one.gold_chosen:+.2f})")
    print(f"losing   {one.rejected}  (worth {one.gold_rejected:+.2f})\n")

# %% [markdown]
# The labelers see the worth of an answer through noise, which is set so that two of them choose
# alike on 73% of the pairs, as the chapter reports of real ones. If such data is any good, the
# better answer wins more often the more it is better. The control is a labeler who tosses a coin.

# %% tags=["experiment", "row-66"]
import matplotlib.pyplot as plt
import numpy as np

from utils.evaluation.intervals import bootstrap_interval, mean_interval, paired_difference
from utils.notebook import show
from utils.notebook.drawing import interval_bars, interval_line
from utils.notebook.verdicts import first_that_holds

n_pairs = budget.pick(smoke=100, cpu=600, gpu=5_000)
bands = ((0.01, 1.0), (1.0, 2.5), (2.5, 9.0))


def shares_right(labeler, seed):
    """How often the chosen answer is the better one, in three bands of the gap between the two."""
    pairs = draw_comparisons(world, n_pairs, seed=seed, labelers=[labeler])
    gaps = np.array([one.gold_chosen - one.gold_rejected for one in pairs])
    size = np.abs(gaps)
    return [float((gaps[(low <= size) & (size < high)] > 0).mean()) for low, high in bands]


seeds = range(5)
by_person = np.array([shares_right(person, seed) for seed in seeds])
by_coin = np.array([shares_right(Labeler("coin", noise=1e6), seed) for seed in seeds])

# %% tags=["experiment", "row-66", "draw"]
figure, axes = plt.subplots(figsize=(6.6, 3.2))
interval_bars(
    axes,
    [f"{low:g} to {high:g}" for low, high in bands],
    {
        "a person": [mean_interval(column) for column in by_person.T],
        "a coin": [mean_interval(column) for column in by_coin.T],
    },
)
axes.set(xlabel="gap between the gold rewards of a pair", ylabel="better answer chosen (share)")
axes.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
show(
    figure,
    "How often the better answer of a pair is chosen by a simulated person and by a coin, by the "
    "gap of the gold rewards, with 95% intervals over seeds.",
)

# %% tags=["experiment", "row-66", "judge"]
rise = paired_difference(by_person[:, -1], by_person[:, 0])
above = paired_difference(by_person[:, 0], by_coin[:, 0])
verdicts.add(
    row=66,
    claim="a comparison names a winning and a losing response, and says which is better",
    measured=f"the better one wins in {by_person[:, 0].mean():.0%} of the close pairs, in "
    f"{by_person[:, -1].mean():.0%} of the clear ones",
    interval=f"clear minus close {rise}; close pairs above a coin {above}",
    outcome=first_that_holds(
        ("holds", rise.low > 0 and above.low > 0),
        ("holds in part", rise.low > 0),
        ("does not hold", rise.high < 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** Why do two labelers who both see the truth through noise agree less often with each
# other than with the truth?
#
# <details><summary>One answer</summary>
#
# To agree with the truth one noisy choice has to come out right; to agree with each other, two have
# to come out alike. With a chance p of being right, that is p^2 + (1 - p)^2: for p = 0.85 only
# 0.745. An agreement of 73% is less worrying than it sounds.
#
# </details>

# %% [markdown]
# ## 2 Scores or comparisons
#
# **What the chapter claims.** One could ask for a score for each answer instead. But scores are
# noisy: two people, or one person twice, give different scores to the same answer. The labelers of
# InstructGPT agreed on about 73% of comparisons.
#
# ### Exercise: `agreement`
#
# *Difficulty 1 of 5, 10 minutes.* The share of items that two labelers gave equal labels. Labels
# may be anything that can be compared with `==`. Two lists of unequal length, and lists without
# labels, are refused: raise a `ValueError` that names them.

# %% exercise="agreement"

# %% [markdown]
# Which way of asking is worth more for the same work? A panel of ten people judges six answers to
# each question. Who judges what is drawn at random, and the work is counted in **answers read**: one
# for a score from 1 to 10, two for a comparison. Both ways give an order, which is held against
# the order of the gold rewards. The people differ in severity: some give everything two points
# less, which no comparison feels. The control is a panel of equally severe people.

# %% tags=["experiment", "row-65"]
from utils.experiments.preferences.ranking_recovery import panel, recovery
from utils.world.preferences import agreement_rate, draw_rankings

agreed = agreement_rate(person, person, draw_comparisons(world, 500, seed=9))
reads = (12, 24, 60)
severities = (0.0, 1.0, 2.0)
n_questions = budget.pick(smoke=5, cpu=25, gpu=100)


def accuracies(severity, read):
    """Accuracy of the order from scores and from comparisons, for five panels."""
    found = []
    for seed in seeds:
        rankings = draw_rankings(world, n_questions, 6, seed=seed)
        found.append(recovery(rankings, panel(10, person.noise, severity, seed), read, seed))
    return np.array(found)


recovered = {(s, r): accuracies(s, r) for s in severities for r in reads}

# %% tags=["experiment", "row-65", "draw"]
figure, both = plt.subplots(1, 3, figsize=(9.4, 3.0), sharey=True, constrained_layout=True)
for axes, severity in zip(both, severities, strict=True):
    for way, label in enumerate(("scores", "comparisons")):
        points = [mean_interval(recovered[severity, read][:, way]) for read in reads]
        interval_line(axes, reads, points, label=label)
    axes.set(xlabel="answers read per question", ylabel="pairs in the right order (share)")
    axes.set_title(f"severity differs by {severity:g}", fontsize=10)
both[0].legend(loc="lower right")
show(
    figure,
    "Share of pairs in the right order against the answers read, from scores and from comparisons, "
    "for panels whose severity differs by 0, 1 and 2 units of reward.",
)

# %% tags=["experiment", "row-65", "judge"]
noisy = recovered[2.0, 60]
lead = paired_difference(noisy[:, 1], noisy[:, 0])
equal = paired_difference(recovered[0.0, 60][:, 1], recovered[0.0, 60][:, 0])
print(f"two people agree on {agreed:.1%} of 500 pairs; equally severe people: {equal}")
verdicts.add(
    row=65,
    claim="scores are noisy, so comparisons are the better question to ask (73% agreement)",
    measured=f"at 60 answers read and uneven severity, comparisons order {noisy[:, 1].mean():.1%} "
    f"of the pairs rightly, scores {noisy[:, 0].mean():.1%}; with even severity the lead is "
    f"{equal.mean:+.1%}",
    interval=f"lead {lead} panels",
    outcome=first_that_holds(
        ("holds", lead.low > 0 and equal.low > 0),
        ("holds in part", lead.low > 0 or equal.low > 0),
        ("does not hold", lead.high < 0 or (lead.low <= 0 and equal.high < 0)),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Read the three pictures from left to right. Where people share a scale, a score says more than
# one bit, and costs half of a comparison. The less they share it, the less a score is worth, while
# comparisons stay where they are. So the claim rests on how far real people's scales differ, and
# on how much easier a comparison is than a score: no simulation tells.
#
# **Think.** What could you do to scores, before you average them, to take severity out?
#
# <details><summary>One answer</summary>
#
# Subtract each person's own mean score, or fit one severity for each person along with the worth
# of the answers. That needs enough scores from each person, on comparable answers. Comparisons get
# it for free, because both answers of a pair are read by the same person in the same mood.
#
# </details>

# %% [markdown]
# ## 3 Rankings
#
# **What the chapter claims.** Labelers can rank several answers at once: k ranked answers give
# k (k - 1) / 2 pairs.
#
# ### Exercise: `ranking_to_pairs`
#
# *Difficulty 1 of 5, 10 minutes.* From a ranking, best first, to a list of pairs (winner, loser),
# one for every two answers, in any order. A ranking of one answer gives no pair.

# %% exercise="ranking_to_pairs"

# %% [markdown]
# A ranking of six gives fifteen pairs, but are they worth fifteen comparisons? A *linear* reward
# model learns from them: a weight for each thing that can be counted in an answer. The labeler
# reads 120 answers, in groups of two, three, four or six. The control trains on the neighbours of
# each ranking only, which hold the same order with k - 1 pairs.

# %% tags=["experiment", "row-67"]
from utils.experiments.preferences.feature_rewards import NAMES, fit_weights, order_share
from utils.experiments.preferences.panels import ranked_features

sizes = (2, 3, 4, 6)
answers_read = 120
tests = ranked_features(world, budget.pick(smoke=20, cpu=100), 4, 99, [person])


def order_of(weights):
    """Share of pairs of test answers in the order of their gold rewards."""
    found = np.array([order_share(weights, one.vectors, one.gold) for one in tests])
    return float(found[:, 0].sum() / found[:, 1].sum())


def learned(k, seed, pairs_from):
    """Accuracy after the pairs of rankings of k answers, with the number of pairs."""
    rankings = ranked_features(world, answers_read // k, k, seed, [person])
    pairs = [pair for one in rankings for pair in pairs_from(one)]
    return order_of(fit_weights(pairs)), len(pairs)


ten = range(budget.pick(smoke=3, cpu=10))
all_pairs = {k: [learned(k, seed, lambda one: one.pairs()) for seed in ten] for k in sizes}
next_only = {k: [learned(k, seed, lambda one: one.neighbours()) for seed in ten] for k in sizes}

# %% tags=["experiment", "row-67", "draw"]
figure, axes = plt.subplots(figsize=(6.6, 3.2))
for found, label in ((all_pairs, "all pairs"), (next_only, "neighbours only")):
    points = [mean_interval([a for a, _ in found[k]]) for k in sizes]
    interval_line(axes, sizes, points, label=label)
axes.set_xticks(sizes, [f"{k}\n{all_pairs[k][0][1]} pairs" for k in sizes])
axes.set(xlabel="answers in a ranking (k)", ylabel="pairs in the right order (share)")
axes.legend(loc="lower right")
show(
    figure,
    "Accuracy of a linear reward model after 120 answers were read, learning from all pairs of a "
    "ranking or from neighbours only, with 95% intervals over seeds.",
)

# %% tags=["experiment", "row-67", "judge"]
accuracy_at = {k: [a for a, _ in all_pairs[k]] for k in sizes}
gain = paired_difference(accuracy_at[6], accuracy_at[2])
counts_hold = all(all_pairs[k][0][1] == answers_read // k * k * (k - 1) // 2 for k in sizes)
verdicts.add(
    row=67,
    claim="k ranked responses give k (k - 1) / 2 pairs to learn from",
    measured=f"120 answers read give {all_pairs[2][0][1]} pairs in twos, {all_pairs[6][0][1]} in "
    f"sixes; accuracy {np.mean(accuracy_at[2]):.1%} and {np.mean(accuracy_at[6]):.1%}",
    interval=f"sixes minus twos {gain}",
    outcome=first_that_holds(
        ("holds", counts_hold and gain.low > 0),
        ("holds in part", counts_hold),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# The number of pairs is arithmetic; the verdict also asks whether the extra pairs teach anything.
# They are not independent: somebody who has misjudged one answer of a ranking may get five pairs
# wrong at once, and all fifteen follow from one order of six answers.
#
# **Think.** InstructGPT puts all pairs of one ranking into the same batch. Why not shuffle them
# with all others?
#
# <details><summary>One answer</summary>
#
# Each answer stands in k - 1 pairs. Shuffled, the model would meet it k - 1 times in an epoch, in
# separate steps, and overfit to it. In one batch it is also computed only once for all its pairs.
#
# </details>

# %% [markdown]
# ## 4 A reward model
#
# **What the chapter claims.** A reward model gives a prompt with a response a score. It is trained
# so that the winning response scores higher: with the loss -log sigmoid(winner - loser). It is best
# started from a strong model, such as the finetuned one.
#
# ### Exercise: `bradley_terry_loss`
#
# *Difficulty 2 of 5, 15 minutes.* The mean over pairs of -log sigmoid(chosen - rejected), in nats.
# It has to stay finite for differences of 10,000 either way: a model that is very wrong must learn
# from it, not turn into NaN.

# %% exercise="bradley_terry_loss"

# %% [markdown]
# ### Exercise: `last_token_score`
#
# *Difficulty 3 of 5, 20 minutes.* A reward model gives a number at every position, and only the
# last real token has seen the whole answer. Take the number there, in each row of a batch. Padding
# stands on the right in training and on the left in generation, so both sides must work. A row
# without a real token is refused: raise a `ValueError`.

# %% exercise="last_token_score"

# %% [markdown]
# ### Exercise: `pairwise_accuracy`
#
# *Difficulty 1 of 5, 10 minutes.* The share of pairs whose chosen answer has the higher reward, as
# a float. Ties count one half, so that a model that knows nothing scores one half.

# %% exercise="pairwise_accuracy"

# %% [markdown]
# Now a transformer: the policy's own body with a head that gives one number, trained on pairs of the
# policy's answers, which a simulated person labelled. What matters is whether it orders *other*
# answers as the gold reward does. Its controls: the same model trained on labels of a coin, and a
# transformer as large that starts from scratch.

# %% tags=["experiment", "row-68"]
import torch

from utils.experiments.preferences.answer_model import answer_bench
from utils.experiments.preferences.labelling import pair_scores
from utils.experiments.preferences.method_runs import pairs_of, reward_model_of
from utils.models.gpt import GPT
from utils.posttraining.padding import pad_rows
from utils.posttraining.reward import RewardModel, calibration, train_reward_model
from utils.world.rewards import GoldReward

bench, gold_reward = answer_bench(), GoldReward()
training, held_out = pairs_of("person", 0)
by_coin_toss, _ = pairs_of("coin", 0)
torch.manual_seed(0)
fresh = GPT(bench.policy.config)
from_policy, _ = reward_model_of(0)
reward_models, n_steps = {"from the policy": from_policy}, budget.pick(smoke=10, cpu=80)
for name, body, pairs in (
    ("from scratch", fresh, training),
    ("labels of a coin", bench.policy, by_coin_toss),
):
    reward_models[name] = RewardModel(body, 0)
    train_reward_model(reward_models[name], pairs, steps=n_steps, lr=1e-3, show_progress=False)
asked = {tuple(p): q for p, q in zip(bench.prompts(bench.questions), bench.questions, strict=True)}
told = [asked[pair.prompt] for pair in held_out]
worth = [bench.gold(told, [getattr(p, s) for p in held_out]) for s in ("chosen", "rejected")]
gap_of_worth = worth[0] - worth[1]
scored = {name: pair_scores(model, held_out) for name, model in reward_models.items()}
gaps = {name: (chosen - rejected).numpy() for name, (chosen, rejected) in scored.items()}
clear = gap_of_worth != 0
orders_gold = {name: ((gap * gap_of_worth) > 0)[clear].astype(float) for name, gap in gaps.items()}
bins, calibration_gap = calibration(*pair_scores(from_policy, held_out))

# %% [markdown]
# Where does it read? The same answers, padded on the left and on the right, must get the same
# reward; reading the last column instead is the mistake that nobody notices.

# %% tags=["experiment", "row-68"]
rows = [[*pair.prompt, *pair.chosen] for pair in held_out[:60]]
right_ids, right_mask = pad_rows(rows)
left_ids, left_mask = (side.flip(1) for side in pad_rows([row[::-1] for row in rows]))
with torch.no_grad():
    from_right, from_left = from_policy(right_ids, right_mask), from_policy(left_ids, left_mask)
    at_pad = from_policy.token_scores(right_ids, right_mask)[:, -1]
side_gap = float((from_right - from_left).abs().max())
pad_agreement = float(np.corrcoef(from_right, at_pad)[0, 1])
print(f"largest difference between the two sides {side_gap:.1e}")
print(f"correlation of the reward with what stands in the last column {pad_agreement:.2f}")

# %% tags=["experiment", "row-68", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.2), constrained_layout=True)
interval_bars(
    left,
    list(orders_gold),
    {"accuracy": [bootstrap_interval(values) for values in orders_gold.values()]},
    rotation=12,
)
left.axhline(0.5, linestyle=":", color="black")
left.set(xlabel="reward model", ylabel="pairs ordered as by the gold reward")
right.plot([0.5, 1], [0.5, 1], linestyle=":", color="black")
right.plot([one.promised for one in bins], [one.kept for one in bins], marker="o")
right.set(xlabel="promised: sigmoid of the difference", ylabel="kept: share of the labels")
show(
    figure,
    "Left: how often three reward models order new pairs as the gold reward does, with bootstrap "
    "intervals. Right: how sure the first is of its favourite, against how often it was chosen.",
)

# %% tags=["experiment", "row-68", "judge"]
own = bootstrap_interval(orders_gold["from the policy"])
against_coin = mean_interval(orders_gold["from the policy"] - orders_gold["labels of a coin"])
verdicts.add(
    row=68,
    claim="a model trained on pairs with -log sigmoid scores better answers higher",
    measured=f"{own.mean:.0%} of new pairs ordered as by the gold reward (labels of a coin "
    f"{orders_gold['labels of a coin'].mean():.0%}, from scratch "
    f"{orders_gold['from scratch'].mean():.0%}); calibration error {calibration_gap:.2f}",
    interval=f"accuracy {own}; minus the coin's {against_coin}",
    outcome=first_that_holds(
        ("holds", own.low > 0.5 and against_coin.low > 0),
        ("holds in part", own.low > 0.5),
        ("does not hold", own.high < 0.5),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Why does the coin's model not order one half? It gives every answer some number, which goes up with
# its length, say, and that can go with the worth by chance: so the verdict asks for the difference.
# And hold "from scratch" against the advice to start from a strong model.
#
# **Think.** Where the right picture lies below the line, the model promises more than the labels
# keep. What does a policy do with such a reward model that a human reader of its scores does not?
#
# <details><summary>One answer</summary>
#
# It looks for the answers where the reward is too high. A reader meets the model's mistakes
# at the rate at which they occur; a policy that is optimised against it meets them at the rate at
# which they pay. Section 11 measures that.
#
# </details>

# %% [markdown]
# ## 5 What it learned by mistake
#
# Labelers have tastes that nobody asked for. Suppose that they like long answers: 0.15 units of
# reward for a word, where the gold reward charges for words beyond 16. The linear reward model of
# section 3 shows what is learned, since its weights can be read. To take the bias out, train on
# pairs of equal length only, where length cannot decide. The control has no such taste.

# %% tags=["experiment", "row-68"]
from utils.experiments.preferences.feature_rewards import of_equal_length

fond = Labeler("fond of length", person.noise, per_word=0.15)
length_at = NAMES.index("words")


def weights_of(labeler, seed, matched):
    """Weights after 200 rankings of four, from all pairs or from those of equal length."""
    rankings = ranked_features(world, budget.pick(smoke=60, cpu=200), 4, seed, [labeler])
    pairs = [pair for one in rankings for pair in one.pairs()]
    return fit_weights(of_equal_length(pairs, 0.1) if matched else pairs)


ways = {
    "no taste": (person, False),
    "fond of length": (fond, False),
    "fond, equal lengths": (fond, True),
}
length_weights, length_orders = {}, {}
for name, (labeler, matched) in ways.items():
    found = [weights_of(labeler, seed, matched) for seed in seeds]
    length_weights[name] = [float(weights[length_at]) for weights in found]
    length_orders[name] = [order_of(weights) for weights in found]

# %% tags=["experiment", "row-68", "draw"]
figure, both = plt.subplots(1, 2, figsize=(8.8, 3.0), constrained_layout=True)
of_ten_words, in_order = "weight of ten words (reward)", "pairs in the right order (share)"
for axes, values, label in zip(both, (length_weights, length_orders), (of_ten_words, in_order)):
    points = [mean_interval(by_seed) for by_seed in values.values()]
    interval_bars(axes, list(values), {"": points}, rotation=12)
    axes.set(xlabel="labels and pairs", ylabel=label)
show(
    figure,
    "Weight that a linear reward model gives to ten words more, and its accuracy, for labelers "
    "without a taste for length, with one, and with pairs of equal length only.",
)

# %% tags=["experiment", "row-68", "judge"]
bias = paired_difference(length_weights["fond of length"], length_weights["no taste"])
mended = paired_difference(length_orders["fond, equal lengths"], length_orders["fond of length"])
verdicts.add(
    row=68,
    claim="a reward model also learns what labelers like by the way, such as length (our addition)",
    measured=f"taste adds {bias.mean:+.2f} to the reward of ten words; pairs of equal length bring "
    f"the accuracy from {np.mean(length_orders['fond of length']):.0%} to "
    f"{np.mean(length_orders['fond, equal lengths']):.0%}",
    interval=f"bias {bias}; gain {mended}",
    outcome=first_that_holds(
        ("holds", bias.low > 0 and mended.low > 0),
        ("holds in part", bias.low > 0),
        ("does not hold", bias.high <= 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** Pairs of equal length throw most of the data away. What else could you do?
#
# <details><summary>One answer</summary>
#
# Give length to the reward model as an input of its own while it learns, and leave that part out
# when it scores. Or weigh pairs so that long and short answers win equally often. All of them only
# help against biases that you have thought of.
#
# </details>

# %% [markdown]
# ## 6 Best of n
#
# **What the chapter claims.** A reward model can be used without any further training: draw several
# answers and keep the one that it likes most. Some teams find that good enough.
#
# ### Exercise: `best_of_n`
#
# *Difficulty 1 of 5, 10 minutes.* The first candidate with the highest score. The scorer is what
# costs, so call it once for each candidate. No candidates are refused with a `ValueError`.

# %% exercise="best_of_n"

# %% [markdown]
# ### Exercise: `best_of_n_kl`
#
# *Difficulty 1 of 5, 10 minutes.* How far best-of-n moves from the model it draws from: a
# divergence of log n - (n - 1)/n nats, if no two answers tie (otherwise it is less).

# %% exercise="best_of_n_kl"

# %% [markdown]
# The reward model of section 4 chooses among n answers of the policy. The gold reward says what the
# choice is worth. Control: the same answers, chosen by the model that learned from a coin.

# %% tags=["experiment", "row-74"]
from utils.posttraining.best_of_n import expected_best_of_n

pool = budget.pick(smoke=8, cpu=32, gpu=256)
numbers = [2**k for k in range(pool.bit_length())]
questions = bench.tests[: budget.pick(smoke=6, cpu=40, gpu=200)]


def gold_by_n(question, seed):
    """Expected gold reward of the best of n, by each reward model and by the gold reward."""
    answers = bench.draw(bench.policy, [question] * pool, seed)
    [prompt] = bench.prompts([question])
    gold = bench.gold([question] * pool, answers).tolist()
    likes = [
        reward_models[name].score([[*prompt, *answer] for answer in answers]).tolist()
        for name in ("from the policy", "labels of a coin")
    ]
    return [[expected_best_of_n(like, gold, n) for n in numbers] for like in (*likes, gold)]


best_gold = np.array([gold_by_n(one, 300 + seed) for seed, one in enumerate(questions)])
choosers = ("reward model", "labels of a coin", "gold reward")

# %% tags=["experiment", "row-74", "draw"]
figure, axes = plt.subplots(figsize=(6.6, 3.4))
for place, name in enumerate(choosers):
    points = [bootstrap_interval(column) for column in best_gold[:, place].T]
    interval_line(axes, numbers, points, label=name)
axes.set_xscale("log", base=2)
axes.set_xticks(numbers, [str(n) for n in numbers])
axes.set(xlabel="answers drawn (n)", ylabel="gold reward of the answer kept")
axes.legend()
show(
    figure,
    "Gold reward of the best of n answers against n, chosen by the reward model, by a model that "
    "learned from a coin, and by the gold reward itself, with bootstrap intervals over questions.",
)

# %% tags=["experiment", "row-74", "judge"]
raised = bootstrap_interval(best_gold[:, 0, -1] - best_gold[:, 0, 0])
over_coin = bootstrap_interval(best_gold[:, 0, -1] - best_gold[:, 1, -1])
verdicts.add(
    row=74,
    claim="the best of n answers by a reward model is better, without any training of the policy",
    measured=f"from {best_gold[:, 0, 0].mean():+.2f} to {best_gold[:, 0, -1].mean():+.2f} at n = "
    f"{pool} (by the gold reward itself {best_gold[:, 2, -1].mean():+.2f})",
    interval=f"gain {raised}; above the coin's choice {over_coin}",
    outcome=first_that_holds(
        ("holds", raised.low > 0 and over_coin.low > 0),
        ("holds in part", raised.low > 0),
        ("does not hold", raised.high <= 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** Best of 32 is only about 2.5 nats away from the policy. Why does that make it so hard
# to beat?
#
# <details><summary>One answer</summary>
#
# It only ever returns answers that the policy would have given by itself, and picks among them. It
# pays at every question, though, n answers for one, while a trained policy pays once.
#
# </details>

# %% [markdown]
# ## 7 PPO
#
# **What the chapter claims.** The policy is then trained to raise the reward, often with proximal
# policy optimisation. A penalty on the distance from the finetuned model keeps it from drifting
# into answers that only please the reward model.
#
# ### Exercise: `penalised_rewards`
#
# *Difficulty 2 of 5, 15 minutes.* Each token of an answer gets -beta times its log-ratio,
# log-probability under the policy minus that under the reference. The score of the whole answer is
# added at the last token. All answers of the batch have T tokens here.

# %% exercise="penalised_rewards"

# %% [markdown]
# ### Exercise: `advantages`
#
# *Difficulty 4 of 5, 30 minutes.* How much better did it go from each token on than the value model
# had expected? With delta_t = r_t + gamma v_{t+1} - v_t, the advantage is
# A_t = delta_t + gamma lam A_{t+1}. After the last token value and advantage are 0. Return the
# advantages as they are, (B, T), not normalised.

# %% exercise="advantages"

# %% [markdown]
# ### Exercise: `ppo_loss`
#
# *Difficulty 3 of 5, 20 minutes.* With the ratio of the policy's probability of a token to that of
# the policy that drew it: the mean over all tokens of -min(ratio A, clipped ratio A), where the
# clipped ratio lies between 1 - clip and 1 + clip.

# %% exercise="ppo_loss"

# %% [markdown]
# Sections 7 to 9 read one recorded run: five seeds of PPO with a penalty of 0.2 a nat and without,
# DPO, and DPO with two other sets of labels, all from the same answers. `course record 06 70` makes
# it again; a small one runs live. First PPO, in gold reward gained:

# %% tags=["experiment", "row-69"]
from utils.experiments.preferences.method_recipe import DESIGN, METHOD_RECIPE, by_method
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import read_record
from utils.experiments.recording.running import run_live

methods = read_record("06", 70)
gained, moved = by_method(methods.results, "gain"), by_method(methods.results, "kl")
tokens_of = by_method(methods.results, "tokens")
for name in gained:
    print(f"{name:24} gold {mean_interval(gained[name])}; {np.mean(tokens_of[name]):.1f} tokens")
curves = {
    name: np.array([r.result["curve"] for r in methods.results["methods"] if r.job.method == name])
    for name in ("ppo", "ppo without penalty")
}
live = run_live(METHOD_RECIPE)["methods"]
for run in live:
    before, after, away = (run.result[key] for key in ("before", "gold", "kl"))
    print(f"live, {run.job.method}, {run.job.rounds} rounds: gold {before:+.2f}", end=" ")
    print(f"-> {after:+.2f}, {away:.2f} nats away")

# %% tags=["experiment", "row-69", "draw"]
figure, both = plt.subplots(1, 2, figsize=(8.8, 3.1), constrained_layout=True)
for name, curve in curves.items():
    rounds = curve[0, :, 0]
    for axes, column in zip(both, (1, 2), strict=True):
        points = [mean_interval(values) for values in curve[:, :, column].T]
        interval_line(axes, rounds, points, label=name, marker=None)
both[0].set(xlabel="rounds of 32 answers", ylabel="score of the reward model")
both[1].set(xlabel="rounds of 32 answers", ylabel="distance (nats an answer)")
both[0].legend(loc="lower right")
show(
    figure,
    "Score of the reward model and distance from the policy before, against rounds of PPO, with a "
    "penalty on the distance and without; means and intervals over seeds.",
)

# %% tags=["experiment", "row-69", "judge"]
nearer = paired_difference(moved["ppo without penalty"], moved["ppo"])
better = paired_difference(gained["ppo"], gained["ppo without penalty"])
raised_by_ppo = mean_interval(gained["ppo"])
verdicts.add(
    row=69,
    claim="PPO raises the reward, and a penalty on the distance keeps the policy near",
    measured=f"gold reward {raised_by_ppo.mean:+.2f}; the penalty saves {nearer.mean:.2f} nats and "
    f"changes the gold reward by {better.mean:+.2f}",
    interval=f"gain {raised_by_ppo}; nats saved {nearer}; gold with minus without {better}",
    outcome=first_that_holds(
        ("holds", raised_by_ppo.low > 0 and nearer.low > 0),
        ("holds in part", raised_by_ppo.low > 0),
        ("does not hold", raised_by_ppo.high <= 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# What did the policy learn? Look at the number of tokens above: "I do not know." is short. The policy
# knows few facts, so wrong answers cost it more than right ones bring, and this is what the labelers
# liked best of what it could say. A reward can only bring out what a model can do.
#
# **Think.** The penalty is charged token by token, but the reward comes once. What would happen
# with a fixed beta if answers became ten times as long?
#
# <details><summary>One answer</summary>
#
# The divergence of a whole answer is the sum over its tokens, so it grows with the length while the
# reward does not. The same beta would then bind ten times as firmly. That is why beta is often
# adapted during a run, so that the divergence stays near a target.
#
# </details>

# %% [markdown]
# ## 8 DPO
#
# **What the chapter claims.** PPO is complex. Direct preference optimisation does without a reward
# model and without sampling, and some teams moved from the one to the other for that.
#
# ### Exercise: `dpo_loss`
#
# *Difficulty 3 of 5, 15 minutes.* An answer's implicit reward is beta times log(policy /
# reference). The loss is the Bradley-Terry loss of these rewards, the mean over pairs. The
# arguments are log-probabilities of whole answers.

# %% exercise="dpo_loss"

# %% [markdown]
# From the recorded run: the same pairs, as many gradient steps.

# %% tags=["experiment", "row-70"]
from utils.experiments.preferences.method_recipe import share_gained

print(DESIGN.rule_text)
half_of_ppo = share_gained(methods.results, "dpo", "ppo")
by_dpo = mean_interval(gained["dpo"])
print(f"gain of DPO {by_dpo}")
print(f"gain of DPO minus half of PPO's {half_of_ppo}")
print(f"distances of DPO {[round(d, 1) for d in moved['dpo']]} nats")
print(f"outcome by the rule: {methods.outcome}; {methods.seconds / 60:.0f} minutes of one core")

# %% tags=["experiment", "row-70", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.2, 3.4), constrained_layout=True)
for axes, values, label in zip(
    both, (gained, moved), ("gain in gold reward", "distance (nats an answer)"), strict=True
):
    for place, points in enumerate(values.values()):
        axes.plot([place] * len(points), points, "o", alpha=0.7)
    axes.set_xticks(range(len(values)), [name.replace(", ", ",\n") for name in values], fontsize=7)
    axes.set(xlabel="method", ylabel=label)
both[0].axhline(0, linestyle=":", color="black")
show(
    figure,
    "Gain in gold reward and distance from the policy before, for PPO with and without penalty and "
    "DPO with the labels of a person, of a model and of a coin; one point for each seed.",
)

# %% tags=["experiment", "row-70", "judge"]
verdicts.add(
    row=70,
    claim="DPO learns from the same preferences more simply, and about as well as PPO",
    measured=f"gold reward {by_dpo.mean:+.2f} by DPO, {np.mean(gained['ppo']):+.2f} by PPO",
    interval=f"DPO {by_dpo}; minus half of PPO's {half_of_ppo}",
    outcome=verdict_outcome(methods),
)

# %% [markdown]
# **Think.** Both learn from the same pairs. PPO's reward model judges new answers, too. What does
# DPO never see?
#
# <details><summary>One answer</summary>
#
# Its own new answers. DPO learns from pairs that the policy before had drawn, however far it has
# moved since; nothing tells it that what it now likes to say is bad. PPO draws anew in every round,
# and meets its mistakes, as far as the reward model can see them.
#
# </details>

# %% [markdown]
# ## 9 Labels from a model
#
# **What the chapter claims.** Instead of people, a model can give the labels (reinforcement
# learning from AI feedback), guided by written principles.
#
# The judge here is the larger finetuned model. It knows the principles, that is the gold reward,
# but not the truth: it answers the question itself, and takes what it says for true. DPO learns
# from its labels of the same answers. Controls: the labels of a person, and of a coin. Its labels
# can stand in for a person's when they bring more than the coin's, and at most 0.25 less.

# %% tags=["experiment", "row-71"]
names = ("dpo", "dpo, labels of a model", "dpo, labels of a coin")
label_gains = {name: mean_interval(gained[name]) for name in names}
for name, interval in label_gains.items():
    print(f"{name:24} {interval}")
model_minus_person = paired_difference(gained[names[1]], gained[names[0]])
model_minus_coin = paired_difference(gained[names[1]], gained[names[2]])

# %% tags=["experiment", "row-71", "draw"]
figure, axes = plt.subplots(figsize=(6.2, 3.0))
interval_bars(axes, ["a person", "a model", "a coin"], {"": [label_gains[name] for name in names]})
axes.axhline(0, linestyle=":", color="black")
axes.set(xlabel="who labelled the pairs", ylabel="gain in gold reward")
show(
    figure,
    "Gain in gold reward by DPO with the labels of a person, a model and a coin, with 95% "
    "intervals over seeds.",
)

# %% tags=["experiment", "row-71", "judge"]
verdicts.add(
    row=71,
    claim="labels from a model can stand in for labels from people",
    measured=f"gold reward {label_gains[names[1]].mean:+.2f} with a model's labels, "
    f"{label_gains[names[0]].mean:+.2f} with a person's",
    interval=f"model minus person {model_minus_person}; minus coin {model_minus_coin}",
    outcome=first_that_holds(
        ("holds", model_minus_coin.low > 0 and model_minus_person.low > -0.25),
        ("holds in part", model_minus_coin.low > 0),
        ("does not hold", model_minus_coin.high <= 0 or model_minus_person.high < -0.25),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** The judge is as good as its knowledge and its principles. Which mistakes of a judge are
# worse for training: those that fall at random, or those that always fall the same way?
#
# <details><summary>One answer</summary>
#
# Those that always fall the same way. Random mistakes average out over many pairs and cost data
# only. A judge that is always wrong about the same fact, or always fond of the same phrase, teaches
# just that, and more data teaches it more firmly.
#
# </details>

# %% [markdown]
# ## 10 A weaker judge
#
# **What the chapter claims.** Judging is easier than generating, so a weaker model may be able to
# judge a stronger one.
#
# The larger model answers each question several times; where it was right once and wrong once,
# there is a pair. A judge takes the answer whose tokens it finds likelier on average. The judges
# also answer these questions themselves. A coin would be right on half of the pairs.

# %% tags=["experiment", "row-72"]
from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.preferences.judging import judged_rightly, right_and_wrong

chat = {name: load_chat_model(f"world-{name}-chat") for name in ("small", "medium")}
n_judged = budget.pick(smoke=40, cpu=200)
judged, medium_right = right_and_wrong(bench, chat["medium"], bench.tests[:n_judged], 6, 0)
pair_questions = [pair.question for pair in judged]
judges = {name: judged_rightly(bench, model, judged) for name, model in chat.items()}
generates = {
    name: right_and_wrong(bench, model, pair_questions, 2, 7)[1] for name, model in chat.items()
}
print(f"{len(judged)} questions that the larger model answered both rightly and wrongly")
for name in chat:
    print(f"{name:7} answers {generates[name]:.0%} rightly, judges {judges[name].mean():.0%}")

# %% tags=["experiment", "row-72", "draw"]
figure, axes = plt.subplots(figsize=(6.2, 3.0))
places = np.arange(2)
axes.bar(places - 0.2, [generates[name] for name in chat], 0.38, label="answers rightly")
axes.bar(places + 0.2, [judges[name].mean() for name in chat], 0.38, label="judges rightly")
axes.axhline(0.5, linestyle=":", color="black")
axes.set_xticks(places, ["small judge", "the writer itself"])
axes.set(xlabel="model", ylabel="share")
axes.legend(loc="upper left")
show(
    figure,
    "Share of questions that each model answers rightly, and share of pairs of the larger model's "
    "answers that it judges rightly. The dotted line is a coin.",
)

# %% tags=["experiment", "row-72", "judge"]
weak = bootstrap_interval(judges["small"])
verdicts.add(
    row=72,
    claim="a weaker model can judge a stronger one, since judging is easier than generating",
    measured=f"the small model judges {weak.mean:.0%} of {len(judged)} pairs rightly and answers "
    f"{generates['small']:.0%} of the questions; the writer itself judges "
    f"{judges['medium'].mean():.0%}",
    interval=f"judged rightly {weak}",
    outcome=first_that_holds(
        ("holds", weak.low > 0.5 and weak.low > generates["small"]),
        ("does not hold", weak.high < 0.5),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** A coin judges half of all pairs rightly and answers no question. Is it fair to hold the
# two shares against each other?
#
# <details><summary>One answer</summary>
#
# Not as they stand: two answers leave one bit, a question leaves dozens of values. That is what
# makes judging easier, and it is real. But a judge is only of use above one half, so the verdict
# asks for that first.
#
# </details>

# %% [markdown]
# ## 11 Too much of a good thing
#
# **What the chapter claims.** A reward model is a stand-in. Optimised too far, the policy exploits
# its mistakes, and the real reward falls while the proxy still rises.
#
# Gao, Schulman and Hilton (2022) found that the gold reward follows simple curves of
# d, the root of the divergence from the policy before: d (alpha - beta d) for best of n, and
# d (alpha - beta log d) under reinforcement learning, with a peak that lies further out for larger
# reward models. The recorded run (`course record 06 73`) optimises against reward models of width
# 8, 24 and 72, trained from scratch on the same pairs, by best of n, and by PPO without a penalty;
# DPO, which has no reward model, is pushed by ever smaller beta. Few runs of PPO fall, and those
# fall far: with five seeds, two recorded runs had different outcomes, so now there are fifteen.

# %% tags=["experiment", "row-73"]
from utils.experiments.preferences import overoptimisation_recipe as pressure_plan

pressure = read_record("06", 73)
print(pressure_plan.DESIGN.rule_text)
widths = pressure_plan.WIDTHS
fits = {kind: pressure_plan.fitted(pressure.results, kind) for kind in ("best of n", "ppo", "dpo")}
ppo_runs = pressure_plan.runs_of(pressure.results, "ppo")
gold_of = {width: [r.result["gold"] for r in ppo_runs if r.job.width == width] for width in widths}
falls = {width: list(map(pressure_plan.fall_after_peak, gold_of[width])) for width in widths}
for width in widths:
    peak = fits["best of n"][width].peak
    print(f"width {width:3}: PPO falls by {mean_interval(falls[width])}", end="; ")
    print(f"the curve of best of n has {f'a peak at d = {peak:.1f}' if peak < 99 else 'no peak'}")
live_pressure = run_live(pressure_plan.PRESSURE_RECIPE)["pressure"][0]
before, after = live_pressure.result["before"], live_pressure.result["gold"][-1]
print(f"live, best of 16 at width {live_pressure.job.width}: gold {before:+.2f} -> {after:+.2f}")

# %% tags=["experiment", "row-73", "draw"]
figure, three = plt.subplots(1, 3, figsize=(10.6, 3.3), constrained_layout=True)
for axes, kind in zip(three, ("best of n", "ppo", "dpo"), strict=True):
    for width, fit in fits[kind].items():
        runs = [r for r in pressure_plan.runs_of(pressure.results, kind) if r.job.width == width]
        both_sides = [pressure_plan.gains(run) for run in runs]
        d = np.sqrt(np.concatenate([kl for kl, _ in both_sides]))
        gain = np.concatenate([gain for _, gain in both_sides])
        label = f"width {width}" if width else "no reward model"
        [dots] = axes.plot(d, gain, ".", label=label)
        line = np.linspace(0.05, d.max(), 60)
        axes.plot(line, [fit(one) for one in line], color=dots.get_color(), linewidth=1)
    axes.set(xlabel="root of the divergence (root nats)", ylabel="gain in gold reward")
    axes.set_title(kind, fontsize=10)
    axes.legend(fontsize=7)
show(
    figure,
    "Gain in gold reward against the root of the divergence for best of n, PPO and DPO, with the "
    "fitted curves of Gao et al.; colours are three sizes of reward model, points are seeds.",
)

# %% tags=["experiment", "row-73", "draw"]
figure, both = plt.subplots(1, 2, figsize=(8.8, 3.1), constrained_layout=True)
for width in widths:
    runs = [run for run in ppo_runs if run.job.width == width]
    for axes, key in zip(both, ("gold", "proxy"), strict=True):
        values = np.array([run.result[key] for run in runs])
        values = values - values[:, :1]
        smooth = np.array([np.convolve(row, np.ones(10) / 10, mode="valid") for row in values])
        axes.plot(smooth.mean(0), label=f"width {width}")
for axes, label in zip(both, ("gold reward gained", "proxy reward gained"), strict=True):
    axes.set(xlabel="rounds of PPO", ylabel=label)
both[0].legend()
show(
    figure,
    "Gold and proxy reward gained against rounds of PPO without a penalty, for reward models of "
    "three widths; means over seeds.",
)

# %% tags=["experiment", "row-73", "judge"]
all_falls = mean_interval(np.mean(list(falls.values()), axis=0))  # by seed, which widths share
far = np.mean([fall > 1 for values in falls.values() for fall in values])
per_width = ", ".join(f"{np.mean(falls[width]):.2f} at width {width}" for width in widths)
verdicts.add(
    row=73,
    claim="optimised too far, a policy gets worse while the reward model's score still rises",
    measured=f"under PPO without a penalty the gold reward falls from its peak by {per_width}; "
    f"{far:.0%} of the runs fall by more than 1",
    interval=f"fall {all_falls}",
    outcome=verdict_outcome(pressure),
)

# %% [markdown]
# Look at the two pictures of the same rounds. The score keeps what it has gained; what the answers
# are worth does not always. And look how far the curves of best of n reach: a peak beyond the points
# is a guess of the formula.
#
# **Think.** In practice the gold reward is unknown. How would you notice?
#
# <details><summary>One answer</summary>
#
# Keep people in the loop: let them compare answers of the policy now and earlier, on fresh
# prompts. Or train a second reward model on other pairs and see whether it rises as well. A growing
# distance from the policy before is a warning that costs nothing.
#
# </details>

# %% [markdown]
# ## 12 You are the labeler
#
# Choose the better answer of each pair. After every choice a linear reward model learns from all
# your choices so far. You see its weights, how often you agree with the gold reward, and how often
# the model does on other pairs. What happens if you always take the longer answer, or the polite
# one? The picture below shows choices that a careful person would make.

# %% tags=["experiment"]
from IPython.display import display

from utils.experiments.preferences.panels import duels
from utils.notebook.widgets.preference_labeler import (
    labeler_text,
    learning_figure,
    preference_labeler,
)

own_duels, other_duels = duels(world, 20, seed=1), duels(world, 60, seed=2)
display(preference_labeler(NAMES, own_duels, other_duels))
careful = [int(duel.gold[1] > duel.gold[0]) for duel in own_duels]
print(labeler_text(NAMES, own_duels, careful, other_duels))

# %% tags=["experiment", "draw"]
show(
    learning_figure(own_duels, careful, other_duels),
    "Agreement of a linear reward model with the gold reward on 60 other pairs, against the number "
    "of pairs that a careful labeler has labelled.",
)

# %% [markdown]
# ## Your own code at work
#
# Optional: your `bradley_terry_loss`, `last_token_score` and `pairwise_accuracy` train and test a
# reward model, and your `best_of_n` chooses with it.


# %% tags=["experiment"]
def own_reward_model(steps=30, batch=16):
    """Train a reward model with your functions; return it with its accuracy on new pairs."""
    model = RewardModel(bench.policy, 1)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)

    def scores_of(pairs):
        rows = [[*p.prompt, *answer] for p in pairs for answer in (p.chosen, p.rejected)]
        ids, mask = pad_rows(rows)
        return last_token_score(model.token_scores(ids, mask), mask.long()).view(-1, 2).T

    for step in range(steps):
        chosen, rejected = scores_of(training[batch * step : batch * (step + 1)])
        optimiser.zero_grad()
        bradley_terry_loss(chosen, rejected).backward()
        optimiser.step()
    with torch.no_grad():
        return model, pairwise_accuracy(*scores_of(held_out))


try:
    own_model, own_accuracy = own_reward_model(budget.pick(smoke=3, cpu=30))
    print(f"your reward model agrees with the labels of {own_accuracy:.0%} of new pairs")
    [own_prompt] = bench.prompts([bench.tests[0]])
    drafts = [bench.draw(bench.policy, [bench.tests[0]], seed)[0] for seed in range(8)]
    kept = best_of_n(drafts, lambda answer: float(own_model.score([[*own_prompt, *answer]])[0]))
    print(f"{bench.tests[0].question} Its favourite of eight: {bench.text(kept)}")
except NotImplementedError:
    print("Answer the four exercises named above first; then your own reward model learns here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook did not show: the labelers are formulas, the policy has 142,000 parameters, and
# its best answer is often that it does not know. What carries over are the losses and estimators,
# and the reason to be careful: a reward model is right about what it was shown, and a policy goes
# where it was not shown anything.
#
# **Read next**
#
# - Ouyang et al. (2022), *Training language models to follow instructions with human feedback*.
# - Stiennon et al. (2020), *Learning to summarize from human feedback*, for best of n and its KL.
# - Schulman et al. (2017), *Proximal policy optimization algorithms*.
# - Rafailov et al. (2023), *Direct preference optimization*.
# - Gao, Schulman and Hilton (2022), *Scaling laws for reward model overoptimization*.
#
# In notebook 07 the model stays as it is, and what you change is how it is sampled.
