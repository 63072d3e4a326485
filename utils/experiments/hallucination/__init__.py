"""The machinery of notebook 09: where a model's answers agree, where they hold, and what becomes of wrong ones.

real_facts          real_questions() -> questions about countries and elements with known answers; invented_questions()
real_answers        ask_facts, ask_openly: what SmolLM2 answers, how sure it is, whether it says that it does not know
essays              essay_prompts, score_distributions, sampled_scores: one essay scored again and again
numerics            logits in other batches, threads and number formats; RowByRowDecoder, whose rows do not depend on
                    each other
prompt_changes      changed_prompts: another letter case, another wording, another order of options
forced_statements   chats with a forced first statement, and finetuning on such chats
divisibility        forced wrong multiplications of the arithmetic models
"""
