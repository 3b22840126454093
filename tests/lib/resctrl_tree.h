/* SPDX-License-Identifier: Apache-2.0 */
/* Directories that play resctrl, as far as reading goes. */
#ifndef CBPF_TEST_RESCTRL_TREE_H
#define CBPF_TEST_RESCTRL_TREE_H

#include <stdio.h>

#include "scratch.h"

struct tree_file {
	const char *name, *text;
};

/* A host with two L3 caches of 20 ways, 1 MiB each, and all three events. */
static const struct tree_file tree_intel[] = {
	{ "info/last_cmd_status", "ok\n" },
	{ "info/L3/cbm_mask", "fffff\n" },
	{ "info/L3/min_cbm_bits", "1\n" },
	{ "info/L3/sparse_masks", "0\n" },
	{ "info/MB/min_bandwidth", "10\n" },
	{ "info/MB/bandwidth_gran", "10\n" },
	{ "info/MB/delay_linear", "1\n" },
	{ "info/L3_MON/num_rmids", "176\n" },
	{ "info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n" },
	{ "schemata", "    L3:0=fffff;1=000ff\n    MB:0= 100;1= 100\n" },
	{ "size", "    L3:0=20971520;1=8388608\n    MB:0= 100;1= 100\n" },
	{ "tasks", "1\n" },
	{ "mon_groups/.keep", "" },
	{ "mon_data/mon_L3_00/llc_occupancy", "0\n" },
	{ "mon_data/mon_L3_01/llc_occupancy", "0\n" },
};
#define TREE_INTEL (sizeof(tree_intel) / sizeof(tree_intel[0]))

static inline void tree_make(const char *dir, const struct tree_file *files, size_t n)
{
	for (size_t i = 0; i < n && files[i].name; i++)
		scratch_write(dir, files[i].name, files[i].text);
}

#endif
