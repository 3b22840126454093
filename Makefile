# SPDX-License-Identifier: Apache-2.0
# Builds cbpf, cbpf-ior and their tests into $(O). `make help` lists the targets.
O	?= build
PREFIX	?= /usr/local
CLANG	?= clang
# The wrapper compiles with the same compiler as everything else.
MPICC	?= OMPI_CC="$(CC)" MPICH_CC="$(CC)" mpicc
# On Ubuntu 24.04 /usr/sbin/bpftool is a script that only knows the running kernel.
BPFTOOL	?= $(firstword $(wildcard /usr/lib/linux-tools/*/bpftool /usr/sbin/bpftool \
	   /usr/bin/bpftool) bpftool)
VERSION	:= 0.1.0
DATE	:= November 21, 2026

PKGS	:= libbpf libelf zlib yaml-0.1 libcurl sqlite3 jansson libmd libmicrohttpd
WARN	:= -Wall -Wextra -Wshadow -Werror -Wstrict-prototypes -Wmissing-prototypes
# Which strings gcc takes for too long differs from version to version; results are checked.
WARN	+= $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
CFLAGS	?= -O2 -g
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DCBPF_VERSION='"$(VERSION)"' -DCBPF_DATE='"$(DATE)"' $(WARN) \
	     -Iuser -Ibpf -I$(O)/skel $(shell pkg-config --cflags $(PKGS)) -pthread $(CFLAGS)
LDLIBS	= $(shell pkg-config --libs $(PKGS)) -lm -pthread
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')

BPF	:= $(wildcard bpf/*.bpf.c)
SKEL	:= $(BPF:bpf/%.bpf.c=$(O)/skel/%.skel.h)
IOR_SRC	:= $(wildcard user/ior/*.c)
SRC	:= $(filter-out $(IOR_SRC) user/cmd/main.c,$(wildcard user/*/*.c))
OBJ	:= $(SRC:%.c=$(O)/%.o)
UNIT	:= $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
DRIVE	:= $(patsubst %.c,$(O)/%,$(wildcard tests/lib/drive_*.c))
FUZZ	:= $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))

Q	:= $(if $(V),,@)
say	= $(if $(V),,@printf '  %-7s %s\n' $(1) $(@:$(O)/%=%))

all: $(O)/cbpf $(if $(IOR_SRC),$(O)/cbpf-ior) $(O)/share.stamp

