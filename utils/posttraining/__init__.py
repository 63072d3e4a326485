"""Post-training: what happens to a base model before it is used.

Import from the files:

    finetuning      finetune(model, pairs, *, steps, batch_size=16, lr=1e-3, seed=0, weight_decay=0.0, muon_lr=None,
                    evaluate=None, evaluate_every=0, show_progress=None) -> TrainingResult: pairs of (prompt ids,
                    target ids), the loss on the target alone; freeze parameters beforehand with
                    `requires_grad_(False)`. PairBatches, pad_pairs, target_loss: its parts
    lora            add_lora(module, rank), adapter_of(module) -> tensors by name, with_adapter(model, adapter) -> GPT
"""
