PYTHON ?= python3
VENV := .venv
# The versions that CI has tested; `python -m tools.matrix` tries others.
CONSTRAINTS := constraints.txt
export CONSTRAINTS
BIN := $(VENV)/bin
LESSONS := $(sort $(wildcard notebooks/*.ipynb))

.PHONY: environment lab present test lint units lessons browser notebooks frame views slides site student nbgrader hub messages mutants audit bench benchmark pictures clean help

help:
	@echo "make lab        open JupyterLab on the lessons"
	@echo "make test       everything that CI runs: ruff, unit tests, lessons, browser tests"
	@echo "make notebooks  execute the lessons again and store their outputs"
	@echo "make frame      renew what is around the lessons: banners, next cards, folded cells; nothing runs"
	@echo "make present    open a lecture's slides in JupyterLab, explorers live (LESSON=02 for the second)"
	@echo "make student    write the folder that students get, without outputs and notes (SOLUTIONS=no: without solutions)"
	@echo "make nbgrader   write each lesson's exercises as an assignment for nbgrader"
	@echo "make hub        start a JupyterHub for one class on this machine; as root, see docs/hub.md (npm)"
	@echo "make views      bundle the JavaScript of the views again, after a change in course_utils/views/src (npm)"
	@echo "make slides     export the lectures as slides that work without a network"
	@echo "make site       build the course as a web site, in build/site"
	@echo "make messages   collect what people read, and renew the translations' catalogues (NEW=ko begins one)"
	@echo "make mutants    try wrong and right answers on every exercise and claim"
	@echo "make audit      look up known vulnerabilities of the pinned versions; needs a network"
	@echo "make bench      measure explorers and lessons"
	@echo "make benchmark  train and score translators on Multi30k (MULTI30K=folder with the data)"
	@echo "make pictures   make the README's pictures again"

# A stamp says that a part of pyproject.toml is installed: what students need (lab, with the extra `interface`), or another
# extra as well (lecture, site, test). `test` includes the others, so it stamps them too, and pip adds only what is missing.
LAB := $(VENV)/.lab
LECTURE := $(VENV)/.lecture
SITE := $(VENV)/.site
TEST := $(VENV)/.test
$(LAB) $(LECTURE) $(SITE) $(TEST): $(VENV)/.%: pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/install_torch.py $(TORCH_INDEX)
	$(BIN)/python -m pip install -c $(CONSTRAINTS) -e ".[$(if $(filter lab,$*),interface,$*)]"
	@touch $@ $(LAB) $(if $(filter test,$*),$(LECTURE) $(SITE))

environment: $(TEST)

# JupyterLab asks no questions of its own first: `tools/lab` holds defaults, below whatever a student has set.
lab: $(LAB)
	JUPYTER_CONFIG_PATH=$(CURDIR)/tools/lab:$$JUPYTER_CONFIG_PATH $(BIN)/jupyter lab --ServerApp.root_dir=. \
		--LabApp.default_url=/lab/tree/notebooks/00_start.ipynb $(LAB_OPTIONS)

# The first lecture, or LESSON=02, as slides with live explorers.
present: $(LECTURE)
	LESSON=$(LESSON) $(BIN)/python tools/present.py $(LAB_OPTIONS)

test: $(TEST)
	@$(if $(filter command,$(firstword $(origin PYTHON))),test "$$($(PYTHON) -V)" = "$$($(BIN)/python -V)" || \
		{ echo "$(VENV) was made with $$($(BIN)/python -V); name another folder: make test PYTHON=$(PYTHON) VENV=.venv-other"; exit 1; })
	@$(BIN)/python -c 'import sys, torch; print("testing on Python", sys.version.split()[0], "with torch", torch.__version__)'
	@$(MAKE) --no-print-directory lint units lessons browser

lint: $(TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

units: $(TEST)
	$(BIN)/python -m pytest -q tests --ignore=tests/browser -n 2

# Two lessons at a time, each whole on one worker; one thread each. Libraries are imported before the first cell, so that
# what they log on some machine is no difference.
lessons: $(TEST)
	COURSE_PREDICTIONS=off PYTHONSTARTUP=$(CURDIR)/tests/kernel_startup.py $(BIN)/python -m pytest -q --nbval --nbval-current-env --nbval-cell-timeout 300 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg -n 2 --dist loadfile $(LESSONS)

# Two browsers at a time; the tests of one page stay on one of them. SCREENSHOTS=yes keeps pictures to look at.
browser: $(TEST)
	$(BIN)/python -m pytest -q tests/browser -n 2 --dist loadscope

notebooks: $(TEST)
	$(BIN)/python tools/execute_notebooks.py $(LESSONS)

# The one committed bundle of what the browser draws.
views:
	$(PYTHON) tools/build_views.py

# What is around the lessons: banners, the next lesson's card, folded cells. Nothing runs.
frame: $(TEST)
	$(BIN)/python tools/execute_notebooks.py --frame-only $(LESSONS)

# Lessons executed afresh with the state of their explorers, for pages without a kernel.
EXECUTED := $(LESSONS:notebooks/%=build/executed/%)
PACKAGE := $(shell find course_utils -name '*.py' -o -path '*views/*.js' -not -path '*src*' -o -name '*.mo')
build/executed/%.ipynb: notebooks/%.ipynb $(PACKAGE) $(wildcard data/*.tsv) | $(LECTURE)
	$(BIN)/python tools/execute_notebooks.py --to build/executed $<

nbgrader: $(TEST)
	$(BIN)/python -m tools.nbgrader_copies

slides: $(EXECUTED)
	$(BIN)/python tools/export_slides.py $(filter-out %/00_start.ipynb,$(EXECUTED))

site: $(EXECUTED) $(SITE)
	$(BIN)/python tools/build_site.py build/executed build/site

student: $(LECTURE)
	$(BIN)/python tools/student_copies.py $(if $(filter no,$(SOLUTIONS)),--without-solutions)

# A JupyterHub for one class: docs/hub.md. Root starts it; accounts and the students' copies are made here.
HUB := $(VENV)/.hub
HUB_STATE ?= /srv/course-hub
export HUB_STATE
$(HUB): deploy/requirements.txt $(LECTURE)
	$(BIN)/python -m pip install -c $(CONSTRAINTS) -r deploy/requirements.txt
	npm install --no-audit --no-fund --prefix $(VENV)/proxy configurable-http-proxy@5.3.0
	@touch $@

hub: $(HUB)
	@test -f $(HUB_STATE)/class.txt || { echo "write one name per line into $(HUB_STATE)/class.txt first: docs/hub.md"; exit 2; }
	$(BIN)/python tools/student_copies.py --to $(HUB_STATE)/course $(if $(filter no,$(SOLUTIONS)),--without-solutions)
	$(BIN)/python deploy/classroom.py $(HUB_STATE)/course
	$(BIN)/python -m jupyterhub -f deploy/jupyterhub_config.py

# English is in the code; a translation is a catalogue in LOCALE, and the compiled one beside it is what a lesson reads.
LOCALE := course_utils/messages/locale
TEMPLATE := build/messages.pot
messages: $(LAB)
	@mkdir -p build $(LOCALE)
	$(BIN)/pybabel -q extract -F tools/babel.cfg -k say -k say_plural:1,2 -k note -k note_plural:1,2 -k Refusal -c "for translators:" \
		--project course-utils --sort-by-file -o $(TEMPLATE) .
	$(if $(NEW),$(BIN)/pybabel -q init -i $(TEMPLATE) -d $(LOCALE) -D messages -l $(NEW))
	@if ls $(LOCALE)/*/LC_MESSAGES/messages.po >/dev/null 2>&1; then set -x; \
		$(BIN)/pybabel -q update -i $(TEMPLATE) -d $(LOCALE) -D messages --ignore-pot-creation-date --no-fuzzy-matching --ignore-obsolete && \
		$(BIN)/pybabel -q compile -d $(LOCALE) -D messages; fi

mutants: $(TEST)
	cd tests && PYTHONPATH=$(CURDIR):$(CURDIR)/tools:$(CURDIR)/data ../$(BIN)/python -m mutants

# pip-audit has an environment of its own, for the course does not need it. Strict, because a package that the service does
# not know would otherwise pass as one without vulnerabilities.
AUDIT := build/audit
$(AUDIT)/bin/pip-audit:
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install -q "pip-audit>=2.10,<3"

audit: $(AUDIT)/bin/pip-audit
	@$< --strict --no-deps --disable-pip --progress-spinner off -r constraints.txt -r deploy/requirements.txt || \
		{ echo "The audit failed. Either a table above names vulnerable versions, or the service could not answer."; exit 1; }

bench: $(TEST)
	$(BIN)/python -m tools.latency

# Rows that data/benchmark.tsv holds are not measured again.
benchmark: $(LAB)
	@test -n "$(MULTI30K)" || { echo "name the data's folder, a clone of github.com/multi30k/dataset: make benchmark MULTI30K=dataset"; exit 2; }
	$(BIN)/python data/build_benchmark.py "$(MULTI30K)"

pictures: $(TEST)
	$(BIN)/python -m tools.latency.pictures

clean:
	rm -rf build screenshots .pytest_cache .ruff_cache
