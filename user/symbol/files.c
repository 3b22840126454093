// SPDX-License-Identifier: Apache-2.0
#include "symbol/files.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/aside.h"
#include "symbol/files_ask.h"
#include "symbol/files_share.h"
#include "symbol/files_table.h"

#define NAMES_MAX (512u << 20) /* bytes of all names that are asked for */
#define SEND_S 2 /* the helper only ever reads: if it does not, it is no more */

struct key {
	const struct space_file *id;
	const char *path;
};

static int compare(const struct space_file *a, const char *path, const struct space_file *b,
		   const char *other)
{
	int rc = memcmp(a, b, sizeof(*a)); /* there is nothing between fields */

	return rc ? rc : strcmp(path, other);
}

static int by_identity(const void *a, const void *b)
{
	const struct file *l = a, *r = b;

	return compare(&l->id, l->path, &r->id, r->path);
}

static int by_key(const void *key, const void *file)
{
	const struct key *l = key;
	const struct file *r = file;

	return compare(l->id, l->path, &r->id, r->path);
}

static struct file *find(const struct symbol_files *f, const struct space_map *map)
{
	const struct key key = { &map->file, map->path };
	struct file **file = (struct file **)tfind(&key, &f->tree, by_key);

	return file ? *file : NULL;
}

int symbol_files_open(size_t n_targets, size_t max, struct symbol_files **ret)
{
	struct symbol_files *f = calloc(1, sizeof(*f));
	struct timeval most = { .tv_sec = SEND_S };
	int rc = -ENOMEM;

	if (!f)
		return rc;
	f->sock = -1;
	f->n_targets = n_targets;
	f->text.max = NAMES_MAX;
	f->roots = calloc(n_targets, sizeof(*f->roots));
	f->remembered = share_open(FILES_MAX, n_targets);
	f->opened = share_open(max, n_targets);
	if (f->roots && f->remembered && f->opened)
		rc = helper_start(n_targets, max, &f->sock, &f->pid);
	if (rc) {
		symbol_files_close(f);
		return rc;
	}
	(void)setsockopt(f->sock, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
	*ret = f;
	return 0;
}

void files_lack(struct symbol_files *f, struct file *file, enum symbol_lack why)
{
	if (file->lack < SYMBOL_LACKS)
		f->lacks[file->lack]--;
	file->lack = why;
	if (why < SYMBOL_LACKS)
		f->lacks[why]++;
}

static struct file *file_made(struct symbol_files *f, uint32_t target, const struct space_map *map)
{
	size_t len = strlen(map->path) + 1;
	struct file *file;

	if (len > PATH_MAX || !share_take(f->remembered, target))
		return NULL;
	file = calloc(1, sizeof(*file) + len);
	if (!file)
		return NULL;
	file->id = map->file;
	file->number = f->n;
	file->target = target;
	file->lack = SYMBOL_LACKS;
	memcpy(file->path, map->path, len);
	if (!tsearch(file, &f->tree, by_identity)) {
		free(file);
		return NULL;
	}
	f->files[f->n++] = file;
	return file;
}

/* It is over with the helper: what it has not told it will not. */
static void lose(struct symbol_files *f)
{
	if (f->sock >= 0)
		aside_end(f->sock, f->pid);
	f->sock = -1;
}

bool files_say(struct symbol_files *f, const struct ask *a)
{
	if (f->sock < 0)
		return false;
	if (send(f->sock, a, sizeof(*a), MSG_NOSIGNAL) == sizeof(*a))
		return true;
	lose(f);
	return false;
}

void symbol_files_root(struct symbol_files *f, uint32_t target, pid_t pid, bool contained)
{
	struct ask a = {
		.kind = ASK_ROOT, .target = target, .pid = (uint32_t)pid, .contained = contained
	};
	struct root *r = &f->roots[target];

	if (r->asked || r->known || r->gone == pid)
		return;
	r->asked = files_say(f, &a);
	r->pid = pid;
}

static bool may_try(const struct file *file, uint32_t target)
{
	if (file->state != IDLE)
		return false;
	/* Where one had no room, another may have. */
	return file->lack == SYMBOL_LACKS || file->lack == SYMBOL_GONE ||
	       (file->lack == SYMBOL_ROOM && file->target != target);
}

void symbol_files_want(struct symbol_files *f, uint32_t target, uint32_t tgid,
		       const struct space_map *map)
{
	struct ask a = { .kind = ASK_OPEN, .target = target, .pid = tgid };
	struct file *file;

	if (map->path[0] != '/' || map->path[1] == '/') /* "//anon" */
		return;
	file = find(f, map);
	if (!file)
		file = file_made(f, target, map);
	if (!file) {
		f->lacks[SYMBOL_ROOM]++;
		return;
	}
	if (!may_try(file, target))
		return;
	file->target = target;
	if (!share_take(f->opened, target)) {
		files_lack(f, file, SYMBOL_ROOM);
		return;
	}
	a.file = file->number;
	a.id = map->file;
	a.start = map->start;
	a.end = map->end;
	strcpy(a.path, file->path); /* fits: it is no longer when it is made */
	if (!files_say(f, &a)) {
		files_lack(f, file, SYMBOL_SILENT);
		return;
	}
	file->state = ASKED;
	f->asked++;
}

static void opened(struct symbol_files *f, struct file *file, const struct answer *a)
{
	if (file->state != ASKED)
		return;
	f->asked--;
	file->state = a->lack == SYMBOL_LACKS ? OPEN : IDLE;
	files_lack(f, file, (enum symbol_lack)a->lack);
	if (file->state == OPEN)
		f->count++;
	else
		share_give(f->opened, file->target);
}

/* @text: @a->bytes of names. */
static bool named(struct symbol_files *f, struct file *file, const struct answer *a,
		  const char *text)
{
	const char *end = text + a->bytes;

	if (file->state != NAMING || a->first > file->n_offsets ||
	    a->n > file->n_offsets - a->first || (a->bytes && end[-1]))
		return false;
	if (!file->names)
		file->names = calloc(file->n_offsets, sizeof(*file->names));
	for (size_t i = 0; file->names && i < a->n && text < end; i++) {
		size_t len = strlen(text);

		if (len && !buf_put(&f->text, text, len + 1))
			file->names[a->first + i] = f->text.len - len - 1;
		text += len + 1;
	}
	if (!a->last)
		return true;
	f->naming--;
	file->state = NAMED;
	files_lack(f, file, (enum symbol_lack)a->lack);
	return true;
}

static void root_told(struct root *r, const struct answer *a)
{
	r->asked = false;
	r->known = a->lack == SYMBOL_LACKS;
	if (a->lack == SYMBOL_GONE)
		r->gone = r->pid;
}

static bool hear(struct symbol_files *f, const struct answer *a, const char *text, size_t len)
{
	if (len != a->bytes || a->target >= f->n_targets || a->lack > SYMBOL_LACKS)
		return false;
	if (a->kind == ASK_ROOT) {
		root_told(&f->roots[a->target], a);
		return true;
	}
	if (a->file >= f->n)
		return false;
	if (a->kind == ASK_NAMES)
		return named(f, f->files[a->file], a, text);
	opened(f, f->files[a->file], a);
	return true;
}

/* How many answers there were. */
size_t files_take_in(struct symbol_files *f)
{
	union {
		struct answer a;
		char bytes[ANSWER_MAX];
	} *m = malloc(sizeof(*m));
	size_t n = 0;

	while (m && f->sock >= 0) {
		ssize_t len = recv(f->sock, m, sizeof(*m), MSG_DONTWAIT);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < (ssize_t)sizeof(m->a) ||
		    !hear(f, &m->a, m->bytes + sizeof(m->a), (size_t)len - sizeof(m->a)))
			lose(f);
		n++;
	}
	free(m);
	return n;
}

