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
# # 09 Hallucination
#
# A model that samples may answer the same question differently each time, and it may make answers
# up. How often does that happen, why, can one tell, and what helps? In the miniature world, and for
# the facts that a real model is asked, the truth of every answer is known: no judge is needed.
#
# You need notebooks 05 to 07 and about three hours with the exercises.
#
# **You will learn to**
#
# - measure inconsistency, and say what a cache, a seed and other hardware do to it;
# - tell two causes of hallucination apart: a model that believes itself, and a model that was
#   taught to say what it does not know;
# - detect made-up answers, and measure how well you detect them;
# - weigh right answers, wrong ones and silence against each other, and choose between mitigations.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 The same question twice | `consistency` | 1 of 5 | 10 |
# | 2 Another machine | | | |
# | 3 One capital letter | `capital_flip` with `sensitivity` | 2 of 5 | 15 |
# | 4 Believing oneself | `snowball_rate` | 2 of 5 | 15 |
# | 5 What the labeler knows | `outcome_rates` | 2 of 5 | 15 |
# | 6 Can it be detected? | `auroc`, `calibration_error` | 3 and 3 of 5 | 20 and 20 |
# | | `semantic_clusters` with `semantic_entropy` | 3 of 5 | 25 |
# | 7 What helps? | `supported` | 2 of 5 | 10 |
# | | `expected_score` with `should_answer` | 1 of 5 | 10 |
# | 8 Did preference training make it worse? | | | |
# | 9 Real facts, invented countries | | | |
# | 10 Ask for yourself | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. No experiment depends on your answers.
#
# **What stands behind the numbers.** Most experiments are *recorded runs*: their rule was written
# down before they ran. The notebook reads the record, prints the rule, judges by it, and runs a
# small version live; `course record 09 103`, with the number of a row, makes a record again. The
# models are those of the miniature world (the larger has 874,000 parameters), and SmolLM2-135M, a
# real one.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 The same question twice
#
# **What the chapter claims.** A model that samples can answer the same prompt differently each
# time. In Figure 2-23 one essay gets a score of 3 in one run and a 5 in the next. Three things are
# said to help: answer from a cache, fix the sampling variables, fix the seed. You first need a
# number for how consistent some answers are.
#
# ### Exercise: `consistency`
#
# *Difficulty 1 of 5, 10 minutes.* Given the answers of several runs on the same input, return the
# probability that two different runs, drawn at random, agree: 1 when all runs agree, 0 when all
# differ. A run is never paired with itself. Fewer than two answers are refused: raise a
# `ValueError`.

# %% exercise="consistency"

# %% [markdown]
# Sixteen short essays were written for the course: eight that say something, and eight with faults
# that a teacher would mark. SmolLM2 is asked for a score from 1 to 5, and the next token is drawn
# from the chances of the five scores: twenty scores at each temperature, with eight seeds. For one
# token no draw is needed: two runs agree with a probability that is the sum of the squared chances.
#
# Then the cures, at temperature 1. A **cache** keeps the answer to every request; **temperature 0**
# takes the likeliest score instead; a **seed** starts the same random numbers at each call. Each
# essay is scored again when nothing has changed, when the request says "grade" instead of "score",
# when the essay stands elsewhere in its batch ("other company"), and on another machine: with an
# empty cache, the same seed, and weights in 8 bits.

# %% tags=["experiment"]
import matplotlib.pyplot as plt
import numpy as np

from utils.evaluation.intervals import Interval, bootstrap_interval, mean_interval
from utils.experiments.recording.live import live_runs, said, verdict_outcome
from utils.experiments.recording.record import read_record
from utils.notebook import show
from utils.notebook.drawing import interval_bars, interval_line
from utils.notebook.verdicts import first_that_holds

above = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "fontsize": 8}  # of a legend

# %% tags=["experiment", "row-99"]
from utils.experiments.hallucination import essay_recipe as essays
from utils.experiments.hallucination.essay_runs import CHANGES, CURES, TEMPERATURES, EssayJob

scored = read_record("09", 99)
print(essays.DESIGN.rule_text)
drawn = [essays.agreement(scored.results, T) for T in TEMPERATURES]
exact = [essays.agreement(scored.results, T, "exact").mean for T in TEMPERATURES]
lost = {cure: [essays.lost(scored.results, cure, change) for change in CHANGES] for cure in CURES}
print(f"\nthe five scores have {scored.findings['held']:.0%} of the probability of all tokens")
print("one essay, twenty runs:", *scored.results["scores"][0].result["shown"])
for cure, by_change in lost.items():
    shares = zip(CHANGES, by_change, strict=True)
    print(f"{cure:14} another score after", *(f"{what} {one.mean:4.0%};" for what, one in shares))
for cure, order in scored.findings["ranked"].items():
    print(f"{cure:14} a sound essay scores higher than a faulty one", end=" ")
    print(f"{order['higher']:.0%}, lower {order['lower']:.0%}")
jobs = essays.stages("live")[0].jobs({})
[live] = live_runs(essays.ESSAY_RECIPE, 0, budget.pick(smoke=[EssayJob(2, 3, 0)], cpu=jobs))
print("live, one essay again and again:", *live.result["shown"])
for cure, same in live.result["same"].items():
    shares = (f"{what} {np.mean(same[what]):.0%};" for what in CHANGES)
    print(f"live, {cure}: the same score after", *shares)

# %% tags=["experiment", "row-99", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.6, 3.6), constrained_layout=True)
interval_line(both[0], TEMPERATURES, drawn, label="drawn", linestyle="none")
both[0].plot(TEMPERATURES, exact, color="black", label="exact")
both[0].axhline(0.2, color="grey", linestyle=":", label="any score as likely")
both[0].set(xlabel="temperature", ylabel="chance that two runs agree", ylim=(0, 1.05))
both[0].legend()
interval_bars(both[1], CHANGES, lost, fontsize=8, rotation=15)
both[1].set(xlabel="what changes before it is asked again", ylabel="share of other scores")
both[1].legend(ncols=4, **above)
show(
    figure,
    "Left: the chance that two runs give an essay the same score falls with the temperature. "
    "Right: the share of scores that are other ones when the essay is scored again, by what has "
    "changed, without a cure and with each of three; 95% intervals over essays.",
)

# %% tags=["experiment", "row-99", "judge"]
differ, apart = essays.differing(scored.results), essays.far(scored.results)
worst = {cure: max(lost[cure], key=lambda one: one.mean) for cure in CURES[1:]}
verdicts.add(
    row=99,
    claim="the same input gets different outputs; a cache, fixed sampling variables and a seed "
    "help, without a guarantee",
    measured=f"two runs differ for {differ.mean:.0%} of the pairs, by two points or more for "
    f"{apart.mean:.0%}; each cure repeats every score when nothing changes, and loses at worst "
    + ", ".join(f"{one.mean:.0%} ({cure})" for cure, one in worst.items()),
    interval=f"{differ}; {apart}; {said(scored)}",
    outcome=verdict_outcome(scored),
)

