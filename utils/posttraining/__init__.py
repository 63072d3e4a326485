"""Post-training: what happens to a base model before it is used.

Import from the files:

    finetuning      finetune(model, pairs, *, steps, batch_size=16, lr=1e-3, seed=0, weight_decay=0.0, muon_lr=None,
                    evaluate=None, evaluate_every=0, show_progress=None) -> TrainingResult: pairs of (prompt ids,
                    target ids), the loss on the target alone; freeze parameters beforehand with
                    `requires_grad_(False)`. PairBatches, pad_pairs, target_loss: its parts
    lora            add_lora(module, rank), adapter_of(module) -> tensors by name, with_adapter(model, adapter) -> GPT
    chat            render_chat, ChatCodec (world_codec, tokenizer_codec): encode_chat(messages) -> ids, roles, labels;
                    CHAT_TEMPLATE for tokenizers of `transformers`
    sft, packing    finetune_chats(model, chats, codec, steps=...), masked_cross_entropy; first_fit, packed_batch
    preferences     tokenise_preferences(records, codec) -> pairs without equals; ranking_to_pairs, agreement
    reward          RewardModel(body), train_reward_model, bradley_terry_loss, pairwise_accuracy, calibration
    padding         pad_rows, joined_rows, length_groups: rows of unequal length with little padding computed
    dpo             train_dpo(policy, pairs, beta=..., steps=...), dpo_loss, implicit_rewards
    ppo             train_ppo(policy, prompts, score, end_id, PPOConfig(...)) -> records; its parts: rollouts,
                    advantages (penalised rewards, GAE, clipped losses)
    kl              kl_k1, kl_k2, kl_k3, exact_kl, sequence_kl
    best_of_n       best_of_n, best_of_n_kl(n), expected_best_of_n(proxy, gold, n)
    overoptimisation    fit_overoptimisation("bon" or "rl", kl, gain) -> alpha, beta, peak (Gao et al., 2022)
    dialogue, demonstration_costs   extract_dialogue; demonstration_budget, forgetting
"""
