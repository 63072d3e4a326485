"""The course's shared package: its folders are the stages of a model's life, imports run from later to earlier ones."""