# %% [markdown]
# No cure makes a score right. A cache keeps one draw for ever: where a 1 was drawn first, everybody
# reads 1. At temperature 0 a sound essay seldom gets another score than a faulty one: consistent,
# as long as the machine stays the same, and useless as a grade. The cures fix which draw is shown,
# and not what is judged.
#
# **Think.** A seed survives another machine better than other company in the batch. Why?
#
# <details><summary>One answer</summary>
#
# The seed fixes the random numbers, not the answer. On another machine the same number is held
# against slightly other chances, and often falls on the same score. In other company the generator
# hands out its numbers in another order, so the essay gets a number that was never its own: as good
# as no seed. A service that wants seeds to hold must give each request a generator of its own.
#
# </details>

# %% [markdown]
# ## 2 Another machine
#
# **What the chapter claims.** Even with all sampling variables and the seed fixed, nothing
# guarantees the same output: machines carry out the same instructions in different ways, and handle
# numbers of different ranges.
#
# Take all chance away: greedy texts of 24 tokens after forty prompts for a story. What is left are
# sums of rounded numbers, and a rounded sum depends on its order. The order depends on how many
# texts are computed side by side and with how much padding, on the number of threads, and on the
# processor. Other **number formats** round elsewhere: bfloat16 has 8 binary digits, float16 11,
# float32 24, float64 53.
#
# Two computations of one text are compared: *by steps*, one token after the other with a cache of
# keys and values, or *the whole text*, a finished one that is read at once. They are compared up to
# the step at which the likeliest token is another one; after that they are two texts. The record is
# of one machine with two cores; the live run below is of yours.

# %% tags=["experiment", "row-100"]
from utils.experiments.hallucination import numerics_recipe as numerics
from utils.experiments.hallucination.numerics_runs import DECODED, WAYS, NumericsJob

computed = read_record("09", 100)
print(numerics.DESIGN.rule_text)
turned = {way: numerics.flipped(computed.results, way) for way in WAYS}
moved = {way: numerics.changes(computed.results, way) for way in WAYS}
for way, compared in WAYS.items():
    first = computed.findings["ways"][way]["step"]
    step = "" if first is None else f", at step {first:g} (median)"
    print(f"{way:18} against {compared:26} logits move by {np.median(moved[way]):.1e},", end=" ")
    print(f"{turned[way].mean:4.0%} of the texts become others{step}")
price = {name: mean_interval(numerics.price(computed.results, name)) for name in DECODED}
for name in DECODED:
    gap = numerics.in_company(computed.results, name)
    print(f"{name}, each row alone: company moves no logit by more than {gap:g}", end=", ")
    print(f"and a batch of eight takes {price[name]} times as long")
jobs = budget.pick(smoke=[NumericsJob(0, 2, 2, 1, 0)], cpu=numerics.stages("live")[0].jobs({}))
[live] = live_runs(numerics.NUMERICS_RECIPE, 0, jobs)
for way, sizes in live.result["largest"].items():
    flips = sum(step >= 0 for step in live.result["flip"][way])
    print(f"live, {way:16} logits move by {max(sizes):.1e}, {flips} of {len(sizes)} texts turn")
print("live, each row alone:", live.result["row by row"])

# %% tags=["experiment", "row-100", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.6, 3.8), constrained_layout=True)
steps = np.arange(1, numerics.STEPS + 1)
# Ways that turn no text lie on each other at 0: one line stands for all of them.
still = [way for way in WAYS if turned[way].mean == 0]
for way in WAYS:
    if way not in still[1:]:
        label = f"{way} and {len(still) - 1} more" if way in still and len(still) > 1 else way
        departed = numerics.departed(computed.results, way, numerics.STEPS)
        both[0].step(steps, departed, where="post", label=label)
both[0].set(xlabel="tokens written", ylabel="share of texts that are others", ylim=(-0.03, 1))
both[0].legend(fontsize=8)
for place, sizes in enumerate(moved.values()):
    shown = [max(size, 1e-6) for size in sizes]
    both[1].plot(shown, [place] * len(shown), "o", color="C0", alpha=0.4)
both[1].set_yticks(range(len(WAYS)), list(WAYS))
both[1].set(xscale="log", xlabel="largest change of a logit (none: at 1e-6)", ylabel="way")
show(
    figure,
    "Left: the share of greedy texts that have become others, by the number of tokens written. "
    "Right: the largest change of a logit of each text up to that step, on a logarithmic axis.",
)

# %% tags=["experiment", "row-100", "judge"]
orders = {way: turned[way] for way in numerics.ORDERS}
most = max(orders, key=lambda way: orders[way].mean)
verdicts.add(
    row=100,
    claim="with everything else fixed, hardware still changes outputs",
    measured=f"bfloat16 instead of float32 turns {turned['bfloat16'].mean:.0%} of the greedy texts "
    f"into others, another order of sums at most {orders[most].mean:.0%} ({most}); row by row "
    f"nothing depends on the batch, at {price['float32'].mean:.1f} times the time in float32",
    interval=f"{turned['bfloat16']}; {orders[most]}; {said(computed)}",
    outcome=verdict_outcome(computed),
)

# %% [markdown]
# "Each row alone" is the cure for the batch: the same shapes, and so the same order of sums, whoever
# else is served. The price is that the weights are read once for each text instead of once for all.
# Kernels that keep one order for every batch cost less (He and colleagues, 2025, "Defeating
# nondeterminism in LLM inference"). Another machine stays another machine.
#
# **Think.** In bfloat16 every step moves the logits, and still most steps write the same token.
# Which steps flip?
#
# <details><summary>One answer</summary>
#
# Those at which two tokens are nearly as likely: a name, the first word of a sentence. Every step
# is another chance for such a tie, so long texts depart sooner or later, and after one other token
# the rest is another text. A verdict of one token with a clear lead hardly ever flips.
#
# </details>

# %% [markdown]
# ## 3 One capital letter
#
# **What the chapter claims.** The second kind of inconsistency is worse. A slightly different
# prompt, in which a letter was capitalised by accident, may get a very different answer, and no
# seed helps against it.
#
# ### Exercise: `capital_flip` with `sensitivity`
#
# *Difficulty 2 of 5, 15 minutes.* Two functions. `capital_flip` returns a prompt with the case of
# one letter flipped, small to capital or capital to small; the rest stays as it is. Where there is
# no letter with two cases at the position, raise a `ValueError`. `sensitivity` gets a function that
# answers, and prompts that ask for the same thing in different ways: return the share of pairs of
# prompts whose answers differ. Fewer than two prompts are refused.

# %% exercise="capital_flip"

# %% [markdown]
# SmolLM2 answers 300 questions about countries with the likeliest word after a beginning such as
# "The capital is". Each is asked again with the case of one letter changed (three times, another
# letter each) and in other words, and as a choice of four, in three orders. The control is the very
# same prompt in another batch: what section 2 measured must not be counted here.

