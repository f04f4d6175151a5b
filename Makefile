PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LESSONS := $(sort $(wildcard notebooks/*.ipynb))

.PHONY: lab present test lint units lessons browser notebooks slides site student mutants bench pictures clean help

help:
	@echo "make lab        open JupyterLab on the lessons"
	@echo "make test       everything that CI runs: ruff, unit tests, lessons, browser tests"
	@echo "make notebooks  execute the lessons again and store their outputs"
	@echo "make present    open a lecture's slides in JupyterLab, explorers live (LESSON=02 for the second)"
	@echo "make student    write the folder that students get, without outputs and notes"
	@echo "make slides     export the lectures as slides that work without a network"
	@echo "make site       build the course as a web site, in build/site"
	@echo "make mutants    try wrong and right answers on every exercise and claim"
	@echo "make bench      measure explorers and lessons"
	@echo "make pictures   make the README's pictures again"

# One stamp stands for "installed as pyproject.toml and constraints.txt say".
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install -c constraints.txt torch --index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install -c constraints.txt -e .
	@touch $(READY)

lab: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(LAB_OPTIONS)

# The first lecture, or LESSON=02, as slides with live explorers.
present: $(READY)
	LESSON=$(LESSON) $(BIN)/python tools/present.py $(LAB_OPTIONS)

test: lint units lessons browser

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

units: $(READY)
	$(BIN)/python -m pytest -q tests --ignore=tests/browser -n 2

# Two lessons at a time, each whole on one worker; one thread each.
lessons: $(READY)
	$(BIN)/python -m pytest -q --nbval --nbval-current-env --nbval-cell-timeout 300 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg -n 2 --dist loadfile $(LESSONS)

browser: $(READY)
	$(BIN)/python -m pytest -q tests/browser

notebooks: $(READY)
	$(BIN)/python tools/execute_notebooks.py $(LESSONS)

# Lessons executed afresh with the state of their explorers, for pages without a kernel.
EXECUTED := $(LESSONS:notebooks/%=build/executed/%)
PACKAGE := $(shell find course_utils -name '*.py' -o -name '*.js')
build/executed/%.ipynb: notebooks/%.ipynb $(PACKAGE) $(wildcard data/*.tsv) | $(READY)
	$(BIN)/python tools/execute_notebooks.py --to build/executed $<

slides: $(EXECUTED)
	$(BIN)/python tools/export_slides.py $(EXECUTED)

site: $(EXECUTED)
	$(BIN)/python tools/build_site.py build/executed build/site

student: $(READY)
	$(BIN)/python tools/student_copies.py

mutants: $(READY)
	cd tests && ../$(BIN)/python -m mutants

bench: $(READY)
	$(BIN)/python -m tools.latency

pictures: $(READY)
	$(BIN)/python -m tools.latency.pictures

clean:
	rm -rf build screenshots .pytest_cache .ruff_cache
