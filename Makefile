# make run   start the appliance: on the radio where there is one, else the demo
# make deb   the Debian package, into dist/
# make test  everything that can be tested on this machine, with the Wi-Fi lab's short stories
#
# All do their own set-up (deploy/setup). ARGS is handed on: make run ARGS="--config my.toml"

PYTHON := .venv/bin/python
ARGS   ?=

.PHONY: run deb test check bench torture lab shots clean setup-run setup-deb setup-test

run: setup-run
	@if [ -z "$$(ls /sys/class/ieee80211 2>/dev/null)" ]; then \
	    echo "make: no Wi-Fi adapter here, so this is the demo"; exec .venv/bin/vestibule run --demo $(ARGS); \
	elif [ "$$(id -u)" != 0 ]; then \
	    echo "make: not root, so this is the demo (sudo make run starts the real hotspot)"; \
	    exec .venv/bin/vestibule run --demo $(ARGS); \
	else exec .venv/bin/vestibule run $(ARGS); fi

deb: setup-deb
	$(PYTHON) -m deploy.deb.build $(ARGS)

test: setup-test
	$(PYTHON) -m pytest $(ARGS)

check: setup-test
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy

bench: setup-test
	$(PYTHON) -m tests.bench $(ARGS)

# Every promise about records in full; `make test` has the same in small.
torture: setup-test
	$(PYTHON) -m tests.torture $(ARGS)

# Every story of the Wi-Fi lab, the long ones too, then the power cuts: half an hour on two cores.
# ARGS="home_joined first_phone" tells only these.
lab: setup-test
	$(PYTHON) -m tests.lab $(ARGS)
	@[ -n "$(ARGS)" ] || $(PYTHON) -m pytest -m long tests/lab/test_power.py tests/lab/test_boot.py tests/portal/bench tests/lab/test_logged.py tests/deploy

# The pictures in docs/, taken anew from the real page.
shots: setup-test
	$(PYTHON) -m tests.portal.screenshots docs/page
	$(PYTHON) -m tests.hotspot.screenshots
	$(PYTHON) -m tests.portal.bench.wall.screenshots docs/bench

clean:
	rm -rf .venv .cache dist run-demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run:
	@deploy/setup run

setup-deb:
	@deploy/setup deb

setup-test:
	@deploy/setup test