# %% tags=["experiment", "row-101"]
from utils.evaluation.sensitivity import sensitivity as share_of_differing_pairs
from utils.experiments.hallucination import real_recipe
from utils.experiments.hallucination.prompt_changes import change_questions, flipped
from utils.experiments.hallucination.real_answers import chat_prompt, next_logits, real_model

changed = read_record("09", 101)
print(real_recipe.DESIGN.rule_text)
altered = real_recipe.differences(changed.results)
for change, share in altered.items():
    print(f"{change:20} another answer to {share}")
right = np.mean([x for run in changed.results["changes"] for x in run.result["right"]])
print(f"right before any change: {right:.0%}")


def first_word(text):
    """SmolLM2's likeliest first word after the beginning of an answer."""
    logits = next_logits([chat_prompt(text, question.opening(named=False))])[0]
    return real_model().decode([int(logits.argmax())]).strip()


for question in change_questions(budget.pick(smoke=1, cpu=4)):
    texts = [question.text(), *flipped(question.text(), 3, np.random.default_rng(0))]
    print(f"live, {share_of_differing_pairs(first_word, texts):.2f} of the pairs differ:")
    print("  ", *(f"{text} {first_word(text)};" for text in texts[:3]))

# %% tags=["experiment", "row-101", "draw"]
figure, axes = plt.subplots(figsize=(6.4, 3.4), constrained_layout=True)
interval_bars(axes, list(altered), {"all": list(altered.values())})
axes.axhline(real_recipe.THRESHOLDS["drastic"], color="black", linestyle=":")
axes.set(xlabel="what was changed in the prompt", ylabel="share of other answers")
show(
    figure,
    "Share of answers of SmolLM2 that become others after each change of the prompt; 95% intervals "
    "over 300 questions, the dotted line is the rule's 10%.",
)

# %% tags=["experiment", "row-101", "judge"]
verdicts.add(
    row=101,
    claim="a slightly different prompt, one capital letter, can get a very different answer",
    measured="; ".join(f"{change} {one.mean:.0%}" for change, one in altered.items()),
    interval="; ".join(str(one) for one in list(altered.values())[1:]) + f"; {said(changed)}",
    outcome=verdict_outcome(changed),
)

# %% [markdown]
# One letter does no less than other words. To a reader the case of a letter is an accident of
# typing; to the model "france" and "France" are other tokens, with other vectors. No cache and no
# seed helps: it is another input. But look at the first words above: this model is small, often
# wrong, and hardly prefers one wrong word to the next. A larger one has to be measured anew.
#
# **Think.** How would you make a service that answers the same to both?
#
# <details><summary>One answer</summary>
#
# Bring questions into one form before the model sees them (case, spaces, order of options), ask in
# several forms and take the majority, or train on the variants. The first costs nothing, and loses
# what a capital did mean: "Turkey" or "turkey".
#
# </details>

# %% [markdown]
# ## 4 Believing oneself
#
# **What the chapter claims.** Ortega and colleagues (2021) see the cause of hallucination in
# *self-delusion*: a model cannot tell what it was given from what it wrote itself. A first wrong
# sentence is then taken for a fact, and what follows is made to fit: hallucinations snowball. In
# Figure 2-25, after Zhang and colleagues (2023), a model that began wrong goes on to claim that
# 9677 is divisible by 13, which it denies when it is asked for that alone. Two cures are named:
# tell the model which tokens are its own, and show it in training how to go on from a wrong
# beginning. The figure's example:

# %%
print(f"{divmod(9677, 13) = }; 13 x 744 = {13 * 744}; 13 x 745 = {13 * 745}")

# %% [markdown]
# ### Exercise: `snowball_rate`
#
# *Difficulty 2 of 5, 15 minutes.* For each conversation you know whether the first statement was
# wrong, and whether a later one was. Return two rates: how often the later statement is wrong after
# a wrong first one, and how often after a right one. Where there is no wrong (or no right) first
# statement, that rate is NaN. Lists of unequal length are refused: raise a `ValueError`.

# %% exercise="snowball_rate"

# %% [markdown]
# Models have a wrong first statement put into their mouth; the controls are a right one, and the
# model's own.
#
# - *Facts.* A user asks for a fact, hears the statement, and asks again in other words, or for
#   another fact of the same person or country. Only second questions count that the model answers
#   rightly when it hears nothing before: the world's chat model on people, SmolLM2 on countries.
# - *Calculations.* A small arithmetic model gets a wrong first step.
# - *Divisibility.* The same model, finetuned, says "Yes." or "No." first and writes the equation
#   after it. A wrong "Yes." is forced; then it is asked what the product is, alone.
#
# For the cure the arithmetic model is finetuned in four ways. In each, half of the first steps are
# observations of the user, to be believed even where they contradict the sum (the "odd" ones), and
# half are the model's own. Two things vary. *Marked*: a token before the step says whose it is.
# *Own steps*: the model's steps hold slips that it made, and the demonstration works them out again.

# %% tags=["experiment", "row-102"]
from utils.evaluation.hallucination import snowball_rate as reference_snowball_rate
from utils.experiments.hallucination import snowball_recipe as delusion
from utils.experiments.hallucination.snowball_facts import FIRSTS, FOLLOW_UPS
from utils.experiments.hallucination.snowball_steps import ARMS

deluded = read_record("09", 102)
print(delusion.DESIGN.rule_text)
after = {
    f"{name}, {kind}": [
        mean_interval(delusion.fact_rates(deluded.results, part, kind, first)) for first in FIRSTS
    ]
    for part, name in (("world", "world"), ("real", "SmolLM2"))
    for kind in FOLLOW_UPS
}
steps = delusion.of_part(deluded.results, "steps")
after["calculation"] = [mean_interval([run[first] for run in steps]) for first in FIRSTS]
for name, row in after.items():
    print(f"{name:20}", *(f"{f} {one.mean:.0%}" for f, one in zip(FIRSTS, row, strict=True)))
later = [delusion.fact_rates(deluded.results, "real", FOLLOW_UPS[0], way) for way in FIRSTS[1:]]
first_wrong = [False] * len(later[0]) + [True] * len(later[1])
rates = reference_snowball_rate(first_wrong, [share > 0 for some in later for share in some])
print(f"SmolLM2, snowball_rate: {rates[0]:.2f} after a wrong first statement, else {rates[1]:.2f}")
jobs = delusion.stages("live")[0].jobs({})
jobs = budget.pick(smoke=[job for job in jobs if job.part == "steps"], cpu=jobs)
for run in live_runs(delusion.SNOWBALL_RECIPE, 0, jobs):
    few = ", ".join(f"{name} {value:.0%}" for name, value in delusion.shares(run).items())
    print(f"live, {run.job.part}: {few}")

