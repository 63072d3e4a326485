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
# # 07 Samplers
#
# A model gives probabilities; something else decides. In this notebook you write that something
# else: temperature, top-k, top-p, min-p, stopping, beam search. Then you ask what a model gains
# when it may try more than once, and what it takes to tell its good tries from its bad ones.
#
# You need notebooks 02 and 03 and about four hours with the exercises. The whole notebook runs for
# a few minutes on two CPU cores, nearly all of them for the experiments.
#
# **You will learn to**
#
# - turn logits into probabilities, log-probabilities and draws, without underflow;
# - filter a distribution in three ways, and measure what that does to variety and to truth;
# - stop a model in time, and know what stopping early breaks;
# - search for likely texts, and see why the likeliest is seldom the best;
# - judge many samples: by votes, by a verifier, by whether they are valid; and say how much each
#   is worth.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 From logits to a token | `token_probabilities`, `sample_token` | 2 and 2 of 5 | 10 and 15 |
# | 2 Temperature | | | |
# | 3 Logprobs | `sequence_logprob` with `average_logprob` | 2 of 5 | 15 |
# | 4 Top-k | `top_k_filter` | 2 of 5 | 15 |
# | 5 Top-p | `top_p_filter` | 3 of 5 | 20 |
# | 6 Min-p | `min_p_filter` | 2 of 5 | 10 |
# | 7 When to stop | `truncate_at_stop`, `generate` | 1 and 2 of 5 | 10 and 20 |
# | 8 Long and short | `best_average_logprob` | 1 of 5 | 10 |
# | 9 Beam search | `beam_search` | 4 of 5 | 40 |
# | 10 A verifier for a larger model | | | |
# | 11 More samples, and too many | | | |
# | 12 Coverage | `pass_at_k` | 3 of 5 | 15 |
# | 13 Votes | `majority_vote` | 1 of 5 | 10 |
# | 14 The first valid answer | `first_valid_latency` | 4 of 5 | 25 |
# | 15 Three tries | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. A failed test tells you which mistake it has
# seen. No experiment depends on your answers.
#
# Three kinds of models do the work. **SmolLM2-135M** is a real one; with it you see what samplers
# do to language. **Models of the miniature world** (874,000 parameters) write documents whose
# exact probability is known: a document is *true* when the world could have written it, word for
# word. And small models that do **arithmetic in steps** write solutions that a program can check.
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95%
# interval, and a verdict that the code computes from the numbers.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 From logits to a token
#
# **What the chapter claims.** For each input a language model gives a vector of logits, one for
# each token of the vocabulary. Logits are not probabilities: they may be negative and sum to
# anything. The softmax makes probabilities of them. Always taking the most likely token is called
# greedy, and writes boring text.
#
# Four logits, by hand:

# %%
from math import exp

logits_by_hand = {"green": 2.0, "red": 1.5, "the": -1.0, "seven": -3.0}
total = sum(exp(value) for value in logits_by_hand.values())
for word, value in logits_by_hand.items():
    power = exp(value)
    print(f"{word:6} logit {value:4}, e^logit {power:.3f}, probability {power / total:.3f}")

# %% [markdown]
# Only differences of logits count. Add 100 to all four and the probabilities stay the same.

# %% [markdown]
# ### Exercise: `token_probabilities`
#
# *Difficulty 2 of 5, 10 minutes.* From logits to probabilities, at a temperature. The logits may
# have any shape; the last dimension is the vocabulary.
#
# - The chapter's example: logits [1, 2] give [0.27, 0.73], and at temperature 0.5 [0.12, 0.88].
# - Temperature 0 is the limit, greedy decoding: a probability of 1 for the first largest logit of
#   each row, 0 for the rest. You cannot get there by dividing, not by a tiny number either: two
#   equal logits would share.
# - A low temperature makes logits large, so they may not overflow. `torch.softmax` is welcome
#   here: you have written your own in notebook 02.
# - A negative temperature is refused: raise a `ValueError` that names it.

# %% exercise="token_probabilities"

# %% [markdown]
# ### Exercise: `sample_token`
#
# *Difficulty 2 of 5, 15 minutes.* Draw one token for each row of logits, each row on its own, from
# `softmax(logits)`. A token whose logit is `-inf` is never drawn. The result has the shape of the
# logits without the last dimension, so one row gives one id, and a batch (B, T, V) gives (B, T).
#
# With a `torch.Generator` the draws come from it: the same seed gives the same tokens, and the
# next call goes on from there. Without one they come from torch's global generator.
# `torch.multinomial` is welcome, and takes at most two dimensions; the Gumbel trick takes any.

# %% exercise="sample_token"

# %% [markdown]
# ### Experiment: greedy decoding repeats itself
#
# **Claim.** Greedy text is boring. **Measurement.** SmolLM2 goes on from five openings, once
# greedily and five times by drawing from its probabilities. Boring is made countable: the share of
# runs of four tokens that stood in the text before. **Control.** A paragraph that a person wrote.

# %% tags=["experiment", "row-75"]
import matplotlib.pyplot as plt
import numpy as np
import torch

from utils.decoding.samplers import Temperature
from utils.evaluation.intervals import bootstrap_interval, mean_interval
from utils.experiments.samplers.real_writer import RealWriter
from utils.experiments.samplers.sampler_measures import repeated_share
from utils.experiments.samplers.texts import OPENINGS, PARAGRAPH
from utils.models.pretrained import load_gguf
from utils.notebook import COLOURS, show
from utils.notebook.verdicts import above_zero, first_that_holds

real = load_gguf()
writer = RealWriter(real)
colour_logits = writer.next_logits("My favorite color is")
print(f"{len(colour_logits):,} logits from {colour_logits.min():.1f} to {colour_logits.max():.1f}")

openings = OPENINGS[: budget.pick(smoke=2, cpu=5)]
written_tokens, n_drawn = budget.pick(smoke=8, cpu=48, gpu=128), 5
greedy_texts = writer.continue_texts(openings, written_tokens)
drawn_texts = writer.continue_texts(
    openings, written_tokens, Temperature(1.0).seeded(0), samples=n_drawn
)
repeats_greedy = np.array([repeated_share(one.ids) for one in greedy_texts])
repeats_drawn = np.array([repeated_share(one.ids) for one in drawn_texts])
repeats_drawn = repeats_drawn.reshape(len(openings), n_drawn).mean(1)
human = repeated_share(real.encode(PARAGRAPH)[:written_tokens])
print("greedy:", repr(writer.texts(greedy_texts)[0][:200]))
print("drawn: ", repr(writer.texts(drawn_texts)[0][:200]))
print("greedy, repeated runs of each opening:", np.round(repeats_greedy, 2))

# %% tags=["experiment", "row-75", "draw"]
likely = colour_logits.softmax(-1).topk(12)
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.barh([repr(real.decode([token])) for token in likely.indices.tolist()], likely.values.tolist())
axes.invert_yaxis()
axes.set(xlabel="probability", ylabel='token after "My favorite color is"')
show(figure, "The twelve likeliest tokens after 'My favorite color is' under SmolLM2.")

# %% tags=["experiment", "row-75", "judge"]
gap = mean_interval(repeats_greedy - repeats_drawn)
verdicts.add(
    row=75,
    claim="greedy decoding writes boring text",
    measured=f"runs of four tokens that stood there before: greedy {repeats_greedy.mean():.0%}, "
    f"drawn {repeats_drawn.mean():.1%}, a person's paragraph {human:.0%}",
    interval=f"difference {gap} openings",
    outcome=above_zero(gap),
)

# %% [markdown]
# A loop feeds itself: once a sentence stands there twice, its third time is the likeliest thing to
# come. Drawing breaks the loop, and pays for it with nonsense, as the drawn text shows. Does every
# greedy text loop? Look at the openings one by one, as printed above: where they differ much, five
# of them do not settle the question, whatever their mean.
#
# **Think.** In classification greedy is right. What is the difference between a class and a token?
#
# <details><summary>One answer</summary>
#
# A class is the whole answer, so the likeliest one is the best bet on being right. A token is one
# step of a long answer: the likeliest step again and again does not give the likeliest text, let
# alone a typical one. And nobody wants a text to be only right: it should also say something.
#
# </details>

# %% [markdown]
# ## 2 Temperature
#
# **What the chapter claims.** Logits are divided by a temperature before the softmax. With the
# logits 1 and 2, the second token gets 73% at temperature 1, 88% at 0.5, and below 0.1 it is
# almost always chosen (Figure 2-16). Higher temperatures write more creatively and less
# coherently; 0.7 is a usual compromise.
#
# In odds it is one line: a difference of logits d becomes d / T, so odds of e^d become e^(d / T).

# %%
for temperature in (2.0, 1.0, 0.5, 0.1):
    odds = exp((2.0 - 1.0) / temperature)
    print(f"temperature {temperature}: odds of B {odds:8.2f}, probability {odds / (1 + odds):.4f}")

# %% [markdown]
# ### Experiment: the figure, and what it costs in truth
#
# **Claim.** The figure's numbers; and creativity is bought with coherence. **Measurement.** The
# figure, computed. Then a model of the miniature world writes documents at eight temperatures,
# with five seeds. Variety is the share of documents that differ from all others; quality is the
# share of *true* documents. **Control.** The world itself, whose documents are all true.

# %% tags=["experiment", "row-76"]
from utils.decoding.decoders import decoder_for
from utils.experiments.samplers.measuring import table_of
from utils.experiments.samplers.sampler_measures import sample_documents
from utils.training.base_models import base_world, load_base_model

grid = np.concatenate([np.linspace(0.02, 0.1, 9), np.linspace(0.15, 2, 38)])


def probability_of_b(temperature):
    """Probability of the token with the logit 2 beside one with the logit 1."""
    return float(Temperature(float(temperature)).transform(torch.tensor([1.0, 2.0])).softmax(-1)[1])


at = {t: probability_of_b(t) for t in (0.0, 0.05, 0.1, 0.5, 1.0)}
print({t: round(value, 4) for t, value in at.items()})

world = base_world()
world_decoder = decoder_for(load_base_model("world-medium"))
n_documents = budget.pick(smoke=10, cpu=60, gpu=1000)
seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
temperatures = [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0]
by_temperature = [
    [sample_documents(world_decoder, world, Temperature(t), n_documents, seed) for seed in seeds]
    for t in temperatures
]
true_at, different_at, both_at = (
    table_of(by_temperature, name) for name in ("true_share", "different_share", "different_true")
)
best_temperature = temperatures[int(both_at.mean(1).argmax())]
print(f"true: {np.round(true_at.mean(1), 2)}, different: {np.round(different_at.mean(1), 2)}")

# %% tags=["experiment", "row-76", "draw"]
world_texts = {document.text for document in world.documents(n_documents, seed=7)}
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
of_b = np.array([probability_of_b(temperature) for temperature in grid])
left.plot(grid, of_b, label="B (logit 2)")
left.plot(grid, 1 - of_b, "--", label="A (logit 1)")
left.set(xlabel="temperature", ylabel="probability", ylim=(0, 1.02))
left.legend()
right.plot(temperatures, true_at.mean(1), "-", marker=".", label="true")
right.plot(temperatures, different_at.mean(1), "--", marker=".", label="different")
right.plot(temperatures, both_at.mean(1), ":", marker=".", label="different and true")
of_world = len(world_texts) / n_documents
right.axhline(of_world, color="black", linewidth=0.8)
right.text(2, of_world + 0.02, "line: the world's own, all true", ha="right", fontsize=8)
right.set(xlabel="temperature", ylabel="share of documents", xlim=(0, 2.1), ylim=(0, 1.12))
right.legend(loc="lower left")
show(
    figure,
    "Left: the probabilities of two tokens with the logits 1 and 2 against the temperature. "
    "Right: the shares of true and of different documents of a model of the world.",
)

