"""The machinery of notebook 09: where a model's answers agree, where they hold, and what becomes of wrong ones.

real_facts          real_questions() -> questions about countries and elements with known answers; invented_questions()
real_answers        ask_facts, ask_openly: what SmolLM2 answers, how sure it is, whether it says that it does not know
essays, essay_runs  one essay scored again and again: chances of the scores, and a service with a cache or a seed
numerics            greedy texts in other batches, threads and number formats; RowByRowDecoder, whose rows do not depend
                    on each other
prompt_changes      changed_answers: another letter case, other words, another order of options
forced_statements   chats with a forced first statement, and finetuning on such chats
divisibility        forced wrong multiplications of the arithmetic models
"""
