# The two commands of a newcomer are `make demo` and `make test`; each prepares what is missing first.
PORT ?= 8000
# Three on two cores: a third of the suite waits for a browser or for a program of its own.
WORKERS ?= 3
# The tests start the product some hundred times: each start reads what the first one compiled.
PYTEST = PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n $(WORKERS)

.PHONY: help setup setup-tests demo test check bench wheel lock clean
help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

setup: ## prepare .venv, the browser libraries and the Debian packages that are missing
	@sh setup/run.sh

setup-tests:
	@sh setup/run.sh --tests

demo: setup ## build the invented district and serve its map on PORT (8000)
	@.venv/bin/civmap demo --port $(PORT)

check: setup-tests ## look at the style only
	.venv/bin/ruff check .

test: check ## run the whole suite on SpatiaLite, then store, queries, actions and API on PostGIS
	$(PYTEST)
	$(PYTEST) --database postgis

bench: setup ## print the figures of bench/
	.venv/bin/python -m bench

wheel: setup ## build dist/civmap-*.whl with pages, dictionaries and browser libraries inside
	.venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist .

lock: setup ## renew the locks after a change of a list; UPGRADE=--upgrade takes the newest releases
	sh setup/lock.sh $(UPGRADE)

clean: ## throw away everything that set-up and tests made, but not var/
	rm -rf .venv node_modules static/vendor build dist set-up.log .pytest_cache .ruff_cache .hypothesis
