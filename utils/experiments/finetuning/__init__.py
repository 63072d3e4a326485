"""The machinery of notebook 05: a base model that completes becomes one that answers.

answering       ask(model, codec, questions) -> Answered texts and whether they ended; share of correct answers
chat_models     load_chat_model("world-medium-chat"), chat_model_card: finetuned models that ship with the course
"""
