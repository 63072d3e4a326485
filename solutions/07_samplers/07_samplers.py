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
# You need notebooks 02 and 03 and about four hours with the exercises.
#
# **You will learn to**
#
# - turn logits into probabilities, log-probabilities and draws, without underflow;
# - filter a distribution in three ways, and measure what that does to variety and to truth;
# - stop a model in time, and search for likely texts, and know what each costs;
# - judge many samples by votes, by a verifier, or by validity, and say what each is worth.
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
# | 10 A verifier, 11 More samples | | | |
# | 12 Coverage | `pass_at_k` | 3 of 5 | 15 |
# | 13 Votes | `majority_vote` | 1 of 5 | 10 |
# | 14 The first valid answer | `first_valid_latency` | 4 of 5 | 25 |
# | 15 Three tries | | | |
#
# A failed test tells you which mistake it has seen. No experiment depends on your answers.
#
# Three kinds of models do the work. **SmolLM2-135M** is a real one and shows what samplers do to
# language. **Models of the miniature world** (874,000 parameters) write documents whose exact
# probability is known: a document is *true* when the world could have written it, word for word.
# Small models that do **arithmetic in steps** write solutions that a program can check. The rules
# of the verdicts stand in `utils/experiments/samplers`, beside the measurements.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 From logits to a token
#
# **What the chapter claims.** For each input a language model gives a vector of logits, one for
# each token of the vocabulary. Logits may be negative and sum to anything; the softmax makes
# probabilities of them. Always taking the most likely token is called greedy, and writes boring
# text. Four logits, by hand:

# %%
from math import exp

logits_by_hand = {"green": 2.0, "red": 1.5, "the": -1.0, "seven": -3.0}
total = sum(exp(value) for value in logits_by_hand.values())
for word, value in logits_by_hand.items():
    power = exp(value)
    print(f"{word:6} logit {value:4}, e^logit {power:.3f}, probability {power / total:.3f}")

# %% [markdown]
# Only differences of logits count. Add 100 to all four and the probabilities stay the same.
#
# ### Exercise: `token_probabilities`
#
# *Difficulty 2 of 5, 10 minutes.* From logits to probabilities, at a temperature. The logits may
# have any shape; the last dimension is the vocabulary.
#
# - The chapter's example: logits [1, 2] give [0.27, 0.73], and at temperature 0.5 [0.12, 0.88].
# - Temperature 0 is the limit, greedy decoding: a probability of 1 for the first largest logit of
#   each row, 0 for the rest. Dividing by a tiny number is not enough: equal logits would share.
# - Logits divided by a low temperature are large, and their powers must not overflow.
#   `torch.softmax` is welcome.
# - A negative temperature is refused: raise a `ValueError` that names it.

# %% exercise="token_probabilities"

# %% [markdown]
# ### Exercise: `sample_token`
#
# *Difficulty 2 of 5, 15 minutes.* Draw one token for each row of logits, each row on its own, from
# `softmax(logits)`. A token whose logit is `-inf` is never drawn. The result has the shape of the
# logits without the last dimension: one row gives one id, a batch (B, T, V) gives (B, T). With a
# `torch.Generator` the draws come from it: the same seed gives the same tokens, and the next call
# goes on from there. Without one they come from torch's global generator. `torch.multinomial`
# takes at most two dimensions; the Gumbel trick (add Gumbel noise, take the argmax) takes any.

# %% exercise="sample_token"

# %% [markdown]
# ### Experiment: greedy decoding repeats itself
#
# **Measurement.** SmolLM2 continues sixteen openings, once greedily and twice by drawing from its
# probabilities. Nothing ends a text, so it may run into `<|im_end|>`, the token that ends a turn,
# and begin another. Boring is made countable: the share of runs of four tokens that stood in the
# text before. **Control.** A paragraph that a person wrote.

# %% tags=["experiment", "row-75"]
import numpy as np
import torch

from utils.decoding.samplers import Temperature
from utils.evaluation.intervals import mean_interval
from utils.experiments.samplers import text_figures, text_verdicts, token_figures, token_verdicts
from utils.experiments.samplers.real_writer import RealWriter
from utils.experiments.samplers.sampler_measures import repeated_share
from utils.experiments.samplers.texts import OPENINGS, PARAGRAPH
from utils.models.pretrained import load_gguf
from utils.notebook import show

real = load_gguf()
writer = RealWriter(real)
colour_logits = writer.next_logits("My favorite color is")
print(f"{len(colour_logits):,} logits from {colour_logits.min():.1f} to {colour_logits.max():.1f}")

openings = OPENINGS[: budget.pick(smoke=2, cpu=16)]
written_tokens, n_drawn = budget.pick(smoke=8, cpu=48, gpu=128), 2
by_chance = Temperature(1.0).seeded(0)
greedy_texts, drawn_texts = writer.continue_texts(openings, written_tokens, by_chance, n_drawn)
repeats_greedy = np.array([repeated_share(one.ids) for one in greedy_texts])
repeats_drawn = np.array([repeated_share(one.ids) for one in drawn_texts])
repeats_drawn = repeats_drawn.reshape(len(openings), n_drawn).mean(1)
human = repeated_share(real.encode(PARAGRAPH)[:written_tokens])
print("greedy:", repr(writer.texts(greedy_texts)[0][:200]))
print("drawn: ", repr(writer.texts(drawn_texts)[0][:200]))
print("greedy, repeated runs of each opening:", np.round(repeats_greedy, 2))

# %% tags=["experiment", "row-75", "draw"]
likely = colour_logits.softmax(-1).topk(12)
likely_words = [repr(real.decode([token])) for token in likely.indices.tolist()]
show(
    token_figures.likeliest_figure(likely_words, likely.values.tolist(), "My favorite color is"),
    "The twelve likeliest tokens after 'My favorite color is' under SmolLM2.",
)

# %% tags=["experiment", "row-75", "judge"]
claim = "greedy decoding writes boring text"
verdicts.add(75, claim, **token_verdicts.boring(repeats_greedy, repeats_drawn, human))

# %% [markdown]
# A loop feeds itself: once a sentence stands there twice, its third time is likely. Drawing breaks
# the loop; read above what it pays with. Does every greedy text loop? Look at the openings one by
# one.
#
# **Think.** In classification greedy is right. What is the difference between a class and a token?
#
# <details><summary>One answer</summary>
#
# A class is the whole answer, so the likeliest one is the best bet. A token is one step of a long
# answer: the likeliest step again and again does not give the likeliest text, let alone a typical
# one.
#
# </details>

