# Everything a user or a contributor runs. The first target to need it makes the virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= audit
# A Linux machine without an NVIDIA driver gets the CPU build of torch, not gigabytes of GPU libraries.
CPU_ONLY := $(shell [ "$$(uname -sm)" = "Linux x86_64" ] && ! command -v nvidia-smi >/dev/null && echo yes)
TORCH ?= $(if $(CPU_ONLY),torch==2.13.0+cpu,torch>=2.11)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: install audit test test-slow test-gpu test-nightly check format docs docs-check bench clean

install: $(VENV)/.installed
# Exit code 1 is a verdict (not trusted), not a failure.
audit: $(VENV)/.installed
	$(BIN)/fvproof audit --out $(OUT) || [ $$? -eq 1 ]

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m slow

# Every class of functions against its oracle, in at least 20,000 different random cases, which are counted: an hour.
NIGHTLY := every_class two_piece_affine affine_on_body ridge radial quadratic
test-nightly: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 $(NIGHTLY:%=tests/theory/classes/test_%.py)

test-gpu: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m gpu

check: $(VENV)/.installed-check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(VENV)/.installed-check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-docs
	rm -rf docs/api/generated
	$(BIN)/python -m sphinx -E -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/render.py

# Every page in headless Chromium, without a network.
docs-check: $(VENV)/.installed-docs
	$(BIN)/python docs/check_pages.py

bench: $(VENV)/.peers
	PYTHONPATH=$(VENV)/peers $(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) docs/_build docs/api/generated .pytest_cache .ruff_cache *.egg-info build

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) "$(TORCH)" $(if $(CPU_ONLY),2>/dev/null || $(PIP) "$(TORCH)" --extra-index-url https://download.pytorch.org/whl/cpu)
	$(PIP) --editable .
	touch $@

# Peers to time, in a folder of their own: their dependencies would put another build of torch in place of this one.
$(VENV)/.peers: $(VENV)/.installed
	$(PIP) --target $(VENV)/peers --no-deps torch-lucent torchvision "kornia<=0.4.1" maraboupy
	$(PIP) --target $(VENV)/peers ipython decorator future
	touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	$(PIP) --editable ".[$*]"
	touch $@
