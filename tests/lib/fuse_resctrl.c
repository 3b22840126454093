// SPDX-License-Identifier: Apache-2.0
/*
 * A file system that behaves as the kernel's resctrl, for hosts without RDT:
 *   fuse_resctrl [-o OPTION[,OPTION]...] DIRECTORY
 * serves it in the foreground. The file "set" at its root, which the kernel lacks, is for tests.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuse_resctrl.h"
#include "fuse_resctrl_paths.h"

static int on_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	struct node n = fake_path(path);

	(void)fi;
	if (n.kind == NOTHING)
		return -ENOENT;
	*st = (struct stat){ .st_mode = n.kind == DIRECTORY ? S_IFDIR | 0755 : S_IFREG | 0644,
			     .st_nlink = n.kind == DIRECTORY ? 2 : 1,
			     .st_uid = getuid(),
			     .st_gid = getgid() };
	return 0;
}

static void list_data(struct names *names, const struct node *n, const char *path)
{
	unsigned int depth = 0;

	for (const char *p = strstr(path, "mon_data"); (p = strchr(p, '/')); p++)
		depth++;
	for (unsigned int d = 0; !depth && d < fake_host.domains; d++)
		name_addf(names, "mon_L3_%02u", fake_host.first_domain + d * fake_host.domain_step);
	for (int e = 0; depth && e < FAKE_EVENTS; e++)
		if (fake_has_event(e))
			name_add(names, fake_events[e]);
	for (unsigned int i = 0; depth == 1 && fake_host.nodes > 1 && i < fake_host.nodes; i++)
		name_addf(names, "mon_sub_L3_%02u", n->domain * fake_host.nodes + i);
}

static void list_group(struct names *names, const struct node *n)
{
	static const char *const files[] = { "tasks", "cpus",	  "cpus_list",	"schemata", "size",
					     "mode",  "mon_data", "mon_groups", "info",	    "set" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[512];

		if (fake_groups[n->g].mon)
			snprintf(path, sizeof(path), "/%s%smon_groups/%s/%s",
				 fake_groups[fake_groups[n->g].parent].name,
				 fake_groups[n->g].parent ? "/" : "", fake_groups[n->g].name,
				 files[i]);
		else
			snprintf(path, sizeof(path), "/%s%s%s", fake_groups[n->g].name,
				 n->g ? "/" : "", files[i]);
		if (fake_path(path).kind != NOTHING)
			name_add(names, files[i]);
	}
}

static int on_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t at,
		      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	struct names names = { .n = 0 };
	struct node n = fake_path(path);

	(void)at, (void)fi, (void)flags;
	if (n.kind != DIRECTORY)
		return -ENOTDIR;
	if (!strncmp(path, "/info", 5)) {
		char text[512];
		static const char *const files[] = { "cbm_mask",       "min_cbm_bits",
						     "shareable_bits", "sparse_masks",
						     "num_closids",    "min_bandwidth",
						     "bandwidth_gran", "delay_linear",
						     "num_rmids",      "max_threshold_occupancy",
						     "mon_features" };

		if (!path[5])
			fake_info_dirs(&names);
		for (size_t i = 0; path[5] && i < sizeof(files) / sizeof(files[0]); i++)
			if (fake_info(path + 6, files[i], text))
				name_add(&names, files[i]);
		if (!path[5])
			name_add(&names, "last_cmd_status");
	} else if (strstr(path, "/mon_data")) {
		list_data(&names, &n, path);
	} else if (n.group) {
		list_group(&names, &n);
	}
	for (int i = 1; n.groups && i < FAKE_GROUPS; i++)
		if (fake_groups[i].used &&
		    (n.group ? !fake_groups[i].mon
			     : fake_groups[i].mon && fake_groups[i].parent == n.g))
			name_add(&names, fake_groups[i].name);
	fill(buf, ".", NULL, 0, 0);
	fill(buf, "..", NULL, 0, 0);
	for (size_t i = 0; i < names.n; i++) {
		struct stat st = { 0 };
		char below[1200];

		snprintf(below, sizeof(below), "%s/%s", path[1] ? path : "", names.v[i]);
		(void)on_getattr(below, &st, NULL);
		fill(buf, names.v[i], &st, 0, 0);
	}
	return 0;
}

static int on_mkdir(const char *path, mode_t mode)
{
	char copy[1024], *slash;
	struct node parent;

	(void)mode;
	snprintf(copy, sizeof(copy), "%s", path);
	slash = strrchr(copy, '/');
	*slash++ = '\0';
	parent = fake_path(copy);
	if (!parent.groups)
		return -EPERM;
	/* The root is a group's directory itself, a mon_groups is not. */
	return parent.group ? fake_make(slash, NULL) : fake_make(fake_groups[parent.g].name, slash);
}

static int on_rmdir(const char *path)
{
	struct node n = fake_path(path);

	return n.kind == NOTHING ? -ENOENT : n.group ? fake_remove(n.g) : -EPERM;
}