# %% [markdown]
# ## 2 Temperature
#
# **What the chapter claims.** Logits are divided by a temperature before the softmax. With the
# logits 1 and 2, the second token gets 73% at temperature 1, 88% at 0.5, and below 0.1 it is
# almost always chosen (Figure 2-16). Higher temperatures write more creatively and less
# coherently; 0.7 is a usual compromise. A difference d of two logits is the logarithm of their
# odds: it becomes d / T, so odds of e^d become e^(d / T).

# %%
for temperature in (2.0, 1.0, 0.5, 0.1):
    odds = exp((2.0 - 1.0) / temperature)
    print(f"temperature {temperature}: odds of B {odds:8.2f}, probability {odds / (1 + odds):.4f}")

# %% [markdown]
# ### Experiment: the figure, and what it costs in truth
#
# **Measurement.** Figure 2-16, computed. Then a model of the miniature world writes documents at
# eight temperatures, with five seeds. Variety is the number of different documents over all;
# quality is the share of *true* ones. **Control.** The world's own documents, all true.

# %% tags=["experiment", "row-76"]
from utils.experiments.samplers.measuring import table_of
from utils.experiments.samplers.sampler_measures import documents_by_setting
from utils.training.base_models import base_world


def probability_of_b(temperature):
    """Probability of the token with the logit 2 beside one with the logit 1."""
    return float(Temperature(temperature).transform(torch.tensor([1.0, 2.0])).softmax(-1)[1])


at = {t: probability_of_b(t) for t in (0.0, 0.05, 0.1, 0.5, 1.0)}
print({t: round(value, 4) for t, value in at.items()})

world = base_world()
n_documents = budget.pick(smoke=10, cpu=60, gpu=1000)
seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
temperatures = [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0]
heated = [Temperature(t) for t in temperatures]
by_temperature = documents_by_setting("world-medium", heated, n_documents, seeds, budget.workers)
true_at, different_at, both_at = (
    table_of(by_temperature, name) for name in ("true_share", "different_share", "different_true")
)
print(f"true: {np.round(true_at.mean(1), 2)}, different: {np.round(different_at.mean(1), 2)}")

# %% tags=["experiment", "row-76", "draw"]
shares = {"true": true_at, "different": different_at, "different and true": both_at}
shares = {name: values.mean(1) for name, values in shares.items()}
of_world = len({one.text for one in world.documents(n_documents, seed=7)}) / n_documents
show(
    token_figures.temperature_figure(probability_of_b, temperatures, shares, of_world),
    "Left: the probabilities of two tokens with the logits 1 and 2 against the temperature. "
    "Right: the shares of true and of different documents of a model of the world.",
)

# %% tags=["experiment", "row-76", "judge"]
claim = "logits 1 and 2 give 27% and 73%, at temperature 0.5 12% and 88%, below 0.1 always B"
verdicts.add(76, claim, **token_verdicts.as_in_the_figure(at))
claim = "a higher temperature writes more creatively and less coherently"
verdicts.add(76, claim, **token_verdicts.hotter(true_at, different_at, temperatures))
claim = "0.7 balances the two"
verdicts.add(76, claim, **token_verdicts.balanced(both_at, temperatures, n_documents))

# %% [markdown]
# Where is the line of what is both highest, and how far is that from the usual 0.7? The best
# temperature depends on how wrong the model is. All that a perfect model of the world writes at
# temperature 1 is true; a lower temperature helps a model that gives wrong tokens some probability.
#
# **Think.** What do you get at a temperature of a million?
#
# <details><summary>One answer</summary>
#
# All logits are then nearly equal, so every token is about equally likely: noise without a word of
# sense. Only a token with the logit `-inf` stays impossible.
#
# </details>

# %% [markdown]
# ## 3 Logprobs
#
# **What the chapter claims.** Probabilities of single tokens, and products of many of them, become
# too small for the number format and are rounded to zero: underflow. Logarithms do not have that
# problem. Logprobs are useful for classification. The smallest normal number of three formats
# (smaller ones lose digits, and soon are 0):

# %%
import numpy as np

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
# Stay in log space: the product of many probabilities is 0 in any float, and so is the softmax of
# a logit far below the largest; the logarithm of either is `-inf`.

# %% exercise="sequence_logprob"

# %% [markdown]
# ### Experiment: where the product ends, and a classifier for free
#
# **Measurement.** SmolLM2 reads a person's paragraph. Its token probabilities are multiplied in
# three formats, and their logs added. Then it scores 24 short reviews by the log odds of *positive*
# against *negative* after them. How often does a good review score higher than a bad one (AUROC)?
# And is a review on the right side of a threshold that the other reviews give? **Controls.** The
# threshold 0, which needs no reviews; and as a threshold the score of a review that says nothing.

# %% tags=["experiment", "row-77"]
from utils.decoding.scoring import token_logprobs
from utils.evaluation.detection import auroc
from utils.experiments.samplers.measuring import right_by_the_others, running_products
from utils.experiments.samplers.texts import BAD_REVIEWS, GOOD_REVIEWS

ids = real.encode(PARAGRAPH)
# Two tokens are given: what may follow a bare "The" is too unlikely for float16 at once.
logprobs = token_logprobs(real.model, [ids[:2]], [ids[2:]])[0].double()
kinds = (torch.float16, torch.float32, torch.float64)
products = {kind: running_products(logprobs.exp(), kind) for kind in kinds}
zero_after = {kind: found.index(0) + 1 if 0 in found else None for kind, found in products.items()}
sums = logprobs.half().cumsum(0)
print("the product becomes zero after:", {str(kind): count for kind, count in zero_after.items()})

kept_reviews = budget.pick(smoke=2, cpu=12)
reviews = [*GOOD_REVIEWS[:kept_reviews], *BAD_REVIEWS[:kept_reviews]]
is_good = np.arange(len(reviews)) < kept_reviews
frame = "Review: {}\nThe sentiment of this review is"
prompts = [frame.format(text) for text in [*reviews, "N/A", "..."]]
log_odds = writer.log_odds(prompts, " positive", " negative")
scores, nothing = np.split(log_odds, [len(reviews)])
at_zero, at_nothing = (scores > 0) == is_good, (scores > nothing.mean()) == is_good
by_others, ranked = right_by_the_others(scores, is_good), auroc(scores.tolist(), is_good.tolist())
print(f"after a review that says nothing: log odds of positive {nothing.mean():+.2f}")
print(f"right at 0: {at_zero.mean():.0%}, by the others: {by_others.mean():.0%}")

# %% tags=["experiment", "row-77", "draw"]
show(
    token_figures.underflow_figure(products, sums.tolist()),
    "The probability of a growing text: a product becomes zero below the smallest number of its "
    "format (dotted lines); the sum of logs goes on, even in float16.",
)

