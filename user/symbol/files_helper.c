// SPDX-License-Identifier: Apache-2.0
/*
 * The process that touches files of targets. Its memory is a copy of ours, of which it uses nothing, and all it
 * has is one end of a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/fs.h"
#include "symbol/elf.h"
#include "symbol/files_ask.h"
#include "symbol/files_pool.h"

#define NUMBERS_MAX 65536 /* of files */
/* What may be read of symbols: of all targets, of each one at least. */
#define READ_BYTES (4ull << 30)
#define READ_LEAST (64ull << 20)

struct helper {
	size_t n_targets;
	atomic_int *roots; /* of each target; -1: not known yet */
	uint64_t *left_bytes; /* of each target, to read; under the lock */
	pthread_mutex_t lock;
	struct held *files[NUMBERS_MAX];
	struct pool *pool;
};

static void say(const struct answer *a, const char *names)
{
	struct iovec parts[] = { { (void *)a, sizeof(*a) }, { (void *)names, a->bytes } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	(void)sendmsg(ASIDE_SOCK, &m,
		      MSG_NOSIGNAL); /* nobody listens any more: this process ends, too */
}

static bool is_hosts(int root)
{
	struct stat own, its;

	return stat("/", &own) || fstat(root, &its) ||
	       (own.st_dev == its.st_dev && own.st_ino == its.st_ino);
}

/* Until who makes a container has moved there, its root is the host's. */
static void do_root(struct helper *h, const struct ask *a, struct answer *to)
{
	char path[64];
	int root;

	snprintf(path, sizeof(path), "/proc/%u/root", a->pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 && !a->contained) /* it was gone before it could be looked at */
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		to->lack = errno == ENOENT || errno == ESRCH ? SYMBOL_GONE : SYMBOL_SILENT;
		return;
	}
	if (a->contained && is_hosts(root)) {
		close(root); /* it is to be asked again: as when it was refused */
		return;
	}
	to->lack = SYMBOL_LACKS;
	atomic_store(&h->roots[a->target], root);
}

static void do_open(struct helper *h, const struct ask *a, struct answer *to)
{
	struct held *f = calloc(1, sizeof(*f));
	char *path = strndup(a->path, sizeof(a->path) - 1);

	to->lack = f && path ? held_open(a, atomic_load(&h->roots[a->target]), f) : SYMBOL_ROOM;
	if (to->lack != SYMBOL_LACKS) {
		free(path);
		free(f);
		return;
	}
	f->path = path;
	pthread_mutex_lock(&h->lock);
	h->files[a->file] = f;
	pthread_mutex_unlock(&h->lock);
}

static struct held *held_of(struct helper *h, uint32_t number)
{
	struct held *f;

	pthread_mutex_lock(&h->lock);
	f = h->files[number];
	pthread_mutex_unlock(&h->lock);
	return f;
}

/* In as many messages as it takes. */
static void say_names(const struct elf_symbols *s, const struct held *f, struct answer *to)
{
	char names[ASK_OFFSETS * ANSWER_NAME];

	for (size_t i = 0; i < f->n_offsets; i += to->n) {
		size_t n = f->n_offsets - i, at = 0;

		to->first = i;
		to->n = n < ASK_OFFSETS ? n : ASK_OFFSETS;
		for (size_t k = i; k < i + to->n; k++) {
			const char *name = elf_symbols_at(s, f->offsets[k]);
			size_t len = name ? strnlen(name, ANSWER_NAME - 1) : 0;

			memcpy(names + at, name ? name : "", len);
			names[at + len] = '\0';
			at += len + 1;
		}
		to->bytes = at;
		to->last = i + to->n == f->n_offsets;
		say(to, names);
	}
}

static enum symbol_lack read_names(struct helper *h, const struct ask *a, const struct held *f,
				   struct elf_symbols **ret)
{
	struct err err = { 0 };
	uint64_t left, before;

