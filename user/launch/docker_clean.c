// SPDX-License-Identifier: Apache-2.0
/* Removing what runs left behind that were killed: their labels name a process that is gone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "engine/endpoint.h"
#include "launch/docker.h"

int docker_process_started(pid_t pid, char *text, size_t size)
{
	char path[64], stat[1024], *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (fs_read_at(AT_FDCWD, path, stat, sizeof(stat)))
		return -ESRCH;
	/* The second field is the name in parentheses and may hold anything. */
	rest = strrchr(stat, ')');
	for (int field = 2; rest && field < 22; field++)
		rest = strchr(rest + 1, ' ');
	if (!rest)
		return -ESRCH;
	rest++;
	snprintf(text, size, "%.*s", (int)strcspn(rest, " "), rest);
	return 0;
}

/* It lives when a cbpf process has its pid, and had it all along. */
static bool owner_lives(const struct str_map *labels)
{
	const char *pid = str_map_get(labels, DOCKER_LABEL_PID);
	const char *started = str_map_get(labels, DOCKER_LABEL_STARTED);
	char path[64], text[64];

	if (!pid || atoi(pid) <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", atoi(pid));
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)) || strcmp(text, "cbpf"))
		return false;
	if (!started || !*started)
		return true;
	return !docker_process_started(atoi(pid), text, sizeof(text)) && !strcmp(text, started);
}

static const struct {
	enum engine_kind kind;
	const char *what;
	int (*remove)(struct engine *e, const char *id, struct err *err);
} kinds[] = {
	{ ENGINE_CONTAINERS, "container", engine_container_remove },
	/* Those that they used, once they are gone. */
	{ ENGINE_NETWORKS, "network", engine_network_remove },
	{ ENGINE_VOLUMES, "volume", engine_volume_remove },
};

static int clean_kind(struct engine *e, size_t k, bool dry_run, struct buf *report, struct err *err)
{
	struct engine_list list;
	int rc = engine_list(e, kinds[k].kind, DOCKER_LABEL_RUN, &list, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < list.n && !rc; i++) {
		const struct engine_item *item = &list.v[i];

		if (owner_lives(&item->labels))
			continue;
		if (!dry_run)
			rc = kinds[k].remove(e, item->id, err);
		if (!rc)
			buf_printf(report, "%s %s %s of run %s\n",
				   dry_run ? "would remove" : "removed", kinds[k].what, item->name,
				   str_map_get(&item->labels, DOCKER_LABEL_RUN));
	}
	engine_list_fini(&list);
	return rc;
}

int docker_clean(const struct docker_product *product, bool dry_run, struct buf *report,
		 struct err *err)
{
	struct engine_endpoint at;
	struct engine *e = NULL;
	int rc = product->endpoint(&at, err);

	if (!rc)
		rc = engine_open(&(struct engine_config){ &at, product->title, product->hint,
							  NULL },
				 &e, err);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]) && !rc; k++)
		rc = clean_kind(e, k, dry_run, report, err);
	engine_close(e);
	return rc;
}
