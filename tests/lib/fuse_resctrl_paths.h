/* SPDX-License-Identifier: Apache-2.0 */
/* What paths of the file system that plays resctrl stand for. */
#ifndef CBPF_TESTS_FUSE_RESCTRL_PATHS_H
#define CBPF_TESTS_FUSE_RESCTRL_PATHS_H

#include <stdbool.h>
#include <stddef.h>

enum kind {
	NOTHING,
	DIRECTORY,
	TASKS,
	SCHEMATA,
	SIZE,
	MODE,
	CPUS,
	EVENT,
	INFO,
	SET,
};

/* What a path stands for. */
struct node {
	enum kind kind;
	bool groups; /* a directory that groups can be made in: the root, or a mon_groups */
	bool group; /* a group's directory */
	int g;
	unsigned int domain;
	int node, event; /* -1: all nodes */
	char text[512]; /* of info */
};

struct names { /* of a directory, for readdir */
	const char *v[64];
	char text[64][32];
	size_t n;
};

void name_add(struct names *n, const char *name);
void name_addf(struct names *n, const char *format, unsigned int id);

/* kind NOTHING when there is no such path. */
struct node fake_path(const char *path);
/* The files of info, and whether this host has them. */
bool fake_info(const char *dir, const char *file, char *text);
void fake_info_dirs(struct names *n);
bool fake_has_event(int e);

#endif
