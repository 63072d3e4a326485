"""Text before it meets a model: what is in a corpus, in which languages, how good, and in how many tokens.

Nothing here is imported when `utils.text` is imported; take what you need from the modules, one idea each.

Published tables (`datasets/tables`)
    tables          load_table(name) -> list[dict]; table_names(); table_card(name) -> dict of source, licence, date

Exercises of notebook 01, the reference implementations
    identification  language_shares(texts, identify); identify_py3langid(text), identify_langdetect(text) -> code;
                    py3langid_among(languages) -> identify, the control with the same choice of languages
    representation  representation_ratio(speakers_millions, share_percent, world_millions=8000.0)
    premium         token_premium(texts, encode, base="en"); median_tokens(texts, encode) -> dict[str, float];
                    generation_seconds(n_tokens, tokens_per_second), price(n_tokens, dollars_per_million_tokens)
    bpe_by_hand     most_common_pair(sequences), merge_pair(ids, pair, new_id), train_bpe(texts, n_merges),
                    encode(text, merges), decode(ids, merges), token_bytes(merges) -> list[bytes]
    quality         quality_failures(text, rules); word_count, mean_word_length, symbol_ratio, alphabetic_words,
                    stop_words (predicates: True = passes); GOPHER_RULES (these five), LINE_RULES, REPETITION_RULES:
                    lists of (name, predicate) that can be added up
    filter_scores   filter_scores(is_clean, is_kept) -> FilterScores: precision, recall, dirty_recall, kept, n, counts
    duplicates      shingles(text, n), jaccard(a, b), near_duplicates(texts, n=3, threshold=0.8)
    mixtures        mixture_weights(sizes, alpha)

Parallel and multilingual text
    parallel        parallel_messages(languages, min_words=3) -> dict[str, list[str]] (Django's catalogues, aligned);
                    MESSAGE_LANGUAGES, 54 codes; message_languages() -> all codes; parallel_territories(languages)
                    (names of countries, from Babel, no data step; Burmese too)
    declaration     parallel_declaration(languages) -> dict[str, list[str]], the 30 articles of the Universal
                    Declaration of Human Rights, when `course data --udhr` has fetched them; declaration_languages()
    languages       languages() -> tuple[Language(tag, code, name, script, population, excerpt)]; main_language(code);
                    excerpt_samples(codes, length, per_language, seed=0) -> list[LanguageSample(text, language)];
                    IDENTIFIER_LANGUAGES, the 52 codes that both identifiers know; measure_identifier(samples, identify)
                    -> IdentifierScore(accuracy, texts_per_second, by_language, confusions)

Vocabularies of real models, one interface: `.name`, `.size`, `.encode(text) -> list[int]`, `.decode_token(id) -> bytes`
    vocabularies    load_vocabulary(name); vocabulary_names() = mistral_v1, smollm2, cl100k_base, tekken, o200k_base;
                    describe_tokens(vocabulary, text) -> list[Token(id, data, label)]
    gguf_header     read_gguf_header(path) -> GGUFHeader(metadata, tensors, n_bytes); ModelFileError
    gguf_tokenizer  load_gguf_tokenizer(path=None) -> tokenizers.Tokenizer; byte_level_alphabet()
    bpe             BPETokenizer, the vocabulary that the course's own models are trained with
    sentencepiece_model  load_sentencepiece_bpe(path) -> tokenizers.Tokenizer

Corpora that are installed with the course, and what spoils a corpus
    installed       installed_documents(domain, n, seed=0, min_chars=400, max_chars=4000) -> list[Document(text,
                    domain, source)]; DOMAINS: prose, standard library, numerical, plotting, mathematics, graphs,
                    machine learning, reference, licences, descriptions, code, sessions, tables
    noise           NOISE: dict of ten named processes; add_noise(text, process, rng);
                    labelled_collection(n, seed=0, hard_share=0.3) -> list[LabelledText(text, is_clean, kind)]
    popularity      simulate_posts(n_posts, seed=0, *, good_share, agreement, median_audience, ...) -> Posts;
                    vote_filter(posts, threshold) -> FilterScores
    domains         NaiveBayes(features=words, smoothing=0.5).fit(texts, labels); .predict(texts) -> list[str];
                    .log_scores(texts) -> array; byte_ngrams(n) -> features
"""
