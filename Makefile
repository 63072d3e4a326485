# Two commands: `make lab` opens the course, `make test` tests it. Each sets up what it needs.
# make lab PYTHON=python3.12 ARGS="--no-browser --port 8890"
PYTHON ?= python3
ARGS ?=

.PHONY: lab test env

lab:
	@$(PYTHON) scripts/bootstrap.py lab $(ARGS)

test:
	@$(PYTHON) scripts/bootstrap.py test $(ARGS)

env:
	@$(PYTHON) scripts/bootstrap.py env