# %% tags=["experiment", "row-76", "judge"]
falls = mean_interval(true_at[0] - true_at[-1])
rises = mean_interval(different_at[4] - different_at[0])
is_as_printed = (round(at[1.0], 2), round(at[0.5], 2)) == (0.73, 0.88) and at[0.1] > 0.999
verdicts.add(
    row=76,
    claim="logits 1 and 2 give 27% and 73%, at temperature 0.5 12% and 88%, below 0.1 always B",
    measured=f"B gets {at[1.0]:.1%}, {at[0.5]:.1%}, {at[0.1]:.3%} (at 0.1)",
    outcome="holds" if is_as_printed else "does not hold",
)
verdicts.add(
    row=76,
    claim="a higher temperature writes more creatively and less coherently",
    measured=f"from 0.2 to 2.0 true documents fall from {true_at[0].mean():.0%} to "
    f"{true_at[-1].mean():.0%}; from 0.2 to 1.0 different ones rise from "
    f"{different_at[0].mean():.0%} to {different_at[4].mean():.0%}",
    interval=f"fall {falls}; rise {rises}",
    outcome="holds" if falls.low > 0 and rises.low > 0 else "undecided",
)
verdicts.add(
    row=76,
    claim="0.7 balances the two",
    measured=f"most different true documents at temperature {best_temperature} (of {temperatures})",
    interval=f"{len(seeds)} seeds of {n_documents} documents",
    outcome="holds in part" if 0.6 <= best_temperature <= 0.8 else "does not hold",
)

# %% [markdown]
# Where does the dotted line stand highest, and how far is that from the usual 0.7? The best
# temperature depends on how wrong the model is. A perfect model of the world would need none: at
# temperature 1 everything it writes is true. Lower temperatures correct a model that spreads too
# much probability over what is wrong.
#
# **Think.** Providers let you choose temperatures from 0 to 2. What do you get at a temperature of
# a million?
#
# <details><summary>One answer</summary>
#
# Divided by a million, all logits are nearly equal, so every token of the vocabulary is about
# equally likely: noise without a word of sense. Only a token with the logit `-inf` stays
# impossible.
#
# </details>

# %% [markdown]
# ## 3 Logprobs
#
# **What the chapter claims.** Probabilities of single tokens, and products of many of them, become
# too small for the number format and are rounded to zero: underflow. Logarithms do not have that
# problem. Logprobs are useful for classification.
#
# The smallest positive number that three formats hold with all their digits:

# %%
import numpy as np
import torch

for kind in (torch.float16, torch.bfloat16, torch.float32):
    smallest = torch.finfo(kind).smallest_normal
    print(f"{kind!s:15} {smallest:.1e}: about 0.1 to the power of {int(-np.log10(smallest))}")

# %% [markdown]
# ### Exercise: `sequence_logprob` and `average_logprob`
#
# *Difficulty 2 of 5, 15 minutes.* The log-probability of a whole sequence is the sum over its
# tokens; the average is their mean, per token. The logits are already aligned: `logits[b, t]` is
# the model's prediction *for* `token_ids[b, t]`, so nothing is shifted. Every token counts; there
# is no padding, and the id 0 is a token like others.
#
# Stay in log space. The product of a few hundred probabilities is 0 in any float, and so is the
# softmax of a logit that lies far enough below the largest; the logarithm of either is `-inf`.

# %% exercise="sequence_logprob"

# %% [markdown]
# ### Experiment: where the product ends, and a classifier for free
#
# **Claim.** Products underflow, sums of logs do not; logprobs classify. **Measurement.** SmolLM2
# reads a paragraph of a person. Its token probabilities are multiplied in three formats, and their
# logs added. Then it judges 24 short reviews by the probability of the words *positive* and
# *negative* after them. **Control.** The same two words after a review that says nothing: what the
# model prefers without having read anything, which is subtracted.

# %% tags=["experiment", "row-77"]
from utils.decoding.scoring import continuation_logprobs, token_logprobs
from utils.experiments.samplers.texts import BAD_REVIEWS, GOOD_REVIEWS

ids = real.encode(PARAGRAPH)
logprobs = token_logprobs(real.model, [ids[:1]], [ids[1:]])[0].double()
products = {}
for kind in (torch.float16, torch.float32, torch.float64):
    product, products[kind] = torch.ones((), dtype=kind), []
    for probability in logprobs.exp().to(kind):
        product = product * probability
        products[kind].append(float(product))
zero_after = {kind: found.index(0) + 1 if 0 in found else None for kind, found in products.items()}
sums = logprobs.half().cumsum(0)
print("the product becomes zero after:", {str(kind): count for kind, count in zero_after.items()})

kept_reviews = budget.pick(smoke=2, cpu=12)
reviews = [*GOOD_REVIEWS[:kept_reviews], *BAD_REVIEWS[:kept_reviews]]
is_good = np.arange(len(reviews)) < kept_reviews
frame = "Review: {}\nThe sentiment of this review is"
prompts = [real.encode(frame.format(text)) for text in [*reviews, "N/A", "..."]]
labels = [real.encode(" positive"), real.encode(" negative")]
found = continuation_logprobs(real.model, prompts, labels, average=True).numpy()
scores, nothing = np.split(found[:, 0] - found[:, 1], [len(reviews)])
raw, corrected = (scores > 0) == is_good, (scores > nothing.mean()) == is_good
ranked = np.mean(scores[is_good][:, None] > scores[~is_good])
print(f"after a review that says nothing: log odds of positive {nothing.mean():+.2f}")
print(f"right: {raw.mean():.0%}; with that subtracted {corrected.mean():.0%}; AUROC {ranked:.2f}")

# %% tags=["experiment", "row-77", "draw"]
figure, axes = plt.subplots(figsize=(7, 3.2))
places = np.arange(1, len(sums) + 1)
axes.plot(places, sums.numpy() / np.log(10), linewidth=5, alpha=0.35, label="sum of logs, float16")
for kind, style in ((torch.float64, "-"), (torch.float32, "--"), (torch.float16, "o")):
    found = products[kind]
    alive = sum(value > 0 for value in found)
    name = str(kind).removeprefix("torch.")
    ending = f": 0 from token {alive + 1} on" if alive < len(found) else ""
    axes.plot(places[:alive], np.log10(found[:alive]), style, label=f"product, {name}{ending}")
    if 0 < alive < len(found):
        axes.plot(alive, np.log10(found[alive - 1]), "X", color="black", markersize=9)
for kind in (torch.float16, torch.float32):
    least = np.log10(torch.finfo(kind).tiny * torch.finfo(kind).eps)
    axes.axhline(least, color="black", linewidth=0.8, linestyle=":")
    name = str(kind).removeprefix("torch.")
    axes.text(len(sums), least, f"smallest number in {name}", ha="right", va="bottom", fontsize=8)
axes.set(xlabel="tokens multiplied", ylabel="log10 of the probability of the text")
axes.legend(loc="lower left", fontsize=8)
show(
    figure,
    "The probability of a growing text: a product becomes zero below the smallest number of its "
    "format (dotted lines); the sum of logs goes on, even in float16.",
)

# %% tags=["experiment", "row-77", "judge"]
interval = bootstrap_interval(corrected.astype(float))
is_zero = [zero_after[kind] is not None for kind in (torch.float16, torch.float32)]
verdicts.add(
    row=77,
    claim="probabilities underflow, log-probabilities do not",
    measured=f"a product of token probabilities is 0 after {zero_after[torch.float16]} tokens in "
    f"float16 and {zero_after[torch.float32]} in float32; the sum of logs reaches "
    f"{float(sums[-1]):.0f} in float16",
    outcome=first_that_holds(
        ("holds", all(is_zero) and bool(torch.isfinite(sums).all())),
        ("holds in part", is_zero[0]),
        otherwise="does not hold",
    ),
)
verdicts.add(
    row=77,
    claim="logprobs are useful for classification",
    measured=f"SmolLM2, untrained for it, judges {corrected.mean():.0%} of {len(reviews)} reviews "
    f"rightly ({raw.mean():.0%} without the correction; AUROC {ranked:.2f}); chance is 50%",
    interval=str(interval),
    outcome="holds" if interval.low > 0.5 else "undecided",
)

# %% [markdown]
# Every sum of logs is a product that you did not have to compute. The price of a classifier is at
# most one forward pass a label, with no text to parse. Compare the two shares of right answers
# with the AUROC, the share of pairs of a good and a bad review that the scores put in the right
# order, whatever the threshold. Where it is much higher than a share, the scores know more than
# the threshold lets through. Subtracting helps only if "N/A" and "..." are neutral for the model,
# and does harm if it takes them for bad reviews. A control needs a control, too.
#
# **Think.** The chapter notes that some providers give no logprobs, or those of 20 tokens only.
# What could somebody do with all of them?
#
# <details><summary>One answer</summary>
#
# All logprobs of many prompts give away the last layer's matrix up to a rotation, so its width
# can be read off and parts of the model be rebuilt; and a small model can be trained to imitate
# the whole distribution. That is a reason to keep them back.
#
# </details>

# %% [markdown]
# ## 4 Top-k
#
# **What the chapter claims.** The softmax over a large vocabulary is expensive. Top-k keeps the k
# largest logits, takes the softmax of these only, and so saves work without much loss of variety.
# Typical k are 50 to 500; a small k makes text predictable.

# %%
values = torch.tensor([3.0, 1.0, 2.5, -1.0, 0.5])
order = values.argsort(descending=True)
print("all:", [round(float(p), 2) for p in values.softmax(0)[order]])
kept = [round(float(p), 2) for p in values[order[:2]].softmax(0)]
print("k = 2:", kept, "for the tokens", order[:2].tolist())

# %% [markdown]
# ### Exercise: `top_k_filter`
#
# *Difficulty 2 of 5, 15 minutes.* Keep the k largest logits of each row where they are, and set
# all others to `-inf`, so that a softmax gives them 0.
#
# - Exactly k stay. Of equal logits the one with the lower index stays, so comparing with the k-th
#   largest value is not enough. `torch.topk` promises nothing about ties; a *stable* sort does.
# - k may be larger than the vocabulary: then all stay. k below 1 is refused.
# - The given logits are not changed.

# %% exercise="top_k_filter"

# %% [markdown]
# ### Experiment: what k does to variety, and to time
#
# **Claim.** A small k makes text predictable; top-k saves computing. **Measurement.** Documents of
# the world's model for nine values of k, five seeds. How much probability of SmolLM2 lies outside
# of its k likeliest tokens, on a person's text. And the time of a draw, with softmax over
# everything and over k logits only. **Control.** No filter; and the time of the whole decoding
# step, to see what can be saved at all.

# %% tags=["experiment", "row-78"]
from utils.decoding.samplers import TopK
from utils.experiments.samplers.measuring import draw_times

ks = [1, 2, 3, 5, 10, 20, 50, 200, len(world.vocabulary)]
by_k = [
    [sample_documents(world_decoder, world, TopK(k), n_documents, seed) for seed in seeds]
    for k in ks
]
pairs_at, true_k = table_of(by_k, "distinct_pairs"), table_of(by_k, "true_share")

ids = real.encode(PARAGRAPH)
with torch.inference_mode():
    text_logits = real.model(torch.tensor([ids]))[0]
ranked_shares = text_logits.softmax(-1).sort(-1, descending=True).values
outside = {k: float(1 - ranked_shares[:, :k].sum(-1).mean()) for k in (1, 10, 50, 500)}
print("probability outside of the k likeliest:", {k: f"{part:.1%}" for k, part in outside.items()})

batch = colour_logits.expand(32, -1) + 0.01 * torch.randn(32, len(colour_logits))
times = draw_times(batch, [50, 500], budget.pick(smoke=2, cpu=10, gpu=50))
times["whole step"] = writer.step_ms(32, OPENINGS[0], budget.pick(smoke=1, cpu=4))
print("ms for 32 rows:", {name: round(ms, 1) for name, ms in times.items()})

# %% tags=["experiment", "row-78", "draw"]
from utils.notebook.drawing import label_ticks

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(ks, pairs_at.mean(1), marker=".", label="different pairs of words")
left.plot(ks, true_k.mean(1), "--", marker=".", label="true documents")
left.set(xscale="log", xlabel="k (tokens; the last: no filter)", ylabel="share", ylim=(0, 1.02))
label_ticks(left, x=[1, 3, 10, 50, 200, ks[-1]])
left.legend()
right.plot(list(times.values()), list(times), "o")
right.set(xscale="log", xlim=(0.3, 3000), xlabel="time for 32 rows (ms)", ylabel="what is done")
label_ticks(right, x=[1, 10, 100, 1000])
right.invert_yaxis()
show(
    figure,
    "Left: variety and truth of the world's documents against k. Right: times of a softmax, of "
    "draws with and without top-k, and of a whole decoding step, on a logarithmic axis.",
)

