"""How models are trained: one loop for every stage, and sweeps of many small runs.

Nothing here is imported when `utils.training` is imported; take what you need from the modules, one idea each.

One run
    config          TrainingConfig(steps, lr=3e-3, optimiser="adamw" | "muon", muon_lr=0.02, schedule="cosine" |
                    "linear" | "constant", warmup_steps, final_lr_fraction, weight_decay, gradient_clip, evaluate_every,
                    checkpoint_every, precision="auto" | "float32" | "bfloat16", seed, ...), frozen
    batches         TokenBatches(ids, batch_size, context, seed): step -> (inputs, targets), each (B, T);
                    consecutive_batches(ids, batch_size, context) -> list of them, for evaluation. Any function of the
                    step number that returns a tuple of tensors will do; one with a method `fingerprint()` tells its
                    data from others
    loop            train(model, batches, config, *, loss=next_token_loss, evaluate=None, checkpoint=None,
                    stop_when=None, show_progress=None) -> TrainingResult(history, losses, resumed_from) with
                    .validation_loss and .seconds; a TrainingRecord has step, targets, seconds, training_loss,
                    validation_loss. With `checkpoint` a killed run goes on where it was, bit by bit, with the same
                    batches only; nothing that is not finite replaces the file
    losses          next_token_loss(model, inputs, targets) -> (total in nats, count); mean_loss(model, batches).
                    A loss of your own: any (model, *batch) -> (sum, count)

        model = GPT(ModelConfig(n_layers=2, d_model=128, n_heads=4, vocab_size=512, context_length=64))
        batches = TokenBatches(ids, batch_size=32, context=64)
        held_out = consecutive_batches(held_out_ids, 64, 64)
        result = train(model, batches, TrainingConfig(steps=500, optimiser="muon", evaluate_every=100),
                       evaluate=lambda model: mean_loss(model, held_out))

Weights on disk
    checkpoints     save_model(path, model, dtype=None, notes=None); load_weights(path, model) -> notes;
                    load_gpt(path) -> GPT; read_metadata(path); CheckpointError. Base models of the world:
                    base_models.base_model_names(), base_models.load_base_model(name)

Many small runs
    sweep           run_sweep(function, jobs, executor=None, workers=None) -> results in the order of the jobs: over
                    local processes (one thread each, kept for the next sweep), or any executor, such as Dask's
                    `client.get_executor()`; the function stands in a module. SweepError names the job;
                    close_local_workers()
    tiny            LanguageModelJob(data, held_out={name: text}, tokens, seed, label="") ->
                    train_language_model -> LanguageModelResult(bits_per_byte, bits_per_character, epochs, ...):
                    a byte-level transformer of 70,000 parameters; 30,000 bytes take about a second of one core
    translators     RoundTripJob(pairs, sentences, steps, seed, label="") -> round_trip ->
                    RoundTripResult(pivot, returned): words, both directions in one transformer; join and compare
                    with `split_words`

        jobs = [LanguageModelJob(data=text, held_out={"clean": other}, tokens=30_000, seed=s) for s in range(5)]
        results = run_sweep(train_language_model, jobs)

What training costs, and what more of it would bring
    scaling_laws    fit_scaling_law(n_params, n_tokens, losses) -> ScalingLaw; bootstrap_laws; compute_optimal,
                    inference_optimal, isoflop_minimum, the three approaches of Hoffmann et al. (2022)
    cost            training_flops, training_days, training_cost, training_energy, model_flops_utilization, ...
    step_flops      step_flops(model, inputs, targets): operations of a real step beside 6 N D; peak_flops_per_second()
    data_limits     exhaustion_year(...); effective_tokens(unique, epochs), fit_repetition(...) (repeated text)
    by_hand         next_token_loss, clip_gradients, learning_rate: the parts of the loop that notebook 04 teaches

Parts
    muon            Muon, orthogonalise(matrices); optimisers: hidden_matrices(model), build_optimisers(model, config)
    schedules       learning_rate_factor(step, config)
    distributed     process_group(): data parallelism under torchrun
    progress        progress_bar(total, description, show=None), is_watched(); TQDM_DISABLE=1 hides all bars
"""
