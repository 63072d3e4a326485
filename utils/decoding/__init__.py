"""Decoding: samplers, generation, search, grammars and masks. Import from the files:

    generation      generate(model, prompts, max_new_tokens, choose=greedy, stop_ids=(), samples=1, on_token=None,
                    adjust=None, logprobs=False, weights="float32") -> list[Generation(ids, finish, logprobs)]
    samplers        greedy, draw; Temperature(t), TopK(k), TopP(p), MinP(min_p): `.transform(logits (..., V))`, chained
                    with `|`, called to draw, fixed with `.seeded(0)`
    scoring         token_logprobs(model, prompts, continuations) -> one tensor a row, by teacher forcing;
                    continuation_logprobs(model, prompts, options) -> (N, M); best_continuation -> classes
    beam            beam_search(model, prompt, width, max_new_tokens, eos_id, adjust=None) -> list[Hypothesis(ids,
                    total_logprob, average_logprob, finished)], best average first; beam_searches(model, prompts, ...)
    stopping        truncate_at_stop(text, stops), StopStrings(stops, decode) as the `on_token` of generate
    grammar         a folder: choices, regular_expression, json_schema, json_document, TokenSpellings, Constraint
    asking          ask(pretrained, questions, max_new_tokens=24, batch_size=16) -> answers, many chats at once
    decoders        decoder_for(model), UncachedDecoder(callable, context_length, vocab_size), RecurrentDecoder
    cached          CachedDecoder(model, weights="float32"): prefill, step, select
    arguments, checked              checks that turn bad input into ValueError, by hand and from annotations
    fingerprints                    weights_fingerprint(model), which changes with any bit of the weights
    ranking, fused, projections     what the above are made of: the largest of many logits, blocks and matrices
                    rearranged for one token at a time

For example, with the real model:

    smollm2 = load_gguf()
    ids = smollm2.encode_chat([{"role": "user", "content": "What is the capital of France?"}])
    stop = StopStrings(["\\n\\n"], smollm2.decode)
    sampler = Temperature(0.7) | TopP(0.9)
    generate(smollm2.model, [ids], 40, sampler.seeded(0), stop_ids=smollm2.eos_ids, on_token=stop)
    print(stop.text(0))

Every call decodes with a state of its own, on shared matrices: calls may be nested and threaded. `generate` looks for
changed weights at each call; in a hot loop make one `CachedDecoder` and pass it instead of the model. Weights in "int8"
and "int4" read fewer bytes per token and are approximate. Bad input raises ValueError.
"""