# %% tags=["experiment", "row-78", "judge"]
variety = mean_interval(pairs_at[-1] - pairs_at[1])
verdicts.add(
    row=78,
    claim="a smaller k makes text more predictable",
    measured=f"different pairs of words: {pairs_at[0].mean():.0%} at k = 1, "
    f"{pairs_at[1].mean():.0%} at 2, {pairs_at[4].mean():.0%} at 10, {pairs_at[-1].mean():.0%} "
    "without a filter",
    interval=f"no filter against k = 2: {variety}",
    outcome="holds" if variety.low > 0 else "undecided",
)
all_ms, step_ms = times["draw from all"], times["whole step"]
saved = (all_ms - times["k = 50"]) / (step_ms + all_ms)
verdicts.add(
    row=78,
    claim="top-k reduces the computing of the softmax",
    measured=f"drawing from k = 50 takes {times['k = 50'] / all_ms:.2f} of the time of drawing "
    f"from all {len(colour_logits):,}; that saves {saved:.1%} of a decoding step",
    interval="fastest of several calls",
    outcome="does not hold" if saved < 0.005 else "holds in part" if saved < 0.1 else "holds",
)

# %% [markdown]
# To find the k largest you must look at all of them, and looking is most of what a softmax does:
# compare the times of the draws from k and from all. Beside the model itself, which has to compute
# every logit before anything can be filtered, all of them are small. And is the loss of variety
# small? The line about a person's text says how much of SmolLM2's probability a k of 50 throws
# away.
#
# **Think.** Where would a real saving have to come from: from the sampler, or from the last matrix
# of the model?
#
# <details><summary>One answer</summary>
#
# From the last matrix: each step multiplies a hidden vector by tens of thousands of columns, and
# the sampler only looks at the result. Saving means not to compute most logits at all, by a
# smaller vocabulary or by a rough search for the promising columns first.
#
# </details>

# %% [markdown]
# ## 5 Top-p
#
# **What the chapter claims.** How many tokens are worth considering depends on the question: two
# for one that is to be answered with yes or no, many for the meaning of life. Top-p takes the most
# likely tokens until their probabilities sum to p, typically 0.9 to 0.95. In Figure 2-18 p = 0.9
# leaves two tokens and 0.99 three.

# %%
# Numbers of our own, with the figure's property.
answers = {"yes": 0.60, "maybe": 0.32, "no": 0.075, "perhaps": 0.005}
for p in (0.5, 0.9, 0.99):
    total, kept = 0.0, []
    for word, probability in answers.items():
        if total >= p:
            break
        kept.append(word)
        total += probability
    print(f"p = {p}: {kept}, together {total:.3f}")

# %% [markdown]
# ### Exercise: `top_p_filter`
#
# *Difficulty 3 of 5, 20 minutes.* Nucleus sampling (Holtzman et al., 2020): keep the smallest set
# of most likely tokens whose probabilities together reach p. Go from the most likely token down,
# and stop *after* the one that reaches p. So at least one token always stays, and no more than
# needed do, not even those as likely as the last one.
#
# - All others become `-inf`; those that stay keep their logits and places.
# - p = 1 keeps all, whatever the rounding of a sum says. p outside (0, 1] is refused.
# - The given logits are not changed.
#
# Hint: with probabilities 0.5, 0.3, 0.15, 0.05 write down, for each token, what the tokens before
# it sum to, and which stay at p = 0.9.

# %% exercise="top_p_filter"

# %% [markdown]
# ### Experiment: closed and open questions
#
# **Claim.** The nucleus is small for a closed question and large for an open one, and top-k cannot
# follow. **Measurement.** SmolLM2 gets ten questions to be answered with yes or no, and ten open
# ones; we count the tokens that it takes to reach p = 0.9 at the first token of the answer.
# **Control.** The same count at every token of a person's text: how much does the size vary within
# one text?

# %% tags=["experiment", "row-79"]
from utils.experiments.samplers.measuring import first_word_share, ratio_interval
from utils.experiments.samplers.sampler_measures import nucleus_size
from utils.experiments.samplers.texts import CLOSED_QUESTIONS, OPEN_QUESTIONS

kept = budget.pick(smoke=2, cpu=10)
closed = [f"{one} Answer with only yes or no." for one in CLOSED_QUESTIONS[:kept]]
closed_logits = writer.answer_logits(closed)
sizes = {
    "closed questions": nucleus_size(closed_logits, 0.9).numpy(),
    "open questions": nucleus_size(writer.answer_logits(OPEN_QUESTIONS[:kept]), 0.9).numpy(),
    "tokens of one text": nucleus_size(text_logits, 0.9).numpy(),
}
for name, found in sizes.items():
    print(f"{name}: median {np.median(found):.0f} tokens, from {found.min()} to {found.max()}")
says_yes_or_no = [first_word_share(row, ("yes", "no"), real.decode) for row in closed_logits]
print(f"closed questions, probability of yes or no: {np.mean(says_yes_or_no):.0%}")

# %% tags=["experiment", "row-79", "draw"]
scatter = np.random.default_rng(0)
figure, axes = plt.subplots(figsize=(7, 2.8))
for place, (found, colour) in enumerate(zip(sizes.values(), COLOURS, strict=False)):
    axes.scatter(found, place + scatter.uniform(-0.2, 0.2, len(found)), color=colour, s=14)
    axes.plot([np.median(found)] * 2, [place - 0.35, place + 0.35], color="black")
axes.set_yticks(range(3), [name.replace(" ", "\n", 1) for name in sizes])
axes.set(xscale="log", xlabel="size of the nucleus at p = 0.9 (tokens)", ylabel="where")
label_ticks(axes, x=[1, 10, 100, 1000])
show(
    figure,
    "Sizes of the nucleus, one dot each with the median as a line: closed questions, open "
    "questions, positions of one text.",
)

# %% tags=["experiment", "row-79", "judge"]
closed_sizes, open_sizes = sizes["closed questions"], sizes["open questions"]
ratio = ratio_interval(open_sizes, closed_sizes)
verdicts.add(
    row=79,
    claim="an open question needs a larger nucleus than a closed one",
    measured=f"medians {np.median(closed_sizes):.0f} tokens (closed) and "
    f"{np.median(open_sizes):.0f} (open)",
    interval=f"ratio {ratio.mean:.1f} [{ratio.low:.1f}, {ratio.high:.1f}], {kept} questions each",
    outcome=first_that_holds(
        ("holds", ratio.low > 1), ("undecided", ratio.high > 1), otherwise="does not hold"
    ),
)
verdicts.add(
    row=79,
    claim="for a yes-or-no question the number of tokens to consider is two",
    measured=f"median {np.median(closed_sizes):.0f} tokens at p = 0.9; yes and no together have "
    f"{np.mean(says_yes_or_no):.0%}",
    interval=f"{closed_sizes.min()} to {closed_sizes.max()} over {kept} questions",
    outcome="holds" if np.median(closed_sizes) <= 2 else "does not hold",
)

# %% [markdown]
# The nucleus measures the *model's* doubt, and a small model doubts even whether it has to obey:
# see how much of the probability is left for words other than yes and no. Look at the third row of
# the picture, too: how far do the sizes spread within one text? No single k fits that.
#
# **Think.** A token in the middle of a word often has a nucleus of one. What does top-k with k =
# 50 add there?
#
# <details><summary>One answer</summary>
#
# Noise: 49 tokens that the model itself holds for nearly impossible. Their probability is small,
# but over hundreds of tokens one of them is drawn now and then, and the word is misspelt.
#
# </details>

# %% [markdown]
# ## 6 Min-p
#
# **What the chapter claims.** Min-p sets a least probability that a token must reach. As it is
# used (Nguyen et al., 2024) that least probability is a part of the largest one: min-p 0.1 keeps
# what is at least a tenth as likely as the favourite. The paper recommends it for high
# temperatures. Let us see why, on two good tokens and a tail of fifty poor ones, at two
# temperatures:

# %%
good_and_tail = torch.tensor([5.0, 4.0] + [-3.0] * 50)
for temperature in (1.0, 3.0):
    probabilities = (good_and_tail / temperature).softmax(0)
    nucleus = int((probabilities.cumsum(0) < 0.95).sum()) + 1
    kept = int((probabilities >= 0.1 * probabilities.max()).sum())
    print(
        f"temperature {temperature}: the good ones {probabilities[:2].sum():.3f}, the tail "
        f"{probabilities[2:].sum():.3f}; top-p 0.95 keeps {nucleus}, min-p 0.1 keeps {kept}"
    )

# %% [markdown]
# ### Exercise: `min_p_filter`
#
# *Difficulty 2 of 5, 10 minutes.* Keep the tokens whose probability is at least `min_p` times that
# of the most likely token of their row; all others become `-inf`. The bar moves with the model's
# certainty: it is high when one token stands out, and low when many are possible. The logits that
# stay keep their values and places, and the given ones are not changed.

# %% exercise="min_p_filter"

# %% [markdown]
# ### Experiment: min-p against top-p at a high temperature
#
# **Claim.** At a high temperature min-p keeps text coherent where top-p does not. **Measurement.**
# The world's model, five values of each filter, at temperature 1 and 2, the temperature applied
# first. A filter is a compromise between variety and truth, so whole curves are compared: truth at
# equal variety. **Control.** Temperature 1, where both should do alike.

# %% tags=["experiment", "row-80"]
from utils.decoding.samplers import MinP, TopP
from utils.experiments.samplers.measuring import truth_at_variety

filters = {
    "top-p": [TopP(p) for p in (0.3, 0.5, 0.7, 0.85, 0.95)],
    "min-p": [MinP(p) for p in (0.5, 0.3, 0.15, 0.05, 0.02)],
}
hot, leads = {}, {}
for temperature in (1.0, 2.0):
    first = Temperature(temperature)
    for name, members in filters.items():
        hot[name, temperature] = [
            [sample_documents(world_decoder, world, first | one, n_documents, s) for s in seeds]
            for one in members
        ]
    # In the middle of the range of variety that both filters cover, each seed's truth.
    spans = [table_of(hot[name, temperature], "distinct_pairs").mean(1) for name in filters]
    middle = (max(span.min() for span in spans) + min(span.max() for span in spans)) / 2
    top_p, min_p = (truth_at_variety(hot[name, temperature], middle) for name in filters)
    leads[temperature] = mean_interval(min_p - top_p)
    print(f"temperature {temperature}, variety {middle:.2f}: min-p leads by {leads[temperature]}")

# %% tags=["experiment", "row-80", "draw"]
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.2), sharey=True, constrained_layout=True)
for axes, temperature in zip(panels, (1.0, 2.0), strict=True):
    for name, style in zip(filters, ("-", "--"), strict=True):
        variety_of, truth_of = (
            table_of(hot[name, temperature], measure).mean(1)
            for measure in ("distinct_pairs", "true_share")
        )
        axes.plot(variety_of, truth_of, style, marker="o", label=name)
    axes.set(xlabel="different pairs of words (share)", title=f"temperature {temperature:g}")
    axes.set(ylabel="true documents (share)", xlim=(0, 0.7), ylim=(0, 1.05))
panels[0].legend(loc="lower left")
show(
    figure,
    "Truth against variety of the world's documents under five strengths of top-p and of min-p, "
    "at temperature 1 and 2. Higher and further right is better.",
)

# %% tags=["experiment", "row-80", "judge"]
verdicts.add(
    row=80,
    claim="min-p is an alternative to top-p (its authors: better at high temperatures)",
    measured=f"true documents at equal variety, min-p minus top-p: {leads[1.0].mean:+.1%} at "
    f"temperature 1, {leads[2.0].mean:+.1%} at 2",
    interval=f"at 2: {leads[2.0]}",
    outcome=first_that_holds(
        ("holds", leads[2.0].low > 0),
        ("does not hold", leads[2.0].high < 0),
        otherwise="undecided",
    ),
)

# %% [markdown]
# Heat makes the tail heavy. Top-p counts probability, so it lets a heavy tail in; min-p asks each
# token alone whether it is comparable with the favourite. But a stricter p does that too: the fair
# comparison is at equal variety, not at the numbers that happen to be usual. The verdict therefore
# compares in the middle of the range that both cover, and its interval says whether a lead of
# min-p at temperature 2 is more than the noise of the seeds. A place where the lead looks larger,
# but which is chosen after looking, proves little.
#
# **Think.** Temperature first or filter first? What do top-k, top-p and min-p keep in either
# order?
#
# <details><summary>One answer</summary>
#
# Top-k keeps the same tokens in either order, since a temperature does not change ranks. Top-p
# and min-p do not: a high temperature first makes the distribution flat, so that more tokens are
# needed to reach p, and more come near the favourite. Filters first choose by the model's own
# probabilities, and only then is the choice heated.
#
# </details>

