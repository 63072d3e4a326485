"""Text before it meets a model: what is in a corpus, in which languages, how good, and in how many tokens.

Nothing here is imported when `utils.text` is imported; take what you need from the modules, one idea each.

Published tables (`datasets/tables`)
    tables          load_table(name) -> list[dict]; table_names(); table_card(name) -> dict of source, licence, date

Exercises of notebook 01, the reference implementations
    identification  language_shares(texts, identify); identify_py3langid(text), identify_langdetect(text) -> code
    representation  representation_ratio(speakers_millions, share_percent, world_millions=8000.0)
    premium         token_premium(texts, encode, base="en"); median_tokens(texts, encode) -> dict[str, float];
                    generation_seconds(n_tokens, tokens_per_second), price(n_tokens, dollars_per_million)
    bpe_by_hand     most_common_pair(sequences), merge_pair(ids, pair, new_id), train_bpe(texts, n_merges),
                    encode(text, merges), decode(ids, merges), token_bytes(merges) -> list[bytes]
    quality         quality_failures(text, rules); word_count, mean_word_length, symbol_ratio, alphabetic_words,
                    stop_words (predicates: True = passes); GOPHER_RULES, a list of (name, predicate)
    filter_scores   filter_scores(is_clean, is_kept) -> FilterScores(precision, recall, kept, n), shares with counts
    duplicates      shingles(text, n), jaccard(a, b), near_duplicates(texts, n=3, threshold=0.8)
    mixtures        mixture_weights(sizes, alpha)

Parallel and multilingual text
    parallel        parallel_messages(languages) -> dict[str, list[str]] (Django's catalogues, equal lengths, aligned);
                    message_languages() -> list of codes; parallel_territories(languages) (names of countries, Babel);
                    MESSAGE_LANGUAGES, 40 codes that share many messages
    declaration     parallel_declaration(languages) -> dict[str, list[str]], the 30 articles of the Universal
                    Declaration of Human Rights, when `course data --udhr` has fetched them; declaration_languages()
    languages       languages() -> list[Language(code, tag, name, script, population, excerpt)];
                    excerpt_samples(codes, length, per_language, seed) -> list[LanguageSample(text, language)];
                    IDENTIFIER_LANGUAGES, the 40 codes that both identifiers know;
                    measure_identifier(samples, identify) -> IdentifierScore(accuracy, texts_per_second, by_language)

Vocabularies of real models, one interface: `.name`, `.size`, `.encode(text) -> list[int]`, `.decode_token(id) -> bytes`
    vocabularies    load_vocabulary(name), vocabulary_names(); describe_tokens(vocabulary, text) -> list[Token(id, data,
                    label)]
    gguf_tokenizer  load_gguf_tokenizer(path) -> tokenizers.Tokenizer; chat_template(path) -> str | None

Corpora that are installed with the course, and what spoils a corpus
    installed       installed_documents(domain, n, seed=0, min_chars=400, max_chars=4000) -> list[Document(text,
                    domain, source)]; DOMAINS = ("prose", "reference", "code", "mathematics", "machine learning", ...)
    noise           NOISE: dict of named processes (text, rng) -> str; add_noise(text, process, rng);
                    labelled_collection(n, seed) -> list[LabelledText(text, is_clean, kind)]
    popularity      simulate_posts(...) -> Posts(quality, votes); vote_filter(posts, threshold) -> FilterScores
    domains         NaiveBayes().fit(texts, labels); .predict(texts) -> list[str]; .log_scores(texts) -> array
"""
