# Two commands: `make lab` opens the course, `make test` tests it. Each sets up what it needs.
PYTHON ?= python3

.PHONY: lab test env

lab:
	@$(PYTHON) scripts/bootstrap.py lab

test:
	@$(PYTHON) scripts/bootstrap.py test

env:
	@$(PYTHON) scripts/bootstrap.py env
