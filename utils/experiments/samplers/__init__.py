"""Experiments of notebook 07: sampled solutions, verifiers, and what the notebook measures of texts.

arithmetic_runs     a model's attempts at many tasks, counted; counted_sampling draws equal beginnings once
repeated_sampling   pass_at_k, majority_vote, best_of_n_curve, first_valid_latency: exact, no sampling
verifier_runs       rows 84 and 85: a ladder of sizes, verifiers of small generators; verifier_curves: falls and worth
solution_chances    row 86: the exact chance of a right solution
wording_runs        row 89: models more or less robust to the wording
*_recipe            the plans of the recorded runs, by row in recipes
live_tries          the live runs of rows 84 to 86
measuring           times, limits, thresholds, waits, correlations; sampler_measures: repetition, variety, truth
world_texts         documents of the world by groups, beams and draws; real_writer: SmolLM2; texts: what it is given
*_figures           the pictures: token (rows 75 to 80), text (81 to 83), tries (84 to 89)
*_verdicts          the rules of the verdicts, alike
"""