# %% tags=["experiment", "row-77", "judge"]
claim = "probabilities underflow, log-probabilities do not"
verdicts.add(77, claim, **token_verdicts.underflow(zero_after, sums))
claim = "logprobs are useful for classification"
verdicts.add(77, claim, **token_verdicts.classifying(by_others, at_zero, at_nothing, ranked))

# %% [markdown]
# How early does float16 give up, and at which word? Such a classifier costs at most one forward
# pass a label, and no text has to be parsed. Compare the shares of right answers with the AUROC:
# where it is much higher, the scores know more than the threshold lets through, and a few labelled
# reviews find a better one. The threshold from "N/A" and "..." helps only if the model takes these
# for neutral.
#
# **Think.** Some providers give no logprobs, or those of 20 tokens only. What could somebody do
# with all of them?
#
# <details><summary>One answer</summary>
#
# All logprobs of many prompts give away the model's width and its last matrix, up to a linear map;
# and a small model can be trained to imitate the whole distribution. That is a reason to keep them
# back.
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
# all others to `-inf`, so that a softmax gives them 0. The given logits are not changed.
#
# - Exactly k stay. Of equal logits the one with the lower index stays. `torch.topk` promises
#   nothing about ties; a *stable* sort does.
# - k may be larger than the vocabulary: then all stay. k below 1 is refused.

# %% exercise="top_k_filter"

# %% [markdown]
# ### Experiment: what k does to variety, and to time
#
# **Measurement.** Documents of the world's model for nine values of k, five seeds: variety is here
# the share of different pairs of words. How much probability of SmolLM2 lies outside of its k
# likeliest tokens, on a person's text. And the time of a draw, with a softmax over everything and
# over k logits only. **Control.** No filter; and the time of the whole decoding step, to see what
# can be saved at all.

# %% tags=["experiment", "row-78"]
from utils.decoding.samplers import TopK
from utils.experiments.samplers.measuring import draw_times

ks = [1, 2, 3, 5, 10, 20, 50, 200, len(world.vocabulary)]
by_k = documents_by_setting(
    "world-medium", [TopK(k) for k in ks], n_documents, seeds, budget.workers
)
pairs_at, true_k = table_of(by_k, "distinct_pairs"), table_of(by_k, "true_share")

with torch.inference_mode():
    text_logits = real.model(torch.tensor([real.encode(PARAGRAPH)]))[0]
ranked_shares = text_logits.softmax(-1).sort(-1, descending=True).values
outside = {k: float(1 - ranked_shares[:, :k].sum(-1).mean()) for k in (1, 10, 50, 500)}
print("probability outside of the k likeliest:", {k: f"{part:.1%}" for k, part in outside.items()})

batch = colour_logits.expand(32, -1) + 0.01 * torch.randn(32, len(colour_logits))
times = draw_times(batch, [50, 500], budget.pick(smoke=2, cpu=10, gpu=50))
times["whole step"] = writer.step_ms(32, OPENINGS[0], budget.pick(smoke=1, cpu=4))
print("ms for 32 rows:", {name: round(ms, 1) for name, ms in times.items()})

# %% tags=["experiment", "row-78", "draw"]
shares = {"different pairs of words": pairs_at.mean(1), "true documents": true_k.mean(1)}
show(
    token_figures.top_k_figure(ks, shares, times),
    "Left: variety and truth of the world's documents against k. Right: times of a softmax, of "
    "draws with and without top-k, and of a whole decoding step, on a logarithmic axis.",
)

# %% tags=["experiment", "row-78", "judge"]
claim = "a smaller k makes text more predictable"
verdicts.add(78, claim, **token_verdicts.predictable(pairs_at, ks))
claim = "top-k reduces the computing of the softmax"
verdicts.add(78, claim, **token_verdicts.softmax_saved(times, len(colour_logits)))

# %% [markdown]
# To find the k largest you must look at all of them, as a softmax does: compare the times of the
# draws from k and from all, and both with the whole step, in which the model computes every logit.
# And is the loss of variety small? See how much of SmolLM2's probability a k of 50 throws away.
#
# **Think.** Where would a real saving have to come from: the sampler, or the model's last matrix?
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
# for one to be answered with yes or no, many for the meaning of life. Top-p takes the most likely
# tokens until their probabilities sum to p, typically 0.9 to 0.95. In Figure 2-18 p = 0.9 leaves
# two tokens and 0.99 three.

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
# needed do, not even those as likely as the last one. All others become `-inf`; those that stay
# keep their logits and places, and the given logits are not changed. p = 1 keeps all, whatever the
# rounding of a sum says. p outside (0, 1] is refused.
#
# On paper first: with probabilities 0.5, 0.3, 0.15, 0.05, what do the tokens before each one sum
# to, and which stay at p = 0.9?

# %% exercise="top_p_filter"

# %% [markdown]
# ### Experiment: closed and open questions
#
# **Measurement.** SmolLM2 gets ten questions to be answered with yes or no, and ten open ones; we
# count the tokens that it takes to reach p = 0.9 at the first token of the answer. **Control.** The
# same count at every token of a person's text: how much does the size vary within one text?

# %% tags=["experiment", "row-79"]
from utils.experiments.samplers.measuring import first_word_share
from utils.experiments.samplers.sampler_measures import nucleus_size
from utils.experiments.samplers.texts import CLOSED_QUESTIONS, OPEN_QUESTIONS

n_asked = budget.pick(smoke=2, cpu=10)
closed = [f"{one} Answer with only yes or no." for one in CLOSED_QUESTIONS[:n_asked]]
closed_logits = writer.answer_logits(closed)
sizes = {
    "closed questions": nucleus_size(closed_logits, 0.9).numpy(),
    "open questions": nucleus_size(writer.answer_logits(OPEN_QUESTIONS[:n_asked]), 0.9).numpy(),
    "tokens of one text": nucleus_size(text_logits, 0.9).numpy(),
}
for name, found in sizes.items():
    print(f"{name}: median {np.median(found):.0f} tokens, from {found.min()} to {found.max()}")
says_yes_or_no = [first_word_share(row, ("yes", "no"), real.decode) for row in closed_logits]
print(f"closed questions, probability of yes or no: {np.mean(says_yes_or_no):.0%}")

# %% tags=["experiment", "row-79", "draw"]
show(
    token_figures.nucleus_figure(sizes),
    "Sizes of the nucleus, one dot each with the median as a line: closed questions, open "
    "questions, positions of one text.",
)

# %% tags=["experiment", "row-79", "judge"]
claim = "an open question needs a larger nucleus than a closed one"
said = token_verdicts.open_and_closed(sizes["closed questions"], sizes["open questions"])
verdicts.add(79, claim, **said)
claim = "for a yes-or-no question the number of tokens to consider is two"
verdicts.add(79, claim, **token_verdicts.two_tokens(sizes["closed questions"], says_yes_or_no))

