"""The machinery of notebook 09: where a model's answers agree, where they hold, and what becomes of wrong ones.

essays, essay_runs  one essay scored again and again: chances of the scores, and a service with a cache or a seed
numerics            greedy texts in other batches, threads and number formats; RowByRowDecoder, whose rows do not depend
                    on each other
real_facts          real_questions() -> questions about countries and elements with known answers; invented_questions()
real_answers        ask_facts, ask_openly: what SmolLM2 answers, how sure it is, whether it says that it does not know
real_measures       how well its probability tells right from wrong; how much more it is silent where it knows nothing
prompt_changes      changed_answers: another letter case, other words, another order of options
snowball_facts      a forced first statement about a fact, and the second answer: the world's chat model and SmolLM2
snowball_steps      a forced first step of a calculation; a mark for what the model wrote itself
snowball_division   wrong answers to divisibility questions, and how the model justifies them
answering           questions about known, unknown and invented people of the world; answers, samples, outcomes
mismatch_runs       finetuning on what the base model knows, or does not, or says it does not
detection_runs      six measures of certainty; detection_measures: risk against coverage, intervals over people
mitigation_runs     prompts, short answers, sources and thresholds; mitigation_policies: preference training
frontier            right against made-up answers: points of all mitigations and policies, and what no other beats
ask_widget          ask about a person, and see answer, samples, clusters and verdict
recipes             the recorded experiments, by row
"""
