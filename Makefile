# `make lab` opens the course, `make test` tests it, `make site` makes its web pages. Each sets up what it needs.
# make lab PYTHON=python3.12 ARGS="--no-browser --port 8890"
PYTHON ?= python3
ARGS ?=

.PHONY: lab test site env

lab:
	@$(PYTHON) scripts/bootstrap.py lab $(ARGS)

test:
	@$(PYTHON) scripts/bootstrap.py test $(ARGS)

site:
	@$(PYTHON) scripts/bootstrap.py site $(ARGS)

env:
	@$(PYTHON) scripts/bootstrap.py env