# %% [markdown]
# The nucleus measures the *model's* doubt, and a small model may doubt even whether it has to obey:
# how much probability is left for words other than yes and no? Look at the third row of the
# picture, too: how far do the sizes spread within one text? Which single k would fit that?
#
# **Think.** A token in the middle of a word often has a nucleus of one. What does a k of 50 add?
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
# used (Nguyen et al., 2024) that is a part of the largest one: min-p 0.1 keeps what is at least a
# tenth as likely as the favourite. The paper recommends it for high temperatures. Let us see why,
# on two good tokens and a tail of fifty poor ones, at two temperatures:

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
# **Measurement.** The world's model, five values of each filter, at temperature 1 and 2, the
# temperature applied first. A filter is a compromise between variety and truth, so whole curves are
# compared: truth at equal variety (of pairs of words). **Control.** Temperature 1, where both
# should do alike.

# %% tags=["experiment", "row-80"]
from utils.decoding.samplers import MinP, TopP
from utils.experiments.samplers.measuring import truth_at_variety

filters = {
    "top-p": [TopP(p) for p in (0.3, 0.5, 0.7, 0.85, 0.95)],
    "min-p": [MinP(p) for p in (0.5, 0.3, 0.15, 0.05, 0.02)],
}
hot, leads = {}, {}
for temperature in (1.0, 2.0):
    for name, members in filters.items():
        both = [Temperature(temperature) | one for one in members]
        hot[name, temperature] = documents_by_setting(
            "world-medium", both, n_documents, seeds, budget.workers
        )
    # In the middle of the range of variety that both filters cover, each seed's truth.
    spans = [table_of(hot[name, temperature], "distinct_pairs").mean(1) for name in filters]
    middle = (max(span.min() for span in spans) + min(span.max() for span in spans)) / 2
    top_p, min_p = (truth_at_variety(hot[name, temperature], middle) for name in filters)
    leads[temperature] = mean_interval(min_p - top_p)
    print(f"temperature {temperature}, variety {middle:.2f}: min-p leads by {leads[temperature]}")

# %% tags=["experiment", "row-80", "draw"]
names = ("distinct_pairs", "true_share")
curves = {
    f"temperature {t:g}": {
        name: tuple(table_of(hot[name, t], one).mean(1) for one in names) for name in filters
    }
    for t in (1.0, 2.0)
}
show(
    token_figures.truth_and_variety_figure(curves),
    "Truth against variety of the world's documents under five strengths of top-p and of min-p, "
    "at temperature 1 and 2. Higher and further right is better.",
)

# %% tags=["experiment", "row-80", "judge"]
claim = "min-p is an alternative to top-p (its authors: better at high temperatures)"
verdicts.add(80, claim, **token_verdicts.min_p_leads(leads))

# %% [markdown]
# Heat makes the tail heavy. Top-p counts probability, so it lets a heavy tail in; min-p asks each
# token alone whether it is comparable with the favourite. But a stricter p keeps the tail out too,
# hence the comparison at equal variety, in the middle of the range that both cover: a lead at a
# place that is chosen after looking proves little.
#
# **Think.** Temperature first or filter first? What do top-k, top-p and min-p keep in either order?
#
# <details><summary>One answer</summary>
#
# Top-k keeps the same tokens in either order, since a temperature does not change ranks. Top-p
# and min-p do not: heat first makes the distribution flat, so that more tokens are needed to reach
# p, and more come near the favourite. A filter that comes first sees the model's own probabilities.
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
# `stop_ids`. Return the new ids only: not the prompt, and not the stop id. A stop id in the prompt
# stops nothing. The prompt is not changed.

# %% exercise="generate"

# %% [markdown]
# ### Experiment: cost against cut answers
#
# **Measurement.** SmolLM2 answers eight questions, and writes a JSON object, several samples each,
# with a generous limit. A lower limit would have given the beginnings of the same samples, so one
# set measures all limits, and a stop string (the end of the first sentence) too. The stop string is
# compared with the limit whose cost is nearest. **Control.** The generous limit.

# %% tags=["experiment", "row-81"]
from utils.experiments.samplers.measuring import is_complete, limit_costs, parses, stop_costs
from utils.experiments.samplers.texts import EXPLAINED_QUESTIONS, JSON_REQUEST

asked = EXPLAINED_QUESTIONS[: budget.pick(smoke=2, cpu=8)]
n_answers = budget.pick(smoke=2, cpu=2, gpu=20)
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
stop_tokens, stop_cut = stop_costs(
    answered, writer.texts(answered), [". ", ".\n", "\n\n"], lambda text: len(real.encode(text))
)
for limit, tokens, cut, parsed in zip(limits, tokens_at, cut_at, parsed_at.mean(1), strict=True):
    print(f"limit {limit:2}: {tokens:4.1f} tokens a question, {cut:4.0%} cut; JSON {parsed:4.0%}")
print(f"first sentence: {stop_tokens.mean():.1f} tokens a question, {stop_cut.mean():.0%} cut")

# %% tags=["experiment", "row-81", "draw"]
stop_point = stop_tokens.mean(), stop_cut.mean()
show(
    text_figures.limits_figure(limits, tokens_at, cut_at, stop_point, parsed_at.mean(1)),
    "Left: the share of answers that are cut off against the tokens paid for, one point for each "
    "limit, and a stop string as a star. Right: the share of JSON outputs that parse against the "
    "limit.",
)

# %% tags=["experiment", "row-81", "judge"]
near = int(np.abs(tokens_at - stop_tokens.mean()).argmin())  # the limit that costs as much
limit_cut = np.array([not is_complete(one, limits[near]) for one in answered])
at_limit, at_stop = (tokens_at[near], limit_cut), (stop_tokens.mean(), stop_cut)
claim = "a limit on tokens cuts answers off, a stop condition does not"
verdicts.add(81, claim, **text_verdicts.cutting(at_limit, at_stop, len(asked)))
claim = "stopping early makes JSON that does not parse"
verdicts.add(81, claim, **text_verdicts.broken_json(limits, parsed_at))

# %% [markdown]
# A limit is a bound on your costs, not a way to get short answers: you pay for the first half of
# an answer that nobody can use. Where does the left curve come down, and what does a talkative
# model cost until then? From where the right curve levels off, a larger limit does not help.
#
# **Think.** Some samples never parse, at any limit. What would repair those?
#
# <details><summary>One answer</summary>
#
# A larger limit repairs cut objects only. What is no JSON, wrapped in a code block or explained,
# needs a constraint on what may come next, a grammar: that is notebook 08.
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
# With 0.2, 0.1 and 0.3 the product is 0.006, as the chapter says. Both factors, counted:

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
print(f"product {p_i * p_love_given_i * p_food:.4f}, counted 6 / {sum(counts.values())}")
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
# **Measurement.** The world's model writes 16 documents, and we keep the one with the highest sum,
# or the highest average; 20 times, with five seeds. The end is a token like others, in sum and
# average. How long is what is kept, and is it true? **Control.** One document at random.

