// SPDX-License-Identifier: Apache-2.0
/* Facts of memory: how much, in which nodes, and what the kernel is told to do with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/facts.h"

/* Lines of "Key:   123 kB", or without a unit; @skip is what stands before the key. */
static void put_meminfo(json_t *to, const char *path, const char *skip)
{
	static const struct {
		const char *line, *key;
	} lines[] = {
		{ "MemTotal", "total_bytes" },
		{ "SwapTotal", "swap_bytes" },
		{ "HugePages_Total", "huge_pages" },
		{ "Hugepagesize", "huge_page_bytes" },
	};
	cleanup_fclose FILE *f = fopen(path, "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		const char *at = line;
		char key[64], unit[8] = "";
		unsigned long long v;

		if (!strncmp(at, skip, strlen(skip)))
			at += strlen(skip);
		if (sscanf(at, "%63[^:]: %llu %7s", key, &v, unit) < 2)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
			if (!strcmp(key, lines[i].line))
				fact_put(to, lines[i].key,
					 json_integer(strcmp(unit, "kB") ? v : v * 1024));
	}
}

json_t *facts_memory(const struct facts_place *at)
{
	static const struct fact pages[] = {
		{ "thp", "kernel/mm/transparent_hugepage/enabled", FACT_CHOICE },
		{ "thp_defrag", "kernel/mm/transparent_hugepage/defrag", FACT_CHOICE },
		{ "zswap", "module/zswap/parameters/enabled", FACT_FLAG },
	}, settings[] = {
		{ "dirty_ratio", "sys/vm/dirty_ratio", FACT_NUMBER },
		{ "dirty_background_ratio", "sys/vm/dirty_background_ratio", FACT_NUMBER },
		{ "dirty_bytes", "sys/vm/dirty_bytes", FACT_NUMBER },
		{ "dirty_background_bytes", "sys/vm/dirty_background_bytes", FACT_NUMBER },
		{ "dirty_expire_centisecs", "sys/vm/dirty_expire_centisecs", FACT_NUMBER },
		{ "dirty_writeback_centisecs", "sys/vm/dirty_writeback_centisecs", FACT_NUMBER },
		{ "swappiness", "sys/vm/swappiness", FACT_NUMBER },
		{ "vfs_cache_pressure", "sys/vm/vfs_cache_pressure", FACT_NUMBER },
		{ "min_free_kbytes", "sys/vm/min_free_kbytes", FACT_NUMBER },
		{ "overcommit_memory", "sys/vm/overcommit_memory", FACT_NUMBER },
		{ "zone_reclaim_mode", "sys/vm/zone_reclaim_mode", FACT_NUMBER },
		{ "numa_balancing", "sys/kernel/numa_balancing", FACT_NUMBER },
	};
	json_t *memory = json_object();
	char path[512];

	snprintf(path, sizeof(path), "%s/meminfo", at->proc);
	put_meminfo(memory, path, "");
	facts_read(memory, at->sys, pages, ARRAY_SIZE(pages));
	facts_read(memory, at->proc, settings, ARRAY_SIZE(settings));
	return memory;
}

json_t *facts_nodes(const struct facts_place *at)
{
	json_t *list = json_array();
	char dir[512], (*names)[64];
	size_t n;

	snprintf(dir, sizeof(dir), "%s/devices/system/node", at->sys);
	facts_list(dir, "node", &names, &n);
	for (size_t i = 0; i < n; i++) {
		json_t *node = json_object();
		char one[600], path[640], skip[80];

		snprintf(one, sizeof(one), "%s/%s", dir, names[i]);
		fact_put(node, "id", json_integer(atoi(names[i] + strlen("node"))));
		fact_put(node, "cpus", fact_read(one, "cpulist", FACT_TEXT));
		fact_put(node, "distances", fact_read(one, "distance", FACT_TEXT));
		snprintf(path, sizeof(path), "%s/meminfo", one);
		snprintf(skip, sizeof(skip), "Node %s ", names[i] + strlen("node"));
		put_meminfo(node, path, skip);
		json_array_append_new(list, node);
	}
	free(names);
	return list;
}
