// SPDX-License-Identifier: Apache-2.0
/* Stacks of addresses become stacks of names. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "probe/map.h"
#include "probe/profile_internal.h"
#include "profile.skel.h"
#include "symbol/files.h"
#include "symbol/kernel.h"
#include "symbol/space.h"

#define NAME_BYTES 255 /* of one frame; what is longer is cut */
#define FOLDED_MAX 65536 /* bytes of one stack, which cannot be more */

/* How long names are waited for: while no file system answers, in all, and once somebody is in a hurry. */
#define SILENT_NS (5 * NSEC_PER_SEC)
#define NAMING_NS (60 * NSEC_PER_SEC)
#define HURRIED_NS (10 * NSEC_PER_SEC)

/*
 * What a target calls itself, its functions and files: no separator of folded stacks, and nothing that only we
 * say: brackets around a name, or that it is the kernel's.
 */
static void put_clean(struct buf *to, const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	bool kernels = len >= 4 && !memcmp(text + len - 4, "_[k]", 4);

	for (size_t i = 0; i < len; i++) {
		bool bad = (unsigned char)text[i] < ' ' || text[i] == ';' ||
			   (!i && text[i] == '[') || (kernels && i >= len - 3);

		buf_put(to, bad ? "_" : text + i, 1);
	}
	if (!len)
		buf_puts(to, "_");
}

/* What the kernel calls a mapping that is of no file: "[vdso]", "//anon". */
static void put_bracketed(struct buf *to, const char *text)
{
	size_t len;

	text += strspn(text, "/[");
	len = strcspn(text, "]");
	buf_puts(to, "[");
	put_clean(to, text, len < NAME_BYTES ? len : NAME_BYTES);
	buf_puts(to, "]");
}

/* What is at @address; false: that is unknown. */
static bool find_map(const struct profile_names *names, const struct profile_key *key,
		     uint64_t time_ns, uint64_t address, struct space_map *ret)
{
	return names->spaces && spaces_find(names->spaces, key->tgid, time_ns, address, ret);
}

static bool is_file(const struct space_map *map)
{
	return map->path[0] == '/' && map->path[1] != '/'; /* not "[vdso]", "//anon" */
}

static uint64_t offset_of(const struct space_map *map, uint64_t address)
{
	return address - map->start + map->offset;
}

static void put_user(const struct profile_names *names, const struct profile_key *key,
		     uint64_t time_ns, uint64_t address, struct buf *to)
{
	const char *name, *file;
	struct space_map map;

	buf_puts(to, ";");
	if (!find_map(names, key, time_ns, address, &map)) {
		buf_puts(to, "[unknown]");
		return;
	}
	if (!is_file(&map)) {
		put_bracketed(to, map.path);
		return;
	}
	name = symbol_files_at(names->files, &map, offset_of(&map, address));
	if (name) {
		put_clean(to, name, NAME_BYTES);
		return;
	}
	file = strrchr(map.path, '/') + 1;
	buf_puts(to, "[");
	put_clean(to, file, NAME_BYTES);
	buf_printf(to, "+0x%" PRIx64 "]", offset_of(&map, address));
}

static void put_kernel(const struct profile_names *names, uint64_t address, struct buf *to)
{
	const char *name = names->kernel ? kernel_symbols_at(names->kernel, address) : NULL;

	buf_printf(to, ";%.*s_[k]", NAME_BYTES, name ? name : "[unknown]");
}

/* Frames that are kept at most, of @room. */
static size_t most(const struct profile_names *names, size_t room)
{
	return names->depth_max && names->depth_max < room ? names->depth_max : room;
}

static size_t n_user_of(const struct profile_stack *s)
{
	return s->n_user < PROFILE_USER ? s->n_user : PROFILE_USER;
}

/* Address @i of user space: but for the innermost one it is where it goes on, after the call. */
static uint64_t user_at(const struct profile_stack *s, size_t i)
{
	return s->frames[PROFILE_KERNEL + i] - (i > 0);
}

void profile_fold_ask(const struct profile_names *names, const struct profile_key *key,
		      const struct profile_stack *s)
{
	struct space_map map;

	for (size_t i = 0; i < n_user_of(s); i++)
		if (find_map(names, key, s->first_ns, user_at(s, i), &map) && is_file(&map))
			symbol_files_ask(names->files, &map, offset_of(&map, user_at(s, i)));
}

int profile_fold(const struct profile_names *names, const struct profile_key *key,
		 const struct profile_stack *s, struct buf *ret)
{
	size_t n_user = n_user_of(s);
	size_t n_kernel = s->n_kernel < PROFILE_KERNEL ? s->n_kernel : PROFILE_KERNEL;

	put_clean(ret, s->comm, sizeof(s->comm));
	if (n_user >= most(names, PROFILE_USER))
		buf_puts(ret, ";[cut off]");
	for (size_t i = n_user; i-- > 0;)
		put_user(names, key, s->first_ns, user_at(s, i), ret);
	if (n_kernel >= most(names, PROFILE_KERNEL))
		buf_puts(ret, ";[cut off]_[k]");
	for (size_t i = n_kernel; i-- > 0;)
		put_kernel(names, s->frames[i] - (i > 0), ret);
	return ret->failed;
}