static int on_open(const char *path, struct fuse_file_info *fi)
{
	struct node n = fake_path(path);

	if (n.kind == NOTHING)
		return -ENOENT;
	fi->direct_io = 1; /* nothing has a size */
	fi->fh = (uint64_t)(uintptr_t)calloc(1, FAKE_TEXT);
	return fi->fh ? 0 : -ENOMEM;
}

static int on_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	free((void *)(uintptr_t)fi->fh);
	return 0;
}

static void show(const struct node *n, char *text)
{
	*text = '\0';
	switch (n->kind) {
	case TASKS: fake_show_tasks(n->g, text); break;
	case SCHEMATA: fake_show_schemata(n->g, false, text); break;
	case SIZE: fake_show_schemata(n->g, true, text); break;
	case EVENT: fake_show_event(n->g, n->domain, n->node, n->event, text); break;
	case MODE: strcpy(text, "shareable\n"); break;
	case CPUS: strcpy(text, n->g ? "0\n" : "3\n"); break;
	default: strcpy(text, n->text);
	}
}

/* A read from the beginning is a new look, as with the kernel's files. */
static int on_read(const char *path, char *buf, size_t size, off_t at, struct fuse_file_info *fi)
{
	char *text = (char *)(uintptr_t)fi->fh;
	size_t len;

	if (!at) {
		struct node n = fake_path(path);

		if (n.kind == NOTHING)
			return -ENODEV;
		show(&n, text);
	}
	len = strlen(text);
	if ((size_t)at >= len)
		return 0;
	if (size > len - (size_t)at)
		size = len - (size_t)at;
	memcpy(buf, text + at, size);
	return (int)size;
}

static int on_write(const char *path, const char *data, size_t size, off_t at,
		    struct fuse_file_info *fi)
{
	struct node n = fake_path(path);
	char text[4096];
	int rc = -EACCES;

	(void)at, (void)fi;
	if (size >= sizeof(text))
		return -EINVAL;
	memcpy(text, data, size);
	text[size] = '\0';
	if (n.kind == TASKS)
		rc = fake_write_tasks(n.g, text, fuse_get_context()->pid);
	else if (n.kind == SCHEMATA)
		rc = fake_write_schemata(n.g, text, size);
	else if (n.kind == SET)
		rc = fake_write_set(text);
	return rc ? rc : (int)size;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path, (void)size, (void)fi;
	return 0; /* as O_TRUNC of a shell's > */
}

static void *on_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	(void)conn;
	/* What is there changes without the kernel's doing. */
	config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
	return NULL;
}

static const struct fuse_operations operations = {
	.getattr = on_getattr,
	.readdir = on_readdir,
	.mkdir = on_mkdir,
	.rmdir = on_rmdir,
	.open = on_open,
	.release = on_release,
	.read = on_read,
	.write = on_write,
	.truncate = on_truncate,
	.init = on_init,
};

#define NUMBER(name, format)                                                                       \
	{                                                                                          \
		format, offsetof(struct fake_host, name), 0                                        \
	}
static const struct fuse_opt options[] = {
	NUMBER(domains, "domains=%u"),
	NUMBER(nodes, "snc=%u"),
	NUMBER(first_domain, "first=%u"),
	NUMBER(domain_step, "step=%u"),
	NUMBER(rmids, "rmids=%u"),
	NUMBER(closids, "closids=%u"),
	NUMBER(cbm, "cbm=%x"),
	NUMBER(min_bits, "min_bits=%u"),
	FUSE_OPT_KEY("cdp", 0),
	FUSE_OPT_KEY("sparse", 1),
	FUSE_OPT_KEY("no_mba", 2),
	FUSE_OPT_KEY("no_alloc", 3),
	FUSE_OPT_KEY("no_mon", 4),
	FUSE_OPT_KEY("no_occupancy", 5),
	FUSE_OPT_KEY("amd", 6),
	FUSE_OPT_KEY("mbps", 7),
	FUSE_OPT_KEY("limbo", 8),
	FUSE_OPT_END,
};

static int on_option(void *data, const char *arg, int key, struct fuse_args *args)
{
	bool *const flags[] = { &fake_host.cdp,	     &fake_host.sparse, &fake_host.no_mba,
				&fake_host.no_alloc, &fake_host.no_mon, &fake_host.no_occupancy,
				&fake_host.amd,	     &fake_host.mbps,	&fake_host.limbo };

	(void)data, (void)arg, (void)args;
	if (key < 0 || (size_t)key >= sizeof(flags) / sizeof(flags[0]))
		return 1; /* FUSE's own */
	*flags[key] = true;
	return 0;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	int rc;

	if (fuse_opt_parse(&args, &fake_host, options, on_option))
		return 2;
	fuse_opt_add_arg(&args, "-f");
	fuse_opt_add_arg(&args, "-s");
	fake_begin();
	rc = fuse_main(args.argc, args.argv, &operations, NULL);
	fuse_opt_free_args(&args);
	return rc;
}
