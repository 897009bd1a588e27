# Builds the module, its unit tests and the checks of the source. Never needs root, never starts a
# server by itself: ./apxs-build.sh does that, and its commands are repeated here as targets.

APXS ?= apxs
PKG_CONFIG ?= pkg-config
BUILD ?= build
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy

module := $(BUILD)/mod_mantova_dossier.so
sources := $(wildcard mod_mantova_dossier/*.c mod_mantova_dossier/*/*.c)
headers := $(wildcard mod_mantova_dossier/*.h mod_mantova_dossier/*/*.h)
unit_tests := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
unit_support := $(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c))
# what needs no httpd
pure := $(wildcard $(addprefix mod_mantova_dossier/,base/*.c domain/*.c vault/*.c paper/*.c store/gate.c))
# every problem and sentence, once; what reads them needs nothing but node
catalogue := $(addprefix mod_mantova_dossier/http/,problems.json messages.json)
catalogue_tools := $(wildcard tools/catalogue/*.mjs)
all_c := $(sources) $(wildcard tests/unit/*.c tests/bench/*.c)
shell_files := apxs-build.sh .ci/run tools/mantova-dossier \
    $(wildcard tools/*.sh tools/run/*.sh tools/operator/*.sh tests/guards/*.sh sql/*.sh \
    tests/config/*.sh tests/sql/*.sh tests/fuzz/*.sh tests/unit/crosscheck/*.sh)

npm_bin := tests/node_modules/.bin
scripts := $(shell find htdocs/js tools/*/*.mjs tests -name node_modules -prune -o -name '*.js' -print -o -name '*.mjs' -print)
styles := $(wildcard htdocs/css/*.css)

libraries := libsodium json-c libcrypto libpq glib-2.0 pangocairo libqrencode zlib
warnings := -std=c17 -Wall -Wextra -Wdeclaration-after-statement -Werror
# Debian's apxs already defines _FORTIFY_SOURCE; setting it again must not be a redefinition
hardening := -O2 -g -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
apxs_query = $(shell $(APXS) -q $(1))
# asked once, and only when something is to be compiled
cppflags = $(eval cppflags := -I mod_mantova_dossier -I $(BUILD)/catalogue -isystem $(call apxs_query,INCLUDEDIR) \
    -isystem $(call apxs_query,APR_INCLUDEDIR) \
    $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(libraries))) \
    $(call apxs_query,EXTRA_CPPFLAGS))$(cppflags)
compile = @echo "  CC   $@"; $(CC) $(warnings) $(hardening) $(cppflags) \
    $(CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: build pages unit bench bench-cost growth lint lint-clang lint-format lint-cppcheck lint-shell lint-tidy lint-pages guards schema clean \
    check start stop status run install

build: $(module)

$(BUILD)/module/%.o: mod_mantova_dossier/%.c Makefile
	@mkdir -p $(@D)
	$(compile) -fPIC -fvisibility=default

# the rows of problem_table.c and messages.c
$(BUILD)/catalogue/%.rows: mod_mantova_dossier/http/%.json $(catalogue_tools)
	@mkdir -p $(@D)
	@echo "  ROWS $@"; node tools/catalogue/rows.mjs $* >$@.new && mv $@.new $@

rows := $(catalogue:mod_mantova_dossier/http/%.json=$(BUILD)/catalogue/%.rows)
$(foreach unit,problem_table messages,$(addprefix $(BUILD)/,module/http/$(unit).o clang/http/$(unit).o tidy/http/$(unit).ok)): $(rows)

$(module): $(sources:mod_mantova_dossier/%.c=$(BUILD)/module/%.o) mod_mantova_dossier/exports.map
	@echo "  LINK $@"; $(CC) -shared -o $@.new $(filter %.o,$^) -Wl,--version-script=mod_mantova_dossier/exports.map \
	    -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS) \
	    $(shell $(PKG_CONFIG) --libs $(libraries)) -lcurl
	@mv $@.new $@

# ---- the pages as they are served: htdocs/, and what they use of Bootstrap Italia

pages: $(BUILD)/htdocs/index.html

$(BUILD)/htdocs/index.html: $(shell find htdocs -type f -o -type d) $(catalogue) $(catalogue_tools) \
    $(wildcard tools/pages/*.mjs) tools/pages/node_modules/.package-lock.json
	@echo "  PAGES $(BUILD)/htdocs"; mkdir -p $(BUILD) && node tools/pages/build.mjs $(BUILD)/htdocs && touch $@

tools/pages/node_modules/.package-lock.json: tools/pages/package-lock.json
	@echo "  NPM  pages"; cd tools/pages && npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error && touch node_modules/.package-lock.json

# ---- unit tests: what needs no httpd, as it is and under the sanitizers

unit_flags.plain :=
unit_flags.asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
    -O1 -U_FORTIFY_SOURCE
unit_libraries = $(shell $(PKG_CONFIG) --libs $(libraries) cmocka apr-1 apr-util-1)

define unit_variant
$(BUILD)/unit/$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(compile) -I tests/unit $$(unit_flags.$(1))

$(BUILD)/unit/$(1)/test_%: $(BUILD)/unit/$(1)/tests/unit/test_%.o \
    $(pure:%.c=$(BUILD)/unit/$(1)/%.o) $(unit_support:%.c=$(BUILD)/unit/$(1)/%.o)
	@echo "  LINK $$@"; $$(CC) $$(unit_flags.$(1)) -o $$@ $$^ $$(unit_libraries)

.PHONY: unit-$(1)
unit-$(1): $(unit_tests:%=$(BUILD)/unit/$(1)/%)
	@set -e; for test in $$^; do echo "== $$$$test"; "$$$$test"; done
endef
$(foreach variant,plain asan,$(eval $(call unit_variant,$(variant))))

unit: unit-plain unit-asan

.SECONDARY:

# ---- speed, as ratios to what the same machine does otherwise: tests/bench/README.md. SHORT=1: that it runs

$(BUILD)/bench/password: tests/bench/password.c \
    $(addprefix mod_mantova_dossier/base/,secrets.c typed.c text.c) tests/bench/crew.h Makefile
$(BUILD)/bench/upload: tests/bench/upload.c tests/bench/crew.h Makefile
$(BUILD)/bench/%:
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(warnings) $(hardening) $(cppflags) $(CFLAGS) -pthread -o $@ $(filter %.c,$^) $(unit_libraries)

# SIZES: documents; on the server that PG* name
growth:
	@tests/bench/growth/run.sh $(SIZES)

bench: build pages tests/node_modules/.package-lock.json $(BUILD)/bench/password $(BUILD)/bench/upload
	@BUILD="$(BUILD)" SHORT="$(SHORT)" TREE="$(TREE)" AGAINST="$(AGAINST)" ONLY="$(ONLY)" JSON="$(JSON)" node tests/bench/run.mjs

# what waiting costs: tests/bench/COST.md
bench-cost: build pages tests/node_modules/.package-lock.json
	@SHORT="$(SHORT)" TREE="$(TREE)" node tests/bench/cost.mjs

# ---- the source held against its rules

lint: lint-clang lint-format lint-cppcheck lint-shell lint-tidy lint-pages

# clang's warnings are not gcc's
$(BUILD)/clang/%.o: mod_mantova_dossier/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CLANG $@"; clang $(warnings) $(hardening) $(cppflags) -MMD -MP -c -o $@ $<

lint-clang: $(sources:mod_mantova_dossier/%.c=$(BUILD)/clang/%.o)

lint-format:
	@$(CLANG_FORMAT) --dry-run --Werror $(all_c) $(headers) $(wildcard tests/unit/*.h tests/bench/*.h)

lint-cppcheck: $(rows)
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 --suppress=missingInclude -I mod_mantova_dossier -I $(BUILD)/catalogue $(sources)

lint-shell:
	@shellcheck --severity=style --external-sources $(shell_files)

# clang-tidy counts on standard error what it has found in system headers and kept to itself
$(BUILD)/tidy/%.ok: mod_mantova_dossier/%.c $(headers) .clang-tidy
	@mkdir -p $(@D)
	@$(CLANG_TIDY) --quiet --warnings-as-errors='*' $< -- $(warnings) $(cppflags) 2>$@.errors || \
	    { cat $@.errors; exit 1; }
	@touch $@

lint-tidy: $(sources:mod_mantova_dossier/%.c=$(BUILD)/tidy/%.ok)

# the pages, their build and the tests: written by prettier, held against the rules in tests/*.config.mjs
lint-pages: tests/node_modules/.package-lock.json
	@$(npm_bin)/prettier --log-level=warn --check $(scripts) $(styles) $(catalogue)
	@$(npm_bin)/eslint --config tests/eslint.config.mjs $(scripts)
	@$(npm_bin)/stylelint --config tests/stylelint.config.mjs $(styles)

tests/node_modules/.package-lock.json: tests/package-lock.json
	@echo "  NPM  tests"; cd tests && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 PUPPETEER_SKIP_DOWNLOAD=1 \
	    npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error && touch node_modules/.package-lock.json

guards:
	@tests/guards/run.sh

# sql/schema.sql: what the files of sql/ come to; the SQL tests hold it equal. Needs a server: `make start`, or PGHOST
schema:
	@tools/schema.sh

clean:
	rm -rf $(BUILD)

# ---- the portal

check start stop status run install:
	./apxs-build.sh $@

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d')
