# The extension's build, on PGXS. Run by the top Makefile inside build/pgxs, with VPATH naming the
# source tree, so that no product lands among the sources:
#
#     make -C build/pgxs -f <top>/extension/pgxs.mk VPATH=<top> PG_CONFIG=... all | install
#
# Products: pgwright.so, sql/pgwright--<version>.sql and, for tests only, pgwright_test.so.

TOP := $(VPATH)
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
# The real path, because the private server of the tests reaches the same headers by a link.
SERVER_INCLUDE := $(realpath $(shell $(PG_CONFIG) --includedir-server))

# Not VERSION, which PGXS sets to the server's.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(TOP)/control/pgwright.control)

EXTENSION = control/pgwright
DATA_built = sql/pgwright--$(EXTVERSION).sql
MODULE_big = pgwright

object_names = $(patsubst $(TOP)/%.cpp,%.o,$(sort $(wildcard $(1))))
OBJS := $(call object_names,$(TOP)/extension/*.cpp $(TOP)/extension/*/*.cpp)

# The boundary's tests link the layers under test into a module of their own: they reach functions
# that the extension does not export, and the extension ships without test code.
TEST_OBJS := $(call object_names,$(TOP)/test/boundary/*.cpp) \
	$(filter extension/pg/% extension/core/%,$(OBJS))

CCACHE := $(shell command -v ccache 2>/dev/null)
COMPILER_CXX = $(CCACHE) $(CXX)

# Server headers come as system headers, so that their macros do not break our warnings.
# PostgreSQL 15 defines PGDLLEXPORT empty; with hidden visibility the loader needs it to export.
# Lines are what a backtrace needs; the names of everything else would cost a third of the build.
COMPILE_FLAGS = -std=c++20 -O2 -g1 -fPIC -fno-omit-frame-pointer -fvisibility=hidden \
	-fvisibility-inlines-hidden -fno-strict-aliasing -fwrapv -fstack-protector-strong \
	-D_GNU_SOURCE -D_FORTIFY_SOURCE=2 '-DPGDLLEXPORT=__attribute__((visibility("default")))' \
	-DPGWRIGHT_VERSION='"$(EXTVERSION)"' \
	-I$(TOP)/extension -isystem $(SERVER_INCLUDE) $(shell cat $(TOP)/.warnings)
# Not -ljwt: see extension/pg/libjwt.cpp.
SHLIB_LINK += -lgumbo -lutf8proc -lstemmer -lxlsxwriter -lsodium -lcrypto -lstdc++

# Debian's PGXS would also make LLVM bitcode, which only JIT inlining of C functions would use.
override with_llvm := no

.DEFAULT_GOAL := all
include $(PGXS)

# Rewrites a list when its content changes, so that a new flag, or a file that was removed, rebuilds
# what depends on it.
write_if_changed = @mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@

.PHONY: FORCE
FORCE:

flags.list: FORCE
	$(call write_if_changed,"$(subst ",\",$(CXX) $(COMPILE_FLAGS))")

objects.list: FORCE
	$(call write_if_changed,$(OBJS) $(TEST_OBJS))

$(sort $(OBJS) $(TEST_OBJS)): %.o: $(TOP)/%.cpp flags.list
	@mkdir -p $(@D)
	@echo "CXX $*.cpp"
	@$(COMPILER_CXX) $(COMPILE_FLAGS) -MMD -MP -c -o $@ $<

pgwright.so: objects.list

.PHONY: test-module install-test-module
test-module: pgwright_test.so

pgwright_test.so: $(TEST_OBJS) objects.list
	@echo "LINK $@"
	@$(CXX) -shared -o $@ $(TEST_OBJS) $(LDFLAGS) $(SHLIB_LINK)

install-test-module: pgwright_test.so
	$(INSTALL_SHLIB) $< '$(DESTDIR)$(pkglibdir)/'

sql_parts := $(sort $(wildcard $(TOP)/sql/*.sql))

sql.list: FORCE
	$(call write_if_changed,$(sql_parts))

sql/pgwright--$(EXTVERSION).sql: $(sql_parts) sql.list $(TOP)/control/pgwright.control
	@mkdir -p $(@D)
	@printf '%s\n' '\echo Use "CREATE EXTENSION pgwright" to load this file. \quit' | cat - $(sql_parts) > $@.tmp
	@mv $@.tmp $@

-include $(patsubst %.o,%.d,$(OBJS) $(TEST_OBJS))
