# Interneg. Bare `make` lists the targets; each one does all of its set-up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := list
PY_OK := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell $(p) -c '$(PY_OK)' 2>/dev/null && echo $(p))))
VENV := .venv/bin
PROTO := .venv-proto/bin
READY := .venv/ready-dev
PROTO_READY := .venv-proto/ready
PROTOC = $(PROTO)/python -m grpc_tools.protoc -I proto --plugin=protoc-gen-mypy_grpc=$(PROTO)/protoc-gen-mypy_grpc
PROTOS := proto/interneg_proto/v1
GENERATE = $(PROTOC) --python_out=$(1) --pyi_out=$(1) $(PROTOS)/*.proto && \
	$(PROTOC) --grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) $(PROTOS)/*_service.proto

.PHONY: list demo test check fix proto bench clean
list:  ## lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: $(READY)  ## dailies in, a learnt model, plates out; DAILIES=/path/to/clip.mov for your own footage
	$(VENV)/python -m demo.run $(if $(value DAILIES),--dailies='$(subst ','\'',$(value DAILIES))') $(ARGS)

test: $(READY),soundstage  ## runs the tests; ARGS="-k name" for some of them
	$(VENV)/pytest $(ARGS)

check: $(READY),soundstage $(PROTO_READY)  ## style, types, floors, and the wire
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(PROTO)/buf lint
	fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; $(call GENERATE,"$$fresh"); \
	diff -r -x '*.proto' -x '__*' -x py.typed "$$fresh/interneg_proto" proto/interneg_proto \
	|| { echo 'the generated code is stale: make proto'; exit 1; }

fix: $(READY)  ## mends what style can mend
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

proto: $(PROTO_READY)  ## generates the wire's code
	$(call GENERATE,proto)

bench: $(READY)  ## measures speed and quality into bench/results
	$(VENV)/python -m bench.run $(ARGS)

clean:  ## removes the environments and what tools left
	rm -rf .venv .venv-proto build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache demo-home
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/ready-%: pyproject.toml constraints.txt
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python3'; exit 1; }
	test -x $(VENV)/python || $(PYTHON) -m venv .venv
	$(VENV)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$*]'
	@touch $@

$(PROTO_READY): constraints-proto.txt
	test -x $(PROTO)/python || $(firstword $(wildcard $(VENV)/python) $(PYTHON)) -m venv .venv-proto
	$(PROTO)/python -m pip install --quiet --disable-pip-version-check -r constraints-proto.txt
	@touch $@
