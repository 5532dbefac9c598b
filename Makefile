# Stancewire. `make help` lists what there is; each target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help run test lint lock schemas dashboards reference docs eval bench faults soak fuzz audit sbom train clean
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

# A stamp says which lock file the environment holds; it is made anew when the lock changes.
.venv/run: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (once, about a minute)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index -e . 2>/dev/null || { echo "the project could not be installed into .venv"; exit 1; }
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.txt
	@touch $@

.venv/fuzz: requirements-fuzz.txt .venv/dev
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-fuzz.txt
	@touch $@

# quixstreams wants an older pydantic than we do: it has an environment of its own, which finds all else in .venv.
.venv/peers: requirements-peers.txt requirements-quixstreams.txt .venv/dev
	@echo "setting up the programs that we are measured against in .venv (once)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-peers.txt
	@$(BIN)/python -m venv --clear .venv/quixstreams
	@.venv/quixstreams/bin/python -m pip install -qq --require-hashes -r requirements-quixstreams.txt
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > \
	  "$$(.venv/quixstreams/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/beside.pth"
	@touch $@

.venv/training: requirements-training.txt requirements-teacher.txt .venv/run
	@echo "setting up the training tools in .venv (once, some minutes: torch)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-training.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-teacher.txt
	@touch $@

run: .venv/run ## the whole pipeline on seeds/: broker, workers, documents in, events out; ONCE=1 ends with a summary
	@$(BIN)/stancewire run seeds $(if $(ONCE),--once)

# Three processes beside each other, since tests of the broker wait for most of their time. Each that needs a broker has its own.
# .stancewire/test-*.xml says how long each test took.
test: .venv/dev ## all tests, those on a real Kafka in two processes, all others in a third; ARGS='-k ledger' picks some
	@mkdir -p .stancewire; \
	run() { name=$$1; shift; $(BIN)/python -m pytest --durations=10 --junitxml=.stancewire/test-$$name.xml "$$@" $(ARGS); }; \
	run others -m "not broker" > .stancewire/test-others.log 2>&1 & others=$$!; \
	run first -m broker --part 1/2 > .stancewire/test-first.log 2>&1 & first=$$!; \
	run second -m broker --part 2/2; statuses=$$?; \
	wait $$first; statuses="$$statuses $$?"; wait $$others; statuses="$$statuses $$?"; \
	cat .stancewire/test-first.log .stancewire/test-others.log; \
	for status in $$statuses; do [ $$status = 0 ] || [ $$status = 5 ] || exit $$status; done; \
	[ "$$statuses" != "5 5 5" ] # 5: none was picked there

lint: .venv/dev ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

eval: .venv/dev ## accuracy: TASK=…, DATA=path; the last line is JSON
	@$(BIN)/python -m evaluation $(TASK) $(if $(DATA),--data $(DATA))

bench: .venv/dev $(if $(filter peers,$(TASK)),.venv/peers) ## speed: TASK=…, DOCUMENTS=…; the last line is JSON
	@$(BIN)/python -m evaluation.bench $(TASK) $(if $(DOCUMENTS),--documents $(DOCUMENTS))

faults: .venv/dev ## faults on a real Kafka under load: N=200, SEED=1, KINDS=a,b picks some; the last line is JSON
	@$(BIN)/python -m evaluation.faults --count $(or $(N),200) --seed $(or $(SEED),1) $(if $(KINDS),--kinds $(KINDS))

soak: .venv/dev ## memory, strings, files and threads over DOCUMENTS=100000, cut short by MINUTES=…; the last line is JSON
	@$(BIN)/python -m evaluation.soak --documents $(or $(DOCUMENTS),100000) --minutes $(or $(MINUTES),1440)

fuzz: .venv/fuzz ## coverage-guided fuzzing: TARGET=… SECONDS=…; the last line is JSON
	@$(BIN)/python -m evaluation.fuzz $(TARGET) $(SECONDS)

audit: .venv/dev ## known vulnerabilities of what is pinned
	@$(BIN)/python -m evaluation.audit

sbom: .venv/dev ## what the packages of the lock are, in CycloneDX, in build/sbom.json
	@mkdir -p build && $(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --mc-type application --output-reproducible -o build/sbom.json && echo build/sbom.json

train: .venv/training ## make a shipped model anew: TASK=entities, reading, stance, stories or holders; goes on where it was interrupted
	$(BIN)/python -m training.$(TASK) $(ARGS)

dashboards: .venv/run ## write deploy/grafana/dashboards from the panels
	@$(BIN)/python -m deploy.grafana.write

schemas: .venv/run ## write schemas/json from the models
	$(BIN)/python -m schemas.export

reference: .venv/dev ## write the pages of docs/ that come from the code: settings, commands, stages, the event
	@$(BIN)/python -m docs.reference

docs: .venv/dev ## the site of the documentation, in build/site/index.html; a broken link fails
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict && echo "open build/site/index.html"

lock: .venv/dev ## pin every dependency anew
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --extra otel -c requirements.txt -o requirements-otel.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --extra training -c requirements.txt -o requirements-training.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --extra fuzz -c requirements.txt -o requirements-fuzz.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --extra peers -c requirements.txt -o requirements-peers.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe -o requirements-quixstreams.txt evaluation/bench/peers/quixstreams.in

clean: ## remove what was set up and what runs left behind
	rm -rf .venv .stancewire build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