# %% [markdown]
# ### What if?
#
# Write the beginning of a text and move the sliders. Find an opening after which p = 0.9 leaves
# one token, and one after which it leaves thousands. Without widgets, read the pictures below the
# cell: the same distribution under five settings.

# %% tags=["experiment", "row-76", "row-78", "row-79", "row-80"]
from IPython.display import display

from utils.notebook.widgets import next_token
from utils.notebook.widgets.next_token import Settings

display(next_token.next_token_explorer(writer.next_logits, real.decode, "My favorite color is"))
settings_shown = {
    "temperature 0.5": Settings(temperature=0.5),
    "temperature 1.5": Settings(temperature=1.5),
    "k = 5": Settings(k=5),
    "p = 0.5": Settings(p=0.5),
    "min-p 0.2": Settings(min_p=0.2),
}
shown = {
    label: next_token.next_token(colour_logits, real.decode, chosen, most=10)
    for label, chosen in settings_shown.items()
}
show(
    next_token.next_token_figure(shown),
    "Ten tokens that may follow 'My favorite color is', with the model's probabilities and those "
    "after five samplers, and how many tokens each leaves.",
)

# %% [markdown]
# ## 7 When to stop
#
# **What the chapter claims.** Long outputs cost time and money. A limit on tokens is easy and cuts
# sentences off; stop tokens and stop words end where the text ends. And stopping early breaks
# formats: JSON that lacks its closing brackets does not parse.

# %%
import json

record = '{"name": "Felix", "colour": "grey", "age": 3}'
for length in (20, 44, 45):
    try:
        print(f"{length} characters: {json.loads(record[:length])}")
    except json.JSONDecodeError as error:
        print(f"{length} characters: does not parse ({error.msg})")

# %% [markdown]
# ### Exercise: `truncate_at_stop`
#
# *Difficulty 1 of 5, 10 minutes.* Cut a text before the earliest of several stop strings, wherever
# it stands. The order of the list does not matter, only the places in the text. A text without any
# of them comes back whole. An empty stop string stands everywhere, so it is refused, even when
# another stop would come first.

# %% exercise="truncate_at_stop"

# %% [markdown]
# ### Exercise: `generate`
#
# *Difficulty 2 of 5, 20 minutes.* The loop that all language models run in. `next_logits(ids)` is
# the model: it takes all ids so far, the prompt and what you have added, and returns the logits of
# the next token. `choose(logits)` is the sampler: it returns one id, and may be random, so ask it
# once for each token. Stop at `max_new_tokens` new tokens, or when `choose` gives one of
# `stop_ids`.
#
# Return the new ids only: not the prompt, and not the stop id. A stop id in the prompt stops
# nothing. The prompt is not changed.

# %% exercise="generate"

# %% [markdown]
# ### Experiment: cost against cut answers
#
# **Claim.** A low limit saves tokens, cuts answers and breaks JSON; stop words save without
# cutting. **Measurement.** SmolLM2 answers questions, and writes a JSON object, several samples
# each, with a generous limit. A lower limit would have given the beginnings of the same samples,
# so all limits are measured on one set. A stop string (the end of the first sentence) is measured
# on it too. **Control.** The generous limit.

# %% tags=["experiment", "row-81"]
from utils.decoding.stopping import truncate_at_stop as cut_at_stop
from utils.experiments.samplers.measuring import limit_costs, parses
from utils.experiments.samplers.texts import EXPLAINED_QUESTIONS, JSON_REQUEST

asked = EXPLAINED_QUESTIONS[: budget.pick(smoke=2, cpu=4)]
n_answers = budget.pick(smoke=2, cpu=4, gpu=20)
longest = budget.pick(smoke=16, cpu=80, gpu=200)
warm = Temperature(0.7)
answered = writer.answer(asked, longest, warm.seeded(1), samples=n_answers)
n_records, record_tokens = budget.pick(smoke=(3, 30), cpu=(20, 56), gpu=(100, 100))
json_tried = writer.answer([JSON_REQUEST], record_tokens, warm.seeded(2), samples=n_records)

limits = [limit for limit in (4, 8, 16, 24, 32, 48, 64, 80) if limit <= longest]
tokens_at, cut_at = limit_costs(answered, limits)
parsed_at = np.array(
    [[parses(real.decode(one.ids[:limit])) for one in json_tried] for limit in limits], dtype=float
)
sentences = [cut_at_stop(text, [". ", ".\n", "\n\n"]) for text in writer.texts(answered)]
stop_tokens = np.mean([len(real.encode(text)) for text in sentences])
stop_cut = np.mean(
    [
        text == whole and one.finish != "stop"
        for text, whole, one in zip(sentences, writer.texts(answered), answered, strict=True)
    ]
)
for limit, tokens, cut, parsed in zip(limits, tokens_at, cut_at, parsed_at.mean(1), strict=True):
    print(f"limit {limit:2}: {tokens:4.1f} tokens a question, {cut:4.0%} cut; JSON {parsed:4.0%}")
print(f"first sentence: {stop_tokens:.1f} tokens a question, {stop_cut:.0%} cut")

# %% tags=["experiment", "row-81", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
left.plot(tokens_at, cut_at, marker=".", label="limits")
left.plot([stop_tokens], [stop_cut], "*", markersize=12, label="stop string: first sentence")
for limit, x, y in zip(limits, tokens_at, cut_at, strict=True):
    left.annotate(str(limit), (x, y), textcoords="offset points", xytext=(3, 4), fontsize=8)
left.set(xlabel="tokens paid for (mean per question)", ylabel="answers cut off (share)")
left.set(ylim=(-0.03, 1.1))
left.legend(fontsize=8)
right.plot(limits, parsed_at.mean(1), marker=".")
right.set(xlabel="limit (tokens)", ylabel="outputs that parse as JSON (share)", ylim=(-0.03, 1.1))
show(
    figure,
    "Left: the share of answers that are cut off against the tokens paid for, one point for each "
    "limit, and a stop string as a star. Right: the share of JSON outputs that parse against the "
    "limit.",
)

# %% tags=["experiment", "row-81", "judge"]
broken = bootstrap_interval(parsed_at[-1] - parsed_at[1])
verdicts.add(
    row=81,
    claim="a limit on tokens cuts answers off, a stop condition does not",
    measured=f"at {tokens_at[2]:.0f} tokens a question a limit cuts {cut_at[2]:.0%} of the "
    f"answers; a stop string pays {stop_tokens:.0f} and cuts {stop_cut:.0%} in a sentence",
    interval=f"{len(answered)} answers",
    outcome="holds" if cut_at[2] > stop_cut else "does not hold",
)
verdicts.add(
    row=81,
    claim="stopping early makes JSON that does not parse",
    measured=f"parse: {parsed_at[1].mean():.0%} at a limit of {limits[1]} tokens, "
    f"{parsed_at[-1].mean():.0%} at {limits[-1]}",
    interval=f"difference {broken}",
    outcome="holds" if broken.low > 0 else "undecided",
)

# %% [markdown]
# A limit is a bound on your costs, not a way to get short answers: you pay for the first half of
# an answer that nobody can use. Where does the left curve come down, and what does a talkative
# model cost until then? And a full stop does not make JSON. Look at where the right curve levels
# off: what fails at the largest limit was not cut, but wrapped in a code block or explained, as
# small models like to do.
#
# **Think.** Some samples never parse, at any limit. Which of the two problems does notebook 08
# have to solve?
#
# <details><summary>One answer</summary>
#
# The second one: what is written is not JSON at all, however long one waits. A larger limit
# repairs cut objects; only a constraint on what may come next, a grammar, repairs the others.
#
# </details>

# %% [markdown]
# ## 8 Long and short
#
# **What the chapter claims.** The probability of a sequence is the product of its tokens'
# probabilities, each given those before; its logprob is their sum. Longer sequences tend to have
# lower sums, so the average per token is used to choose among several outputs.
#
# The chapter writes the example as p(I love food) = p(I) x p(I | love) x p(food | I, love). The
# middle factor is a slip: it has to be **p(love | I)**, each token given the tokens *before* it.
# With p(I) = 0.2, p(love | I) = 0.1 and p(food | I, love) = 0.3 the product is 0.006, as the
# chapter says. That the two are different numbers:

# %%
# Invented counts of three-word sentences.
counts = {
    ("I", "love", "food"): 6,
    ("I", "love", "you"): 14,
    ("I", "eat", "food"): 180,
    ("they", "love", "food"): 60,
    ("they", "eat", "you"): 740,
}


def chance(event, given=lambda s: True):
    """Share of the sentences with a property among those with another."""
    among = sum(c for s, c in counts.items() if given(s))
    return sum(c for s, c in counts.items() if given(s) and event(s)) / among


p_i = chance(lambda s: s[0] == "I")
p_love_given_i = chance(lambda s: s[1] == "love", lambda s: s[0] == "I")
p_i_given_love = chance(lambda s: s[0] == "I", lambda s: s[1] == "love")
p_food = chance(lambda s: s[2] == "food", lambda s: s[:2] == ("I", "love"))
print(f"p(I) = {p_i}, p(love | I) = {p_love_given_i}, p(food | I, love) = {p_food}")
print(f"product {p_i * p_love_given_i * p_food:.4f}")
print(f"counted {counts['I', 'love', 'food']} / {sum(counts.values())} sentences")
print(f"as printed, with p(I | love) = {p_i_given_love}: {p_i * p_i_given_love * p_food:.4f}")

# %% [markdown]
# ### Exercise: `best_average_logprob`
#
# *Difficulty 1 of 5, 10 minutes.* Several answers to one question, each with the log-probabilities
# of its tokens. Return the text of the one that the model finds likeliest per token. A sum would
# favour short answers: every token makes it smaller. Texts may have hundreds of tokens, so stay in
# log space.

# %% exercise="best_average_logprob"

# %% [markdown]
# ### Experiment: what sums and averages choose
#
# **Claim.** The sum favours short sequences, the average does not. **Measurement.** The world's
# model writes 16 documents, and we keep the one with the highest sum, or the highest average; 20
# times, with five seeds. How long is it, and is it true? **Control.** One document taken at
# random.

# %% tags=["experiment", "row-82"]
from utils.experiments.samplers.world_texts import written_groups

groups = budget.pick(smoke=4, cpu=20, gpu=200)
written = [written_groups(world_decoder, world, groups, 16, seed=100 + seed) for seed in seeds]
kept_lengths, kept_truth = [], []
for one in written:
    kept = {
        "highest sum": one.sums.argmax(1),
        "highest average": (one.sums / one.lengths).argmax(1),
        "at random": np.zeros(groups, dtype=int),
    }
    rows = np.arange(groups)
    kept_lengths.append([one.lengths[rows, place].mean() for place in kept.values()])
    kept_truth.append([one.true[rows, place].mean() for place in kept.values()])
kept_lengths, kept_truth = np.array(kept_lengths), np.array(kept_truth)
correlations = [np.corrcoef(one.lengths.ravel(), one.sums.ravel())[0, 1] for one in written]
for name, length, true in zip(kept, kept_lengths.mean(0), kept_truth.mean(0), strict=True):
    print(f"{name:16} {length:5.1f} tokens, {true:4.0%} true")

# %% tags=["experiment", "row-82", "draw"]
from utils.notebook.drawing import interval_bars

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.0), constrained_layout=True)
lengths, sums_of_seed = written[-1].lengths, written[-1].sums
left.scatter(lengths.ravel(), sums_of_seed.ravel(), s=6, alpha=0.5, label="a document")
for name, marker in (("highest sum", "^"), ("highest average", "s")):
    place = (rows, kept[name])
    left.scatter(lengths[place], sums_of_seed[place], s=24, marker=marker, label=f"{name} of 16")
left.set(xlabel="length (tokens)", ylabel="sum of logprobs (nats)")
left.legend(fontsize=8)
means = [mean_interval(column) for column in kept_lengths.T]
interval_bars(right, list(kept), {"mean, 95% interval over seeds": means})
right.set(xlabel="which of 16 documents is kept", ylabel="mean length (tokens)")
show(
    figure,
    "Left: the sum of logprobs against the length, and which documents of 16 have the highest sum "
    "and average. Right: mean length of what is kept by sum, by average and at random.",
)