# %% tags=["experiment", "row-82"]
from utils.experiments.samplers.world_texts import groups_by_seed

groups, rules = budget.pick(smoke=4, cpu=20, gpu=200), ["highest sum", "highest average", "random"]
written = groups_by_seed("world-medium", groups, 16, [100 + seed for seed in seeds], budget.workers)
kept_lengths, kept_truth = np.zeros((2, len(rules), len(seeds)))
for seed, one in enumerate(written):
    averages = one.sums / one.lengths
    places = one.sums.argmax(1), averages.argmax(1), np.zeros(groups, dtype=int)
    kept = dict(zip(rules, places, strict=True))
    for rule, place in enumerate(places):
        kept_lengths[rule, seed] = one.lengths[np.arange(groups), place].mean()
        kept_truth[rule, seed] = one.true[np.arange(groups), place].mean()
correlation = np.mean([np.corrcoef(one.lengths.ravel(), one.sums.ravel())[0, 1] for one in written])
for rule, lengths, truth in zip(rules, kept_lengths, kept_truth, strict=True):
    print(f"{rule:16} {lengths.mean():5.1f} tokens, {truth.mean():4.0%} true")

# %% tags=["experiment", "row-82", "draw"]
show(
    text_figures.kept_figure(written[-1], kept, kept_lengths),
    "Left: the sum of logprobs against the length, and which documents of 16 have the highest sum "
    "and average. Right: mean length of what is kept by sum, by average and at random.",
)

# %% tags=["experiment", "row-82", "judge"]
claim = "longer sequences have lower sums, so choosing by the sum favours short ones"
verdicts.add(82, claim, **text_verdicts.short_by_sum(kept_lengths, correlation))
claim = "the average avoids the bias towards short sequences"
verdicts.add(82, claim, **text_verdicts.average_bias(kept_lengths, kept_truth))

# %% [markdown]
# Does the average have a bias of its own? Compare the middle bar on the right with the last one: a
# long text of easy tokens can beat a short one with a single surprising name.
#
# **Think.** A sum compares probabilities of whole answers. In classification the labels may have
# different lengths: when would the average mislead there?
#
# <details><summary>One answer</summary>
#
# When a label is spelt with several tokens of which all but the first are certain: its easy tokens
# raise the mean. Two labels exclude each other, so their probabilities, the sums, are what has to
# be compared.
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
# 3. takes those that end with `eos_id` (end of sequence) out of the beam and puts them aside: they
#    are finished, are not extended, and no longer compete. Nobody takes their place in this step;
#    in the next one again `width` extensions are kept.
#
# It ends after `max_new_tokens` steps, or when the beam is empty. The result holds the finished
# hypotheses and those still in the beam, as (new ids, average): the ids without the prompt and with
# the eos where it was reached, the average log-probability per new token, the eos counted. The best
# average comes first.
#
# On paper first, with three tokens, two steps and width 2: what is the largest number of extensions
# among which step 2 chooses?

# %% exercise="beam_search"

# %% [markdown]
# ### Experiment: likelier and duller
#
# Others found that likelier open-ended text is duller (Holtzman et al., 2020). **Measurement.** In
# the world, 20 beginnings of documents are continued with beams of 1 to 16: logprob per token (the
# end counted), truth, and how varied the 20 texts are. SmolLM2 continues some of section 1's
# openings with a beam of 4. **Control.** Drawing at temperature 1.

# %% tags=["experiment", "row-83"]
from utils.decoding.decoders import decoder_for
from utils.experiments.samplers import world_texts
from utils.training.base_models import load_base_model

world_decoder = decoder_for(load_base_model("world-medium"))
n_beginnings, widths = budget.pick(smoke=4, cpu=20, gpu=200), [1, 2, 4, 8, 16]
documents = world.documents(n_beginnings, seed=11)
beginnings = [world.vocabulary.encode(document.text)[:2] for document in documents]
beams = {w: world_texts.by_beam(world_decoder, world, beginnings, w) for w in widths}
drawings = [world_texts.by_drawing(world_decoder, world, beginnings, seed) for seed in seeds]
by_width = {w: world_texts.measure_continuations(world, one) for w, one in beams.items()}
by_seed = [world_texts.measure_continuations(world, one) for one in drawings]
drawn = {name: float(np.mean([one[name] for one in by_seed])) for name in by_seed[0]}
for label, found in [*((f"beam {width:2}", by_width[width]) for width in widths), ("drawn", drawn)]:
    print(f"{label:8}", {name: round(value, 2) for name, value in found.items()})

n_searched, beam_tokens = budget.pick(smoke=(2, 8), cpu=(6, 48), gpu=(16, 100))
searched = writer.likeliest(openings[:n_searched], 4, beam_tokens)
beam_repeats = np.array([repeated_share(one.ids) for one in searched])
print("\nSmolLM2, beam of 4:", repr(real.decode(searched[0].ids)[:160]))

# %% tags=["experiment", "row-83", "draw"]
show(
    text_figures.beam_figure(by_width, drawn),
    f"Likelihood, truth and variety of {n_beginnings} continued documents against the width of the "
    "beam, with drawing at temperature 1 as a dashed line.",
)

# %% tags=["experiment", "row-83", "judge"]
measures = {"greedy": by_width[1], "beam": by_width[16], "drawn": drawn}
same_drawn = repeats_drawn[:n_searched]
claim = "beam search finds more promising (likelier) sequences than greedy decoding"
verdicts.add(83, claim, **text_verdicts.likelier(beams[1], beams[16], measures))
claim = "likelier open-ended text is duller (Holtzman et al., 2020; not in the chapter)"
said = text_verdicts.duller(beams[16], drawings, measures, beam_repeats, same_drawn)
verdicts.add(83, claim, **said)

# %% [markdown]
# Do likely and right go together in the world? Compare beams with drawing in the middle picture.
# How much does a wider beam add to a narrow one? The right picture shows the price, variety: does
# greedy decoding pay less than a beam? Beams of SmolLM2 as short as here can miss a loop that a
# longer text would fall into.
#
# **Think.** Translation used beams for a decade, chat never did. Why?
#
# <details><summary>One answer</summary>
#
# A translation has one meaning to hit, and the likeliest sentence is close to it. In a chat many
# good answers share the probability, and what is likely in every word is a platitude. Beams also
# cost several times the memory of a single draw.
#
# </details>