# %% tags=["experiment", "row-102", "draw"]
figure, both = plt.subplots(1, 2, figsize=(10.4, 3.8), constrained_layout=True)
series = {first: [row[place] for row in after.values()] for place, first in enumerate(FIRSTS)}
interval_bars(both[0], list(after), series, rotation=20, ha="right")
both[0].set(xlabel="model and second question", ylabel="share of wrong follow-ups")
both[0].legend(ncols=3, title="first statement", **above)
marks = delusion.of_part(deluded.results, "marks")
series = {
    label: [mean_interval([run["wrong"][arm][name] for run in marks]) for arm in ARMS]
    for name, label in (
        ("right", "a right own step"),
        ("wrong", "a wrong own step"),
        ("observed", "an odd observation"),
    )
}
interval_bars(both[1], list(ARMS), series, rotation=20, ha="right")
both[1].set(xlabel="finetuned on", ylabel="share of wrong results")
both[1].legend(ncols=3, title="after", **above)
show(
    figure,
    "Left: wrong second answers after the model's own, a forced right and a forced wrong first "
    "statement. Right: wrong results of four finetunings after a right step, a wrong step of their "
    "own, and an observation that differs from the sum.",
)

# %% [markdown]
# Now the divisibility questions. The model is asked in both orders about numbers that it never saw;
# then a wrong "Yes." or a right "No." is forced on numbers that it learned.

# %% tags=["experiment", "row-102"]
numbers = deluded.findings
for order, (share, low, high) in numbers["division, wrong"].items():
    print(f"new numbers, {order}: {share:.0%} wrong [{low:.0%}, {high:.0%}]")
for how, label in (
    ("forced wrong", "forced wrong Yes"),
    ("forced right", "forced right No, same questions"),
    ("divisible", "forced right Yes, other questions"),
    ("own wrong", "its own wrong Yes, new numbers"),
):
    row = {name: value[0] for name, value in numbers[f"division, {how}"].items()}
    print(
        f"{label:34} false equation behind it {row['false']:4.0%}; false, and refuted when asked "
        f"alone {row['betrayed']:4.0%}; true ones refuted {row['refuted, true']:.0%}"
    )

# %% tags=["experiment", "row-102", "judge"]
found = delusion.judged(deluded.results)
verdicts.add(
    row=102,
    claim="a wrong first statement brings wrong follow-ups, even against better knowledge; a mark "
    "for the model's own words helps",
    measured=f"wrong follow-ups on the same fact: world {found['facts, world'].mean:+.0%}, SmolLM2 "
    f"{found['facts, SmolLM2'].mean:+.0%}; calculations {found['steps'].mean:+.0%}; "
    f"{found['justified'].mean:.0%} of wrong answers justified by what the model refutes; the mark "
    f"{-found['mark'].mean:+.0%} wrong results",
    interval="; ".join(str(one) for one in found.values()) + f"; {said(deluded)}",
    outcome=verdict_outcome(deluded),
)

# %% [markdown]
# **What this does not show.** All but SmolLM2 are toys. That a wrong "Yes." leads to a false
# equation is nearly forced by the form of the answers; the control adds that on the same questions
# the right "No." has a true one more often, and asking alone that the model could have told. On new
# numbers, giving reasons first made this small model no more often right, unlike the large ones of
# Zhang and colleagues. And the cure has its price: the model that checks its own steps is wrong
# more often after right ones than the model that never checks (the blue bars), since a second look
# can go wrong too.
#
# **Think.** The same trick derails the arithmetic model far more often than SmolLM2, and the
# world's model hardly at all. What is different? And why does the mark do nothing for the model
# that only saw right steps?
#
# <details><summary>One answer</summary>
#
# An arithmetic model must read its last result: it stands nowhere else. The world's model has every
# fact by the person's name and learned from texts that say no fact twice, so it hardly looks at
# what was said; that is no virtue, since it would not listen to a user either. SmolLM2 does both:
# it knows the fact and it repeats what stands there. A mark is only a name for a difference. As
# long as the model's own steps are as right as those of the user, nothing in training rewards
# treating them differently. Once its own slips are followed by a second look, the mark tells when
# to look; without it the model must guess whose number it reads.
#
# </details>

# %% [markdown]
# ## 5 What the labeler knows
#
# **What the chapter claims.** The second hypothesis is Leo Gao's: labelers write demonstrations
# from what *they* know. Where the model does not know it, finetuning teaches it to say things for
# which it has no ground. Two cures follow from that: give the labeler's knowledge along with the
# question, or teach the model to say that it does not know.
#
# In the world both sides can be measured. A fact counts as **known** when the base model completes
# it rightly after each of four prompts, and as **unknown** when it does so after none. Questions
# about **invented** people, whose names nobody has, leave one right answer: silence. People are
# split, so that no demonstration is about anybody whom the tests ask about.
#
# ### Exercise: `outcome_rates`
#
# *Difficulty 2 of 5, 15 minutes.* Given answers, the true values, and for each answer whether the
# model abstained, return a dictionary with the shares `correct`, `hallucinated` and `abstained`,
# which sum to 1. An abstention is never a hallucination, and never correct either, whatever stands
# in its answer. Lists of unequal length, and empty ones, are refused.

# %% exercise="outcome_rates"

# %% [markdown]
# Seven kinds of demonstrations, equally many and equally long trained, on six seeds each; then
# learning curves. The demonstrations are about known facts, unknown facts, or half of each. Their
# answers are the labeler's true ones, or "I do not know": to the unknown facts ("silence"), or to
# as many whatever the model knows ("silence at random"). With "told" the fact stands in the
# question.

# %% tags=["experiment", "row-103"]
from utils.experiments.hallucination import mismatch_recipe as mismatch
from utils.experiments.hallucination.answering import GROUPS
from utils.experiments.hallucination.mismatch_runs import CONDITIONS

mismatched = read_record("09", 103)
print(mismatch.DESIGN.rule_text)
wrong_after = {
    name: {
        group: mean_interval(mismatch.rate_of(mismatched.results, name, group, "hallucinated"))
        for group in GROUPS
    }
    for name in CONDITIONS
}
for name, by_group in wrong_after.items():
    print(f"{name:24}", *(f"{group} {one.mean:4.0%}" for group, one in by_group.items()))
jobs = mismatch.stages("live")[0].jobs({})
live = live_runs(mismatch.MISMATCH_RECIPE, budget.workers, budget.pick(smoke=jobs[:1], cpu=jobs))
for run in live:
    rates = run.result["rates"]
    line = (f"{group} {rates[group]['hallucinated']:4.0%}" for group in GROUPS)
    print(f"live, {run.job.condition} (seed {run.job.seed}):", *line)

# %% tags=["experiment", "row-103", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.6, 3.6), constrained_layout=True)
shown = ("known", "unknown", "half", "half, silence", "half, silence at random", "unknown, told")
series = {group: [wrong_after[name][group] for name in shown] for group in GROUPS}
interval_bars(both[0], shown, series, rotation=25, ha="right", fontsize=8)
both[0].set(xlabel="demonstrations", ylabel="share made up")
both[0].legend(ncols=3, title="asked about", **above)
for name in ("known", "unknown"):
    steps, points = mismatch.curve_of(mismatched.results, "half", f"learned, {name}", "early")
    interval_line(both[1], steps, points, label=f"{name}, learned", marker=None)
