# Two commands: `make demo` shows what Zonewright does on the example plant; `make test` runs everything CI runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ZONEWRIGHT := $(or $(CARGO_TARGET_DIR),target)/debug/zonewright
EXAMPLE := examples/waterworks
# The example's captures were taken on that day; judging it on another would let permits expire.
AS_OF := 2026-11-26
# What `make soak` runs in the laboratory: plant, seed, size, seconds; each clean and with deviations.
LAB_RUNS ?= waterworks:1:medium:70 batch-plant:1:medium:70 waterworks:1:small:20 batch-plant:1:small:20 waterworks:2:medium:20 batch-plant:3:medium:20 waterworks:5:medium:20 batch-plant:6:medium:20 waterworks:7:medium:20 batch-plant:8:medium:20 waterworks:4:small:20 batch-plant:7:small:20 waterworks:3:large:30 batch-plant:3:large:30

.PHONY: help demo test soak bench tools laboratory build lint clean

help:
	@echo "make demo   build, and run the main job on the example plant"
	@echo "make test   everything CI runs"
	@echo "make soak   the long tests: an hour of fuzzing, thousands of rulesets against the kernel, many plants of the laboratory"
	@echo "make bench  measurements, as docs/reference/performance.md quotes them"

## What is missing on a fresh Debian machine with Rust and Node. Elsewhere, or without root, it says what to install.
tools:
	@./xtask/install-tools

## What the laboratory needs (lab/README.md); without root its test is skipped and says so.
laboratory:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then ./lab/install; else echo "the laboratory needs root and Debian: its test is skipped"; fi

build: tools
	cargo build --locked --package zonewright

demo: build
	@echo
	@echo "== The model alone: is it sound? =="
	$(ZONEWRIGHT) check $(EXAMPLE) --as-of $(AS_OF) --fail-on never
	@echo
	@echo "== Declared, configured and observed, side by side (the example has planted disagreements) =="
	mkdir -p out
	$(ZONEWRIGHT) report $(EXAMPLE) --as-of $(AS_OF) --output out/waterworks.html
	@echo
	@echo "Look at out/waterworks.html in a browser. $(EXAMPLE)/README.md says which disagreements were planted."
	@echo "With your own evidence: $(ZONEWRIGHT) start FOLDER"

lint:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo xtask tidy

test: tools laboratory lint
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps --quiet
	cargo nextest run --locked --workspace --no-fail-fast

soak: tools laboratory
	ZONEWRIGHT_LAB_RUNS="$(LAB_RUNS)" cargo nextest run --locked --package zonewright --test binary --no-capture laboratory
	ZONEWRIGHT_KERNEL_RULESETS=$${ZONEWRIGHT_KERNEL_RULESETS:-10000} cargo nextest run --locked --package zonewright-firewall --run-ignored all --test kernel_verdicts
	ZONEWRIGHT_AERLEON_POLICIES=$${ZONEWRIGHT_AERLEON_POLICIES:-400} cargo nextest run --locked --package zonewright-firewall --no-capture --test cross_dialect
	./fuzz/soak $${FUZZ_SECONDS:-3600}

bench: build
	cargo xtask bench

clean:
	cargo clean
	rm -rf out
