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
#include "base/err.h"
#include "probe/map.h"
#include "probe/profile_internal.h"
#include "profile.skel.h"
#include "symbol/files.h"
#include "symbol/kernel.h"
#include "symbol/space.h"

#define NAME_BYTES 255 /* of one frame; what is longer is cut */
#define FOLDED_MAX 65536 /* bytes of one stack, which cannot be more */

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

/* @address is where it goes on: but for the innermost one, after the call. */
static void put_user(const struct profile_names *names, const struct profile_key *key,
		     uint64_t time_ns, uint64_t address, struct buf *to)
{
	const char *name, *file;
	struct space_map map;
	uint64_t offset;

	buf_puts(to, ";");
	if (!spaces_find(names->spaces, key->tgid, time_ns, address, &map)) {
		buf_puts(to, "[unknown]");
		return;
	}
	if (map.path[0] != '/' || map.path[1] == '/') { /* "[vdso]", "//anon" */
		put_bracketed(to, map.path);
		return;
	}
	offset = address - map.start + map.offset;
	name = symbol_files_at(names->files, &map, offset, names->roots[key->target]);
	if (name) {
		put_clean(to, name, NAME_BYTES);
		return;
	}
	file = strrchr(map.path, '/') + 1;
	buf_puts(to, "[");
	put_clean(to, file, NAME_BYTES);
	buf_printf(to, "+0x%" PRIx64 "]", offset);
}

static void put_kernel(const struct profile_names *names, uint64_t address, struct buf *to)
{
	const char *name = names->kernel ? kernel_symbols_at(names->kernel, address) : NULL;

	buf_printf(to, ";%.*s_[k]", NAME_BYTES, name ? name : "[unknown]");
}

int profile_fold(const struct profile_names *names, const struct profile_key *key,
		 const struct profile_stack *s, struct buf *ret)
{
	size_t n_user = s->n_user < PROFILE_USER ? s->n_user : PROFILE_USER;
	size_t n_kernel = s->n_kernel < PROFILE_KERNEL ? s->n_kernel : PROFILE_KERNEL;

	put_clean(ret, s->comm, sizeof(s->comm));
	if (n_user == PROFILE_USER)
		buf_puts(ret, ";[cut off]");
	for (size_t i = n_user; i-- > 0;)
		put_user(names, key, s->first_ns, s->frames[PROFILE_KERNEL + i] - (i > 0), ret);
	if (n_kernel == PROFILE_KERNEL)
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

static int fold_all(struct profile_probe *p, const struct profile_names *names,
		    struct profile_folded *v, size_t *n)
{
	int fd = bpf_map__fd(p->skel->maps.stacks), rc = 0;
	struct profile_key key, *before = NULL;
	struct profile_stack stack;

	while (!rc && *n < p->stacks_max && !bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (!bpf_map_lookup_elem(fd, &key, &stack))
			rc = fold_one(names, &key, &stack, &v[*n]);
		*n += !rc && v[*n].stack;
	}
	return rc ? rc : fold_lost(p, v, n);
}

int profile_probe_fold(struct profile_probe *p, struct profile_folded **ret, size_t *ret_n,
		       struct err *err)
{
	struct profile_folded *v;
	struct kernel_symbols *kernel = NULL;
	struct err unknown = { 0 };
	size_t n = 0;
	int rc;

	if (p->keeper.stuck)
		return err_say(
			err, -ETIMEDOUT,
			"a file that a target runs is on a file system that does not answer: "
			"nothing could be named");
	v = calloc(p->stacks_max + p->n_targets, sizeof(*v));
	if (!v)
		return err_set(err, -ENOMEM, "naming what was profiled");
	(void)kernel_symbols_open(NULL, &kernel, &unknown); /* without them they are [unknown] */
	rc = fold_all(p,
		      &(struct profile_names){ .kernel = kernel,
					       .spaces = p->spaces,
					       .files = p->files,
					       .roots = p->roots },
		      v, &n);
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