steps, points = mismatch.curve_of(mismatched.results, "half", "hallucinated on known", "early")
interval_line(both[1], steps, points, label="new known facts, made up", marker=None, linestyle="--")
both[1].set(xlabel="steps of 16 demonstrations", ylabel="share")
both[1].legend(fontsize=8)
show(
    figure,
    "Left: share of made-up answers after each kind of demonstrations. Right: learning curves of "
    "the mixture, known and unknown examples apart, and made-up answers to new questions that the "
    "base model could answer; 95% intervals over seeds.",
)

# %% tags=["experiment", "row-103", "judge"]
more, less = mismatch.raised(mismatched.results), mismatch.lowered(mismatched.results)
knowing, slower = mismatch.knowing_silence(mismatched.results), mismatch.slower(mismatched.results)
print(f"half of the unknown examples are learned {slower} steps later than half of the known ones")
verdicts.add(
    row=103,
    claim="demonstrations from knowledge that the model lacks teach it to hallucinate; silence "
    "where it knows nothing lowers that",
    measured=f"on facts that it knows {more.mean:+.0%} made up after unknown demonstrations; "
    f"{-less.mean:+.0%} on unknown facts after silence; silence falls on the unknown "
    f"{knowing.mean:+.0%} more than silence taught at random",
    interval=f"{more}; {less}; {knowing}; {said(mismatched)}",
    outcome=verdict_outcome(mismatched),
)

# %% [markdown]
# Look at the bars of "unknown, told", the cure that the hypothesis recommends. A model as small as
# this one hardly learns to copy from its question, so here the cure does not show.
#
# **Think.** Silence for unknown facts lowers made-up answers only a little more than silence taught
# at random. Why does it lower them more, and why not much more here?
#
# <details><summary>One answer</summary>
#
# Its silence falls on unknown facts somewhat more often than on known ones. But what a model this
# small knows is hardly visible in its state before it has written a word: it learns how often to
# be silent much sooner than when. Gekhman and colleagues (2024) found for a large model that
# unknown examples are learned more slowly, and that hallucination rises with them; the curves on
# the right show the same.
#
# </details>

# %% [markdown]
# ## 6 Can it be detected?
#
# **What the chapter claims.** John Schulman believes that a model knows whether it knows something.
# Then made-up answers could be kept back. The chapter adds that detection is not straightforward.
#
# A detector gives each answer a number, how certain the model is. To compare detectors you need
# three measures: whether right answers get higher numbers than wrong ones, whether a certainty of
# 80% is right in 80% of the cases, and, for certainty from samples, which samples mean the same.
#
# ### Exercise: `auroc`
#
# *Difficulty 3 of 5, 20 minutes.* Given scores, and labels that are true for positives, return the
# probability that a positive, drawn at random, has a higher score than a negative; ties count one
# half. Labels of one class only are refused, and so are lists of unequal length and scores that
# are NaN.

# %% exercise="auroc"

# %% [markdown]
# ### Exercise: `calibration_error`
#
# *Difficulty 3 of 5, 20 minutes.* The expected calibration error: sort answers by their confidence
# into bins of equal width over [0, 1]. A bin holds its lower edge and not its upper one; the last
# bin holds 1 too. In each bin take the distance between the mean confidence and the share of right
# answers; return the mean of these distances, weighted by how many answers each bin holds. Empty
# bins are left out. Refused are confidences outside [0, 1], unequal lengths, and no answers.

# %% exercise="calibration_error"

# %% [markdown]
# ### Exercise: `semantic_clusters` with `semantic_entropy`
#
# *Difficulty 3 of 5, 25 minutes.* "She lives in Zor" and "Zor is where she lives" are two texts and
# one meaning. Given answers and a function `same(a, b)`, return clusters as lists of places, in
# order of appearance: an answer joins the first cluster with whose *first member* it agrees in both
# directions, and opens a new one when there is none. `semantic_entropy` is the entropy, in nats, of
# the shares that the clusters have. No answers are refused.

# %% exercise="semantic_clusters"

# %% [markdown]
# The finetuned model answers questions about real people of the world, known and unknown, and six
# measures say how certain it is. Token probability, self-consistency and semantic entropy of ten
# samples need nothing but the model. The linear probe reads its state before the first word of the
# answer. P(True) asks the model itself whether its answer is true: once taught to judge on other
# people, once untaught as a control. No measure was tuned on a person who is asked about.

# %% tags=["experiment", "row-104"]
from utils.experiments.hallucination import mitigation_recipe as mitigation
from utils.experiments.hallucination.detection_runs import COVERAGES, DETECTORS

mitigated = read_record("09", 104)
print(mitigation.DETECTION_DESIGN.rule_text)
per_seed = mitigation.detection_values
areas = {name: mean_interval(per_seed(mitigated.results, name, "auroc")) for name in DETECTORS}
each = [run.result["detection"]["detectors"] for run in mitigated.results["mitigations"]]
risks = {
    name: [mean_interval(list(at)) for at in zip(*(one[name]["risk"] for one in each), strict=True)]
    for name in DETECTORS
}
for name, area in areas.items():
    print(f"{name:20} AUROC {area}", end="  ")
    # An entropy is no probability: there is nothing to calibrate.
    error = [] if name == "semantic entropy" else per_seed(mitigated.results, name, "ece")
    print(f"calibration error {np.mean(error):.2f}" if error else "")

# %% tags=["experiment", "row-104", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.6, 3.5), constrained_layout=True)
interval_bars(both[0], list(areas), {"all": list(areas.values())}, rotation=25, ha="right")
both[0].axhline(0.5, color="black", linestyle=":")
both[0].set(xlabel="measure of certainty", ylabel="AUROC", ylim=(0.4, 1))
for name in ("token probability", "semantic entropy", "linear probe", "P(True)"):
    interval_line(both[1], COVERAGES, risks[name], label=name)
both[1].set(xlabel="share of questions answered", ylabel="share of answers that are made up")
both[1].legend(fontsize=8)
show(
    figure,
    "Left: how well measures of certainty tell right answers from wrong ones; the dotted line is a "
    "coin. Right: the share of made-up answers when only the most certain ones are given.",
)

# %% tags=["experiment", "row-104", "judge"]
found = mitigation.detection_rule(mitigated.results)
verdicts.add(
    row=104,
    claim="models know whether they know, so that made-up answers can be detected",
    measured="AUROC: " + "; ".join(f"{name} {areas[name].mean:.2f}" for name in DETECTORS),
    interval=f"of token probability {areas['token probability']}; {said(mitigated)}",
    outcome="undecided" if found.startswith("cannot") else found,
)

