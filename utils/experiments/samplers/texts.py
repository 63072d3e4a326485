"""Texts that the experiments on samplers give to a language model; all of our own."""

OPENINGS = (
    "My favorite color is",
    "The best way to spend a Sunday is",
    "Once upon a time there was a",
    "The old house at the end of the street",
    "I have never understood why",
    "On the first day at school",
    "The train was late again, so",
    "My grandmother always told me that",
    "The main difference between cats and dogs is",
    "If I could live anywhere,",
    "It was raining when",
    "Scientists have found that",
    "To make a good soup,",
    "The letter began with the words",
    "Nobody in the village knew",
    "A good friend is someone who",
)
"""Beginnings that a model goes on from."""

PARAGRAPH = (
    "The ferry leaves at seven, whether or not the baker has arrived. Most mornings he runs down the hill with "
    "flour on his sleeves, and the captain, who pretends to check a rope, waits exactly long enough. Nobody has "
    "ever mentioned this arrangement. When a new sailor once asked, he was told that ropes in this harbour need a "
    "great deal of care."
)
"""A paragraph that a person wrote: the control."""

GOOD_REVIEWS = (
    "I loved every minute of it.",
    "A wonderful film, warm and funny.",
    "The food was delicious and the staff kind.",
    "Best purchase I have made this year.",
    "It works perfectly and looks great.",
    "I would come back any time.",
    "The songs made me happy for days.",
    "Fast, quiet and easy to use.",
    "What a brilliant performance!",
    "My children adore this book.",
    "Everything arrived early and in good shape.",
    "A joy from start to finish.",
)

BAD_REVIEWS = (
    "I hated every minute of it.",
    "A terrible film, cold and dull.",
    "The food was awful and the staff rude.",
    "Worst purchase I have made this year.",
    "It broke at once and looks cheap.",
    "I will never come back.",
    "The songs gave me a headache.",
    "Slow, loud and hard to use.",
    "What a dreadful performance!",
    "My children find this book boring.",
    "Everything arrived late and damaged.",
    "A pain from start to finish.",
)

CLOSED_QUESTIONS = (
    "Do you like music?",
    "Is the sea salty?",
    "Is Paris in France?",
    "Do cats bark?",
    "Is ice cold?",
    "Can a fish ride a bicycle?",
    "Is seven larger than three?",
    "Do trees have leaves?",
    "Is the moon made of cheese?",
    "Should I drink water?",
)
"""To be answered with yes or no."""

OPEN_QUESTIONS = (
    "What is the meaning of life?",
    "What should I write about?",
    "Tell me about your dreams.",
    "How was the universe made?",
    "What makes people happy?",
    "Describe a place that does not exist.",
    "What will the world be like in a century?",
    "Give me a name for a shop.",
    "What should I cook tonight?",
    "Invent a proverb.",
)

EXPLAINED_QUESTIONS = (
    "Why is the sky blue?",
    "What is the capital of France?",
    "What is a volcano?",
    "How do birds fly?",
    "Why do leaves fall in autumn?",
    "What is the largest planet?",
    "What does a baker do?",
    "Why do we sleep?",
)
"""Their answers take a few sentences."""

JSON_REQUEST = (
    'Write a JSON object that describes a cat with the keys "name", "colour" and "age". Answer with the JSON only.'
)
