// SPDX-License-Identifier: Apache-2.0
/* The tree: which directories and files there are, by what the host has. */
#include "fuse_resctrl_paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuse_resctrl.h"

#define PARTS 8

void name_add(struct names *n, const char *name)
{
	if (n->n < 64)
		n->v[n->n++] = name;
}

void name_addf(struct names *n, const char *format, unsigned int id)
{
	if (n->n == 64)
		return;
	snprintf(n->text[n->n], sizeof(n->text[0]), format, id);
	n->v[n->n] = n->text[n->n];
	n->n++;
}

bool fake_has_event(int e)
{
	return e != FAKE_OCCUPANCY || !fake_host.no_occupancy;
}

static const char *features(void)
{
	static char text[128];

	*text = '\0';
	for (int e = 0; e < FAKE_EVENTS; e++)
		if (fake_has_event(e))
			strcat(strcat(text, fake_events[e]), "\n");
	return text;
}

bool fake_info(const char *dir, const char *file, char *text)
{
	bool l3 = !strcmp(dir, "L3") || !strcmp(dir, "L3CODE") || !strcmp(dir, "L3DATA");
	bool mb = !strcmp(dir, "MB"), mon = !strcmp(dir, "L3_MON");
	const struct {
		bool here;
		const char *name;
		const char *format;
		unsigned int value;
	} files[] = {
		{ l3, "cbm_mask", "%x\n", fake_host.cbm },
		{ l3, "min_cbm_bits", "%u\n", fake_host.min_bits },
		{ l3, "shareable_bits", "%x\n", 0 },
		{ l3, "sparse_masks", "%u\n", fake_host.sparse },
		{ l3 || mb, "num_closids", "%u\n", fake_host.closids },
		{ mb, "min_bandwidth", "%u\n", fake_host.amd ? 1 : 10 },
		{ mb, "bandwidth_gran", "%u\n", fake_host.amd ? 1 : 10 },
		{ mb, "delay_linear", "%u\n", !fake_host.amd },
		{ mon, "num_rmids", "%u\n", fake_host.rmids },
		{ mon, "max_threshold_occupancy", "%u\n", 65536 },
	};

	if (mon && !strcmp(file, "mon_features")) {
		strcpy(text, features());
		return true;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].here && !strcmp(file, files[i].name)) {
			sprintf(text, files[i].format, files[i].value);
			return true;
		}
	return false;
}

void fake_info_dirs(struct names *n)
{
	if (!fake_host.no_alloc && fake_host.cdp) {
		name_add(n, "L3CODE");
		name_add(n, "L3DATA");
	} else if (!fake_host.no_alloc) {
		name_add(n, "L3");
	}
	if (!fake_host.no_alloc && !fake_host.no_mba)
		name_add(n, "MB");
	if (!fake_host.no_mon)
		name_add(n, "L3_MON");
}

static bool is_name(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->n; i++)
		if (!strcmp(n->v[i], name))
			return true;
	return false;
}

static void find_info(char **part, struct node *ret)
{
	struct names dirs = { .n = 0 };

	if (!part[0]) {
		ret->kind = DIRECTORY;
		return;
	}
	if (!strcmp(part[0], "last_cmd_status") && !part[1]) {
		ret->kind = INFO;
		strcpy(ret->text, fake_status);
		return;
	}
	fake_info_dirs(&dirs);
	if (!is_name(&dirs, part[0]))
		return;
	if (!part[1])
		ret->kind = DIRECTORY;
	else if (!part[2] && fake_info(part[0], part[1], ret->text))
		ret->kind = INFO;
}

static bool find_domain(const char *name, struct node *ret)
{
	unsigned int id;

	if (sscanf(name, "mon_L3_%u", &id) != 1 || id < fake_host.first_domain)
		return false;
	ret->domain = (id - fake_host.first_domain) / fake_host.domain_step;
	return ret->domain < fake_host.domains &&
	       ret->domain * fake_host.domain_step + fake_host.first_domain == id;
}

/* mon_data of group @ret->g. */
static void find_data(char **part, struct node *ret)
{
	unsigned int node;

	ret->node = -1;
	if (!part[0]) {
		ret->kind = DIRECTORY;
		return;
	}
	if (!find_domain(part[0], ret))
		return;
	part++;
	if (part[0] && fake_host.nodes > 1 && sscanf(part[0], "mon_sub_L3_%u", &node) == 1 &&
	    node / fake_host.nodes == ret->domain) {
		ret->node = (int)(node % fake_host.nodes);
		part++;
	}
	if (!part[0])
		ret->kind = DIRECTORY;
	for (int e = 0; part[0] && !part[1] && e < FAKE_EVENTS; e++)
		if (fake_has_event(e) && !strcmp(part[0], fake_events[e])) {
			ret->kind = EVENT;
			ret->event = e;
		}
}

/* What every group has; @part begins in its directory. */
static void find_in_group(char **part, struct node *ret)
{
	static const struct {
		const char *name;
		enum kind kind;
		bool control; /* only of control groups, where there is allocation */
	} files[] = { { "tasks", TASKS, false },    { "cpus", CPUS, false },
		      { "cpus_list", CPUS, false }, { "schemata", SCHEMATA, true },
		      { "size", SIZE, true },	    { "mode", MODE, true } };
	bool control = !fake_groups[ret->g].mon && !fake_host.no_alloc;

	if (!part[0]) {
		ret->kind = DIRECTORY;
		ret->group = true;
		return;
	}
	if (!strcmp(part[0], "mon_data") && !fake_host.no_mon) {
		find_data(part + 1, ret);
		return;
	}
	for (size_t i = 0; !part[1] && i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(part[0], files[i].name) && (control || !files[i].control))
			ret->kind = files[i].kind;
}

struct node fake_path(const char *path)
{
	struct node n = { .kind = NOTHING };
	char copy[1024], *part[PARTS + 3] = { NULL }, **at = part, *save = NULL;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *w = strtok_r(copy, "/", &save); w && count < PARTS;
	     w = strtok_r(NULL, "/", &save))
		part[count++] = w;
	if (at[0] && !strcmp(at[0], "set") && !at[1]) {
		n.kind = SET;
		return n;
	}
	if (at[0] && !strcmp(at[0], "info")) {
		find_info(at + 1, &n);
		return n;
	}
	if (at[0] && (n.g = fake_find(at[0], NULL)) > 0)
		at++;
	else
		n.g = 0;
	if (at[0] && !strcmp(at[0], "mon_groups") && !fake_host.no_mon) {
		n.groups = !at[1];
		n.kind = n.groups ? DIRECTORY : NOTHING;
		if (n.groups)
			return n;
		n.g = fake_find(fake_groups[n.g].name, at[1]);
		if (n.g < 0)
			return n;
		at += 2;
	}
	find_in_group(at, &n);
	n.groups = n.kind == DIRECTORY && !count;
	return n;
}