# %% tags=["experiment", "row-82", "judge"]
shorter = mean_interval(kept_lengths[:, 2] - kept_lengths[:, 0])
average_shorter = mean_interval(kept_lengths[:, 2] - kept_lengths[:, 1])
verdicts.add(
    row=82,
    claim="longer sequences have lower sums, so choosing by the sum favours short ones",
    measured=f"correlation of length and sum {np.mean(correlations):.2f}; kept by the sum: "
    f"{kept_lengths[:, 0].mean():.1f} tokens, at random {kept_lengths[:, 2].mean():.1f}",
    interval=f"shorter by {shorter}",
    outcome="holds" if shorter.low > 0 else "undecided",
)
verdicts.add(
    row=82,
    claim="the average avoids the bias towards short sequences",
    measured=f"kept by the average: {kept_lengths[:, 1].mean():.1f} tokens; true: "
    f"{kept_truth[:, 1].mean():.0%} (by the sum {kept_truth[:, 0].mean():.0%}, at random "
    f"{kept_truth[:, 2].mean():.0%})",
    interval=f"shorter than at random by {average_shorter}",
    outcome=first_that_holds(
        ("holds", average_shorter.low <= 0 <= average_shorter.high),
        ("holds in part", abs(average_shorter.mean) < shorter.mean),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Averages have a bias of their own: a long text of easy tokens beats a short one with a single
# surprising name.
#
# **Think.** A sum compares probabilities of whole answers, which is what you want in
# classification with labels of different lengths. When would the average mislead there?
#
# <details><summary>One answer</summary>
#
# When a label is spelt with several tokens of which all but the first are certain: the average
# then flatters the long label, since its easy tokens raise the mean. Two labels exclude each
# other, so their probabilities, the sums, are what has to be compared.
#
# </details>

# %% [markdown]
# ## 9 Beam search
#
# **What the chapter claims.** Instead of drawing outputs independently, beam search keeps the most
# promising beginnings at every step. It finds likelier sequences than greedy decoding. On three
# words it can already matter:

# %%
first = {"A": 0.6, "B": 0.4}
second = {"A": {"x": 0.4, "y": 0.35, "z": 0.25}, "B": {"x": 0.9, "y": 0.1, "z": 0.0}}
paths = {a + b: first[a] * p for a in first for b, p in second[a].items()}
best = max(paths, key=paths.get)
print(f"greedy takes A, then x: {paths['Ax']:.2f}; the best pair is {best}: {paths[best]:.2f}")

# %% [markdown]
# ### Exercise: `beam_search`
#
# *Difficulty 4 of 5, 40 minutes.* Greedy decoding cannot undo a step. Beam search keeps `width`
# hypotheses. At each step it
#
# 1. extends every hypothesis of the beam by every token, and adds up log-probabilities;
# 2. keeps the `width` best of all these extensions, by total log-probability;
# 3. takes those that end with `eos_id` out of the beam and puts them aside: they are finished,
#    they are not extended, and they no longer compete. Nobody takes their place in this step; in
#    the next one again `width` extensions are kept.
#
# It ends after `max_new_tokens` steps, or when the beam is empty. The result holds the finished
# hypotheses and those that are still in the beam, as (new ids, average): the ids without the
# prompt and with the eos where it was reached, the average log-probability per new token, the eos
# counted. The best average comes first.
#
# Hint: on paper, with three tokens, two steps and width 2, before you write a line. What is the
# largest number of rows that step 2 sorts?

# %% exercise="beam_search"

# %% [markdown]
# ### Experiment: likelier and duller
#
# **Claim.** A wider beam finds likelier text. Others found that likelier open-ended text is duller
# (Holtzman et al., 2020). **Measurement.** On the world: 20 beginnings of documents are continued
# with beams of 1 to 16; likelihood, truth, and how varied the 20 texts are. On SmolLM2: two of
# section 1's openings with a beam of 4. **Control.** Drawing at temperature 1.

# %% tags=["experiment", "row-83"]
from utils.decoding.beam import beam_search as search_beam
from utils.experiments.samplers.world_texts import by_beam, by_drawing, measure_continuations

n_beginnings, widths = budget.pick(smoke=4, cpu=20, gpu=200), [1, 2, 4, 8, 16]
documents = world.documents(n_beginnings, seed=11)
beginnings = [world.vocabulary.encode(document.text)[:2] for document in documents]
by_width = {
    width: measure_continuations(world, by_beam(world_decoder, world, beginnings, width))
    for width in widths
}
drawings = [
    measure_continuations(world, by_drawing(world_decoder, world, beginnings, s)) for s in seeds
]
drawn = {name: float(np.mean([one[name] for one in drawings])) for name in drawings[0]}
for label, found in [*((f"beam {width:2}", by_width[width]) for width in widths), ("drawn", drawn)]:
    print(f"{label:8}", {name: round(value, 2) for name, value in found.items()})

n_searched, beam_tokens = budget.pick(smoke=(1, 8), cpu=(2, 40), gpu=(2, 100))
searched = [
    search_beam(writer.decoder, real.encode(text), 4, beam_tokens, real.eos_ids)[0]
    for text in openings[:n_searched]
]
same_drawn = drawn_texts[: n_searched * n_drawn]
beam_repeats = np.mean([repeated_share(one.ids) for one in searched])
drawn_repeats = np.mean([repeated_share(one.ids[:beam_tokens]) for one in same_drawn])
print("\nSmolLM2, beam of 4:", repr(real.decode(searched[0].ids)[:160]))
print(f"SmolLM2: repeated runs of four tokens {beam_repeats:.0%}, drawn {drawn_repeats:.0%}")

# %% tags=["experiment", "row-83", "draw"]
figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), constrained_layout=True)
measures = {"average": "logprob per token (nats)", "true": "true documents (share)"}
measures["pairs"] = "different pairs of words (share)"
for axes, (name, label) in zip(panels, measures.items(), strict=True):
    axes.plot(widths, [by_width[width][name] for width in widths], marker="o", label="beam")
    axes.axhline(drawn[name], linestyle="--", color=COLOURS[1], label="drawn")
    axes.set(xscale="log", xlabel="beam width", ylabel=label)
    axes.set_ylim((None, 0) if name == "average" else (0, 1.02))
    label_ticks(axes, x=widths)
panels[0].legend()
show(
    figure,
    f"Likelihood, truth and variety of {n_beginnings} continued documents against the width of the "
    "beam, with drawing at temperature 1 as a dashed line.",
)

# %% tags=["experiment", "row-83", "judge"]
narrow, wide = by_width[1], by_width[16]
drawn_pairs = [one["pairs"] for one in drawings]
is_duller = [wide["pairs"] < min(drawn_pairs), beam_repeats > drawn_repeats]
verdicts.add(
    row=83,
    claim="beam search finds more promising (likelier) sequences than greedy decoding",
    measured=f"logprob a token: greedy {narrow['average']:.3f}, beam of 16 {wide['average']:.3f}, "
    f"drawn {drawn['average']:.3f}; true {narrow['true']:.0%}, {wide['true']:.0%}, "
    f"{drawn['true']:.0%}",
    interval=f"{n_beginnings} beginnings",
    outcome="holds" if wide["average"] > narrow["average"] else "does not hold",
)
verdicts.add(
    row=83,
    claim="likelier open-ended text is duller (Holtzman et al., 2020; not in the chapter)",
    measured=f"different pairs of words: beam of 16 {wide['pairs']:.0%}, drawn "
    f"{drawn['pairs']:.0%}; SmolLM2 repeats {beam_repeats:.0%} of runs of four tokens (drawn "
    f"{drawn_repeats:.0%})",
    interval=f"drawn, {len(seeds)} seeds: {min(drawn_pairs):.0%} to {max(drawn_pairs):.0%}",
    outcome=first_that_holds(
        ("holds", all(is_duller)), ("holds in part", any(is_duller)), otherwise="does not hold"
    ),
)

# %% [markdown]
# In the world likely and right go together: compare beams with drawing in the middle picture, and
# ask how much a wider beam adds to a narrow one. The right picture shows the price, variety; does
# greedy decoding pay less than a beam? For open-ended text Holtzman et al. report that the
# likeliest sentence is one that nobody would bother to say. A few short beams of SmolLM2, as here,
# can miss a loop that a longer text would fall into.
#
# **Think.** Translation used beams for a decade, chat never did. Why?
#
# <details><summary>One answer</summary>
#
# A translation has one meaning to hit, and the likeliest sentence is close to it. A chat has many
# good answers that share the probability among them, and what is likely in every word is a
# platitude. Beams also cost several times the memory of a single draw.
#
# </details>

# %% [markdown]
# ## 10 A verifier for a larger model
#
# From here on a model may try several times. The tasks are sums in steps; a solution is written
# step by step; the world can check it, and here a solution is right only when all of its steps are:
# a lucky last number does not count. Four models of 28,000 to 409,000 parameters were
# trained alike, on the same tasks in the same order. None has seen the tasks below.

# %%
from utils.decoding import generation
from utils.training.arithmetic_models import HELD_OUT_SEED, TUNING_SEED, arithmetic_vocabulary
from utils.training.arithmetic_models import draw_tasks, load_arithmetic_model, prompt_ids

task = draw_tasks(1, HELD_OUT_SEED, [3])[0]
print(task.question, "\n ", task.solution, "\n")
arithmetic_words = arithmetic_vocabulary()
for name in ("arithmetic-32", "arithmetic-128"):
    model, stops = load_arithmetic_model(name), [arithmetic_words.end_of_turn_id]
    found = generation.generate(model, [prompt_ids(task)], 48, stop_ids=stops)[0]
    print(f"{name:15} {arithmetic_words.decode(found.ids)}")

# %% [markdown]
# **What the chapter claims.** OpenAI trained verifiers that pick the best of several solutions
# (Cobbe et al., 2021), and a verifier gave about the same boost as a model 30 times as large. So a
# model with 100 million parameters and a verifier would do as well as one of 3 billion without.
#
# ### Experiment: small with a verifier against larger without
#
# **Measurement.** In the recorded run (`course record 07 84`) five models, the largest with 32
# times the parameters of the smallest, learn tasks of two to six steps, all alike. The smallest of
# them that solves a tenth of new tasks of four to six steps writes many solutions of each, and a
# verifier picks one of 100. The verifier begins as a copy of this small model and learns from
# thousands of its right and wrong solutions of other tasks to say, at every token, whether the
# solution is right, as in the paper. The larger models answer greedily; between their sizes we
# interpolate. **Controls.** A random solution, the small model's greedy one, the most likely one of
# the 100, and a perfect verifier. The live run is smaller: the models that come with the course,
# tasks of two to four steps, and verifiers that are only heads on the small model.

# %% tags=["experiment", "row-84"]
from utils.experiments.recording.live import said, verdict_outcome
from utils.experiments.recording.record import read_record
from utils.experiments.samplers.arithmetic_runs import SamplingJob, parted, sample_groups
from utils.experiments.samplers.verifier_recipe import FALLS, VERIFIER
from utils.training.arithmetic_models import RECIPES

print(VERIFIER.design.rule_text)
lengths_of_tasks = (2, 3, 4)
n_test, n_training = budget.pick(smoke=(2, 6), cpu=(16, 60), gpu=(60, 300))
test_tasks = tuple(draw_tasks(n_test, HELD_OUT_SEED, lengths_of_tasks))
training_tasks = tuple(draw_tasks(n_training, TUNING_SEED, lengths_of_tasks))
pool_size = budget.pick(smoke=40, cpu=2000, gpu=10_000)
small_name, weak_name = "arithmetic-48", "arithmetic-32"  # the weak one is for the next section
weak_tasks = test_tasks[:: budget.pick(smoke=1, cpu=2, gpu=1)]
ladder = list(RECIPES)
groups_of_jobs = {
    "weak pools": parted(SamplingJob(weak_name, weak_tasks, pool_size, seed=1100)),
    "pools": parted(SamplingJob(small_name, test_tasks, pool_size, seed=1000)),
    "weak practice": [SamplingJob(weak_name, training_tasks, 16, seed=2000)],
    "practice": [SamplingJob(small_name, training_tasks, 16, seed=2000)],
    **{name: [SamplingJob(name, test_tasks, 1, temperature=0.0)] for name in ladder},
}
workers = budget.pick(smoke=0, cpu=budget.workers)
sampled = sample_groups(groups_of_jobs, workers, "samples")
pools, weak_pools = sampled["pools"], sampled["weak pools"]
greedy_right = {name: np.array([one.accuracy for one in sampled[name]]) for name in ladder}
models = {name: load_arithmetic_model(name) for name in ladder}
n_parameters = {name: sum(p.numel() for p in models[name].parameters()) for name in ladder}
live_shares = [f"{n_parameters[name]:,}: {greedy_right[name].mean():.0%}" for name in ladder]
print("live, greedy, by parameters:", ", ".join(live_shares))