# %% [markdown]
# **Think.** The linear probe reads the state before the answer, token probability needs the answer.
# Which of the two says whether a model knows *that it knows*?
#
# <details><summary>One answer</summary>
#
# The probe: it decides before a word is written, as somebody does who says "I do not know". Token
# probability looks back on an answer. A model can be hesitant word by word without any single state
# that says so; then it can be detected from outside, but it can hardly act on it itself. In large
# models more of it can be read off (Kadavath and colleagues, 2022).
#
# </details>

# %% [markdown]
# ## 7 What helps?
#
# **What the chapter claims.** Several things lower hallucination: a prompt that allows not to know,
# short answers, answers that are checked against the sources they rest on, and a reward that
# punishes what is made up more than silence.
#
# ### Exercise: `supported`
#
# *Difficulty 2 of 5, 10 minutes.* Verification: an answer is a list of facts, triples (subject,
# relation, object), and there are several sources, each a list of such triples. Return whether
# every fact of the answer stands in some source; they need not all stand in the same. An empty
# answer claims nothing and is supported.

# %% exercise="supported"

# %% [markdown]
# ### Exercise: `expected_score` with `should_answer`
#
# *Difficulty 1 of 5, 10 minutes.* A right answer scores 1, silence 0, and a wrong answer minus a
# penalty. `expected_score` is what an answer is expected to score when it is right with probability
# `p_correct`; `should_answer` says whether that is above silence. A probability outside [0, 1] and
# a negative penalty are refused.

# %% exercise="expected_score"

# %% [markdown]
# All mitigations answer the same questions, a third each about known, unknown and invented people;
# the *control* is finetuned on true answers, and nothing else.
#
# - *Prompt.* A system message, "I do not know", since the words of the world have no "if you are
#   unsure". The control was never taught what that means. For the fair test half of the
#   demonstrations had the message, and were silent where the base model knows nothing; then the
#   model is asked with it ("taught prompt") and without ("absent").
# - *Threshold.* Your `should_answer` with a penalty of 1, on the control's own probability as it is,
#   and calibrated on other people. "Prompt and threshold" keeps the prompted model's answers where
#   the control is sure.
# - *Sources.* A model that learned to use them gets two statements of a search, which finds the right
#   one for 80% of the people that exist ("none hit": never). "Verified" keeps what is supported.
# - *Short answers.* One model that learned both is asked for short answers, and for long ones.

# %% tags=["experiment", "row-104"]
from dataclasses import replace

print(mitigation.DESIGN.rule_text)
arms = {
    name: {
        kind: mean_interval(mitigation.rate_of(mitigated.results, name, kind))
        for kind in ("correct", "hallucinated", "abstained")
    }
    for name in mitigated.results["mitigations"][0].result["arms"]
}
for name, by_kind in arms.items():
    worth = mean_interval(mitigation.score_of(mitigated.results, name))
    print(f"{name:24}", *(f"{kind} {one.mean:4.0%}" for kind, one in by_kind.items()), end="")
    print(f"; right minus wrong {worth.mean:+.2f}")
for key in ("statements", "with a wrong one", "wrong a statement"):
    gap = mitigation.shorter(mitigated.results, key)
    print(f"long minus short answers, {key}: {gap}")
jobs = mitigation.stages("live")[0].jobs({})
tiny = [replace(job, n=60, steps=16, n_test=20) for job in jobs]
few = [replace(job, steps=36) for job in jobs]
[small] = live_runs(mitigation.MITIGATION_RECIPE, 0, budget.pick(smoke=tiny, cpu=few))
for name in ("control", "taught prompt", "threshold, calibrated", "sources, verified"):
    rates = small.result["arms"][name]
    print(f"live, {name}:", *(f"{group} {rates[group]['hallucinated']:.0%}" for group in GROUPS))

# %% tags=["experiment", "row-104", "draw"]
from utils.experiments.hallucination.frontier import (
    frontier,
    numbered_points,
    on_frontier,
    points_by_seed,
)

places = {name: (one["hallucinated"].mean, one["correct"].mean) for name, one in arms.items()}
figure, axes = plt.subplots(figsize=(6.4, 4.0))
numbered_points(axes, places, frontier(places))
axes.set(xlabel="share of answers that are made up", ylabel="share of right answers")
axes.margins(0.1)
show(
    figure,
    "Right against made-up answers of every mitigation, the mean over all three groups. Full "
    "circles, joined by a line, are those that no other beats.",
)

# %% tags=["experiment", "row-104", "judge"]
fewer = {name: mitigation.lowered(mitigated.results, name) for name in mitigation.JUDGED}
short = mitigation.shorter(mitigated.results)
verdicts.add(
    row=104,
    claim="prompts, short answers, checked sources and thresholds reduce hallucination",
    measured="; ".join(f"{name} {-one.mean:+.0%}" for name, one in fewer.items())
    + f"; short answers {-short.mean:+.0%} with a wrong statement",
    interval="; ".join(str(one) for one in (*fewer.values(), short)) + f"; {said(mitigated)}",
    outcome=verdict_outcome(mitigated),
)

# %% [markdown]
# "Sources, else threshold" gives the threshold's answer where the check keeps one back. The prompt
# with sources was not measured, nor the reward of the next section with either.
#
# **Think.** Compare "sources" with "sources, none hit", and both with "sources, verified". What
# kept the made-up answers back: the sources, or the check? And is a statement of a short answer
# more often right than one of a long answer?
#
# <details><summary>One answer</summary>
#
# The check. A model this small hardly learned to copy from its context: with the right source
# before it, it still does not answer what it did not know. So retrieval without the check left
# much made up, and with it the model is mostly silent; a model that reads would gain right answers
# too. Short answers say less, so they can be wrong about less. See "wrong a statement": that share
# does not fall.
#
# </details>

# %% [markdown]
# ## 8 Did preference training make it worse?
#
# **What the chapter claims.** In Figure 2-26 a model with preference training hallucinates more
# than one without, though people prefer it overall. Schulman's remedy: a reward that punishes
# making things up more than silence, instead of plain comparisons.
#
# Two labelers choose between an answer that the model drew and silence. One cannot check and likes
# any answer better; the other "punishes": 1 for right, 0 for silence and -c for wrong. DPO learns
# from their choices, PPO from such numbers as rewards, both from the finetuned model "sft" on.
# The base model is there for comparison: by the definition of the groups it is right about all
# known facts and about no unknown one. Watch the calibration error, too.

# %% tags=["experiment", "row-105"]
from utils.experiments.hallucination import mitigation_policy_recipe as preferred

policies = read_record("09", 105)
print(preferred.DESIGN.rule_text)
for kind in preferred.KINDS:
    numbers = policies.findings[preferred.name_of(kind)]
    rates, error = numbers["all"], numbers.get("ece", [float("nan")])[0]
    print(f"{preferred.name_of(kind):24}", *(f"{o} {rates[o][0]:4.0%}" for o in rates), end="")
    fit = f"calibration error {error:.2f}" if error == error else "hardly an answer left"
    print(f"; right minus wrong {numbers['score'][0]:+.2f}; {fit}")