# %% [markdown]
# ## 10 A verifier for a larger model
#
# From here on a model may try several times. The tasks are sums in steps; a solution is written
# step by step, and it is right only when all of its steps are: a lucky last number does not count.
# Four models of 28,000 to 409,000 parameters come with the course, trained alike; the number in a
# name is the width. None has seen the tasks below.

# %%
from utils.decoding import generation
from utils.training.arithmetic_models import HELD_OUT_SEED, arithmetic_vocabulary, draw_tasks
from utils.training.arithmetic_models import load_arithmetic_model, prompt_ids

task = draw_tasks(4, HELD_OUT_SEED, [4])[1]
print(f"{task.question}\n{'right':15} {task.solution}")
arithmetic_words = arithmetic_vocabulary()
for name in ("arithmetic-32", "arithmetic-128"):
    model, stops = load_arithmetic_model(name), [arithmetic_words.end_of_turn_id]
    found = generation.generate(model, [prompt_ids(task)], 64, stop_ids=stops)[0]
    print(f"{name:15} {arithmetic_words.decode(found.ids)}")

# %% [markdown]
# **What the chapter claims.** OpenAI trained verifiers that pick the best of several solutions
# (Cobbe et al., 2021), and a verifier gave about the same boost as a model 30 times as large. So a
# model with 100 million parameters and a verifier would do as well as one of 3 billion without.
#
# ### Experiment: small with a verifier against larger without
#
# **Measurement.** In the recorded run (`course record 07 84`) six models, the largest with 31 times
# the parameters of the smallest, learn tasks of two to six steps. The smallest that solves a tenth
# of new tasks of four to six steps is the small model. It writes many solutions of each, and a
# verifier picks one of 100. The verifier is a head on the small model: it sees hidden states and
# how surprised the model was, and learns from thousands of solutions of other tasks. In the paper
# it is a trained copy of the model that judges at every token; one of that kind is tried as well.
# The larger models answer greedily; between their sizes we interpolate. How often the choice is
# right is computed exactly, over all sets of 100 from the pool. **Controls.** A random solution, the
# small model's greedy one, the likeliest of the 100, and a perfect verifier. The live run is
# smaller: the course's models, and tasks of two to four steps.
#
# It is the third plan. In the first run the verifier, which judged at every token, put right above
# wrong in half of the pairs, no better than a coin: no verifier that works. The head was then
# chosen on other tasks, a size was added, and the rule got its condition on the order of pairs.

# %% tags=["experiment", "row-84"]
from utils.experiments.recording.record import read_record
from utils.experiments.samplers import live_tries, tries_figures, tries_verdicts
from utils.experiments.samplers.verifier_recipe import FALLS, VERIFIER

print("the rule, written before this run:", VERIFIER.design.rule_text)
verifier_record = read_record("07", 84, recipe=VERIFIER)
chosen_by = verifier_record.findings
of_width, small_one = next(iter(chosen_by["generators"].items()))
recorded = live_tries.recorded_choices(chosen_by, of_width)
print("recorded:", {way: round(share, 2) for way, share in recorded.items()})
orders = np.mean(small_one["order"]), chosen_by["token level"]["order"]
print("pairs with right above wrong: head {:.2f}, copy that judges tokens {:.2f}".format(*orders))

n_test, n_training = budget.pick(smoke=(2, 6), cpu=(8, 40), gpu=(60, 300))
pool_size, head_steps = budget.pick(smoke=(40, 20), cpu=(300, 200), gpu=(10_000, 400))
greedy, pools, head_scores = live_tries.pools_with_heads(
    n_test, n_training, pool_size, head_steps, budget.workers
)
print("live, greedy:", {name: round(share, 2) for name, share in greedy.items()})
for name, own in pools.items():
    ways = live_tries.ways_to_choose(own, head_scores[name], min(100, pool_size))
    print(f"live, {name}:", {way: round(share, 2) for way, share in ways.items()})

# %% tags=["experiment", "row-84", "draw"]
sizes, own_size = chosen_by["sizes"], small_one["parameters"]
show(
    tries_figures.ladder_figure(sizes, chosen_by["greedy"], own_size, recorded),
    "Recorded run: share of tasks of four to six steps solved in all steps by models of six "
    "sizes, and as horizontal lines what one small model solves with four ways to choose.",
)

# %% tags=["experiment", "row-84", "judge"]
claim = "a verifier is worth about a 30 times larger model"
verdicts.add(84, claim, **tries_verdicts.verifier_worth(verifier_record))

# %% [markdown]
# Compare the verifier with its cheaper rivals, not only with one random solution: greedy decoding
# costs one answer, and the likeliest of many needs no verifier. How much size a gain equals depends
# on what size buys: where the ladder is steep, a large gain is worth little size; where it is flat,
# a small gain is worth much. And a verifier has its price: 100 solutions and 100 readings for one
# answer, where a larger model writes one.
#
# **Think.** The perfect verifier's line is the ceiling of every verifier. What does the distance
# to it say about where to put more work: into the generator or into the verifier?
#
# <details><summary>One answer</summary>
#
# A large distance says that right solutions are among the samples and are not found: work on the
# verifier. Where it is small, only more samples or a better generator can help.
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
# **Measurement.** In the recorded run of the last section, two verifiers of its small model, and
# two of the next in size, choose among 1 to 600 solutions of a task. The share of right choices is
# exact for each pool of samples. The peak of a noisy curve is too high, so it is located on half of
# the tasks and read on the other half. **Control.** A perfect verifier, which picks a right
# solution whenever there is one. The live run uses the pools and heads of the last section.

# %% tags=["experiment", "row-85"]
from utils.experiments.samplers.verifier_curves import verifier_curves

print("the rule, written before the run:", FALLS.rule_text)
recorded_curves = list(chosen_by["generators"].values())
for one in recorded_curves:
    share = np.mean(one["order"])
    print(f"recorded, {one['parameters']:,} parameters: right above wrong in {share:.0%} of pairs")

ns = [n for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 600, 2000, 10_000) if n <= pool_size]
live_curves = {name: verifier_curves(pools[name], head_scores[name], ns) for name in pools}
for name, found in live_curves.items():
    print(f"live, {name}: peak at {found.peak}, {found.drop.mean:+.3f} above the end, {ns[-1]}")
weak = "arithmetic-32"
print(f"\n{live_tries.most_fooled(pools[weak], head_scores[weak][0], live_curves[weak])}")

# %% tags=["experiment", "row-85", "draw"]
live_means = [found.mean for found in live_curves.values()]
show(
    tries_figures.choices_figure(recorded_curves, chosen_by["ns"], live_means, ns),
    "Share of right choices against the number of solutions for two generators: trained verifiers "
    "and their mean with a 95% band over the tasks, a perfect one, and the live run's verifiers.",
)