# %% [markdown]
# The samples are drawn, and the ladder is measured. Now five verifiers learn from attempts at
# other tasks, and choose among 100 solutions of each task. How often the choice is right is
# computed exactly, over all sets of 100 from the pool.

# %% tags=["experiment", "row-84"]
from utils.experiments.samplers.arithmetic_runs import best_of_n, judge, labelled
from utils.posttraining.verifier import train_verifiers

head_steps = budget.pick(smoke=20, cpu=400)


def judged_by_five(name, practice, solutions):
    """Scores of the solutions by five verifiers, trained on the model's other attempts."""
    verifiers = train_verifiers(models[name], labelled(practice), range(5), steps=head_steps)
    return judge(models[name], verifiers, solutions)


small_scores = judged_by_five(small_name, sampled["practice"], pools)
best_of = min(100, pool_size)
choices = {
    "one random solution": np.array([pool.accuracy for pool in pools]),
    "likeliest": best_of_n(pools, [pool.logprobs for pool in pools], [best_of])[:, 0],
    "verifier's choice": np.mean(
        [best_of_n(pools, one, [best_of])[:, 0] for one in small_scores], axis=0
    ),
    "perfect verifier": best_of_n(pools, [pool.right for pool in pools], [best_of])[:, 0],
}
for name, right in choices.items():
    print(f"live, {small_name}, of {best_of} solutions: {name} {right.mean():.0%}")

verifier_record = read_record("07", 84, recipe=VERIFIER)
chosen_by = verifier_record.findings
of_width, small_one = next(iter(chosen_by["generators"].items()))
at_100 = chosen_by["ns"].index(100)
recorded_choices = {
    "one random solution": small_one["one sample"],
    "likeliest of 100": small_one["likeliest"],
    "verifier's choice of 100": small_one["curve"][at_100],
    "perfect verifier": small_one["perfect"][at_100],
}
small_greedy = chosen_by["greedy"][chosen_by["widths"].index(int(of_width))]

# %% tags=["experiment", "row-84", "draw"]
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
axes.plot(chosen_by["sizes"], chosen_by["greedy"], marker="o", label="greedy, five sizes")
styles = zip(recorded_choices.items(), (":", "-.", "--", (0, (1, 3))), COLOURS[1:5], strict=True)
for (name, right), style, colour in styles:
    label = f"{small_one['parameters']:,} parameters, {name}"
    axes.axhline(right, linestyle=style, color=colour, label=label)
axes.set(xscale="log", xlabel="parameters", ylabel="tasks solved (share)", ylim=(0, 1.02))
label_ticks(axes, x=chosen_by["sizes"])
axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
show(
    figure,
    "Recorded run: share of tasks of four to six steps solved in all steps by models of five "
    "sizes, and as horizontal lines what one small model solves with four ways to choose.",
)

# %% tags=["experiment", "row-84", "judge"]
times = [f"{one:.1f}" for one in chosen_by["worth"]]
verdicts.add(
    row=84,
    claim="a verifier is worth about a 30 times larger model",
    measured=f"{small_one['parameters']:,} parameters go from {small_greedy:.0%} (greedy) to "
    f"{small_one['curve'][at_100]:.0%} with a verifier over 100 solutions, like a model {times[0]} "
    f"times the size; the likeliest of them does {small_one['likeliest']:.0%}",
    interval=f"{times[1]} to {times[2]} times, {chosen_by['tasks']} tasks; {said(verifier_record)}",
    outcome=verdict_outcome(verifier_record),
)

# %% [markdown] Compare the verifier with its cheaper rivals, not only with one random solution:
# greedy decoding costs one answer, and the likeliest of many needs no verifier. What the verifier
# adds to these is what it is worth. How much size that equals depends on how much size buys: where
# the ladder is steep, a large gain is worth little size; where it is flat, a small gain is worth
# much. And the price of a verifier is not nothing: 100 solutions and 100 readings for one answer,
# where the larger model writes one.
#
# **Think.** The perfect verifier's line is the ceiling of every verifier. What does the distance
# to it say about where to put more work: into the generator or into the verifier?
#
# <details><summary>One answer</summary>
#
# A large distance says that right solutions are among the samples and are not found: work on the
# verifier. A small one says that the choice is nearly as good as it can be: only a generator that
# succeeds more often, or more samples, can raise it.
#
# </details>

# %% [markdown]
# ## 11 More samples, and too many
#
# **What the chapter claims.** In OpenAI's experiment more samples helped up to 400 and then hurt
# (Figure 2-19): with many samples the chance grows of finding one that fools the verifier.
#
# ### Experiment: the verifier's curve
#
# **Measurement.** The recorded run of the last section: verifiers choose among 1 to 600 solutions
# of a task, for its small model and for the next in size, two verifiers each. The live run goes up
# to 2,000, on fewer tasks, with heads for verifiers: for the generator of the last section and a
# weaker one. The expected share of right choices is computed exactly from the pool of samples,
# without drawing again. **Control.** A perfect verifier, which picks a right solution whenever
# there is one. A peak of a noisy curve is always too high, so it is located on half of the tasks
# and its height read on the other half.

# %% tags=["experiment", "row-85"]
from utils.experiments.samplers.verifier_curves import verifier_curves

every_n = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 2000, 5000, 10_000)
ns = [n for n in every_n if n <= pool_size]
weak_scores = judged_by_five(weak_name, sampled["weak practice"], weak_pools)
curves = {
    weak_name: verifier_curves(weak_pools, weak_scores, ns),
    small_name: verifier_curves(pools, small_scores, ns),
}
for name, found in curves.items():
    print(f"live, {name}: peak at {found.peak}; drop from there to {ns[-1]}: {found.drop} tasks")
print(FALLS.rule_text)
recorded_curves = list(chosen_by["generators"].values())
for one in recorded_curves:
    order = np.mean(one["order"])
    print(f"recorded, {one['parameters']:,} parameters, n = {chosen_by['ns']}:")
    print("  verifier", np.round(one["curve"], 2), f"order of right and wrong {order:.2f}")
    print("  perfect ", np.round(one["perfect"], 2))

# What fooled the verifier: the task with the largest drop, and its chosen solution.
fooled = int(curves[weak_name].drops.argmax())
pool = weak_pools[fooled]
chosen = int(weak_scores[0][fooled].argmax())
print(f"\n{pool.task.question}\nright:  {pool.task.solution}")
print(f"chosen: {arithmetic_words.decode(pool.ids[chosen][:-1])}")
print(f"        ({pool.counts[chosen]} of {pool_size} samples)")

# %% tags=["experiment", "row-85", "draw"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 3.8), sharey=True, layout="constrained")
for axes, one in zip(panels, recorded_curves, strict=True):
    tried = chosen_by["ns"]
    axes.fill_between(tried, one["low"], one["high"], alpha=0.2, color=COLOURS[0])
    axes.plot(tried, one["curve"], marker="o", label="mean of 2 verifiers (thin: each)")
    axes.plot(tried, np.transpose(one["by verifier"]), color=COLOURS[0], linewidth=0.5, alpha=0.6)
    axes.plot(tried, one["perfect"], "--", color=COLOURS[2], label="perfect verifier")
    axes.set(xscale="log", ylim=(0, 1.05), title=f"{one['parameters']:,} parameters")
    axes.set(xlabel="solutions to choose from, n", ylabel="right choices (share of tasks)")
    label_ticks(axes, x=[1, 10, 100, 600])
for axes, found in zip(panels, curves.values(), strict=True):
    axes.plot(ns, found.mean, ":", color=COLOURS[3], label="live run, other tasks")
panels[1].legend(loc="lower right", fontsize=8)
show(
    figure,
    "Share of right choices against the number of solutions for two generators: trained verifiers "
    "and their mean with a 95% band over the tasks, a perfect one, and the live run's verifiers.",
)

# %% tags=["experiment", "row-85", "judge"]
outcome_of_falls = FALLS.outcome(verifier_record.results)
verdicts.add(
    row=85,
    claim="more samples help only up to a point (400 there); beyond it the verifier is fooled",
    measured="; ".join(
        f"{one['parameters']:,} parameters: {one['curve'][0]:.0%} at n = 1, "
        f"{max(one['curve']):.0%} at {tried[int(np.argmax(one['curve']))]}, "
        f"{one['curve'][-1]:.0%} at {tried[-1]}"
        for one in recorded_curves
    ),
    interval="drop after the peak "
    + ", ".join("{:.3f} [{:.3f}, {:.3f}]".format(*one["drop"]) for one in recorded_curves)
    + f", {chosen_by['tasks']} tasks",
    outcome="undecided" if outcome_of_falls.startswith("cannot") else outcome_of_falls,
)
weak = recorded_curves[0]
verdicts.add(
    row=85,
    claim="control: with a perfect verifier there is no peak",
    measured=f"{weak['perfect'][0]:.0%} at n = 1, {weak['perfect'][-1]:.0%} at {tried[-1]}",
    interval="drop {:.3f} [{:.3f}, {:.3f}] tasks".format(*weak["drop of perfect"]),
    outcome="holds" if weak["drop of perfect"][2] <= 1e-9 else "does not hold",
)

# %% [markdown]
# Read the chosen solution above: how often was it sampled, and why does it look right to its
# judge? Nobody attacked the verifier on purpose; a search over thousands of samples did. Where the
# peak lies, and whether there is one, is a property of the pair: a verifier that ranks right
# solutions first on nearly all tasks has nothing to lose.
#
# **Think.** You cannot see the curve in production, since you have no perfect verifier there. How
# would you choose n?
#
# <details><summary>One answer</summary>
#
# Measure it on tasks whose answers you know and that resemble those of production, and take an n
# well before the peak. Check now and then with people whether the answers chosen at this n are
# still better than those at a smaller one.
#
# </details>

# %% [markdown]
# ## 12 Coverage
#
# **What the chapter claims.** Another experiment came to another conclusion: the share of problems
# that *some* sample solves grows log-linearly from 1 to 10,000 samples (Brown et al., 2024). The
# two do not contradict each other: coverage is what a perfect verifier would reach.
#
# With n samples of which c are right, the share of all sets of k samples that hold a right one is
# 1 - C(n-c, k) / C(n, k).

# %%
from math import comb

n, c = 10, 2
for k in (1, 3, 8, 9):
    exact, naive = 1 - comb(n - c, k) / comb(n, k), 1 - (1 - c / n) ** k
    print(f"pass@{k} with {c} of {n} right: {exact:.3f}; naively 1 - (1 - c/n)^k = {naive:.3f}")

# %% [markdown]
# ### Exercise: `pass_at_k`
#
# *Difficulty 3 of 5, 15 minutes.* You drew n answers, and c of them were right. How likely is it
# that at least one of k is right? Chen et al. (2021) take the share of the k-element subsets of
# your n answers that hold a right one: 1 - C(n-c, k) / C(n, k). It is unbiased; 1 - (1 - c/n)^k is
# not, since your c/n is itself an estimate.
#
# With n = 10,000 the binomials have thousands of digits, which no float holds. Find a way around
# them: whole numbers, or a product, or logarithms. And mind the case in which fewer than k answers
# are wrong.


# %% exercise="pass_at_k"

# %% [markdown]
# ### Experiment: ten thousand samples
#
# A number below 200 is soon guessed: ten thousand blind guesses would hit nearly all of the answers
# to our tasks. So a solution counts as right when all of its *steps* are, and then only one text is
# right. Its probability p under the model can be computed, and with it the coverage of k samples,
# 1 - (1 - p)^k, without drawing any.
#
# **Measurement.** In the recorded run (`course record 07 86` makes it again), three generators and
# 100 new tasks of each length: coverage from 1 to 10,000 samples, averaged over the tasks, and a
# straight line in log k fitted to it. The live run draws 10,000 samples of 12 tasks, as a check.
# **Controls.** Tasks that are all equally hard, with the same mean success: is the straight line a
# law of sampling, or of the mixture of easy and hard tasks? And blind guesses, beside solutions
# judged by their last number only. What would count as what was written before the run:

