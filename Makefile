# repkit: `make` builds bin/, `make check` runs all tests, `make help` lists the rest.
# Sources are found by wildcard: a new tool is a new file in src/tools, nothing to register.

prefix   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
BIN      ?= bin
CC       ?= cc
CFLAGS   ?= -O2 -g
VERSION  := $(shell cat VERSION)
SYSTEM   := $(shell uname -s)

# -ffp-contract=off: the same bytes from every compiler and processor.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
STANDARD := -std=c11 -D_XOPEN_SOURCE=700 -ffp-contract=off -pthread
HARDENED := -fPIE -fstack-protector-strong
HARDENED_LINK :=
ifeq ($(SYSTEM),Linux)
HARDENED_LINK += -pie -Wl,-z,relro,-z,now
endif
# _FORTIFY_SOURCE needs an optimiser, and hides from the sanitizers what they look for.
ifeq ($(findstring -fsanitize,$(CFLAGS) $(EXTRA_CFLAGS)),)
ifneq ($(filter -O1 -O2 -O3 -Os,$(CFLAGS)),)
HARDENED += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif
CPPFLAGS += -Iinclude -I$(BUILD)/generated -DRK_VERSION='"$(VERSION)"'
ALL_CFLAGS  = $(STANDARD) $(WARNINGS) $(HARDENED) $(CFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS = $(HARDENED_LINK) $(LDFLAGS)
LDLIBS   := -lgsl -lgslcblas -lcsv -ljansson -lxxhash -lz -lm -pthread
ifeq ($(SYSTEM),Darwin)
CPPFLAGS += -I$(shell brew --prefix)/include
LDFLAGS  += -L$(shell brew --prefix)/lib
LDLIBS   += -liconv
endif

LAYERS   := base stats finance table analysis render cli
SOURCES  := $(foreach d,$(LAYERS),$(wildcard src/$(d)/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(BUILD)/librepkit.a
TOOLS    := $(sort $(patsubst src/tools/%.c,%,$(wildcard src/tools/*.c)))
BINARIES := $(TOOLS:%=$(BIN)/%)
TESTS    := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))
TEST_BINARIES := $(TESTS:%=$(BUILD)/tests/%)
HELPERS  := $(filter-out $(TESTS:%=tests/unit/%.c),$(wildcard tests/unit/*.c))
HELPER_OBJECTS := $(HELPERS:%.c=$(BUILD)/%.o)

# Prints what is made; `make V=1` prints whole commands instead, `make -s` nothing.
V ?= 0
silent = $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))
show = $(if $(filter 1,$(V)),,@$(if $(silent),,echo "  $@";))

.PHONY: all
all: $(BINARIES) ## build every tool into bin/

# Files that change only when what they say changes: other flags, or another list of tools, rebuild
# what depends on them.
quoted = '$(subst ','\'',$(1))'
define newline


endef
FLAGS_LINE = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LDLIBS)
.PHONY: always
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(FLAGS_LINE)) | cmp -s - $@ \
	    || printf '%s\n' $(call quoted,$(FLAGS_LINE)) > $@

$(BUILD)/generated/tools.h: always
	@mkdir -p $(@D)
	@{ printf '/* Made by the Makefile from src/tools/rep-*.c. */\n'; \
	   printf 'static const struct {\n    const char *name, *question;\n} rk_tools[] = {\n'; \
	   for t in $(filter rep-%,$(TOOLS)); do \
	       printf '    {"%s", %s},\n' "$$t" \
	           "$$(sed -n 's/^ *\.question = \(".*"\),$$/\1/p' src/tools/$$t.c)"; done; \
	   printf '};\n'; } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/src/tools/repkit.o: $(BUILD)/generated/tools.h

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(show) $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(show) $(AR) rcs $@ $^

$(BIN)/%: $(BUILD)/src/tools/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(show) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(HELPER_OBJECTS) $(LIBRARY)
	@mkdir -p $(@D)
	$(show) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lcmocka $(LDLIBS) -o $@

# A study of calibration is a new file tests/calibrate/study_TOPIC.c, nothing to register.
CALIBRATE := $(BUILD)/tests/calibrate/calibrate
STUDIES   := $(sort $(patsubst tests/calibrate/study_%.c,%,$(wildcard tests/calibrate/study_*.c)))
CALIBRATE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/calibrate/*.c))
$(BUILD)/generated/studies.h: always
	@mkdir -p $(@D)
	@{ printf '/* Made by the Makefile from tests/calibrate/study_*.c. */\n'; \
	   for s in $(STUDIES); do printf 'extern const struct cal_study cal_%s;\n' "$$s"; done; \
	   printf 'static const struct {\n    const char *name;\n'; \
	   printf '    const struct cal_study *study;\n} cal_studies[] = {\n'; \
	   for s in $(STUDIES); do printf '    {"%s", &cal_%s},\n' "$$s" "$$s"; done; \
	   printf '};\n'; } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/tests/calibrate/calibrate.o: $(BUILD)/generated/studies.h

$(CALIBRATE): $(CALIBRATE_OBJECTS) $(LIBRARY)
	$(show) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@

# A fuzz target is a new file tests/fuzz/fuzz_TOPIC.c with a folder of corpus, nothing to register.
FUZZ_TARGETS := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_MAIN ?= $(BUILD)/tests/fuzz/driver.o
FUZZ_LINK ?=
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%)
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/fuzz.o $(FUZZ_MAIN) $(LIBRARY)
	@mkdir -p $(@D)
	$(show) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(FUZZ_LINK) $^ $(LDLIBS) -o $@

.SECONDARY:
-include $(shell find $(BUILD)/src $(BUILD)/tests -name '*.d' 2>/dev/null)

# --- tests ------------------------------------------------------------------------------------

.PHONY: check
check: ## set up, build and run everything
	@./scripts/check

.PHONY: tests
tests: $(TEST_BINARIES) ## build the unit tests without running them

.PHONY: unit
unit: $(TEST_BINARIES) $(CALIBRATE) ## run the unit tests
	@tests/unit/run $(TEST_BINARIES)
	@tests/calibrate/check $(CALIBRATE)

.PHONY: cli
cli: $(BINARIES) ## run the command-line cases (one tool: tests/cli/run rep-corr)
	@BIN=$(BIN) tests/cli/run

.PHONY: fuzzers
fuzzers: $(FUZZ_PROGRAMS)

.PHONY: smoke
smoke: $(FUZZ_PROGRAMS) ## feed the corpus and some mutations of it to the fuzz targets
	@tests/fuzz/run smoke $(FUZZ_PROGRAMS)

# Of the C library's own allocator, so for glibc only; without sanitizers, which have their own.
FAULTS := $(BUILD)/faults/exhaust
ifneq ($(shell printf '\043include <features.h>\n__GLIBC__' | $(CC) -E - 2>/dev/null | grep -c '^2'),0)
FAULTS += $(BUILD)/faults/fail_malloc.so $(BUILD)/faults/fail_io.so $(BUILD)/faults/shrink.so
endif
$(BUILD)/faults/exhaust: tests/faults/exhaust.c
	@mkdir -p $(@D)
	$(show) $(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) $(EXTRA_CFLAGS) $< -o $@
$(BUILD)/faults/%.so: tests/faults/%.c
	@mkdir -p $(@D)
	$(show) $(CC) $(STANDARD) $(WARNINGS) -O1 -g -fPIC -shared $(EXTRA_CFLAGS) $< -o $@ -ldl

.PHONY: faults
faults: $(BINARIES) $(FAULTS) ## full disks, signals, failing allocations (ALL=1: every one), attacks
	@BIN=$(BIN) BUILD=$(BUILD) tests/faults/run $(if $(ALL),--all)
	@BIN=$(BIN) tests/faults/attacks

.PHONY: goldens
goldens: $(BINARIES) $(FAULTS) ## the golden cases with failing allocations, hours (ONLY=rep-corr)
	@BIN=$(BIN) BUILD=$(BUILD) tests/faults/goldens $(ONLY)

.PHONY: determinism
determinism: $(BINARIES) ## same bytes by any number of threads and locale (BUILDS=1: compilers too)
	@BIN=$(BIN) tests/determinism/run $(if $(BUILDS),--builds)

CLANG   ?= clang
MINUTES ?= 1
FUZZ_CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(SANITIZE) \
              -DRK_CSV_BLOCK_BYTES=256 -DRK_CSV_PIECE=64
.PHONY: fuzz
fuzz: ## fuzz each target with clang's libFuzzer: make fuzz MINUTES=10
	@if $(CLANG) --version >/dev/null 2>&1; then \
	    $(MAKE) --no-print-directory CC='$(CLANG)' BUILD=build/libfuzzer FUZZ_MAIN= \
	        FUZZ_LINK=-fsanitize=fuzzer CFLAGS='$(FUZZ_CFLAGS)' fuzzers && \
	    tests/fuzz/run fuzz $(MINUTES) $(FUZZ_TARGETS:%=build/libfuzzer/fuzz/%); \
	else echo 'fuzz: no clang here, skipped'; fi

# A whole tool in one process (tests/fuzz/afl_tool.c): the blocks of the reader stay as large as they
# are. Another tool: make fuzz-afl AFL_TOOL=rep-describe AFL_OPTIONS='-j 1 --full'
AFL_CC      ?= afl-clang-fast
AFL_TOOL    ?= rep-clean
AFL_OPTIONS ?= -j 1 --snake --trim --csv-safe --ragged pad
.PHONY: fuzz-afl afl-tool
fuzz-afl: ## fuzz the whole of rep-clean with AFL++: make fuzz-afl MINUTES=10
	@if command -v afl-fuzz >/dev/null && command -v $(AFL_CC) >/dev/null; then \
	    $(MAKE) --no-print-directory CC='$(AFL_CC)' BUILD=build/afl \
	        CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' afl-tool && \
	    tests/fuzz/afl $(MINUTES) build/afl/$(AFL_TOOL) $(AFL_OPTIONS); \
	else echo 'fuzz-afl: no AFL++ here, skipped'; fi
afl-tool: $(LIBRARY)
	$(show) $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Dmain=tool_main -Wno-missing-prototypes -c src/tools/$(AFL_TOOL).c \
	    -o $(BUILD)/$(AFL_TOOL).o
	$(show) $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Wno-pedantic -Wno-cast-qual $(ALL_LDFLAGS) tests/fuzz/afl_tool.c \
	    $(BUILD)/$(AFL_TOOL).o $(LIBRARY) $(LDLIBS) -o $(BUILD)/$(AFL_TOOL)

# Tables and command lines made by chance (tests/fuzz/generated.py): what must hold of any output.
SECONDS ?= 60
.PHONY: generated
generated: ## run the tools on random tables under ASan and UBSan: make generated SECONDS=600 SEED=2
	@if command -v python3 >/dev/null; then \
	    $(MAKE) --no-print-directory BUILD=build/sanitize BIN=build/sanitize/bin \
	        CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' all && \
	    scripts/sanitized tests/fuzz/generated.py --bin build/sanitize/bin --seconds $(SECONDS) \
	        --seed $(SEED); \
	else echo 'generated: no python3 here, skipped'; fi

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
.PHONY: installed
installed: all ## install into a scratch folder, and check what is there; the same of the package
	@tests/install/run
	@tests/install/deb

.PHONY: sanitize
sanitize: ## unit tests and command-line cases under ASan and UBSan
	@$(MAKE) --no-print-directory BUILD=build/sanitize BIN=build/sanitize/bin \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' all tests fuzzers
	@scripts/sanitized $(MAKE) --no-print-directory BUILD=build/sanitize BIN=build/sanitize/bin \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' unit cli smoke

.PHONY: valgrind
valgrind: $(TEST_BINARIES) ## unit tests under valgrind
	@WRAPPER='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite' \
	    tests/unit/run $(TEST_BINARIES)

.PHONY: coverage
coverage: ## share of lines that unit tests and command-line cases run, a layer a line
	@find build/coverage -name '*.gcda' -exec rm -f {} + 2>/dev/null || true
	@$(MAKE) --no-print-directory BUILD=build/coverage BIN=build/coverage/bin \
	    CFLAGS='-O0 -g --coverage' unit cli
	@scripts/coverage build/coverage

.PHONY: lint
lint: $(OBJECTS) $(BUILD)/generated/tools.h ## layers, formatting, static analysis, shell scripts (what is installed)
	@scripts/lint

.PHONY: layers
layers: $(OBJECTS) ## check that the arrows between the layers go one way
	@scripts/lint-layers

.PHONY: bench
bench: $(BINARIES) ## time the tools against installed peers (GROWTH=1: by rows; SHAPES=1: by columns, groups)
	@tests/bench/$(if $(SHAPES),shapes,$(if $(GROWTH),growth,run))

.PHONY: agreement
agreement: $(BINARIES) ## compare every method with R on five data sets or more: docs/agreement.md
	@BIN=$(BIN) BUILD=$(BUILD) tests/agreement/run

# All studies write the page again; some of them go to standard output.
PANELS ?= 1000
SEED   ?= 1
STUDY  ?=
# --- what has no place in `make check`, being long
N ?= 150
.PHONY: mutate
mutate: all tests ## make small changes to the code, one by one: which does no test see? (N=150)
	@BUILD=$(BUILD) CC='$(CC)' tests/mutation/run $(N) $(SEED)

.PHONY: calibrate
calibrate: $(CALIBRATE) ## simulate coverage into docs/calibration.md (quick: PANELS=200 STUDY=corr)
	@$(CALIBRATE) -n $(PANELS) -s $(SEED) \
	    $(if $(STUDY),,-o docs/calibration.md) $(STUDY)

.PHONY: reference
reference: ## make the reference values of the unit tests again (needs R and node)
	@set -e; for script in tests/reference/*.R; do \
	    case $$script in */emit.R) ;; *) echo "Rscript $$script"; Rscript $$script;; esac; done
	node tests/reference/jalali.js

# --- installing -------------------------------------------------------------------------------

bindir   = $(DESTDIR)$(prefix)/bin
man1dir  = $(DESTDIR)$(prefix)/share/man/man1
man3dir  = $(DESTDIR)$(prefix)/share/man/man3
bashdir  = $(DESTDIR)$(prefix)/share/bash-completion/completions
zshdir   = $(DESTDIR)$(prefix)/share/zsh/site-functions
fishdir  = $(DESTDIR)$(prefix)/share/fish/vendor_completions.d
libdir   = $(DESTDIR)$(prefix)/lib
pcdir    = $(libdir)/pkgconfig
headers  = $(DESTDIR)$(prefix)/include/repkit

# The library is static, so who links it needs what it stands on.
define PC_FILE
prefix=$(prefix)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: repkit
Description: Statistics and money: what repkit's tools are made of
Version: $(VERSION)
Cflags: -I$${includedir} $(filter -I/%,$(CPPFLAGS))
Libs: -L$${libdir} -lrepkit $(filter -L%,$(LDFLAGS)) $(LDLIBS)
endef

.PHONY: install
install: all ## copy tools, manual pages, completions and library under $(DESTDIR)$(prefix)
	@mkdir -p $(bindir) $(man1dir) $(man3dir) $(bashdir) $(zshdir) $(fishdir) $(pcdir) $(headers)
	cp $(BINARIES) $(bindir)
	@set -e; for t in $(TOOLS); do \
	    $(BIN)/$$t --man > $(man1dir)/$$t.1; \
	    $(BIN)/$$t --completion bash > $(bashdir)/$$t; \
	    $(BIN)/$$t --completion zsh > $(zshdir)/_$$t; \
	    $(BIN)/$$t --completion fish > $(fishdir)/$$t.fish; \
	done
	cp $(LIBRARY) $(libdir)
	cp include/repkit/*.h $(headers)
	@scripts/library-page > $(man3dir)/librepkit.3
	@printf '%s\n' $(subst $(newline),' ',$(call quoted,$(PC_FILE))) > $(pcdir)/repkit.pc

.PHONY: uninstall
uninstall: ## remove what install copied
	@for t in $(TOOLS); do \
	    rm -f $(bindir)/$$t $(man1dir)/$$t.1 $(bashdir)/$$t $(zshdir)/_$$t $(fishdir)/$$t.fish; \
	done
	rm -f $(libdir)/librepkit.a $(pcdir)/repkit.pc $(man3dir)/librepkit.3
	rm -rf $(headers)

.PHONY: deb
deb: all ## build a Debian package: build/repkit_VERSION_ARCHITECTURE.deb
	@scripts/deb

.PHONY: images
images: all ## make the pictures of README.md again
	./scripts/demo >/dev/null
	mkdir -p docs/images
	cp out/scatter.png out/cashflow.png docs/images/

.PHONY: gallery
gallery: all ## draw every kind of plot in every theme: docs/gallery.md, build/gallery/contact-sheet.png
	@BIN=$(abspath $(BIN)) scripts/gallery

.PHONY: clean
clean: ## remove what was built
	rm -rf build $(BUILD) $(BIN) out

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