jobs = preferred.stages("live")[0].jobs({})
for run in live_runs(preferred.POLICY_RECIPE, 0, budget.pick(smoke=jobs[:2], cpu=jobs)):
    rates = run.result["rates"]
    name = preferred.name_of(preferred.kind_of(run.job))
    print(f"live, {name}:", *(f"{group} {rates[group]['hallucinated']:.0%}" for group in GROUPS))

# %% tags=["experiment", "row-105", "draw"]
names = [preferred.name_of(kind) for kind in preferred.KINDS]
outcomes = {
    label: [Interval(*policies.findings[name]["all"][label], 5) for name in names]
    for label in ("correct", "hallucinated", "abstained")
}
speaking = [name for name in names if "ece" in policies.findings[name]]
gaps = [Interval(*policies.findings[name]["ece"], 5) for name in speaking]
figure, both = plt.subplots(1, 2, figsize=(10.6, 4.0), width_ratios=(3, 2), constrained_layout=True)
interval_bars(both[0], names, outcomes, rotation=35, ha="right", fontsize=8)
both[0].set(xlabel="model", ylabel="share of answers")
both[0].legend(ncols=3, **above)
interval_bars(both[1], speaking, {"": gaps}, rotation=35, ha="right", fontsize=8)
both[1].set(xlabel="model", ylabel="calibration error")
show(
    figure,
    "Left: right and made-up answers and silence of the base model, the finetuned one, and "
    "policies trained for two labelers, with 95% intervals over seeds. Right: the calibration "
    "error of those that still answer.",
)

# %% [markdown]
# Now everything together, on the same questions: the mitigations of section 7 and the policies.
# Which of them are on the frontier, so that no other has fewer made-up answers without having fewer
# right ones? The base model answers no questions of users, so it is left out. The last column
# counts seeds: where two points lie close, a frontier of means is a matter of chance.

# %% tags=["experiment", "row-104", "row-105"]
by_seed = points_by_seed(mitigated.results, policies.results)
means = {name: tuple(np.mean(points, axis=0).tolist()) for name, points in by_seed.items()}
best, seeds_on = frontier(means), on_frontier(by_seed)
for name in best:
    wrong, right = means[name]
    print(f"{name:24} made up {wrong:4.0%}, right {right:4.0%}; in {seeds_on[name]:4.0%} of seeds")
now_and_then = [name for name, share in seeds_on.items() if share and name not in best]
print("not on the frontier of means, but on that of a seed:", "; ".join(now_and_then) or "none")

# %% tags=["experiment", "row-104", "row-105", "draw"]
figure, axes = plt.subplots(figsize=(6.8, 5.0))
numbered_points(axes, means, best)
axes.set(xlabel="share of answers that are made up", ylabel="share of right answers")
axes.margins(0.08)
show(
    figure,
    "Right against made-up answers of all mitigations and policies; full circles are on the "
    "frontier of the means over five seeds.",
)

# %% tags=["experiment", "row-105", "judge"]
worse = preferred.change(policies.results, preferred.PLAIN)
better = preferred.change(policies.results, preferred.PUNISHED)
worth = preferred.score(policies.results, preferred.PUNISHED)
verdicts.add(
    row=105,
    claim="preference training makes hallucination worse; a reward that punishes it makes it "
    "better",
    measured=f"a labeler who cannot check {worse.mean:+.0%}; one who punishes with c = 1 "
    f"{better.mean:+.0%}, right minus wrong {worth.mean:+.2f} (silence: 0)",
    interval=f"{worse}; {better}; {worth}; {said(policies)}",
    outcome=verdict_outcome(policies),
)

# %% [markdown]
# **Think.** With c = 4 hardly an answer is made up. Would you ship that model?
#
# <details><summary>One answer</summary>
#
# It says next to nothing. A rate of hallucination alone is won by silence; it has to stand beside
# the rate of right answers. The reward told the model first how often to speak, which is easy to
# learn, and hardly when, which it has to read off its own state. So the same penalty as a threshold
# on a calibrated certainty, from outside, keeps more right answers than the penalty as a reward.
#
# </details>

# %% [markdown]
# ## 9 Real facts, invented countries
#
# Does a real model behave like the small ones? Here are capitals, currencies, official languages,
# symbols of elements and years of their discovery, from tables and from the Unicode CLDR. For how
# popular a subject is stand inhabitants, or the share of an element in the Earth's crust. Countries
# and elements that do not exist come on top; there silence is right. SmolLM2-135M was asked in the
# recorded run of section 3: with the answer begun for it, and openly, with and without the sentence
# "If you are not sure of the answer, say: I do not know."
#
# **Rule.** *Certainty*: the probability of the answer's words tells right from wrong, holds with an
# AUROC above 0.6 in every kind of question (95% bootstrap interval), in part over all questions,
# and does not hold below. *Prompt*: holds when the sentence makes the model silent on invented
# things by 10 points more than on real ones, with the whole interval; does not hold when the
# interval lies below 10 points.

# %% tags=["experiment", "row-104"]
from utils.evaluation.abstention import should_answer as worth_answering
from utils.evaluation.calibration import calibration_error as expected_calibration_error
from utils.experiments.hallucination.real_answers import HONEST
from utils.experiments.hallucination.real_facts import KINDS
from utils.experiments.hallucination.real_measures import areas_by_kind, silence_gap

facts = real_recipe.fact_columns(changed.results)
sure, is_right = facts["probability"].clip(0, 1), facts["right"].astype(bool)

areas = areas_by_kind(facts)
real_error = expected_calibration_error(sure.tolist(), is_right.tolist())
silent = real_recipe.open_shares(changed.results, "silent")
print(f"{len(sure)} questions, {is_right.mean():.0%} right, calibration error {real_error:.2f}")

# %% tags=["experiment", "row-104"]
of_invented = [p for run in changed.results["invented"] for p in run.result["probability"]]
print(f"mean probability: right answers {sure[is_right].mean():.2f}, wrong ones", end=" ")
print(f"{sure[~is_right].mean():.2f}, answers about what does not exist {np.mean(of_invented):.2f}")
for penalty in (0.25, 1, 4):
    speaks = np.array([worth_answering(p, penalty) for p in sure.tolist()])
    score = np.where(speaks, np.where(is_right, 1, -penalty), 0).mean()
    always = np.where(is_right, 1, -penalty).mean()
    print(f"penalty {penalty:4}: answers {speaks.mean():4.0%}, score {score:+.2f}", end=" ")
    print(f"(always answering {always:+.2f}, never 0)")
print(f'\nasked openly, then with "{HONEST}"')
for (is_real, honest), share in silent.items():
    told = "told" if honest else "not told"
    print(f"{'real' if is_real else 'invented':8} {told:8} silent {share.mean:.0%}")
for run in changed.results["open"]:
    print("  ", run.result["shown"][0][:95])