$(O)/cbpf: $(O)/user/cmd/main.o $(O)/libcbpf.a
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(O)/libcbpf.a: $(OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(O)/user/%.o: user/%.c Makefile | $(SKEL)
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# The page of report.html: web/ and what its lockfile names, as one file that goes into cbpf. WEB=0: without.
WEB	?= 1
WEB_SRC	:= $(wildcard web/src/*) web/build.mjs
PAGE	:= $(if $(filter-out 0,$(WEB)),$(O)/web/page.html)
$(O)/web/installed: web/package.json web/package-lock.json web/.npmrc
	$(call say,NPM)
	$(Q)command -v npm >/dev/null && command -v node >/dev/null || { \
		echo 'report.html is built by npm, which is not here: install nodejs and npm' \
		'(sudo docker/packages.sh build), or build without it: make WEB=0' >&2; exit 1; }
	$(Q)mkdir -p $(@D) && cp web/package.json web/package-lock.json web/.npmrc $(@D)/
	$(Q)(cd $(@D) && npm ci --omit=dev --silent) || { \
		echo 'npm could not install what report.html is built of (web/package-lock.json):' \
		'"cd $(@D) && npm ci --omit=dev" says why; make WEB=0 builds without it' >&2; exit 1; }
	$(Q)touch $@
$(O)/web/page.html: $(O)/web/installed $(WEB_SRC)
	$(call say,PAGE)
	$(Q)node web/build.mjs $(O)/web/node_modules $@
# With what drives and judges the page in tests.
$(O)/web/installed-dev: $(O)/web/page.html
	$(call say,NPM)
	$(Q)(cd $(@D) && npm ci --silent) && touch $@
# Changes when WEB does.
WEB_KIND := $(if $(PAGE),with,without)
$(O)/web/kind: $(if $(filter $(WEB_KIND),$(shell cat $(O)/web/kind 2>/dev/null)),,FORCE)
	$(Q)mkdir -p $(@D) && echo $(WEB_KIND) > $@
FORCE:
$(O)/user/html/template.o: private ALL_CFLAGS += $(if $(PAGE),-DCBPF_PAGE='"$(PAGE)"')
$(O)/user/html/template.o: $(PAGE) $(O)/web/kind

# Manual pages and completion come from the program's own tables.
$(O)/share.stamp: $(O)/cbpf $(O)/cbpf-ior
	$(if $(V),,@printf '  %-7s %s\n' GEN 'man pages, completion')
	$(Q)rm -rf $(O)/man $(O)/completion && mkdir -p $(O)/man $(O)/completion
	$(Q)$(O)/cbpf help --man > $(O)/man/cbpf.1
	$(Q)for c in $$($(O)/cbpf help --names); do \
		$(O)/cbpf help --man $$c > $(O)/man/cbpf-$$c.1 || exit 1; done
	$(Q)$(O)/cbpf-ior --man > $(O)/man/cbpf-ior.1
	$(Q)for s in bash zsh fish; do \
		$(O)/cbpf help --completion $$s > $(O)/completion/cbpf.$$s || exit 1; done
	$(Q)touch $@

# cbpf-ior stands alone: it shares user/base with cbpf and links MPI.
IOR_BASE := $(patsubst %.c,$(O)/%.o,user/base/err.c user/base/buf.c user/base/strlist.c \
	    user/base/units.c user/base/clock.c)
$(O)/cbpf-ior: $(IOR_SRC:%.c=$(O)/%.o) $(IOR_BASE)
	$(call say,LINK)
	$(Q)$(MPICC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@
$(IOR_SRC:%.c=$(O)/%.o): $(O)/%.o: %.c Makefile
	$(call say,MPICC)
	$(Q)mkdir -p $(@D) && $(MPICC) $(filter-out -I$(O)/skel,$(ALL_CFLAGS)) -MMD -MP -c $< -o $@

$(O)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(call say,BPF)
	$(Q)mkdir -p $(@D) && $(CLANG) -g -O2 -Wall -Werror -target bpf -mcpu=v3 \
		-D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -Ibpf -MMD -MP -c $< -o $@
$(O)/skel/%.skel.h: $(O)/bpf/%.bpf.o
	$(call say,SKEL)
	$(Q)mkdir -p $(@D) && $(BPFTOOL) gen skeleton $< name $(subst -,_,$*)_bpf > $@

# Unit tests of cbpf-ior link all of it but main().
IOR_LIB	:= $(filter-out $(O)/user/ior/main.o,$(IOR_SRC:%.c=$(O)/%.o)) $(IOR_BASE)
$(O)/tests/unit/test_ior_%: tests/unit/test_ior_%.c $(IOR_LIB)
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(MPICC) $(filter-out -I$(O)/skel,$(ALL_CFLAGS)) -Itests/lib -MMD -MP \
		$< $(IOR_LIB) -lm -ljansson -lcmocka -o $@
# What tests share: an archive, so that a test gets only the stand-ins that it calls.
TESTLIB	:= $(O)/tests/lib/libtest.a
$(TESTLIB): $(patsubst %.c,$(O)/%.o,$(wildcard tests/lib/fake_*.c))
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(O)/tests/lib/%.o: tests/lib/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/lib -MMD -MP -c $< -o $@
$(O)/tests/unit/%: tests/unit/%.c $(TESTLIB) $(O)/libcbpf.a
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/lib -MMD -MP \
		$< $(TESTLIB) $(O)/libcbpf.a $(LDLIBS) -lcmocka -o $@
# Issues I/O that it counts: static, since loading libraries is I/O, too.
VFS_OBJ	:= $(patsubst %.c,$(O)/%.o,tests/lib/drive_vfs.c $(wildcard tests/lib/vfs_*.c))
$(O)/tests/lib/drive_vfs: $(VFS_OBJ)
	$(call say,TEST)
	$(Q)$(CC) -static $(CFLAGS) $(LDFLAGS) $^ -pthread -o $@
# Plays the kernel's resctrl, where there is none.
FUSE_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/lib/fuse_*.c))
$(FUSE_OBJ): $(O)/tests/lib/%.o: tests/lib/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(shell pkg-config --cflags fuse3) -Itests/lib -MMD -MP -c $< -o $@
$(O)/tests/lib/fuse_resctrl: $(FUSE_OBJ)
	$(call say,TEST)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(shell pkg-config --libs fuse3) -o $@
# Never answers some.
$(O)/tests/lib/hang_fs: tests/lib/hang_fs.c Makefile
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(shell pkg-config --cflags fuse3) -MMD -MP $< \
		$(shell pkg-config --libs fuse3) -o $@
# Two ranks of it.
$(O)/tests/lib/mpi_send: tests/lib/mpi_send.c Makefile
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(MPICC) $(filter-out -I$(O)/skel,$(ALL_CFLAGS)) -MMD -MP $< -o $@
$(O)/tests/lib/preload_%.so: tests/lib/preload_%.c Makefile
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -shared -fPIC $< -o $@
# Its stacks are to be found whole.
$(O)/tests/lib/drive_profile: CFLAGS += -fno-omit-frame-pointer
# Programs that integration tests drive.
$(O)/tests/lib/%: tests/lib/%.c $(TESTLIB) $(O)/libcbpf.a
	$(call say,TEST)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/lib -MMD -MP \
		$< $(TESTLIB) $(O)/libcbpf.a $(LDLIBS) -lcmocka -o $@
# A fuzz target compiles the layers it drives again, with the sanitizers on.
FUZZ_SRC := $(filter-out user/probe/% user/run/% user/cmd/%,$(SRC))
$(O)/tests/fuzz/%: tests/fuzz/%.c $(FUZZ_SRC)
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D) && $(CLANG) $(filter-out -Wno-format-truncation,$(ALL_CFLAGS)) -O1 -fsanitize=fuzzer,address,undefined \
		$< $(filter user/base/% user/engine/% user/spec/% user/finding/% user/launch/parse% user/sample/cgroup_% user/sample/metric.c user/host/resctrl_text.c \
		user/host/netdev.c user/host/diskstats.c user/host/perf_event% user/symbol/% user/sink/openmetrics_n% user/sink/openmetrics_re% \
		user/sink/line.c user/sink/influxdb_answer.c,$(FUZZ_SRC)) $(LDLIBS) -o $@

# ---- what people type ----

JOBS	= $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
BUILD	= $(MAKE) --no-print-directory $(JOBS)
RUN	= O='$(O)' tests/run.sh

demo:
	$(Q)docker/packages.sh build run
	$(Q)$(BUILD) all
	$(Q)$(O)/cbpf run specs/quickstart.yml

man: $(O)/share.stamp
# The copies in specs/ of what comes from the tables of a spec; a test says when they are old.
specs: $(O)/cbpf
	$(Q)$(O)/cbpf validate --schema > specs/cbpf.schema.json
	$(Q)$(O)/cbpf help --measurements > specs/MEASUREMENTS.md
	$(Q)$(O)/cbpf help --findings > specs/FINDINGS.md
	$(Q)for k in influxql flux prometheus; do \
		$(O)/cbpf help --dashboard $$k > docker/grafana/dashboards/cbpf-$$k.json || exit 1; done
	$(Q)$(O)/cbpf validate --reference > $(O)/reference.md
	$(Q)sed -i -e '/^<!-- reference begins -->/r $(O)/reference.md' \
		-e '/^<!-- reference begins -->/,/^<!-- reference ends -->/{/^<!--/!d}' specs/README.md
unit: $(UNIT)
drivers: $(if $(PAGE),$(O)/web/installed-dev) $(DRIVE) $(O)/tests/lib/fuse_resctrl $(O)/tests/lib/hang_fs $(O)/tests/lib/mpi_send $(O)/tests/lib/preload_resctrl.so
fuzz: $(FUZZ)

check:
	$(Q)docker/packages.sh test
	$(Q)$(BUILD) all unit drivers fuzz
	$(Q)rm -f $(O)/matrix.tsv
	$(Q)CBPF_SECOND_TRIES=3 $(RUN) lint unit fuzz integration some-vm
check-unit check-lint check-fuzz check-integration check-vm: check-%:
	$(Q)$(BUILD) all $(if $(filter unit,$*),unit) $(if $(filter fuzz,$*),fuzz) \
		$(if $(filter integration vm,$*),drivers)
	$(Q)$(RUN) $*
# Everything that looks at a kernel, on this one and on each that can be booted; and what is said of it.
ALL_KERNELS := 6.1 6.12 6.1-cloud 6.12-cloud 6.1-rt 6.12-rt
check-matrix:
	$(Q)docker/packages.sh test
	$(Q)$(BUILD) all drivers
	$(Q)rm -f $(O)/matrix.tsv
	$(Q)KERNELS='$(or $(KERNELS),$(ALL_KERNELS))' $(RUN) integration vm
matrix:
	$(Q)bash -c '. tests/lib/matrix.bash && matrix_merge $(O)/matrix.tsv tests/data/matrix.tsv'
	$(Q)tests/matrix.sh tests/data/matrix.tsv > specs/KERNELS.md
bench:
	$(Q)docker/packages.sh bench
	$(Q)$(BUILD) all drivers
	$(Q)bad=0; for b in tests/bench/*.sh; do echo "== $$b"; O='$(O)' $$b || bad=1; done; exit $$bad

# The cluster of docker/compose.yml, by whichever Compose is there.
CLUSTER	?= cbpf-cluster
COMPOSE	= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || \
	  echo docker-compose) -f docker/compose.yml -p $(CLUSTER)
CLUSTER_HOSTS ?= client1,client2
CLUSTER_IMAGE = $(or $(CBPF_IOR_IMAGE),cbpf/ior)
CLUSTER_RANKS ?= 2
CLUSTER_IOR ?= -a POSIX -t 1m -b 4m -s 2 -F -e -w -r -o /shared/data/ior
CLUSTER_MPIRUN ?= --mca btl_tcp_if_include 172.21.0.0/24 --mca mpi_yield_when_idle 1 -x UCX_TLS
cluster-build:
	$(Q)$(COMPOSE) build keys
cluster-up:
	$(Q)$(COMPOSE) up -d
	$(Q)for i in $$(seq 60); do $(COMPOSE) ps controller | grep -q '(healthy)' && exit 0; sleep 1; done; \
		echo 'cluster-up: the controller is not ready after a minute' >&2; exit 1
cluster-test-ior:
	$(Q)$(COMPOSE) exec -T controller sh -c 'exec mpirun -np $(CLUSTER_RANKS) --oversubscribe \
		--bind-to none --host $(CLUSTER_HOSTS) $(CLUSTER_MPIRUN) \
		"$$(command -v ior || command -v cbpf-ior)" $(CLUSTER_IOR)'
cluster-logs:
	$(Q)$(COMPOSE) logs --no-color
cluster-status:
	$(Q)$(COMPOSE) ps
cluster-shell:
	$(Q)$(COMPOSE) exec $(COMPOSE_EXEC) controller bash
# Data stays, keys go.
cluster-down:
	$(Q)$(COMPOSE) down
	$(Q)docker volume rm -f $(CLUSTER)_ssh >/dev/null
cluster-clean:
	$(Q)$(COMPOSE) down -v
	$(Q)docker image ls -q --filter label=cbpf.made-by=cluster-build \
		--filter reference='$(CLUSTER_IMAGE)' | sort -u | xargs -r docker rmi || \
		echo 'cluster-clean: somebody else uses the image: it stays'

SHARE	= $(DESTDIR)$(PREFIX)/share
install: all
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/cbpf/specs \
		$(SHARE)/bash-completion/completions $(SHARE)/fish/vendor_completions.d
	$(Q)install -m 755 $(wildcard $(O)/cbpf $(O)/cbpf-ior) $(DESTDIR)$(PREFIX)/bin
	$(Q)install -m 644 $(O)/man/*.1 $(SHARE)/man/man1
	$(Q)install -m 644 $(O)/completion/cbpf.bash $(SHARE)/bash-completion/completions/cbpf
	$(Q)install -m 644 $(O)/completion/cbpf.fish $(SHARE)/fish/vendor_completions.d/cbpf.fish
	$(Q)$(if $(wildcard specs/*),install -m 644 $(wildcard specs/*.*) $(SHARE)/cbpf/specs)
uninstall:
	$(Q)rm -f $(DESTDIR)$(PREFIX)/bin/cbpf $(DESTDIR)$(PREFIX)/bin/cbpf-ior \
		$(SHARE)/man/man1/cbpf.1 $(SHARE)/man/man1/cbpf-*.1 \
		$(SHARE)/bash-completion/completions/cbpf \
		$(SHARE)/fish/vendor_completions.d/cbpf.fish
	$(Q)rm -rf $(SHARE)/cbpf
clean:
	$(Q)rm -rf $(O)

help:
	@echo 'As root, on Debian 12 or 13 or Ubuntu 24.04:'
	@echo '  make demo       install packages, build, run specs/quickstart.yml'
	@echo '  make check      install packages, build, run every test'
	@echo '  make bench      install packages, build, measure what cbpf itself costs'
	@echo 'As anybody, with the packages of docker/packages.sh there:'
	@echo '  make            build cbpf, cbpf-ior, manual pages and completion into $(O)/'
	@echo '  make check-unit, check-lint, check-fuzz, check-integration, check-vm'
	@echo '  make check-vm KERNELS="6.1-cloud 6.12-rt"   the whole suite on these'
	@echo '  make check-matrix    ... on all: then "make matrix" writes specs/KERNELS.md'
	@echo 'With Docker and Compose, a cluster of five containers (docker/compose.yml):'
	@echo '  make cluster-build, cluster-up, cluster-test-ior, cluster-logs, cluster-status'
	@echo '  make cluster-shell, cluster-down (data stays), cluster-clean (nothing of it does)'
	@echo '  make install    into $$(DESTDIR)$$(PREFIX), which is $(DESTDIR)$(PREFIX)'
	@echo '  make uninstall, make clean'
	@echo 'Variables: WEB=0 builds without report.html, which takes npm;'
	@echo '  V=1 shows commands; O=DIR builds elsewhere; CC=clang; CFLAGS=...'

-include $(OBJ:.o=.d) $(O)/user/cmd/main.d $(IOR_SRC:%.c=$(O)/%.d) $(UNIT:=.d) $(DRIVE:=.d) $(VFS_OBJ:.o=.d) $(FUSE_OBJ:.o=.d) $(patsubst %.c,$(O)/%.d,$(wildcard tests/lib/fake_*.c)) $(BPF:%.c=$(O)/%.d)
.PHONY: all demo man specs unit drivers fuzz check check-unit check-lint check-fuzz check-integration \
	check-vm check-matrix matrix bench cluster-build cluster-up cluster-test-ior cluster-logs \
	cluster-status cluster-shell cluster-down cluster-clean install uninstall clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:
