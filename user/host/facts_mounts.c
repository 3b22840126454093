// SPDX-License-Identifier: Apache-2.0
/* Facts of mounted file systems, from /proc/self/mountinfo. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/facts.h"

/* Of the kernel's own, which hold no files of anybody. */
static bool holds_files(const char *type)
{
	static const char *const none[] = {
		"autofs",  "binfmt_misc", "bpf",       "cgroup",   "cgroup2", "configfs",
		"debugfs", "devpts",	  "devtmpfs",  "efivarfs", "fusectl", "hugetlbfs",
		"mqueue",  "nsfs",	  "proc",      "pstore",   "ramfs",   "rpc_pipefs",
		"resctrl", "securityfs",  "selinuxfs", "squashfs", "sysfs",   "tracefs",
	};

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		if (!strcmp(none[i], type))
			return false;
	return true;
}

/* @options without those that name directories: overlay's are long, and other in each container. */
static json_t *options_of(char *options)
{
	json_t *list = json_array();
	char *option;

	while ((option = strsep(&options, ",")))
		if (*option && strncmp(option, "lowerdir", 8) && strncmp(option, "upperdir", 8) &&
		    strncmp(option, "workdir", 7))
			json_array_append_new(list, json_string(option));
	return list;
}

void fact_mount_point(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned int v;

		if (*s == '\\' && sscanf(s + 1, "%3o", &v) == 1 && v < 256 && strlen(s) >= 4) {
			*to++ = (char)v;
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static json_t *mount_of(char *line, json_t *seen)
{
	char dev[32], point[4096], flags[1024], type[64], source[4096], super[4096], id[1088];
	char *after = strstr(line, " - ");
	json_t *mount;

	if (!after || sscanf(line, "%*d %*d %31[0-9:] %*s %4095s %1023s", dev, point, flags) != 3 ||
	    sscanf(after, " - %63s %4095s %4095s", type, source, super) != 3 || !holds_files(type))
		return NULL;
	/* What is mounted once more in the same way tells nothing new. */
	snprintf(id, sizeof(id), "%s %s", dev, flags);
	if (json_object_get(seen, id))
		return NULL;
	/* Containers' own come and go; the root may be one. */
	if (!strcmp(type, "overlay") && strcmp(point, "/"))
		return NULL;
	json_object_set_new(seen, id, json_null());
	fact_mount_point(point);
	fact_mount_point(source);
	mount = json_object();
	fact_put(mount, "point", json_string(point));
	fact_put(mount, "type", json_string(type));
	fact_put(mount, "source", json_string(source));
	fact_put(mount, "flags", options_of(flags));
	fact_put(mount, "options", options_of(super));
	return mount;
}

json_t *facts_mounts(const struct facts_place *at)
{
	json_t *list = json_array(), *seen = json_object(), *mount;
	char path[512], line[16384];
	cleanup_fclose FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/self/mountinfo", at->proc);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		mount = mount_of(line, seen);
		if (mount)
			json_array_append_new(list, mount);
	}
	json_decref(seen);
	return list;
}
