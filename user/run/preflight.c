// SPDX-License-Identifier: Apache-2.0
/* What this host can do, joined over all folders: for `cbpf check`, and before a run. */
#include "run/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "engine/endpoint.h"
#include "engine/engine.h"
#include "probe/block.h"
#include "probe/pagecache.h"
#include "probe/perf.h"
#include "probe/profile.h"
#include "probe/sched.h"
#include "probe/vfs.h"
#include "spec/spec.h"

/* --- rows that need more than the host folder --- */

static void check_block(const struct feature *self, const struct feature_env *env,
			struct feature_result *ret)
{
	static const char *const backends[] = { "tp_btf", "raw_tp" };
	struct err err = { 0 };

	(void)env;
	if (block_probe_try(backends[self->arg], &err) == 0)
		feature_yes(ret, "loaded and attached");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static void check_block_any(const struct feature *self, const struct feature_env *env,
			    struct feature_result *ret)
{
	struct err err = { 0 };

	(void)self, (void)env;
	if (block_probe_try(NULL, &err) == 0)
		feature_yes(ret, "works");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static void check_engine(const struct feature *self, const struct feature_env *env,
			 struct feature_result *ret)
{
	static const struct {
		const char *product, *start, *fix;
		int (*find)(struct engine_endpoint *ret, struct err *err);
	} engines[] = {
		{ "Docker", "systemctl start docker",
		  "apt-get install docker.io && systemctl start docker", engine_endpoint_docker },
		{ "Podman", "systemctl start podman.socket",
		  "apt-get install podman && systemctl start podman.socket",
		  engine_endpoint_podman },
	};
	struct engine_endpoint at;
	struct engine_config config = { .at = &at,
					.product = engines[self->arg].product,
					.hint = engines[self->arg].start,
					.cancel = env->cancel };
	struct engine_info info = { 0 };
	struct engine *e = NULL;
	struct err err = { 0 };
	int rc = engines[self->arg].find(&at, &err);

	if (!rc)
		rc = engine_open(&config, &e, &err);
	if (!rc)
		rc = engine_info(e, &info, &err);
	if (rc)
		feature_no(ret, engines[self->arg].fix, "%.240s", err.text);
	else
		feature_yes(ret, "%.40s (API %s, cgroups by %s) at %.120s", info.version, info.api,
			    info.cgroup_driver, at.shown);
	engine_close(e);
}

static const struct feature features_block[] = {
	{ "block", "block probe", check_block_any, 0 },
	{ "block.tp_btf", "backend tp_btf", check_block, 0 },
	{ "block.raw_tp", "backend raw_tp", check_block, 1 },
	{ 0 },
};

static void check_sched(const struct feature *self, const struct feature_env *env,
			struct feature_result *ret)
{
	struct err err = { 0 };

