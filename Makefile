# repkit: `make` builds bin/, `make check` runs all tests, `make help` lists the rest.
# Sources are found by wildcard: a new tool is a new file in src/tools, nothing to register.

prefix   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
CC       ?= cc
CFLAGS   ?= -O2 -g
VERSION  := $(shell cat VERSION)

# -ffp-contract=off: the same bytes from every compiler and processor.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
STANDARD := -std=c11 -D_XOPEN_SOURCE=700 -ffp-contract=off -pthread
CPPFLAGS += -Iinclude -DRK_VERSION='"$(VERSION)"'
ALL_CFLAGS = $(STANDARD) $(WARNINGS) $(CFLAGS) $(EXTRA_CFLAGS)
LDLIBS   := -lgsl -lgslcblas -lcsv -ljansson -lxxhash -lm -pthread
ifeq ($(shell uname -s),Darwin)
CPPFLAGS += -I$(shell brew --prefix)/include
LDFLAGS  += -L$(shell brew --prefix)/lib
endif

LAYERS   := base stats finance table analysis render cli
SOURCES  := $(foreach d,$(LAYERS),$(wildcard src/$(d)/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(BUILD)/librepkit.a
TOOLS    := $(patsubst src/tools/%.c,%,$(wildcard src/tools/*.c))
BINARIES := $(TOOLS:%=bin/%)
TESTS    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
TEST_BINARIES := $(TESTS:%=$(BUILD)/tests/%)

.PHONY: all
all: $(BINARIES)

$(BUILD)/%.o: %.c VERSION Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

bin/%: $(BUILD)/src/tools/%.o $(LIBRARY)
	@mkdir -p bin
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/reference.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -lcmocka $(LDLIBS) -o $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: unit
unit: $(TEST_BINARIES) ## run the unit tests
	@for t in $(TEST_BINARIES); do $$t || exit 1; done

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) bin out
