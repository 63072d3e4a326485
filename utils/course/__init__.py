"""The course's own tools: build, check, answers, coverage, doctor, data. They know notebooks as files only."""
