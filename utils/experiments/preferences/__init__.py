"""The experiments of notebook 06: preferences of simulated labelers with a known gold reward.

answer_model    load_answer_model(): a model of the world that answers well and badly; answer_bench(): with questions
labelling       pairs of its answers, labelled by people, by a model, or by a coin
ranking_recovery    scores against comparisons at equal cost
feature_rewards     a linear reward model on counted features: length bias found and removed, rankings and pairs
judging         weaker judges of stronger models
method_runs, method_recipe    PPO with and without penalty, DPO, labels from a model (rows 69 to 71)
overoptimisation_runs, overoptimisation_recipe    gold against proxy reward over KL (row 73)
"""