	(void)self, (void)env;
	if (sched_probe_try(&err) == 0)
		feature_yes(ret, "loaded and attached");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static const struct feature features_sched[] = {
	{ "sched", "scheduler probe", check_sched, 0 },
	{ 0 },
};

static void check_vfs(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret)
{
	struct err err = { 0 };

	(void)env;
	if (vfs_probe_try(vfs_backends[self->arg], &err) == 0)
		feature_yes(ret, "loaded and attached");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static void check_pagecache(const struct feature *self, const struct feature_env *env,
			    struct feature_result *ret)
{
	struct err err = { 0 };

	(void)env;
	if (pagecache_probe_try(self->arg, &err) == 0)
		feature_yes(ret, self->arg == PAGECACHE_AUTO ? "works" : "loaded and attached");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static void check_perf(const struct feature *self, const struct feature_env *env,
		       struct feature_result *ret)
{
	struct err err = { 0 };

	(void)env;
	if (perf_probe_try(self->arg, &err) == 0)
		feature_yes(ret, self->arg == PERF_AUTO ? "works" : "loaded and attached");
	else
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
}

static void check_profile(const struct feature *self, const struct feature_env *env,
			  struct feature_result *ret)
{
	struct err err = { 0 };

	(void)self;
	(void)env;
	if (profile_probe_try(&err))
		feature_no(ret, geteuid() ? "run as root (sudo)" : NULL, "%.240s", err.text);
	else if (profile_probe_try_kernel(&err))
		feature_degraded(ret, "sysctl kernel.kptr_restrict=1", "%.240s", err.text);
	else
		feature_yes(ret, "works");
}

static const struct feature features_vfs[] = {
	{ "vfs", "vfs probe", check_vfs, 3 }, /* the end of the backends: any of them */
	{ "vfs.syscalls", "backend syscalls", check_vfs, 0 },
	{ "vfs.fentry", "backend fentry", check_vfs, 1 },
	{ "vfs.kprobe", "backend kprobe", check_vfs, 2 },
	{ 0 },
};

static const struct feature features_pagecache[] = {
	{ "pagecache", "page cache probe", check_pagecache, PAGECACHE_AUTO },
	{ "pagecache.tp_btf", "backend tp_btf", check_pagecache, PAGECACHE_TP_BTF },
	{ "pagecache.fentry", "backend fentry", check_pagecache, PAGECACHE_FENTRY },
	{ "pagecache.kprobe", "backend kprobe", check_pagecache, PAGECACHE_KPROBE },
	{ 0 },
};

static const struct feature features_counting[] = {
	{ "perf", "perf probe", check_perf, PERF_AUTO },
	{ "perf.bpf", "backend bpf", check_perf, PERF_BPF },
	{ "perf.cgroup", "backend cgroup", check_perf, PERF_CGROUP },
	{ 0 },
};

static const struct feature features_profile[] = {
	{ "profile", "profile probe", check_profile, 0 },
	{ 0 },
};

static const struct feature features_engines[] = {
	{ "docker", "Docker engine", check_engine, 0 },
	{ "podman", "Podman", check_engine, 1 },
	{ 0 },
};

const struct preflight_group preflight_groups[] = {
	{ "Kernel", features_kernel },
	{ "Privileges", features_caps },
	{ "BPF programs", features_bpf },
	{ "Collector block", features_block },
	{ "Collector sched", features_sched },
	{ "Collector vfs", features_vfs },
	{ "Collector pagecache", features_pagecache },
	{ "Collector perf", features_counting },
	{ "Collector profile", features_profile },
	{ "cgroups", features_cgroup },
	{ "Hardware", features_perf },
	{ "Engines", features_engines },
	{ "Programs and room", features_place },
	{ 0 },
};

/* --- what needs what --- */

#define NEEDS_MAX 4

static const struct collector_needs {
	const char *name;
	size_t offset; /* of its enum tri in struct spec_collectors */
	bool by_default;
	const char *ids[NEEDS_MAX + 1];
} collectors[] = {
	{ "block", offsetof(struct spec_collectors, block.mode), true, { "btf", "block" } },
	{ "cgroup", offsetof(struct spec_collectors, cgroup), true, { "cgroup" } },
	{ "vfs", offsetof(struct spec_collectors, vfs.mode), false, { "btf", "vfs" } },
	{ "pagecache",
	  offsetof(struct spec_collectors, pagecache.mode),
	  false,
	  { "btf", "pagecache" } },
	{ "sched", offsetof(struct spec_collectors, sched), false, { "btf", "sched" } },
	{ "perf", offsetof(struct spec_collectors, perf.mode), false, { "perf" } },
	{ "profile", offsetof(struct spec_collectors, profile.mode), false, { "btf", "profile" } },
	{ "rdt", offsetof(struct spec_collectors, rdt.mode), false, { "resctrl" } },
};

static const char *const runtime_needs[][NEEDS_MAX + 1] = {
	[RUNTIME_DOCKER] = { "docker" },
	[RUNTIME_PODMAN] = { "podman" },
	[RUNTIME_NATIVE] = { "cgroup", "cgroup-create" },
	[RUNTIME_ATTACH] = { "cgroup" },
};

int preflight_env(const char *store, struct feature_env *ret)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	*ret = (struct feature_env){ .root = root, .store = store, .path = getenv("PATH") };
	return 0;
}

bool preflight_is_needed(const char *id)
{
	for (size_t c = 0; c < ARRAY_SIZE(collectors); c++)
		for (size_t i = 0; collectors[c].by_default && collectors[c].ids[i]; i++)
			if (!strcmp(collectors[c].ids[i], id))
				return true;
	return false;
}

int preflight_check(const struct feature_env *env, const char *id, struct feature_result *ret)
{
	for (const struct preflight_group *g = preflight_groups; g->title; g++) {
		const struct feature *f = feature_find(g->rows, id);

		if (f) {
			f->check(f, env, ret);
			return 0;
		}
	}
	return -ENOENT;
}

/* Append "WHO lacks TITLE: why (fix)" for each of @ids that is a no; how many were. */
static size_t add_lacks(const struct feature_env *env, const char *who, const char *const *ids,
			struct buf *text)
{
	size_t n = 0;

	for (; *ids; ids++) {
		struct feature_result r = { 0 };

		if (preflight_check(env, *ids, &r) || r.status != FEATURE_NO)
			continue;
		buf_printf(text, "%s%s lacks '%s': %s", text->len ? "; " : "", who, *ids, r.why);
		if (r.fix[0])
			buf_printf(text, " (%s)", r.fix);
		n++;
	}
	return n;
}

/* What the run opens itself, right after: to try it here would only take as long again. */
static bool is_opened_by_run(const char *id)
{
	return !strcmp(id, "block") || !strcmp(id, "sched") || !strcmp(id, "vfs") ||
	       !strcmp(id, "pagecache") || !strcmp(id, "resctrl") || !strcmp(id, "perf") ||
	       !strcmp(id, "profile");
}

static size_t add_collector(const struct feature_env *env, const struct collector_needs *c,
			    bool for_run, struct buf *text)
{
	const char *ids[NEEDS_MAX + 1] = { NULL };
	size_t n = 0;
	char who[64];

	for (size_t i = 0; c->ids[i]; i++)
		if (!for_run || !is_opened_by_run(c->ids[i]))
			ids[n++] = c->ids[i];

	snprintf(who, sizeof(who), "collector %s", c->name);
	return add_lacks(env, who, ids, text);
}

int preflight_collector(const struct feature_env *env, const char *name, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(sizeof(err->text));

	for (size_t c = 0; c < ARRAY_SIZE(collectors); c++)
		if (!strcmp(collectors[c].name, name))
			return add_collector(env, &collectors[c], false, &text)
				       ? err_say(err, -EOPNOTSUPP, "%s", buf_str(&text))
				       : 0;
	return err_say(err, -EOPNOTSUPP, "there is no collector '%s'", name);
}

int preflight_spec(const struct feature_env *env, const struct spec *spec, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(sizeof(err->text));
	char who[64];
	size_t lacks;

	snprintf(who, sizeof(who), "runtime %s", runtime_kind_name(spec->runtime));
	lacks = add_lacks(env, who, runtime_needs[spec->runtime], &text);
	for (size_t c = 0; c < ARRAY_SIZE(collectors); c++) {
		const char *base = (const char *)&spec->collectors;

		if (*(const enum tri *)(base + collectors[c].offset) == TRI_ON)
			lacks += add_collector(env, &collectors[c], true, &text);
	}
	return lacks ? err_say(err, -EOPNOTSUPP, "%s", buf_str(&text)) : 0;
}