void symbol_files_tend(struct symbol_files *f)
{
	(void)files_take_in(f);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *l = a, *r = b;

	return *l < *r ? -1 : *l > *r;
}

void files_in_order(struct file *file)
{
	size_t n = 0;

	if (file->n_in_order == file->n_offsets)
		return;
	qsort(file->offsets, file->n_offsets, sizeof(file->offsets[0]), by_number);
	for (size_t i = 0; i < file->n_offsets; i++)
		if (!i || file->offsets[i] != file->offsets[n - 1])
			file->offsets[n++] = file->offsets[i];
	file->n_offsets = file->n_in_order = n;
}

void symbol_files_ask(struct symbol_files *f, const struct space_map *map, uint64_t offset)
{
	struct file *file = find(f, map);

	if (!file || (file->state != OPEN && file->state != ASKED))
		return;
	if (file->n_offsets == file->cap) {
		files_in_order(file); /* most are there more than once */
		if (file->n_offsets > file->cap / 2 || !file->cap) {
			size_t cap = file->cap ? 2 * file->cap : 64;
			uint64_t *v = reallocarray(file->offsets, cap, sizeof(*v));

			if (!v)
				return;
			file->offsets = v;
			file->cap = cap;
		}
	}
	file->offsets[file->n_offsets++] = offset;
}

const char *symbol_files_at(const struct symbol_files *f, const struct space_map *map,
			    uint64_t offset)
{
	const struct file *file = find(f, map);
	const uint64_t *at;
	const char *name;

	if (!file || !file->names)
		return NULL;
	at = bsearch(&offset, file->offsets, file->n_offsets, sizeof(offset), by_number);
	name = at ? f->text.data + file->names[at - file->offsets] : "";
	return *name ? name : NULL;
}

size_t symbol_files_lack(const struct symbol_files *f, enum symbol_lack why)
{
	return f->lacks[why];
}

size_t symbol_files_count(const struct symbol_files *f)
{
	return f->count;
}

void symbol_files_cost(const struct symbol_files *f, uint64_t *ret_cpu_ns,
		       uint64_t *ret_rss_max_bytes)
{
	*ret_cpu_ns = *ret_rss_max_bytes = 0;
	if (f->sock >= 0)
		aside_cost(f->pid, ret_cpu_ns, ret_rss_max_bytes);
}

static void leave(void *file)
{
	(void)file; /* it is freed by its number */
}

void symbol_files_close(struct symbol_files *f)
{
	if (!f)
		return;
	lose(f);
	tdestroy(f->tree, leave);
	for (size_t i = 0; i < f->n; i++) {
		free(f->files[i]->offsets);
		free(f->files[i]->names);
		free(f->files[i]);
	}
	buf_fini(&f->text);
	share_close(f->remembered);
	share_close(f->opened);
	free(f->roots);
	free(f);
}
