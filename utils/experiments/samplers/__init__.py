"""What the experiments of the notebook on samplers need: their texts, and their longer measurements."""
