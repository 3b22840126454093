// SPDX-License-Identifier: Apache-2.0
/* Stalls by the names of container-bench: which event that is, differs by CPU model. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "host/perf_event_pmu.h"

#define CPUINFO_MAX (4 * 1024 * 1024) /* bytes; grows with the CPUs */

/* Cores whose events are the same. */
enum core { SKYLAKE = 1, SUNNY_COVE = 2, GOLDEN_COVE = 4 };
#define ANY_CORE (SKYLAKE | SUNNY_COVE | GOLDEN_COVE)

/* Family 6 of Intel. */
static const struct {
	unsigned int model;
	enum core core;
} models[] = {
	{ 0x4e, SKYLAKE },    { 0x5e, SKYLAKE },    { 0x55, SKYLAKE },	   { 0x8e, SKYLAKE },
	{ 0x9e, SKYLAKE },    { 0xa5, SKYLAKE },    { 0xa6, SKYLAKE },	   { 0x6a, SUNNY_COVE },
	{ 0x6c, SUNNY_COVE }, { 0x7d, SUNNY_COVE }, { 0x7e, SUNNY_COVE },  { 0x8c, SUNNY_COVE },
	{ 0x8d, SUNNY_COVE }, { 0xa7, SUNNY_COVE }, { 0x8f, GOLDEN_COVE }, { 0xcf, GOLDEN_COVE },
};

/* CYCLE_ACTIVITY.*, EXE_ACTIVITY.BOUND_ON_LOADS and RESOURCE_STALLS.* of Intel's event lists. */
static const struct {
	const char *name;
	unsigned int cores;
	const char *terms;
} presets[] = {
	{ "stalls_total", ANY_CORE, "event=0xa3,umask=0x04,cmask=4" },
	{ "stalls_l3_miss", ANY_CORE, "event=0xa3,umask=0x06,cmask=6" },
	{ "stalls_l2_miss", ANY_CORE, "event=0xa3,umask=0x05,cmask=5" },
	{ "stalls_l1d_miss", ANY_CORE, "event=0xa3,umask=0x0c,cmask=12" },
	{ "stalls_mem_any", SKYLAKE | SUNNY_COVE, "event=0xa3,umask=0x14,cmask=20" },
	{ "stalls_mem_any", GOLDEN_COVE, "event=0xa6,umask=0x21,cmask=5" },
	{ "resource_stalls_sb", ANY_CORE, "event=0xa2,umask=0x08" },
	{ "resource_stalls_scoreboard", SUNNY_COVE | GOLDEN_COVE, "event=0xa2,umask=0x02" },
};

/* The value of @key in the first CPU's part; NULL: it has none. */
static const char *value_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (text && *text) {
		if (!strncmp(text, key, len)) {
			const char *v = text + len + strspn(text + len, " \t");

			if (*v == ':')
				return v + 1 + strspn(v + 1, " \t");
		}
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static unsigned int core_of(const char *cpuinfo)
{
	cleanup_buf struct buf text = BUF_INIT(CPUINFO_MAX);
	const char *vendor, *family, *model;

	if (fs_slurp_at(AT_FDCWD, cpuinfo, &text) || !text.data)
		return 0;
	vendor = value_of(text.data, "vendor_id");
	family = value_of(text.data, "cpu family");
	model = value_of(text.data, "model");
	if (!vendor || !family || !model || strncmp(vendor, "GenuineIntel", 12) ||
	    atoi(family) != 6)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].model == (unsigned int)atoi(model))
			return models[i].core;
	return 0;
}

const char *perf_preset_terms(const char *cpuinfo, const char *name, const char **ret_why)
{
	bool known = false;
	unsigned int core;

	for (size_t i = 0; i < ARRAY_SIZE(presets); i++)
		known |= !strcmp(presets[i].name, name);
	if (!known)
		return NULL;
	core = core_of(cpuinfo);
	for (size_t i = 0; i < ARRAY_SIZE(presets); i++)
		if (!strcmp(presets[i].name, name) && presets[i].cores & core)
			return presets[i].terms;
	*ret_why =
		core ? "this CPU model does not count it"
		     : "it is known for Intel CPUs from Skylake to Emerald Rapids; name the event "
		       "of this CPU model as r... or cpu/.../";
	return NULL;
}
