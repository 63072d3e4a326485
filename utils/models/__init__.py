"""Models: attention, transformer, recurrent, state space, experts, pretrained weights.

Everything that maps ids (B, T) to logits (B, T, V) trains and generates alike; import from the files:

    config          ModelConfig(n_layers=..., d_model=..., n_heads=..., vocab_size=..., context_length=...), and for
                    other models' shapes head_width, qkv_bias, rope_scaling, sliding_window
    gpt             GPT(config, block=TransformerBlock, positions=None): forward, hidden, hidden_states,
                    logits_at_every_layer (logit lens), attention_weights, auxiliary_loss (experts)
    attention       attention, causal_mask, split_heads, merge_heads, attention_entropy, MultiHeadAttention
    norms, rotary, mlp, block   RMSNorm, rms_norm, layer_norm; rotate, Rotary; swiglu, MLP, GatedMLP;
                    TransformerBlock
    rope_scaling    RopeScaling(kind="linear" | "yarn" | "llama3", factor=..., original_context=...)
    experts         route_top_k, load_balancing_loss, MixtureOfExperts (ModelConfig with n_experts > 0)
    recurrent_lm    linear_attention_lm, state_space_lm, gated_state_space_lm, selective_lm, hybrid_lm, all
                    config -> RecurrentLM with `initial_state` and `step` beside `forward`; state_bytes
    linear_attention, state_space, scan   the layers, in parallel and stepped form; selective_scan
    seq2seq         Seq2Seq(vocab_size, d_model, attention): recurrent encoder-decoder
    pretrained      load_gguf() for SmolLM2-135M-Instruct, load_folder, load_hub, save_folder: Llama, Mistral and
                    Qwen2 models; the result has model, tokenizer, encode, decode, render_chat, encode_chat, eos_ids.
                    What a file says and holds beyond that is refused by name (hub_config, gguf_config)
    chat_template   render_template(template, messages, tools=...), as `transformers` renders it
    accounting      count_parameters, moe_parameters, weight_bytes, kv_cache_bytes, training_bytes,
                    forward_flops, decode_flops
    presets         LLAMA_2_7B ... LLAMA_3_1_405B, MIXTRAL_8X7B, SMOLLM2_135M
    empty           empty_model(config): all shapes, no memory

Bad input raises ValueError; files that cannot be read raise its subclass ModelFileError (utils.text.gguf_header).
"""