# %% tags=["experiment", "row-86"]
from utils.experiments.recording.live import said, verdict_outcome
from utils.experiments.recording.record import read_record
from utils.experiments.samplers.coverage_recipe import COVERAGE
from utils.experiments.samplers.repeated_sampling import pass_at_k as unbiased_pass_at_k

print(COVERAGE.design.rule_text)
coverage_record = read_record("07", 86, recipe=COVERAGE)
covered = coverage_record.findings["settings"]
for name, found in covered.items():
    first, last = found["coverage"][0], found["coverage"][-1]
    fit, low, high = found["r_squared"]
    print(f"{name}: {first:.0%} to {last:.0%}, R squared {fit:.2f} [{low:.2f}, {high:.2f}]")

many = budget.pick(smoke=200, cpu=10_000, gpu=10_000)
hard_tasks = tuple(draw_tasks(budget.pick(smoke=1, cpu=3, gpu=25), HELD_OUT_SEED + 1, (2, 3, 4, 5)))
hard_jobs = {"hard": parted(SamplingJob("arithmetic-32", hard_tasks, many, seed=3000))}
hard_pools = sample_groups(hard_jobs, workers, "coverage")["hard"]
right_counts = np.array([pool.n_right for pool in hard_pools])
k_values = [k for k in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000) if k <= many]
live_coverage = unbiased_pass_at_k(many, right_counts[:, None], k_values).mean(0)
print(f"live, right in all steps, of {many:,} by task:", sorted(right_counts.tolist()))
print("live, pass@k:", dict(zip(k_values, np.round(live_coverage, 3).tolist(), strict=True)))

# %% tags=["experiment", "row-86", "draw"]
recorded_ks, drawn = coverage_record.findings["ks"], coverage_record.findings["sampled"]
weakest = next(iter(covered.values()))
figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.7), sharey=True, layout="constrained")
for (name, found), marker in zip(covered.items(), "os^", strict=True):
    left.plot(recorded_ks, found["coverage"], marker=marker, label=name)
left.plot(recorded_ks, weakest["equally hard"], ":", color=COLOURS[0], label="first, equally hard")
right.plot(drawn["ks"], drawn["exact"], color=COLOURS[0], label="all steps, exact")
right.plot(drawn["ks"], drawn["right"], "o", color=COLOURS[0], label="all steps, sampled")
right.plot(k_values, live_coverage, "+", color=COLOURS[3], label="all steps, live run")
right.plot(drawn["ks"], drawn["right_answers"], "--s", color=COLOURS[1], label="last number")
right.plot(drawn["ks"], drawn["guessed answers"], ":", color=COLOURS[2], label="blind guesses")
for axes in (left, right):
    axes.set(xscale="log", xlabel="samples k", ylabel="coverage, pass@k", ylim=(0, 1.05))
    label_ticks(axes, x=[1, 10, 100, 1000, 10_000])
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
show(
    figure,
    "Coverage against the number of samples on a logarithmic axis. Left: three generators judged "
    "by all steps, and equally hard tasks. Right: the weakest generator on "
    f"{drawn['tasks']} tasks, judged by all steps and by the last number, beside blind guesses.",
)

# %% tags=["experiment", "row-86", "judge"]
fits = {name: found["r_squared"] for name, found in covered.items()}
verdicts.add(
    row=86,
    claim="coverage often grows log-linearly with the samples, from 1 to 10,000",
    measured="; ".join(
        f"{name}: {found['coverage'][0]:.0%} to {found['coverage'][-1]:.0%}, R squared "
        f"{found['r_squared'][0]:.2f} (equally hard {found['r_squared, equally hard']:.2f})"
        for name, found in covered.items()
    ),
    interval="R squared " + ", ".join(f"[{low:.2f}, {high:.2f}]" for _, low, high in fits.values())
    + f" over {sum(found['tasks'] for found in covered.values())} tasks; {said(coverage_record)}",
    outcome=verdict_outcome(coverage_record),
)

# %% [markdown]
# One task alone gives a step: nothing, then within a decade or two everything. Steps at different
# places, added up, look like a ramp. So a straight line tells about the *tasks*: their chances
# must be spread evenly over the decades of k. Compare the generators on the left. Where many tasks
# are easy, the curve is steep at first and flat later; where all are equally hard, it is an S.
#
# The right picture shows what a careless judge does. Judged by the last number, the same samples
# seem to solve far more, and the curve runs into the one of blind guesses, which know nothing.
#
# **Think.** Why does the share of right *steps* not suffer from guessing?
#
# <details><summary>One answer</summary>
#
# A guesser has to hit every step: with 200 numbers to choose from and four steps that is one in
# 1.6 billion, so ten thousand samples do not help. The last number alone is one in 200, and more
# often right than that, since small results are more common than large ones.
#
# </details>

# %% [markdown]
# ## 13 Votes
#
# **What the chapter claims.** For exact answers one can take the most frequent of many outputs.
# Google's Gemini was evaluated on MMLU with 32 samples for each question, and scored higher than
# with one (self-consistency, Wang et al., 2023).
#
# Why that should help: let the right answer come with probability 0.4 and two wrong ones with 0.3
# each.

# %%
generator = np.random.default_rng(0)
for votes in (1, 5, 32, 500):
    ballots = generator.multinomial(votes, [0.4, 0.3, 0.3], size=4000)
    won = (ballots[:, 0] > ballots[:, 1:].max(1)).mean()
    tied = (ballots[:, 0] == ballots[:, 1:].max(1)).mean()
    print(f"{votes:3} votes: the right answer wins {won:.0%} of elections, and ties in {tied:.0%}")

# %% [markdown]
# ### Exercise: `majority_vote`
#
# *Difficulty 1 of 5, 10 minutes.* Self-consistency (Wang et al., 2023): ask several times and take
# the most common answer. Of equally common ones take the one that was seen first. `None` means
# that no answer could be read; it has no vote, however often it comes. Only `None`: the answers 0,
# "" and "None" are answers. When all are `None`, there is no winner: return `None`.

# %% exercise="majority_vote"

# %% [markdown]
# ### Experiment: 32 votes against one answer
#
# **Measurement.** In the recorded run (`course record 07 87`) two generators answer 75 new tasks of
# each length, and 32 of 200 samples vote, 100 times; the same with fewer. A vote is about answers,
# so here the last number decides, and one vote's lucky guess is outvoted. **Controls.** One random
# sample; the greedy answer, which costs one output too; two votes, which cannot outvote each other.
# The live run votes with the pools of section 10.

# %% tags=["experiment", "row-87"]
from utils.experiments.samplers.repeated_sampling import majority_vote as most_common_answer
from utils.experiments.samplers.votes_recipe import VOTES, by_task

print(VOTES.design.rule_text)
votes_record = read_record("07", 87, recipe=VOTES)
voters = votes_record.findings["voters"]
voted = {name: one for name, one in votes_record.findings.items() if name != "voters"}
for name, found in voted.items():
    print(f"{name}: one sample {found['single']:.0%}, greedy {found['greedy']:.0%}, votes of")
    print("  ", {n: round(share, 2) for n, share in zip(voters, found["votes"], strict=True)})
    print(f"   32 votes help {found['helped']:.0%} of the tasks and harm {found['harmed']:.0%}")

rounds = budget.pick(smoke=3, cpu=50, gpu=200)
generator = np.random.default_rng(5)
vote_right = np.zeros(len(voters))
for pool in pools:
    for _ in range(rounds):
        ballot = [pool.answers[place] for place in pool.draw(max(voters), generator)]
        won = [most_common_answer(ballot[:n]) == pool.task.answer for n in voters]
        vote_right += np.array(won) / (rounds * len(pools))
in_votes = dict(zip(voters, np.round(vote_right, 2).tolist(), strict=True))
print(f"live, {len(pools)} tasks:", in_votes)

# %% tags=["experiment", "row-87", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.5), layout="constrained")
for (name, found), colour, marker in zip(voted.items(), COLOURS, "os", strict=False):
    left.plot(voters, found["votes"], marker=marker, color=colour, label=f"{name}: votes")
    left.axhline(found["greedy"], linestyle="--", color=colour, label="greedy, one answer")
    singles = by_task(votes_record.results, name, "single")
    majority = by_task(votes_record.results, name, "votes")[:, -1]
    right.scatter(singles, majority, s=9, color=colour, marker=marker, alpha=0.5)
left.plot(voters, vote_right, "+", color=COLOURS[3], label="votes, live run, shorter tasks")
left.set(xscale="log", xlabel="votes", ylabel="tasks solved (share)", ylim=(0, 1.05))
label_ticks(left, x=voters)
left.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0))
right.plot([0, 1], [0, 1], color="black", linewidth=0.8)
right.set(xlabel="one sample is right (share)", ylabel="majority of 32 is right (share)")
show(
    figure,
    "Left: the share of tasks solved against the number of votes for two generators, with their "
    "greedy answers as dashed lines. Right: for each task, the majority of 32 against one sample.",
)

# %% tags=["experiment", "row-87", "judge"]
verdicts.add(
    row=87,
    claim="the most frequent of 32 outputs is right more often than a single one",
    measured="; ".join(
        f"{name}: one sample {found['single']:.0%}, majority of 32 {found['votes'][-1]:.0%}, "
        f"greedy {found['greedy']:.0%}"
        for name, found in voted.items()
    ),
    interval="; ".join(
        f"gain [{one['gain'][1]:.3f}, {one['gain'][2]:.3f}], over greedy "
        f"[{one['over greedy'][1]:.3f}, {one['over greedy'][2]:.3f}], {one['tasks']} tasks"
        for one in voted.values()
    ),
    outcome=verdict_outcome(votes_record),
)

# %% [markdown]
# A vote makes the most frequent answer certain. Where the right one is the most frequent, the task
# is won; where another is, it is lost for good: look at the points on the right below the diagonal.
# And compare the majority of 32 with greedy decoding, which costs one answer: is one vote more than
# a way back to what the model holds most likely anyway?
#
# **Think.** Voting needs answers that can be equal. What would a vote be on summaries of a text?
#
# <details><summary>One answer</summary>
#
# Summaries are hardly ever equal, so every vote is for a candidate of its own. One can vote on
# what they have in common: the statements they contain, or the summary that is closest to all
# others by some measure of similarity.
#
# </details>

# %% [markdown]
# ## 14 The first valid answer
#
# **What the chapter claims.** Asking several times side by side also helps against latency: show
# the first answer that is complete and valid.
#
# Three samples took 2, 4 and 10 seconds, and the quickest was not valid. All pairs of them, run
# side by side:

# %%
tried_by_hand = [(2.0, False), (4.0, True), (10.0, True)]
waits = []
for one in tried_by_hand:
    for other in tried_by_hand:
        arrived = [seconds for seconds, usable in (one, other) if usable]
        waits.append(min(arrived) if arrived else None)
print("first valid of each pair:", waits)
usable_waits = [wait for wait in waits if wait is not None]
expected = sum(usable_waits) / len(usable_waits)
print(f"expected where one is valid: {expected:.2f} s; of a single one: {(4 + 10) / 2:.2f} s")

# %% [markdown]
# ### Exercise: `first_valid_latency`
#
# *Difficulty 4 of 5, 25 minutes.* Ask for n answers side by side, and take the first one that is
# valid. How long do you wait? You have measured samples: a latency and whether the answer was
# valid. Each of the n answers is one of your samples, drawn with replacement, valid or not. Return
# the exact expectation of the time to the first valid answer, given that at least one of the n is
# valid; `inf` when no sample is valid at all. The latencies come in any order.
#
# Hint: sort the valid latencies. The first valid answer comes later than the j-th of them exactly
# when none of the n draws is one of the first j, which has the probability (1 - j/m)^n with m
# samples. What is then the probability that it *is* the j-th?

# %% exercise="first_valid_latency"

# %% [markdown]
# ### Experiment: the distribution of waiting times
#
# **Measurement.** The JSON samples of section 7: an output is valid when it parses, and takes as
# many decoding steps as it has tokens. The wait for the first valid of n, *given that one is
# valid*, leaves out a part of the benefit: with more answers side by side, fewer rounds fail as a
# whole. So the wait is counted until an answer is valid, over as many rounds of n as that takes,
# each failed one waited for to its end. **Control.** n = 1, asked again and again, one after the
# other. And the catch: n answers side by side share the processor, so the time of a step with n
# rows is measured too.

