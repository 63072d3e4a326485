"""The machinery of notebook 09: where a model's answers agree, where they hold, and what becomes of wrong ones.

real_facts          real_questions() -> questions about countries and elements with known answers; invented_questions()
real_answers        ask_facts, ask_openly: what SmolLM2 answers, how sure it is, whether it says that it does not know
essays              essay_prompts, score_distributions, sampled_scores: one essay scored again and again
numerics            logits in other batches, threads and number formats; RowByRowDecoder, whose rows do not depend on
                    each other
prompt_changes      changed_prompts: another letter case, another wording, another order of options
snowball_facts      a forced first statement about a fact, and the second answer: the world's chat model and SmolLM2
snowball_steps      a forced first step of a calculation; a mark for what the model wrote itself
snowball_division   wrong answers to divisibility questions, and how the model justifies them
"""