# %% tags=["experiment", "row-85", "judge"]
claim = "more samples help only up to a point (400 there); beyond it the verifier is fooled"
verdicts.add(85, claim, **tries_verdicts.falls(verifier_record))
claim = "control: with a perfect verifier there is no peak"
verdicts.add(85, claim, **tries_verdicts.perfect_never_falls(verifier_record))

# %% [markdown]
# Read the chosen solution above: how often was it sampled, and why does it look right to its
# judge? Nobody attacked the verifier on purpose; a search over many samples did. Whether there is a
# peak, and where, is a property of the pair: a verifier that ranks right solutions first on nearly
# all tasks has nothing to lose.
#
# **Think.** In production you have no perfect verifier, so you cannot see the curve. How would you
# choose n?
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
# two do not contradict each other: coverage is what a perfect verifier would reach. With n samples
# of which c are right, the share of all sets of k that hold a right one is 1 - C(n-c, k) / C(n, k).

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
# not, since your c/n is itself an estimate. With n = 10,000 the binomials have thousands of digits,
# which no float holds: use whole numbers, or a product, or logarithms. And mind the case in which
# fewer than k answers are wrong.

# %% exercise="pass_at_k"

# %% [markdown]
# ### Experiment: ten thousand samples
#
# A number below 200 is soon guessed: ten thousand blind guesses would hit nearly all of the answers
# to our tasks. So a solution counts as right when all of its *steps* are, and then only one text is
# right. Its probability p under the model can be computed, and with it the coverage of k samples,
# 1 - (1 - p)^k, without drawing any.
#
# **Measurement.** In the recorded run (`course record 07 86`), three generators and 100 new tasks
# of each length: coverage from 1 to 10,000 samples, and how straight it is in log k. **Controls.**
# Tasks that are all equally hard, with the same mean success: is the line a law of sampling, or of
# the mixture of easy and hard tasks? Blind guesses, beside solutions judged by their last number
# only. And samples drawn of some tasks; the live run draws fewer.

# %% tags=["experiment", "row-86"]
from utils.experiments.samplers.coverage_recipe import COVERAGE

print("the rule, written before the run:", COVERAGE.design.rule_text)
coverage_record = read_record("07", 86, recipe=COVERAGE)

many = budget.pick(smoke=200, cpu=1000, gpu=10_000)
hard_tasks = draw_tasks(budget.pick(smoke=1, cpu=2, gpu=25), HELD_OUT_SEED + 1, (2, 3, 4, 5))
k_values = [k for k in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000) if k <= many]
right_counts, live_coverage = live_tries.sampled_coverage(
    "arithmetic-32", hard_tasks, many, k_values, budget.workers
)
print(f"live, right in all steps, of {many:,} by task:", sorted(right_counts))
print("live, pass@k:", dict(zip(k_values, np.round(live_coverage, 3).tolist(), strict=True)))

# %% tags=["experiment", "row-86", "draw"]
show(
    tries_figures.coverage_figure(coverage_record.findings, k_values, live_coverage),
    "Coverage against the number of samples on a logarithmic axis. Left: three generators judged "
    "by all steps, and equally hard tasks. Right: the weakest generator on "
    f"{coverage_record.findings['sampled']['tasks']} tasks, judged by all steps and by the last "
    "number, beside blind guesses.",
)

# %% tags=["experiment", "row-86", "judge"]
claim = "coverage often grows log-linearly with the samples, from 1 to 10,000"
verdicts.add(86, claim, **tries_verdicts.coverage(coverage_record))

# %% [markdown]
# One task alone gives a step: nothing, then within a decade or two everything. Steps at different
# places, added up, look like a ramp. So a straight line tells about the *tasks*: their chances
# must be spread evenly over the decades of k. Where many tasks are easy, the curve is steep at
# first and flat later; where all are equally hard, it is an S.
#
# The right picture shows what a careless judge does. How much more do the same samples seem to
# solve, judged by the last number? And where does that curve meet the one of blind guesses?
#
# **Think.** Why does the share of right *steps* not suffer from guessing?
#
# <details><summary>One answer</summary>
#
# A guesser has to hit every step: with 200 numbers to choose from and four steps that is one in
# 1.6 billion. The last number alone is one in 200, and less rare for a guesser who knows that small
# results are more common.
#
# </details>

# %% [markdown]
# ## 13 Votes
#
# **What the chapter claims.** For exact answers one can take the most frequent of many outputs.
# Google's Gemini was evaluated on MMLU with 32 samples for each question, and scored higher than
# with one (self-consistency, Wang et al., 2023). Why that should help: let the right answer come
# with probability 0.4 and two wrong ones with 0.3 each.

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
from utils.experiments.samplers.votes_recipe import VOTES, right_by_voters

print("the rule, written before the run:", VOTES.design.rule_text)
votes_record = read_record("07", 87, recipe=VOTES)
voters = votes_record.findings["voters"]
for name, found in votes_record.findings.items():
    if name != "voters":
        print(f"{name}: votes help {found['helped']:.0%} of the tasks, harm {found['harmed']:.0%}")

rounds, generator = budget.pick(smoke=3, cpu=20, gpu=200), np.random.default_rng(5)
ballots = [right_by_voters(pool, rounds, generator) for pool in pools["arithmetic-48"]]
vote_right = np.mean(ballots, axis=0)
in_votes = dict(zip(voters, np.round(vote_right, 2).tolist(), strict=True))
print(f"live, {len(ballots)} tasks:", in_votes)

# %% tags=["experiment", "row-87", "draw"]
show(
    tries_figures.votes_figure(votes_record, vote_right),
    "Left: the share of tasks solved against the number of votes for two generators, with their "
    "greedy answers as dashed lines. Right: for each task, the majority of 32 against one sample.",
)

# %% tags=["experiment", "row-87", "judge"]
claim = "the most frequent of 32 outputs is right more often than a single one"
verdicts.add(87, claim, **tries_verdicts.votes(votes_record))

# %% [markdown]
# With many votes the most frequent answer wins. Where that is the right one, the task is won; where
# another is, it is lost for good: look at the points on the right below the diagonal. And compare
# the majority of 32 with greedy decoding, which costs one answer: is a vote more than a way back to
# what the model holds most likely anyway?
#
# **Think.** Voting needs answers that can be equal. What would a vote be on summaries of a text?
#
# <details><summary>One answer</summary>
#
# Summaries are hardly ever equal, so every vote is for a candidate of its own. One can vote on
# the statements that they contain, or take the summary that is most similar to all others.
#
# </details>

