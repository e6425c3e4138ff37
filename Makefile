# Everything sets itself up: the environment lives outside the checkout, keyed by the requirement files,
# so that the next run (and CI) finds it again. Override with VENV=/path.
PYTHON ?= python3
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/consilium
KEY := $(shell $(PYTHON) -c "import hashlib,pathlib,sys; \
	print('%d.%d-' % sys.version_info[:2] + hashlib.sha256(b''.join(pathlib.Path(p).read_bytes() \
	for p in ('requirements.txt','requirements-dev.txt'))).hexdigest()[:12])")
VENV ?= $(CACHE)/venv-$(KEY)
PY := $(VENV)/bin/python
ADDRESS ?= 127.0.0.1
PORT ?= 8501
# Open a browser where there is a screen.
HEADLESS ?= $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname))),false,true)

# The code sets this too, for processes that make does not start.
export TORCH_FORCE_WEIGHTS_ONLY_LOAD := 1
export NUMBA_CACHE_DIR ?= $(CACHE)/numba

.PHONY: run test check bench profile fuzz format python clean
.DEFAULT_GOAL := run

run: $(VENV)/.run
	$(PY) -m streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT) \
		--server.headless $(HEADLESS) --server.showEmailPrompt false

test: $(VENV)/.dev
	$(PY) -m pytest $(ARGS)

check: $(VENV)/.dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/.dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(VENV)/.dev
	$(PY) -m benchmarks $(or $(ARGS),speed --write)

profile: $(VENV)/.dev
	$(PY) -m benchmarks profile $(ARGS)

fuzz: $(VENV)/.dev
	CONSILIUM_FUZZ_ROUNDS=20000 $(PY) -m pytest --timeout 7200 tests/models/inputs/test_*fuzz.py

python: $(VENV)/.dev
	@echo $(PY)

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Consilium needs Python 3.11 or newer; \
	this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.11")'
	@mkdir -p $(dir $(VENV))
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv
	@echo "Installing into $(VENV) (once; torch is large, this takes some minutes)"
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV)