	if (held_changed(f))
		return SYMBOL_BAD;
	pthread_mutex_lock(&h->lock);
	before = left = h->left_bytes[a->target];
	pthread_mutex_unlock(&h->lock);
	if (elf_symbols_open(f->fd, atomic_load(&h->roots[a->target]), f->path, &left, ret, &err))
		*ret = NULL;
	pthread_mutex_lock(&h->lock);
	before -= left;
	left = h->left_bytes[a->target];
	h->left_bytes[a->target] = left > before ? left - before : 0;
	pthread_mutex_unlock(&h->lock);
	if (*ret && held_changed(f)) {
		elf_symbols_close(*ret);
		*ret = NULL;
	}
	return *ret ? SYMBOL_LACKS : !h->left_bytes[a->target] ? SYMBOL_ROOM : SYMBOL_BAD;
}

static void do_names(struct helper *h, const struct ask *a, struct answer *to)
{
	struct elf_symbols *symbols = NULL;
	struct held *f = held_of(h, a->file);

	to->lack = f ? read_names(h, a, f, &symbols) : SYMBOL_GONE;
	to->last = !symbols;
	if (!symbols) {
		say(to, NULL);
		return;
	}
	say_names(symbols, f, to);
	elf_symbols_close(symbols);
}

static void work(void *arg, const struct ask *a, int refused)
{
	struct answer to = { a->kind, a->file, a->target, SYMBOL_SILENT, .last = 1 };
	struct helper *h = arg;

	if (!refused && a->kind == ASK_NAMES) {
		do_names(h, a, &to);
		return;
	}
	if (!refused && a->kind == ASK_ROOT)
		do_root(h, a, &to);
	else if (!refused)
		do_open(h, a, &to);
	say(&to, NULL);
}

/* All offsets before anybody looks. */
static int gather(struct helper *h, const struct ask *a)
{
	struct held *f = held_of(h, a->file);
	uint64_t *v;

	if (!f)
		return 0;
	v = reallocarray(f->offsets, f->n_offsets + a->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->offsets = v;
	memcpy(v + f->n_offsets, a->offsets, a->n * sizeof(*v));
	f->n_offsets += a->n;
	return 0;
}

static bool is_fine(const struct helper *h, const struct ask *a, ssize_t len)
{
	return len == sizeof(*a) && a->file < NUMBERS_MAX && a->target < h->n_targets &&
	       (a->kind != ASK_NAMES || a->n <= ASK_OFFSETS);
}

/* Until nobody is at the other end. */
static void serve(struct helper *h)
{
	struct ask a;

	for (;;) {
		struct pollfd sock = { .fd = ASIDE_SOCK, .events = POLLIN };
		ssize_t len;

		if (poll(&sock, 1, pool_tend(h->pool)) < 0 && errno != EINTR)
			return;
		if (!sock.revents)
			continue;
		len = recv(ASIDE_SOCK, &a, sizeof(a), 0);
		if (!len || (len < 0 && errno != EINTR) || (len > 0 && !is_fine(h, &a, len)))
			return;
		if (len > 0 && a.kind == ASK_NAMES && gather(h, &a))
			return;
		if (len > 0 && !(a.kind == ASK_NAMES && a.more) && pool_put(h->pool, &a))
			return;
	}
}

struct asked { /* of a helper */
	size_t n_targets, max;
};

static void be_helper(void *arg)
{
	const struct asked *asked = arg;
	size_t n_targets = asked->n_targets;
	struct helper *h = calloc(1, sizeof(*h));

	if (!h)
		return;
	fd_limit_raise(asked->max + n_targets);
	h->n_targets = n_targets;
	h->roots = malloc(n_targets * sizeof(*h->roots));
	h->left_bytes = malloc(n_targets * sizeof(*h->left_bytes));
	pthread_mutex_init(&h->lock, NULL);
	if (!h->roots || !h->left_bytes || pool_open(n_targets, work, h, &h->pool))
		return;
	for (size_t i = 0; i < n_targets; i++) {
		atomic_init(&h->roots[i], -1);
		h->left_bytes[i] =
			READ_BYTES / n_targets > READ_LEAST ? READ_BYTES / n_targets : READ_LEAST;
	}
	serve(h);
	/* A thread that does not come back keeps what is open, and mounts busy. */
	(void)syscall(SYS_close_range, 0, ~0u, 0);
}

int helper_start(size_t n_targets, size_t max, int *ret_sock, pid_t *ret_pid)
{
	struct asked asked = { n_targets, max };

	return aside_start("cbpf-symbols", SOCK_SEQPACKET, be_helper, &asked, ret_sock, ret_pid);
}