# %% [markdown]
# ## 14 The first valid answer
#
# **What the chapter claims.** Asking several times side by side also helps against latency: show
# the first answer that is complete and valid. Three samples took 2, 4 and 10 seconds, and the
# quickest was not valid. All pairs of them, run side by side:

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
# valid, in any order. Each of the n answers is one of your samples, drawn with replacement, valid
# or not. Return the exact expectation of the time to the first valid answer, given that at least
# one of the n is valid; `inf` when no sample is valid at all.
#
# Hint: sort the valid latencies. The first valid answer comes later than the j-th of them exactly
# when none of the n draws is one of the first j, which has the probability (1 - j/m)^n with m
# samples. What is then the probability that it *is* the j-th?

# %% exercise="first_valid_latency"

# %% [markdown]
# ### Experiment: the distribution of waiting times
#
# **Measurement.** The JSON samples of section 7: an output is valid when it parses, and takes as
# many decoding steps as it has tokens. The wait *given that one of n is valid* leaves out a part of
# the benefit: with more answers side by side, fewer rounds fail as a whole. So we count the wait
# until an answer is valid, over as many rounds of n as that takes, each failed one waited for to
# its end. **Control.** n = 1, asked again and again. And the catch: n answers share the processor,
# so the time of a step with n rows is measured too.

# %% tags=["experiment", "row-88"]
from utils.experiments.samplers.measuring import steps_until_valid
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
waits = {
    "until one is valid": until_valid,
    "where one of n is valid": given_valid,
    "until valid, time here": until_valid * ms_a_step / ms_a_step[0],
}
show(
    tries_figures.waits_figure(steps, is_valid, side_by_side, waits),
    "Left: the probability that a valid answer has arrived against the waiting time, for 1, 4 and "
    "16 answers side by side. Right: the expected wait for a valid answer in decoding steps, the "
    "wait where one of the n is valid, and the wait in time on this machine, where more rows make "
    "a step slower.",
)

# %% tags=["experiment", "row-88", "judge"]
of_four = [side_by_side.index(n) for n in (1, 4)]
claim = "showing the first valid of several parallel answers lowers the latency"
said = tries_verdicts.first_valid(steps, is_valid, until_valid[of_four], ms_a_step[of_four])
verdicts.add(88, claim, **said)

# %% [markdown]
# Two things shorten the wait: short answers come first, and of several answers one is valid more
# often. Compare the two lines on the right that count steps: where all valid answers are about
# equally long, nearly all of the benefit is in the rounds that do not fail, and the wait *given* a
# valid answer hides it. The model is no faster, and needs hardware with room to spare: the third
# line shows what a processor without it takes back.
#
# **Think.** A slow answer is often a careful one. What happens to quality when the first valid
# answer of 16 is shown?
#
# <details><summary>One answer</summary>
#
# The first valid answer tends to be short. If length and quality go together, quality falls with n.
#
# </details>

# %% [markdown]
# ## 15 Three tries
#
# **What the chapter claims.** The less robust a model is to small changes of its input, the more
# it gains from several tries: one that could read an image only half of the time read most within
# three. Success with probability p at each try gives 1 - (1 - p)^3 within three. The gain is not
# largest for the worst model:

# %%
for p in (0.0, 0.05, 0.2, 0.42, 0.5, 0.8, 1.0):
    three = 1 - (1 - p) ** 3
    print(f"one try {p:4.0%}, three tries {three:4.0%}, gain {three - p:+.0%}")

# %% [markdown]
# ### Experiment: sensitivity and gain
#
# **Measurement.** A model is asked the same tasks in four wordings. Its *sensitivity* is the share
# of greedy answers that change with the wording; its gain is pass@3 minus pass@1. Four models are
# too few for a correlation, so in the recorded run (`course record 07 89`) each is also trained on
# for some steps with four mixtures of wordings, which makes it more or less robust: 20 models. The
# correlation of gain and sensitivity is taken over all of them, and within the sizes. **Control.**
# The gain that would follow from the success of one try, if all tasks were equally hard: does that
# explain it better? The live run asks the four models as they are.

# %% tags=["experiment", "row-89"]
from utils.experiments.recording.live import live_runs
from utils.experiments.samplers.wording_recipe import TRIES, of_models

print("the rule, written before the run:", TRIES.design.rule_text)
tries_record = read_record("07", 89, recipe=TRIES)
tried = tries_record.findings
smallest = TRIES.stages_of("live")[0].jobs({})[: budget.pick(smoke=2, cpu=4)]
live_tries = of_models({"models": live_runs(TRIES, budget.workers, smallest)})
print("live:", {name: np.round(values, 2).tolist() for name, values in live_tries.items()})

# %% tags=["experiment", "row-89", "draw"]
show(
    tries_figures.gains_figure(tried["models"], tried, live_tries),
    "Left: gain from three tries against the sensitivity to the wording, one mark a model. Right: "
    "the same gain against the success of one try, under a curve that peaks at 42%.",
)

# %% tags=["experiment", "row-89", "judge"]
claim = "the less robust the model, the more several tries help"
verdicts.add(89, claim, **tries_verdicts.gains(tries_record))

# %% [markdown]
# Compare the two pictures, and the correlations in the verdict: which of the two explains the gain,
# sensitivity or the success of one try? A model that always gives the same answer gains nothing;
# nor does one that never succeeds, however sensitive it is.
#
# **Think.** The chapter's footnote: the best thing to do with a brittle model is to swap it out.
# For which success rate would you keep it and try three times?
#
# <details><summary>One answer</summary>
#
# For one near 0.42, where three tries gain most; near 0 or 1 there is little to gain. And only
# where you can tell which try succeeded.
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

    n_tokens = budget.pick(smoke=8, cpu=32)
    ids = generate(after, real.encode(beginning), n_tokens, choose, real.eos_ids)
    return truncate_at_stop(real.decode(ids), ["\n\n"])


try:
    print(repr(write_with_own_samplers("Once upon a time there was a")))
except NotImplementedError:
    print("Answer the five exercises named above first; then your own samplers write here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# The arithmetic of samplers is exact. What SmolLM2 does holds for a small model and a few dozen
# prompts. The verifier, the votes and the coverage were measured on toy models; we expect the
# reasons why the curves bend to carry over to larger models, not the places where they do.
#
# **Read next**
#
# - Holtzman et al. (2020), *The curious case of neural text degeneration*: top-p, and why likely
#   text is dull. Nguyen et al. (2024), *Turning up the heat: min-p sampling*; with section 6 in
#   mind.
# - Cobbe et al. (2021), *Training verifiers to solve math word problems*, section 4: Figure 2-19.
# - Brown et al. (2024), *Large language monkeys*: coverage on real tasks; Wang et al. (2023):
#   self-consistency; Snell et al. (2024), *Scaling LLM test-time compute optimally*: when is trying
#   again cheaper than a larger model?
#
# In notebook 08 the sampler gets a grammar: the answers are not only likely, but well formed.
