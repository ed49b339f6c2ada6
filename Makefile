# Everything a user or a contributor runs. The first target to need it makes the virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= audit
COQ ?= build/coq
TORCH ?= torch>=2.11
# A Linux machine without an NVIDIA driver gets the CPU build of torch, not gigabytes of GPU libraries; a folder of wheels
# that pip is told of (PIP_FIND_LINKS) comes first.
CPU_ONLY := $(shell [ "$$(uname -sm)" = "Linux x86_64" ] && ! command -v nvidia-smi >/dev/null && echo yes)
CPU_WHEELS := --index-url https://download.pytorch.org/whl/cpu
PIP := $(BIN)/python -m pip --disable-pip-version-check install

.PHONY: rooms install audit certificates test test-slow test-gpu gpu-check test-nightly prove-coq check format docs docs-check bench clean

install: $(VENV)/.installed rooms
# Exit code 1 is a verdict (not trusted), not a failure.
audit: $(VENV)/.installed
	$(BIN)/fvproof audit --out $(OUT) || [ $$? -eq 1 ]

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Certificates for theorems that have none yet; what was found is kept, also if the search is broken off.
certificates: $(VENV)/.installed
	$(BIN)/python -m fvproof.verify.positivstellensatz

test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m slow

# Every class of functions against its oracle, in at least 20,000 different random cases, which are counted: an hour.
NIGHTLY := every_class two_piece_affine affine_on_body ridge radial quadratic
test-nightly: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 $(NIGHTLY:%=tests/theory/classes/test_%.py)

test-gpu: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m gpu

# Everything that should be tried on a graphics card, in minutes; FVPROOF_DATA names a folder of networks.
gpu-check: $(VENV)/.installed
	$(BIN)/python -W ignore -m benchmarks.gpu_check

# Every statement that is a theorem of Coq, checked by coqc, a minute; COQ names the folder. Nothing is installed.
prove-coq: $(VENV)/.installed
	@command -v coqc >/dev/null || { echo "coqc is not installed: apt install coq (Debian, Ubuntu), brew install coq, or opam install coq" >&2; exit 3; }
	$(BIN)/fvproof prove --coq $(COQ)

check: $(VENV)/.installed-check rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	cd build/rooms && $(abspath $(BIN))/lint-imports $(abspath pyproject.toml)
	$(BIN)/codespell

format: $(VENV)/.installed-check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-docs
	rm -rf docs/api/generated docs/commands
	$(BIN)/python -m sphinx -E -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/render.py

# Every page in headless Chromium, without a network.
docs-check: $(VENV)/.installed-docs
	$(BIN)/python docs/check_pages.py

bench: $(VENV)/.peers
	PYTHONPATH=$(VENV)/peers $(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) docs/_build docs/api/generated docs/commands .pytest_cache .ruff_cache *.egg-info build

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(if $(CPU_ONLY),$(if $(PIP_FIND_LINKS),$(PIP) --no-index --no-deps "$(TORCH)" ||) $(PIP) $(CPU_WHEELS) "$(TORCH)" ||) $(PIP) "$(TORCH)"
	$(PIP) --editable .
	touch $@

# Links through which type checkers, editors and the import linter see what setup.py maps below `fvproof`.
rooms:
	rm -rf build/rooms && mkdir -p build/rooms/fvproof
	ln -s $(patsubst %,../../../%,$(filter-out %__pycache__,$(wildcard fvproof/*)) theory verify empirical) build/rooms/fvproof

# Peers to time, in a folder of their own: their dependencies would put another build of torch in place of this one.
$(VENV)/.peers: $(VENV)/.installed
	$(PIP) --target $(VENV)/peers --no-deps torch-lucent torchvision "kornia<=0.4.1" maraboupy
	$(PIP) --target $(VENV)/peers ipython decorator future
	touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	$(PIP) --editable ".[$*]"
	touch $@
