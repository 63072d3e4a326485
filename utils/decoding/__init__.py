"""Decoding: samplers, generation, search, grammars and masks. Import from the files:

    generation      generate(model, prompts, max_new_tokens, choose=greedy, stop_ids=(), samples=1,
                    on_token=None, adjust=None, logprobs=False, weights="float32") -> list[Generation]
    samplers        greedy, draw, Temperature, Sampler (compose with `|`, fix with `.seeded(0)`)
    decoders        decoder_for(model), UncachedDecoder(callable, context_length, vocab_size), RecurrentDecoder
    asking          ask(pretrained, questions, max_new_tokens=24, batch_size=16) -> answers, many chats at once
    cached          CachedDecoder(model, weights="float32"): prefill, step, select

For example, with the real model:

    smollm2 = load_gguf()
    ids = smollm2.encode_chat([{"role": "user", "content": "What is the capital of France?"}])
    result = generate(smollm2.model, [ids], 40, stop_ids=smollm2.eos_ids)[0]
    print(smollm2.decode(result.ids))

`generate` looks for changed weights at each call; in a hot loop make one `CachedDecoder` and pass it instead of
the model. Weights in "int8" and "int4" read fewer bytes per token and are approximate. Bad input raises ValueError.
"""