static int fold_one(const struct profile_names *names, const struct profile_key *key,
		    const struct profile_stack *stack, struct profile_folded *ret)
{
	cleanup_buf struct buf text = BUF_INIT(FOLDED_MAX);
	int rc = profile_fold(names, key, stack, &text);

	if (rc)
		return rc;
	*ret = (struct profile_folded){ key->target, buf_steal(&text), stack->samples };
	return ret->stack ? 0 : -ENOMEM;
}

/* The samples whose stack was not kept are the target's all the same. */
static int fold_lost(const struct profile_probe *p, struct profile_folded *v, size_t *n)
{
	for (size_t i = 0; i < p->n_targets; i++) {
		uint64_t lost = probe_live(&p->targets[i].lost);

		if (!lost)
			continue;
		v[*n] = (struct profile_folded){ (uint32_t)i, strdup("[no room]"), lost };
		if (!v[*n].stack)
			return -ENOMEM;
		++*n;
	}
	return 0;
}

/* The next one that the kernel has kept; @before is the key of the one before. False: there is none. */
static bool next_stack(int fd, const struct profile_key *before, struct profile_key *key,
		       struct profile_stack *ret)
{
	struct profile_key from;

	while (!bpf_map_get_next_key(fd, before, key)) {
		if (!bpf_map_lookup_elem(fd, key, ret))
			return true;
		from = *key;
		before = &from;
	}
	return false;
}

static bool is_set(const atomic_bool *flag)
{
	return flag && atomic_load(flag);
}

static void find_names(struct profile_probe *p, const struct profile_names *names,
		       const atomic_bool *hurried, const atomic_bool *at_once)
{
	const struct symbol_patience patience = { SILENT_NS, NAMING_NS, HURRIED_NS, hurried,
						  at_once };
	struct profile_key key, *before = NULL;
	int fd = bpf_map__fd(p->skel->maps.stacks);
	struct profile_stack stack;

	while (!is_set(at_once) && next_stack(fd, before, &key, &stack)) {
		before = &key;
		profile_fold_ask(names, &key, &stack);
	}
	symbol_files_name(names->files, &patience);
}

static int fold_all(struct profile_probe *p, struct profile_names *names,
		    const atomic_bool *at_once, struct profile_folded *v, size_t *n)
{
	int fd = bpf_map__fd(p->skel->maps.stacks), rc = 0;
	struct profile_key key, *before = NULL;
	struct profile_stack stack;

	while (!rc && *n < p->stacks_max && next_stack(fd, before, &key, &stack)) {
		before = &key;
		if (is_set(at_once))
			names->spaces = NULL;
		rc = fold_one(names, &key, &stack, &v[*n]);
		*n += !rc;
	}
	return rc ? rc : fold_lost(p, v, n);
}

static int open_kernel(struct kernel_symbols **ret, struct err *err)
{
	int rc = kernel_symbols_open(NULL, ret, err);

	return rc == -EACCES
		       ? err_say(err, rc,
				 "/proc/kallsyms hides addresses from cbpf, so that functions of "
				 "the kernel have no names: sysctl kernel.kptr_restrict=1, or 0, "
				 "and CAP_SYSLOG show them")
		       : rc;
}

int profile_probe_try_kernel(struct err *err)
{
	struct kernel_symbols *kernel;
	int rc = open_kernel(&kernel, err);

	if (!rc)
		kernel_symbols_close(kernel);
	return rc;
}

int profile_probe_fold(struct profile_probe *p, const atomic_bool *hurried,
		       const atomic_bool *at_once, struct profile_folded **ret, size_t *ret_n,
		       struct err *err)
{
	struct profile_names names = { .depth_max = p->depth_max };
	struct kernel_symbols *kernel = NULL;
	struct profile_folded *v = calloc(p->stacks_max + p->n_targets, sizeof(*v));
	size_t n = 0;
	int rc;

	if (!v)
		return err_set(err, -ENOMEM, "naming what was profiled");
	(void)open_kernel(&kernel, &p->kernel); /* without them they are [unknown], which is told */
	names.kernel = kernel;
	if (!p->keeper.stuck) {
		names.spaces = p->spaces;
		names.files = p->files;
		find_names(p, &names, hurried, at_once);
	}
	rc = fold_all(p, &names, at_once, v, &n);
	kernel_symbols_close(kernel);
	if (rc) {
		profile_folded_free(v, n);
		return err_set(err, rc, "naming what was profiled");
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

void profile_folded_free(struct profile_folded *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].stack);
	free(v);
}