# %% tags=["experiment", "row-88"]
from utils.experiments.samplers.measuring import steps_saved, steps_until_valid
from utils.experiments.samplers.repeated_sampling import first_valid_latency as expected_first_valid

steps = np.array([len(one.ids) + 1 for one in json_tried], dtype=float)
is_valid = np.array([one.finish == "stop" and parses(real.decode(one.ids)) for one in json_tried])
share = is_valid.mean()
side_by_side = [1, 2, 4, 8, 16]
given_valid = np.array([expected_first_valid(steps, is_valid, n) for n in side_by_side])
until_valid = np.array([steps_until_valid(steps, is_valid, n) for n in side_by_side])
repeats = budget.pick(smoke=1, cpu=4)
ms_a_step = np.array([writer.step_ms(n, OPENINGS[0], repeats) for n in side_by_side])
print(f"{share:.0%} of {len(steps)} are valid; steps: {steps.min():.0f} to {steps.max():.0f}")
for n, given, wait, ms in zip(side_by_side, given_valid, until_valid, ms_a_step, strict=True):
    print(
        f"n = {n:2}: valid after {wait:4.1f} steps of {ms:3.0f} ms, {wait * ms / 1e3:.2f} s; where "
        f"one is valid at once {given:4.1f} steps; none is with probability {(1 - share) ** n:.3f}"
    )

# %% tags=["experiment", "row-88", "draw"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
moments = np.arange(1, steps.max() + 1)
for n, style in zip((1, 4, 16), ("-", "--", ":"), strict=True):
    arrived = [1 - (1 - np.mean(is_valid & (steps <= moment))) ** n for moment in moments]
    left.step(moments, arrived, style, where="post", label=f"n = {n}")
left.set(xlabel="waiting time (decoding steps)", ylim=(0, 1.03))
left.set(ylabel="a valid answer is there (probability)")
left.legend(loc="upper left")
in_steps = until_valid * ms_a_step / ms_a_step[0]
right.plot(side_by_side, until_valid, marker="o", label="until one is valid")
right.plot(side_by_side, given_valid, ":", marker="^", label="where one of n is valid")
right.plot(side_by_side, in_steps, "--", marker="s", label="until valid, time here")
right.set(xscale="log", xlabel="answers side by side, n", ylim=(0, None))
right.set(ylabel="wait (steps of n = 1)")
label_ticks(right, x=side_by_side)
right.legend(fontsize=8)
show(
    figure,
    "Left: the probability that a valid answer has arrived against the waiting time, for 1, 4 and "
    "16 answers side by side. Right: the expected wait for a valid answer in decoding steps, the "
    "wait where one of the n is valid, and the wait in time on this machine, where more rows make "
    "a step slower.",
)

# %% tags=["experiment", "row-88", "judge"]
gained = steps_saved(steps, is_valid, 4)
seconds = until_valid * ms_a_step / 1e3
verdicts.add(
    row=88,
    claim="showing the first valid of several parallel answers lowers the latency",
    measured=f"a valid answer is there after {until_valid[0]:.0f} steps with one at a time and "
    f"{until_valid[2]:.0f} with 4 side by side; on this machine, where a step of several rows "
    f"takes longer, {seconds[0]:.1f} s and {seconds[2]:.1f} s",
    interval=f"steps saved {gained} outputs",
    outcome=first_that_holds(
        ("does not hold", gained.high < 0),
        ("undecided", gained.low <= 0),
        ("holds", seconds[2] < seconds[0]),
        otherwise="holds in part",
    ),
)

# %% [markdown]
# Two things shorten the wait: short answers come first, and of several answers one is valid more
# often. Compare the two lines on the right that count steps: where all valid answers are about
# equally long, nearly all of the benefit is in the rounds that do not fail, and the wait *given* a
# valid answer hides it. The trick does not make the model faster: it selects the quick answers, and
# what is quick is not always what is best. And it needs hardware with room to spare: the third line
# shows what a processor without it takes back.
#
# **Think.** A slow answer is often a careful one. What happens to quality when the first valid
# answer of 16 is shown?
#
# <details><summary>One answer</summary>
#
# The first valid answer is biased towards short ones, and what takes long, such as a careful
# argument, is thrown away. If length and quality go together, quality falls with n, although the
# latency looks good.
#
# </details>

# %% [markdown]
# ## 15 Three tries
#
# **What the chapter claims.** The less robust a model is to small changes of its input, the more
# it gains from several tries: one that could read an image only half of the time read most within
# three.
#
# Success with probability p at each try gives 1 - (1 - p)^3 within three. The gain is not largest
# for the worst model:

# %%
for p in (0.0, 0.05, 0.2, 0.42, 0.5, 0.8, 1.0):
    three = 1 - (1 - p) ** 3
    print(f"one try {p:4.0%}, three tries {three:4.0%}, gain {three - p:+.0%}")

# %% [markdown]
# ### Experiment: sensitivity and gain
#
# **Measurement.** Four models, each asked the same tasks in four wordings that they met more or
# less often in training. A model's *sensitivity* is the share of tasks whose greedy answer changes
# when a wording is exchanged for one of the other three. The gain is pass@3 minus pass@1 over 24
# samples a task in that wording. **Control.** The gain that would follow from the success rate
# alone, if all tasks were equally hard: does that explain it better than sensitivity?

# %% tags=["experiment", "row-89"]
from utils.experiments.samplers.measuring import changed_answers
from utils.training.arithmetic_models import WORDINGS

asked_tasks = test_tasks[:: budget.pick(smoke=3, cpu=2, gpu=1)]
tries = 24
points = [(name, wording) for name in ladder for wording in range(len(WORDINGS))]
jobs_of_points = {
    (temperature, name, wording): [SamplingJob(name, asked_tasks, n, temperature, wording, seed)]
    for n, temperature, seed in ((tries, 1.0, 4000), (1, 0.0, 0))
    for name, wording in points
}
tried = sample_groups(jobs_of_points, workers, "wordings")
sensitivity, one_try, gains = [], [], []
for name, wording in points:
    # Against each other wording: how often does the greedy answer change?
    greedy_answers = [[one.answers[0] for one in tried[0.0, name, w]] for w in range(len(WORDINGS))]
    mine = greedy_answers.pop(wording)
    sensitivity.append(changed_answers(mine, greedy_answers))
    right = np.array([one.n_right for one in tried[1.0, name, wording]])
    at_one, at_three = unbiased_pass_at_k(tries, right[:, None], [1, 3]).mean(0)
    one_try.append(at_one)
    gains.append(at_three - at_one)
sensitivity, one_try, gains = (np.array(values) for values in (sensitivity, one_try, gains))
if_equally_hard = 1 - (1 - one_try) ** 3 - one_try
for place, name in enumerate(ladder):
    means = [values.reshape(-1, 4)[place].mean() for values in (one_try, sensitivity, gains)]
    print(f"{name:15} one try {means[0]:4.0%}, sensitivity {means[1]:4.0%}, gain {means[2]:+.0%}")

# %% tags=["experiment", "row-89", "draw"]
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.4), sharey=True, constrained_layout=True)
for place, (name, marker) in enumerate(zip(ladder, "os^D", strict=True)):
    rows = slice(4 * place, 4 * place + 4)
    for axes, x in zip(panels, (sensitivity, one_try), strict=True):
        axes.plot(x[rows], gains[rows], marker, label=name)
panels[0].set(xlabel="sensitivity: changed greedy answers (share)", xlim=(0, 1.02))
panels[0].legend(fontsize=8)
curve = np.linspace(0, 1, 50)
panels[1].plot(curve, 1 - (1 - curve) ** 3 - curve, color="black", linewidth=0.8)
panels[1].text(0.45, 0.4, "if all tasks were\nequally hard", fontsize=8)
panels[1].set(xlabel="success of one try (share)")
for axes in panels:
    axes.set(ylabel="gain of three tries (share of tasks)", ylim=(-0.02, 0.5))
show(
    figure,
    "Left: gain from three tries against the sensitivity to the wording, four models times four "
    "wordings. Right: the same gain against the success of one try, under a curve that peaks at "
    "42%.",
)

# %% tags=["experiment", "row-89", "judge"]
from utils.experiments.samplers.measuring import correlation_interval

# The four wordings of one model are no independent points: whole models are drawn.
of_model = [name for name, _ in points]
with_sensitivity = correlation_interval(sensitivity, gains, of_model, seed=2)
with_success = correlation_interval(if_equally_hard, gains, of_model, seed=2)
best, of_most_sensitive = int(gains.argmax()), float(gains[sensitivity.argmax()])
verdicts.add(
    row=89,
    claim="the less robust the model, the more several tries help",
    measured=f"correlation of the gain with sensitivity {with_sensitivity.mean:+.2f}, with what "
    f"success alone implies {with_success.mean:+.2f}; largest gain {gains[best]:+.0%} at a "
    f"sensitivity of {sensitivity[best]:.0%} and a success of {one_try[best]:.0%}; the most "
    f"sensitive of all gains {of_most_sensitive:+.0%}",
    interval=f"correlation {with_sensitivity.low:+.2f} to {with_sensitivity.high:+.2f}, "
    f"over {with_sensitivity.n} models, each in {len(WORDINGS)} wordings",
    outcome=first_that_holds(
        ("does not hold", with_sensitivity.high < 0),
        ("undecided", with_sensitivity.low <= 0),
        ("holds", of_most_sensitive > 0.9 * gains.max()),
        otherwise="holds in part",
    ),
)

# %% [markdown]
# Compare the two pictures, and the two correlations in the verdict: which of the two explains the
# gain, sensitivity or the success of one try? A model that answers everything alike, right or
# wrong, gains nothing; nor does one that is hopeless, however sensitive it is. Three tries pay
# where one succeeds about half of the time, and where you can tell which try succeeded.
#
# **Think.** The chapter's footnote: the best thing to do with a brittle model is to swap it out.
# For which success rate would you keep it and try three times?
#
# <details><summary>One answer</summary>
#
# For one that succeeds about half of the time: 0.42 gains most from three tries, and near 0 or 1
# there is little to gain. And only where a wrong try is noticed; otherwise three tries are three
# chances to be wrong.
#
# </details>

# %% [markdown]
# ## Your own code at work
#
# Optional: your `token_probabilities`, `top_p_filter`, `sample_token`, `generate` and
# `truncate_at_stop` write with SmolLM2. Change the beginning, the temperature and p.


# %% tags=["experiment"]
def write_with_own_samplers(beginning, temperature=0.8, p=0.9, seed=0):
    """Return the text that your functions write after a beginning."""
    source = torch.Generator().manual_seed(seed)

    def choose(logits):
        log_shares = token_probabilities(logits, temperature).log()
        return int(sample_token(top_p_filter(log_shares, p), source))

    def after(ids):
        return writer.decoder.prefill([list(ids)])[0].clone()

    ids = generate(after, real.encode(beginning), written_tokens, choose, real.eos_ids)
    return truncate_at_stop(real.decode(ids), ["\n\n"])


try:
    for seed in range(2):
        print(repr(write_with_own_samplers("Once upon a time there was a", seed=seed)))
except NotImplementedError:
    print("Answer the five exercises named above first; then your own samplers write here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook showed, and what it did not. The arithmetic of samplers is exact. What SmolLM2
# does holds for a small model and a few dozen prompts. The verifier, the votes and the coverage
# were measured on toy models whose every mistake can be counted; we expect the reasons why the
# curves bend to carry over to larger models, not the places where they do.
#
# **Read next**
#
# - Holtzman et al. (2020), *The curious case of neural text degeneration*, for top-p and for why
#   likely text is dull.
# - Nguyen et al. (2024), *Turning up the heat: min-p sampling*; and read it with section 6 in
#   mind.
# - Cobbe et al. (2021), *Training verifiers to solve math word problems*, section 4, for Figure
#   2-19.
# - Brown et al. (2024), *Large language monkeys*, for coverage on real tasks; Wang et al. (2023)
#   for self-consistency.
# - Snell et al. (2024), *Scaling LLM test-time compute optimally*: when is trying again cheaper
#   than a larger model?
#
# In notebook 08 the sampler gets a grammar: the answers are not only likely, but well formed.