# %% tags=["experiment", "row-104", "draw"]
figure, both = plt.subplots(1, 2, figsize=(9.6, 3.5), constrained_layout=True)
thirds = ("most", "middle", "least")
for number, kind in enumerate(KINDS):
    some = [(facts["kind"] == number) & (facts["third"] == third) for third in range(3)]
    points = [bootstrap_interval(facts["right"][place].astype(float)) for place in some]
    interval_line(both[0], np.arange(3) + 0.05 * number, points, label=kind)
both[0].set_xticks(range(3), thirds)
both[0].set(xlabel="popularity of the subject (third)", ylabel="share of right answers")
both[0].legend(ncols=5, **above, columnspacing=0.8, handlelength=1.2)
interval_bars(both[1], list(areas), {"": list(areas.values())}, rotation=20)
both[1].axhline(0.5, color="black", linestyle=":")
both[1].set(xlabel="kind of question", ylabel="AUROC of the probability", ylim=(0.4, 1.02))
show(
    figure,
    "Left: share of right answers of SmolLM2 by popularity of what is asked about. Right: how well "
    "its probability tells right answers from wrong ones; the dotted line is a coin. 95% bootstrap "
    "intervals over questions.",
)

# %% tags=["experiment", "row-104", "judge"]
verdicts.add(
    row=104,
    claim="a real model's own probability tells its right answers from its made-up ones",
    measured="AUROC: " + "; ".join(f"{kind} {areas[kind].mean:.2f}" for kind in KINDS),
    interval=f"all questions {areas['all']}",
    outcome=first_that_holds(
        ("holds", all(areas[kind].low > 0.6 for kind in KINDS)),
        ("holds in part", areas["all"].low > 0.6),
        ("does not hold", areas["all"].high < 0.6),
        otherwise="undecided",
    ),
)

# %% tags=["experiment", "row-104", "judge"]
told_real, told_invented = silent[True, True], silent[False, True]
gap = silence_gap(changed.results)
verdicts.add(
    row=104,
    claim="a prompt that allows 'I do not know' makes a real model silent where it knows nothing",
    measured=f"told so, it is silent on {told_invented.mean:.0%} of invented things and on "
    f"{told_real.mean:.0%} of real ones",
    interval=f"invented minus real {gap}",
    outcome=first_that_holds(
        ("holds", gap.low > 0.1), ("does not hold", gap.high < 0.1), otherwise="undecided"
    ),
)

# %% [markdown]
# The probability of an answer says much about whether it is right; one would only have to look at
# it. The prompt does not make the model look: it reads the sentence as a request to be silent.
#
# **Think.** The probability tells right answers from wrong ones, and is not calibrated all the same.
# What would you change before you use it as a threshold?
#
# <details><summary>One answer</summary>
#
# The order is right and the scale is not, so fit the scale: a logistic curve on other questions
# with known answers, as "threshold, calibrated" does in section 7. A probability of words is also
# spread over all the ways to say the same; the probability of a meaning is higher.
#
# </details>

# %% [markdown]
# ## 10 Ask for yourself
#
# Choose whom to ask about: somebody popular, somebody of whom little was written, or somebody who
# does not exist. You see the model's answer and its probability, what twenty samples mean, the
# verdict, and whether it should have spoken at the penalty that you set. When does a made-up
# answer look as certain as a right one?

# %% tags=["experiment", "row-104"]
from IPython.display import display

from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.hallucination.answering import bench
from utils.experiments.hallucination import ask_widget as asking

where = bench("world-medium", budget.pick(smoke=60, cpu=200))
talker = load_chat_model("world-medium-chat")
to_ask = asking.items_to_ask(where)
display(asking.ask_widget(talker, where, to_ask))
seen = {kind: asking.ask_about(talker, where, some[0]) for kind, some in to_ask.items()}
for one in seen.values():
    print(asking.ask_text(one), end="\n\n")

# %% tags=["experiment", "row-104", "draw"]
show(
    asking.ask_figure(seen),
    "What twenty samples mean, for a question about a known, a rare and an invented person.",
)

# %% [markdown]
# ## Your own code at work
#
# Optional: your functions judge the model of the widget. `semantic_entropy` says how certain it is
# from ten samples, `auroc` how much that is worth, and `should_answer` keeps answers back; the
# share of samples that agree stands for the probability of being right, and `calibration_error`
# says how well. `outcome_rates` compares before and after.


# %% tags=["experiment"]
def own_detector(n):
    """Ask about n known and n unknown facts; return what your functions say of the answers."""
    from utils.experiments.hallucination.answering import answers, meaning, sampled

    items = [item for group in GROUPS[:2] for item in where.draw(group, "test", n, 5)]
    given = answers(talker, where, items)
    drawn = sampled(talker, where, items, 10, seed=5)
    meant = [[meaning(where, i, t) for t in some] for i, some in zip(items, drawn)]
    said_value = [meaning(where, item, one.text) for item, one in zip(items, given)]
    truths = [item.fact.value for item in items]
    right = [value == truth for value, truth in zip(said_value, truths)]
    entropy = [semantic_entropy(some, lambda a, b: a == b) for some in meant]
    agree = [some.count(value) / len(some) for value, some in zip(said_value, meant)]
    speaks = [should_answer(share, 1.0) for share in agree]
    return {
        "two samples agree": sum(map(consistency, meant)) / len(meant),
        "AUROC of semantic entropy": auroc([-one for one in entropy], right),
        "calibration error of agreement": calibration_error(agree, right),
        "always answering": outcome_rates(said_value, truths, [False] * len(items)),
        "with your threshold": outcome_rates(said_value, truths, [not one for one in speaks]),
    }


try:
    for name, value in own_detector(budget.pick(smoke=20, cpu=100)).items():
        print(f"{name:32} {value if isinstance(value, dict) else round(value, 3)}")
except NotImplementedError:
    print("Answer consistency, semantic_clusters, auroc, calibration_error, expected_score and")
    print("outcome_rates first; then they judge a model here.")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook did not show: the models are small. One of 874,000 weights holds facts in its
# words and hardly in a state that it could consult, so all that rests on *knowing what one knows*
# looks weaker here than it may be in large models, and reading from a source does too. What carries
# over are the measures, the controls, and one warning: a rate of hallucination means nothing
# without the rate of right answers beside it.
#
# **Read next**
#
# - Ortega et al. (2021), *Shaking the foundations: delusions in sequence models for interaction and
#   control*.
# - Zhang et al. (2023), *How language model hallucinations can snowball*.
# - Gekhman et al. (2024), *Does fine-tuning LLMs on new knowledge encourage hallucinations?*
# - Kuhn, Gal and Farquhar (2023), *Semantic uncertainty*, and Kadavath et al. (2022), *Language
#   models (mostly) know what they know*, for two of the detectors.
# - Guo et al. (2017), *On calibration of modern neural networks*, for the calibration error.
# - Ouyang et al. (2022), *Training language models to follow instructions with human feedback*, for
#   Figure 2-26.
#
# This was the last notebook. `course coverage` lists all 105 ideas with the notebooks that run
# them.
